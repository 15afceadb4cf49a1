incident-title = { $title }（{ $status }）
timeline = 时间线
update-further = 更新
promised-recovery = 预计 { $time } 前后恢复
promised-update = 下次更新不晚于 { $time }
edited-at = 编辑于 { $time }
edited-before = 编辑前的内容：
redacted = 内容已由运维人员移除。

root-cause = 根本原因
postmortem = 复盘
published-at = 发布于 { $time }

recovery = 各部分的恢复情况
recovery-maintenance = 受影响的部分及时间
recovery-as-table = 以表格查看
scope-title = 涉及的服务
severity-not-recorded = 部分服务只记录了受到影响，未记录影响程度。
strip-recovered = { $time } 恢复，历时 { $length }
strip-lasts = 仍受影响
strip-now = 现在
table-what = 范围
table-from = 开始受影响
table-until = 恢复
table-length = 时长
table-worst = 最差状态

ended = 此事件已结束。
ended-recovered = 受影响的部分在 { $length }后全部恢复。
conflict = 两个地域在彼此未能联系时分别发布了更新。两方的记录都保留在时间线中；在看过两方记录的运维人员确认之前，按较谨慎的状态显示。
conflict-short = 两个地域在彼此未能联系时分别发布了更新；确认之前，按较谨慎的状态显示。
conflict-account = 分别发布的记录之一

manners = 我们的处理情况
manners-recovered = 到全部恢复
manners-length = 到事件关闭
manners-peak = 同时受影响的最大范围
manners-updates = 更新次数
manners-mean = 更新的平均间隔
manners-longest = 更新的最长间隔

source = 来源
imported-from = 导入自 { $source }。原记录中没有的内容，此处不作补充。
