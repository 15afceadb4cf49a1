planned = 计划时间：{ $from } 至 { $until }
schedule-unknown = 未记录计划时间
maintenance-affects = 涉及{ $scope }。
fact-begun = 开始于 { $time }
fact-completed = 完成于 { $time }
