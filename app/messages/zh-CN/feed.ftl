# 订阅源、徽章和状态文档在页面用语之外的说法。
feed-scheduled-from = 计划开始：
feed-scheduled-until = 计划结束：
feed-root-cause = 根本原因
feed-expected-recovery = 预计恢复：
feed-next-update = 下次更新：
badge-not-confirmed = 未经确认
status-document-unconfirmed = 未发现故障，但已过久未获确认，无法断言服务正常运行。
