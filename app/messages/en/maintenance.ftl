planned = planned { $from } to { $until }
schedule-unknown = planned time not recorded
maintenance-affects = Affects { $scope }.
fact-begun = Begun { $time }
fact-completed = Completed { $time }
