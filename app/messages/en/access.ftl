# Signing in, and an operator's own account.
account = Account
account-of = Account of { $login }
account-second-step = Second step
account-code = Code
account-code-note = The six digits that your authenticator shows, or one of your recovery codes.
account-code-lost = Lost both? An administrator can take the second factor off your account.
account-present-password = Present password
account-new-password = New password
account-password = Password
account-password-change = Change the password
account-password-changed = Your password is changed. Your other sessions are over.
account-factor = Second factor
account-factor-on = Signing in asks for a code of your authenticator, since { $time }.
account-factor-off = Signing in asks for your password alone. An authenticator makes a stolen password useless.
account-factor-set = Set up an authenticator
account-factor-replace = Set up another authenticator
account-factor-remove = Remove the second factor
account-factor-take-off = Take the second factor off
account-factor-removed = Signing in asks for your password alone now.
account-recovery = Recovery codes
account-recovery-note = Each is good for one sign-in on the day that your authenticator is lost. Print them or write them down now: they are not shown again.
account-recovery-left =
    { $count ->
        [one] One recovery code is left.
       *[other] { $count } recovery codes are left.
    }
account-scan = Picture to scan with an authenticator
account-scan-note = Scan this with your authenticator, or type the secret into it. Nothing changes until you have typed a code that it shows.
account-secret = Secret:
account-confirm = Turn the second factor on
account-confirm-note = The six digits that it shows now.
account-sessions = Sessions
account-sessions-note = Signs you out on every other device, in every region.
account-sessions-end = End all my other sessions
account-sessions-ended = Your other sessions are over.

break-glass = Break the glass
break-glass-link = Nobody can sign in? Use a break-glass code
break-glass-note = A printed code begins one session of two hours in which updates can be posted. It is used up by that, and the audit trail names it.
break-glass-code = Code from the paper
break-glass-code-note = Twenty letters and digits in groups of four. Upper or lower case, with or without hyphens.

passkeys = Passkeys
passkeys-note = A passkey is kept by your device and opened with its PIN, your finger or your face. It signs you in without a password or a code, in every region.
passkey-added = The passkey is added. You can sign in with it.
passkey-removed = The passkey is removed. Nobody can sign in with it.
passkey-add = Add a passkey
passkey-name = What you call it
passkey-name-note = The device that it is on, such as "work phone".
passkey-since = { $name }, since { $time }
passkey-which = Passkey
passkey-remove = Remove this passkey
passkey-sign-in = Sign in with a passkey
passkey-failed = Your browser did not give a passkey.
provider-sign-in = Sign in with { $name }
provider-note = That needs the provider. The other ways on this page need nobody but this region.
provider-back = The provider has told who you are
provider-go-on = Go on
