not-found = 没有这个页面
not-found-why = 地址可能有误，或者它所指的内容从未在这里发布过。
not-found-home = 查看当前状态
not-found-history = 查看历史记录
