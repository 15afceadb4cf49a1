# 运维控制台。
console = 控制台
console-pages = 控制台页面
console-overview = 总览
console-report = 报告事件
console-public-page = 公开页面
console-public-view = 读者看到的页面
console-sign-in = 登录
console-sign-out = 退出登录
console-login = 登录名或邮箱
console-login-note = 小写的 a-z、0-9 以及 . - _ + @，可以是邮箱地址。
console-name = 您的姓名
console-name-note = 审计记录以此称呼您。
console-password = 密码
console-password-note = 至少 15 个字符。几个互不相关的词容易记住。
console-sign-in-lost = 忘记密码？管理员可以给您新的链接。
console-choose-password = 为 { $login } 设置密码
console-first = 创建第一位管理员
console-begin = 开始
console-refused = 未作任何更改
role-poster = 发布者
role-editor = 编辑
role-administrator = 管理员

console-none-open = 没有进行中的事件。报告的事件会列在这里。
console-none-planned = 没有计划中或进行中的维护。
console-due = 下次更新应在 { $length } 后发布（{ $time }）
console-overdue = 更新已逾期 { $length }（应在 { $time } 发布）
console-conflict = 两个地域各自发布了更新。请打开并决定。
console-conflict-settle = 两个地域各自发布了更新，页面显示其中更谨慎的说法。您的下一条更新将作出决定。
console-cluster = 本集群
console-from-here =
    { $count ->
        [one] 您正在{ $region }工作，这是唯一的地域。
       *[other] 您正在{ $region }工作，共有 { $count } 个地域。
    }
console-silent = 近期没有消息的地域：{ $regions }。那里发布的内容可能尚未到达。
console-problems = 有 { $count } 条记录被保留但未显示：holdfast events list 会说明原因。

console-title = 标题
console-title-note = 用一行写出读者能察觉的现象，例如“云 API 在上海出现故障”。
console-status = 状态
console-status-same = 不变
console-impact = 影响
console-text = 已知情况
console-text-note = Markdown。读者看到的与预览一致。
console-post-update = 发布更新
console-from = 开始（{ $zone }）
console-until = 结束（{ $zone }）
console-scope = 影响范围
console-scope-note = 为某项服务的所有地域选择状态，或展开后逐个地域选择。未选择的保持不变。
console-scope-others = 其他服务
console-unchanged = 不变
console-not-known = 未知
console-as-row = 与所有地域相同
console-by-region = 逐个地域
console-in-all-regions = { $service }的所有地域
console-recoveries = 哪些已经恢复？按一下即可写入本次更新。
console-recovered = { $place }已恢复
console-cell-by-cell = 逐项服务
console-next = 下次更新
console-next-none = 不承诺
console-next-at = 下次更新时间（{ $zone }）
console-recovery = 预计恢复
console-recovery-at = 预计恢复时间（{ $zone }）
console-in = { $length }后
console-withdrawn = 撤回预计时间
console-exact-times = 精确时间
console-root-cause = 说明根本原因
console-review = 预览
console-review-title = 发布前确认
console-will-change = 将要改变的内容
console-headline-same = 首句保持不变：{ $headline }
console-headline-now = 页面现在显示
console-headline-then = 将显示
console-no-scope = 没有指明任何服务，读者无法看到哪项服务受影响。
console-past = 已结束
console-past-none = 尚无已结束的内容。结束后将按时间倒序列在此处，以便撰写复盘或更正。
console-past-both = 全部
console-past-incidents = 故障
console-past-newest = 最新
console-past-older = 更早
console-live-away = 服务器没有应答，此处可能早于您输入的内容。您输入的内容仍在，稍后会再次请求。
console-since = 您打开此表单后的变化
console-since-step = { $before } → { $now }
console-since-none = 无
console-since-postmortem = 已发布复盘。
console-preview = 读者将看到
console-publish = 发布
console-edit-more = 继续编辑
console-saved =
    { $of ->
        [one] 已发布，保存在唯一的地域。
       *[other] 已发布，目前保存在 { $of } 个地域中的 { $count } 个；重新载入本页可查看最新情况。
    }
