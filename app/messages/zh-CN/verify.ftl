verify = 验证副本
verify-this = 验证此副本
verify-description = 任何人都可以验证本页面的副本出自谁、截至何时，以及内容未被改动。
verify-lead = 本页面的副本是普通文件，任何网站服务器都可以提供。每份副本都附有经过签名的文件清单，因此任何改动都会被发现。您可以自行验证。
verify-lead-this = 您正在阅读状态页面的副本：它由普通文件组成，任何网站服务器都可以提供。副本附有经过签名的文件清单，因此任何改动都会被发现。您可以自行验证。

verify-proves = 清单能证明什么
verify-who = 出自谁：
verify-who-how = 由我们的一台服务器用其密钥签名。
verify-when = 截至何时：
verify-when-how = 服务器的消息截至 { $confirmed } 是完整的；{ $until } 之后副本视为已过期。
verify-unaltered = 未被改动：
verify-unaltered-how = 每个文件都与签名时逐字节一致。
verify-proves-not = 清单不能证明什么
verify-not-newest = 不能证明没有更新的内容。{ $until } 之后请查看其他副本。
verify-not-right = 不能证明发布的内容正确，只能证明确由我们发布。
verify-not-keys = 不能证明本页列出的密钥属于我们：伪造的副本会列出它自己的密钥。

verify-keys = 我们的密钥
verify-keys-compare = 请与您先前访问时记下的或通过其他途径获得的密钥对照。
verify-fingerprint = 指纹

verify-copies = 副本在哪里
verify-here-copy = 浏览器地址栏中的地址就是此副本的地址，除非页面顶部说明内容来自别处。
verify-here-live = 您现在阅读的内容来自运行中的服务器，它不附清单；它是否属于我们，由浏览器通过 https 检查。
verify-no-copies = 本页面没有公布副本。下面的命令可以验证您以文件形式获得的副本。

verify-commands = 自行验证
verify-commands-take = 需要 curl、sha256sum 和 OpenSSL 3，只写入一个新的临时文件夹。
verify-step-save = 将命令保存为 { $file }。
verify-step-fill = 在第一行填写副本的地址（文件夹写作 { $folder }），在第二行填写您信任的密钥。
verify-step-run = 运行 { $command }。只验证一个页面：{ $one }。
verify-commands-show = 命令
verify-commands-result = 最后一行说明是否一切正常。{ $confirmed } 是内容完整的截止时间，{ $until } 是可以信赖的截止时间，均为 UTC。
verify-commands-program = 提供本页面的程序还会检查更多内容，例如清单之外的文件：{ $command }。

# 位于命令之中：不含引号，也不含对 shell 有特殊含义的字符。
verify-say-signature = 清单由谁签名？该密钥是否在您的密钥之中？
verify-say-lists = 清单列出了若干分清单：它们是否与签名时一致？
verify-say-files = 文件本身：全部，或您指定的一个
verify-say-time = 截至何时？何时过期？
verify-say-lacking = 未验证：本机缺少程序：
verify-say-none = 未验证：该地址没有 manifest。
verify-say-unknown = 不可信：此副本的签名密钥不在您的密钥之中：
verify-say-forged = 伪造：签名与 manifest 所写的密钥不符，或者内容被改动。
verify-say-changed = 有改动或缺失：上列文件与签名时不一致。如果正在写入更新，请一分钟后再试。
verify-say-unlisted = 未列出：签名的清单中没有这个文件。
verify-say-expired = 已过期：全部内容与签名时一致，但有效时间已过。
verify-say-good = 通过：全部内容与签名时一致。
