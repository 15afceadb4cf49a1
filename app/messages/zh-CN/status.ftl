status-operational = 运行正常
status-under-maintenance = 维护中
status-unknown = 受影响（程度未记录）
status-degraded-performance = 性能下降
status-partial-outage = 部分中断
status-major-outage = 严重中断
no-data = 无数据

standing-investigating = 正在调查
standing-identified = 已查明原因
standing-monitoring = 持续观察
standing-resolved = 已解决
standing-postmortem = 已发布复盘
standing-scheduled = 已计划
standing-in-progress = 进行中
standing-verifying = 验证中
standing-completed = 已完成

impact-none = 无影响
impact-minor = 轻微影响
impact-major = 较大影响
impact-critical = 严重影响

plane-control = 控制面：管理资源
plane-data = 数据面：承载业务

kind-incident = 事件
kind-maintenance = 维护

# 状态及其所在。
status-in = { $regions }{ $status }
status-in-all = 全部 { $count } 个地域{ $status }
status-in-some = { $total } 个地域中有 { $count } 个{ $status }
status-everywhere = { $status }（不分地域）
place-with-status = { $regions }：{ $status }
place-operating = { $regions }{ $status }
cell-sentence = { $service }（{ $region }）：自 { $time } 起{ $status }
status-since = 自 { $time } 起{ $status }
scope-in = { $regions }的{ $services }
scope-step = ：{ $from } → { $to }
scope-between = ；
region-count = { $count } 个地域
service-count = { $count } 项服务

# 过期之后，用以代替“运行正常”一类的说法。
claim-unconfirmed = 未经确认
claim-unconfirmed-since = 自 { $time } 起未经确认

list-further = { $before }、{ $item }
list-last = { $before }和{ $item }
