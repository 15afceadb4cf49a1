verify = Verify a copy
verify-this = Verify this copy
verify-description = How anybody can check who wrote a copy of this page, when, and that nothing in it was altered.
verify-lead = Copies of this page are plain files that any web server can hand out. Each one brings a signed list of its files, so that nobody can change one unseen. You can check that yourself.
verify-lead-this = You are reading a copy of the status page: plain files that any web server can hand out. It brings a signed list of its files, so that nobody can change one unseen. You can check that yourself.

verify-proves = What the list proves
verify-who = Who:
verify-who-how = one of our servers signed it with its key.
verify-when = When:
verify-when-how = the server had all news as of { $confirmed }; after { $until } the copy is out of date.
verify-unaltered = Unaltered:
verify-unaltered-how = each file is, byte for byte, what was signed.
verify-proves-not = What it does not prove
verify-not-newest = That nothing newer exists. After { $until }, look for another copy.
verify-not-right = That what was posted is right. It proves only that we posted it.
verify-not-keys = That the keys on this page are ours. A forged copy would show keys of its own.

verify-keys = Our keys
verify-keys-compare = Compare them with what you noted here on an earlier visit or got in another way.
verify-fingerprint = Fingerprint

verify-copies = Where copies are
verify-here-copy = The address in your browser is this copy’s own, unless a line at the top says that it comes from elsewhere.
verify-here-live = What you are reading now comes from a running server. It brings no list; that it is ours is what your browser checks with https.
verify-no-copies = This page tells of no copies. The commands below check one that you were given as files.

verify-commands = Check it yourself
verify-commands-take = It takes curl, sha256sum and OpenSSL 3, and writes to a new temporary folder only.
verify-step-save = Save the commands as { $file }.
verify-step-fill = Put the address of the copy into the first line (a folder is { $folder }), and the keys that you trust into the second.
verify-step-run = Run { $command }. For one page alone: { $one }.
verify-commands-show = The commands
verify-commands-result = The last line says whether all is well. { $confirmed } is as of when the copy tells everything, { $until } is until when to rely on it; both in UTC.
verify-commands-program = The program behind this page checks more, such as files that no list names: { $command }.

# Inside of the commands: no quotation marks, no characters that mean something to a shell.
verify-say-signature = Who signed the list, and is that key one of yours?
verify-say-lists = The list names further lists: are they the ones that were signed?
verify-say-files = The files themselves: all, or the one that you name
verify-say-time = As of when, and until when?
verify-say-lacking = NOT CHECKED: this machine lacks a program:
verify-say-none = NOT CHECKED: there is no manifest at this address.
verify-say-unknown = NOT TRUSTED: this copy was signed by a key that is none of yours:
verify-say-forged = FORGED: the signature is not by the key that the manifest names, or was altered.
verify-say-changed = CHANGED OR MISSING: the files above are not what was signed. While an update is being written this may pass in a minute.
verify-say-unlisted = NOT LISTED: the signed list has no such file.
verify-say-expired = OUT OF DATE: everything is as it was signed, and its time is over.
verify-say-good = GOOD: everything is as it was signed.
