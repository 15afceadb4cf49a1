# 页面的第一句话。陈述不带句号：由 sentence 和 and-more 收尾。
headline-nothing = 此页面尚未设置任何服务。
headline-operating = 所有服务运行正常。
headline-maintenances = 当前没有进行中的事件，有 { $count } 项维护正在进行。
headline-sentence = { $statement }。
headline-and-more = { $statement }；另有 { $count } 起事件尚未结束。
headline-recovered = { $total } 个地域中已有 { $recovered } 个恢复。
headline-every-region-recovered =
    { $total ->
        [1] 该地域已恢复。
       *[other] { $total } 个地域已全部恢复。
    }
headline-all-recovered = 受影响的部分已全部恢复，仍在观察
headline-investigating = 正在调查：{ $title }
headline-identified = 原因已查明，正在处理：{ $title }
headline-monitoring = 已完成修复，正在观察：{ $title }

headline-subject-many = { $name }等 { $total } 项服务
headline-is-operational = { $subject }{ $place }运行正常
headline-is-under-maintenance = { $subject }{ $place }正在维护
headline-is-unknown = { $subject }{ $place }受到影响
headline-is-degraded-performance = { $subject }{ $place }性能下降
headline-is-partial-outage = { $subject }{ $place }部分不可用
headline-is-major-outage = { $subject }{ $place }不可用
place-in = 在{ $place }
place-all-regions = 全部 { $count } 个地域
place-count = { $count } 个地域（共 { $total } 个）

headline-unaffected = { $services }未受影响。
headline-more-services = 另外 { $count } 项服务

# 过期之后，用以代替“运行正常”一类的说法。
headline-unconfirmed = 服务状态暂时无法确认。
headline-unconfirmed-since = 自 { $time } 起，服务状态未能确认。
unaffected-not-confirmed = 未列入事件的服务：状态未经确认。
unaffected-unconfirmed = 未列入事件的服务：{ $since }。

# 第一句话下面的要点。
fact-next-update = 下次更新不晚于 { $time }
fact-overdue = 原定 { $time } 的更新已逾期
fact-expected = 预计 { $time } 前后恢复
fact-expected-past = 原预计 { $time } 前后恢复
fact-started = 开始于 { $time }
fact-recovered = 全部恢复于 { $time }
fact-ended = 关闭于 { $time }
