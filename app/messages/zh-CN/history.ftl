history-title = { $month }的事件与维护
history-description = 全部事件与维护，按月份排列。
history-empty = 还没有任何记录。事件与维护将按月份列在这里。
by-day = 按日期
months = 全部月份
months-in-utc = 月份按 UTC 计算。
entry-count = { $count } 条
