page-title = { $title } · { $site }
skip = 跳到正文
tools = 页面工具
choose-region = 选择地域
all-regions = 全部地域
my-region = 我的地域
subscribe = 订阅
theme = 配色
theme-system = 跟随系统
theme-light = 浅色
theme-dark = 深色

freshness-fresh = 数据截至 { $time }
freshness-amber = 最近一次确认于 { $time }，正在重试
freshness-grey = 自 { $time } 起未经确认
freshness-never = 尚未得到确认
freshness-board = 版本 { $version }
freshness-origin = 来自{ $origin }
freshness-until = { $time } 之后请视为已过期。
over = 此事已经结束，本页不会再自行变化。当前状态及其确认时间见{ $page }。
over-list = 本页列出已经发生的事件。当前状态及其确认时间见{ $page }。
over-page = 状态页
freshness-stale = 此页面已过期，请重新加载以查看最新状态。

# 所打开的地址没有响应时，代替页面显示。
copied-lent = 您打开的地址没有响应。这是来自 { $name } 的副本，确认于 { $time }。
copied-kept = 您打开的地址及其所有副本都没有响应。这是您的浏览器保存的页面，确认于 { $time }。

# 本服务器没有听到的消息。状态服务器没有音讯，并不说明该地域的服务有问题。
silent-one = 自 { $time } 起未收到{ $region }状态服务器的消息，在那里发布的更新可能尚未显示在此。
silent-one-ever = 本服务器启动以来未收到{ $region }状态服务器的消息，在那里发布的更新可能尚未显示在此。
silent-many = 另有 { $count } 个状态服务器没有消息：{ $regions }。在那里发布的更新可能尚未显示在此。
silent-since = { $region }（自 { $time } 起）
silent-ever = { $region }（本服务器启动以来）
silent-between = ；
cut-off = 与其他地域失去联系；最后一次收到的是{ $region }在 { $time } 的消息。
cut-off-ever = 本服务器启动以来未能与其他地域取得联系。
newer-exists = 存在本服务器暂时无法读取的更新信息，其他地域可能已经显示。

history = 历史记录
support = 帮助与联系
data-own = JSON 格式的状态
data-v2 = Statuspage API v2
calendar = iCalendar
zone-note = 时间以 { $name } 时区表示；若浏览器告知所在时区，则以您的时区表示。可用率的日期和月份按 UTC 计算。
