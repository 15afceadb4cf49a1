open-incidents = 进行中的事件
all-updates =
    { $count ->
        [1] 查看事件
       *[other] 查看全部 { $count } 条更新
    }
services = 各地域服务状态
service = 服务
matrix-name = 服务与地域对照表
not-offered = 不提供
maintenances = 维护

uptime = 最近 90 天
uptime-definition-title = 百分比如何计算
uptime-definition = 可用率 = 1 −（严重中断时间 + 0.3 × 部分中断时间）÷ 有数据的时间，按 UTC 计 90 天。性能下降和维护计为可用。无数据的时间不计入，相应日期以空心表示。服务的数值为其各地域的平均值，向下取整。
percent = { $number }%
days-with = { $status } { $count } 天

past-incidents = 过往事件
incidents-all = 事件与维护
past-days = 最近 { $days } 天的事件
past-none = 最近 { $days } 天没有事件。如有事件，将按日期列在这里。
past-none-ever = 至今没有事件。如有事件，将按时间倒序列在这里。
past-last = 最近一次是：
all-history = 全部历史记录
no-incidents-day = { $day }：没有事件
no-incidents-days = { $first }至{ $last }：没有事件

first-steps = 第一步
first-steps-catalog = 目录中写入服务之后，此页面就会显示它们。请编写目录文件，先查看将要发生的变更，再应用：
first-steps-incident = 之后用 holdfast incident open 发布第一起事件，它会立即显示在这里。