console-saved-everywhere =
    { $of ->
        [one] 已发布并保存。
       *[other] 已发布，并保存在全部 { $of } 个地域。
    }

console-plan-maintenance = 计划维护
console-operators = 操作员
console-operator-add = 添加操作员
console-operator-invite = 添加并生成链接
console-operator-out = 已停用
console-operator-invited = 已邀请，尚未设置密码
console-operator-link = 新的密码链接
console-operator-let-out = 停用
console-operator-let-back = 恢复
console-invitation-shown = 请把此链接发给对方。打开它的人可以设置一次密码。链接只在此处显示一次。
console-name-theirs = 姓名（用于审计记录）
console-role = 角色
console-role-set = 更改角色
console-role-note = 发布者可以报告事件和发布更新；编辑还可以修改已发布的内容、维护和目录；管理员还可以决定各人的权限。
console-until-then = 有效期至 { $time }
console-tokens = 令牌
console-tokens-none = 尚无令牌。通过 API 发布的程序会列在这里。
console-token-add = 创建令牌
console-token-name = 由哪个程序使用
console-token-make = 创建
console-token-shown = 这是令牌，只在此处显示一次。
console-token-over = 已失效
console-token-revoke = 吊销
console-expires = 有效期
console-never = 永不过期

console-peers = 地域
console-alone = 本节点单独运行，没有配置其他地域。
console-link = 连接
console-link-opened = 由本节点建立
console-link-accepted = 由对方建立
console-link-down = 中断
console-link-diverged = 数据不一致
console-as-of = 已知其全部消息的时间
console-never-heard = 启动以来没有消息
console-events = 记录数
console-events-here = 本节点保存有 { $count } 条记录。
console-clock = 时钟偏差
console-round-trip = 往返时间
console-version = 版本
console-problems-title = 保留但未显示
console-problems-none = 所有记录都已显示在页面上。

console-audit = 审计记录
console-audit-none = 没有找到。
console-when = 时间
console-who = 操作者
console-what = 内容
console-event = 记录
console-every-kind = 全部
console-search = 搜索
console-search-note = 姓名、途径、地域或所涉及的对象。
console-search-go = 搜索
console-older = 更早
console-export-csv = 导出 CSV
console-export-json = 导出 JSON

console-catalog = 目录
console-catalog-file = 地域、分组和服务（TOML 文件）
console-catalog-note = 文件中没有的内容会从页面上移除。在您看到计划之前不会有任何改变。
console-plan = 应用后将改变
console-plan-nothing = 与现有目录没有差别。
console-plan-show = 查看将改变的内容
console-apply = 应用

console-templates = 模板
console-templates-none = 尚无模板。保存在这里的文字可作为更新的开头。
console-template = 从模板开始
console-template-use = 使用
console-template-write = 编写模板
console-template-name = 名称
console-template-name-note = 同名的模板会被替换。
console-template-text = 文字
console-any = 任意
console-keep-it = 保存
console-remove = 移除
console-edit-incident = 更改标题或影响
console-edit-update = 更改某条更新的文字
console-postmortem = 撰写复盘报告
console-back = 返回
console-by-service = 逐项服务
console-group = { $group }中的全部服务
console-keep = 保持不变
console-all-but = 除某些地域外的所有地域
console-all-but-note = 您勾选的地域保持不变，除非单独选择其中的服务。
console-propose = 加入依赖于它们的服务
console-more = 更多
console-scope-choose = 选择服务和地域
console-plane-control = 控制面
console-plane-data = 数据面
console-here-only = 目前仅由本地域保存：{ $times }发布的内容。若本机磁盘损坏，这些内容将会丢失。
console-alarming = 需要查明
console-restored = 已恢复您在重新载入之前写下的内容。
console-forget = 重新开始
console-login-theirs = 对方的登录名或邮箱
