//! Why the console does nothing, beside the reasons of the domain ([`domain::command::Reason`]): signing in, forms that
//! are not as the console made them, and what this node cannot do.

use domain::operator::Role;

domain::reasons! {
    /// Why the console does nothing.
    pub enum Obstacle {
        WrongPassword = "wrong-password", "the name or the password is not right", "try again";
        WrongCode = "wrong-code", "the code is not right, or was used before", "try again";
        WrongPresent = "wrong-present", "this is not your present password", "try again";
        WrongPasskey = "wrong-passkey", "this passkey is not known here, or was not confirmed", "try again";
        WrongGlass = "wrong-glass", "this code is not known, or is used up", "another one";
        WrongFactor = "wrong-factor",
            "is not right", "the code that the authenticator shows now; its clock and this one must agree";
        GlassLength { given: usize, right: usize } = "glass-length",
            "a code has {right} letters and digits, and this has {given}", "nothing was used up";
        GlassCharacter = "glass-character",
            "no code has the letter U or a sign other than `-` in it", "nothing was used up";
        GlassMistyped = "glass-mistyped",
            "one of the characters is not right; compare it with the paper", "nothing was used up";
        Wait { seconds: u64 } = "wait",
            "too many attempts failed; the next can be made in {seconds} seconds",
            "or sign in with a browser that you have signed in with before, or in another region";
        Crowded = "crowded", "too many are signing in at this moment", "try again";
        SecondStepOver = "second-step-over", "this took too long", "begin with your name and password again";
        CodeNotSaved = "code-not-saved",
            "this region cannot save that the code is used", "try again, or use another region";
        NotSignedOut = "not-signed-out",
            "this browser is signed out, but this region cannot save that: a copy of the session goes on until its end",
            "end all sessions of your account in another region";
        TookTooLong = "took-too-long", "this took too long", "begin again; nothing was changed";
        PasswordShort { min: usize } = "password-short",
            "is too short", "{min} characters or more; a few words that do not belong together are easy to keep";
        PasswordLong { max: usize } = "password-long", "is too long", "at most {max} bytes";
        PasswordPlain { min: usize } = "password-plain",
            "is easy to guess", "{min} characters or more; a few words that do not belong together are easy to keep";
        NoProvider = "no-provider",
            "there is no sign-in provider here", "sign in here, which needs no provider, or try again";
        ProviderUnreachable = "provider-unreachable",
            "the sign-in provider cannot be reached at this moment",
            "sign in here, which needs no provider, or try again";
        ProviderUntrue = "provider-untrue",
            "the sign-in provider's answer could not be taken", "sign in here, which needs no provider, or try again";
        NoAccount = "no-account", "this session has no account", "sign in with a name";
        PasskeyNoDomain = "passkey-no-domain",
            "the page's address has no domain that passkeys could be bound to", "begin again";
        PasskeyOver = "passkey-over", "this took too long, or was begun by another session", "begin again";
        PasskeyAnswer = "passkey-answer", "the browser's answer is not right", "begin again";
        PasskeyFailed = "passkey-failed", "this node cannot do it at this moment", "begin again";
        NoRandomness { error: String } = "no-randomness", "{error}", "nothing was changed; try again";

        ForeignForm = "foreign-form", "the form comes from a page of another site", "nothing was changed";
        SessionOver = "session-over",
            "your session is over: sign in, and send the form again from the page before this one",
            "nothing was changed";
        SessionOverKept = "session-over-kept",
            "your session is over: sign in, and go on with what you typed", "nothing was changed; it is kept";
        SessionAnew = "session-anew",
            "the session in which you wrote this is over, and nothing was done yet", "look through it, and send it again";
        RoleTooLow { least: Role, own: Role } = "role-too-low",
            "this needs the role {least}, and yours is {own}", "nothing was changed";
        FormTooLong { max: usize } = "form-too-long",
            "the form was cut off, or is longer than {max} bytes", "nothing was changed";
        FormTooMany { max: usize } = "form-too-many",
            "the form has more than {max} fields",
            "go back, choose by group or for all regions where that is true, and post the rest as a second update; nothing was changed";
        FormOfAnother = "form-of-another",
            "the form is of another session: go back, load the page again and send it once more",
            "nothing was changed";
        FormAltered = "form-altered", "the form is not as this page made it", "load the form again";

        NoSuchPage = "no-such-page", "there is no such page in the console", "the navigation above has them all";
        NoSuchTimeline = "no-such-timeline",
            "there is no such incident or maintenance here", "the overview has the open ones";
        NoSuchTemplate = "no-such-template", "there is no such template", "load the list again";
        NoSuchService = "no-such-service", "there is no such service", "one of the choices";
        NoSuchOperator { login: String } = "no-such-operator", "there is no operator `{login}`", "load the list again";
        NoSuchToken = "no-such-token", "there is no such token", "load the list again";
        NoSuchPasskey = "no-such-passkey", "there is no such passkey", "load the page again";
        NotAChoice { given: String } = "not-a-choice", "`{given}` is none of them", "one of the choices";
        ImpactMissing = "impact-missing", "is not chosen", "how bad it is for those who use the service";
        TimeMissing = "time-missing", "is missing", "a date and a time of day, such as 2024-04-08T15:23";
        NotATime { given: String, zone: String } = "not-a-time",
            "`{given}` is no time in {zone}", "a date and a time of day, such as 2024-04-08T15:23";
        PostedMeanwhile = "posted-meanwhile",
            "somebody posted while you were writing",
            "look at what changed, then review yours again; what you typed is kept";
        ChangedMeanwhile = "changed-meanwhile",
            "somebody changed this incident while you were writing",
            "look at what changed, then review yours again; what you typed is kept";
        FormUsed = "form-used",
            "what this form was for is published already, and this is another text",
            "review it again, and it is published for itself";
        CatalogChanged = "catalog-changed",
            "the catalog was changed since this plan was shown", "look at what applying would change now";
        FileChanged = "file-changed",
            "this is not the file whose plan was shown", "look at what applying would change now";
        PageAddress { least: Role, own: Role } = "page-address",
            "invitations lead to the page's address and passkeys are bound to it: to change it needs the role {least}, and yours is {own}",
            "leave `url` as it is, or ask an administrator";
        NotShown = "not-shown", "the update would not show", "say what changed, and review it again";

        LogUnreadable = "log-unreadable",
            "the log of this region cannot be read", "try again, or in another region";
        LogUnwritable { error: String } = "log-unwritable",
            "the event log cannot be written: {error}", "nothing was changed; try again, or use another region";
        DiskFull { free: u64, kept: u64 } = "disk-full",
            "the disk of its log is nearly full: {free} MiB are free, and {kept} MiB are kept for posts made there",
            "nothing was changed; try again, or use another region";
        DoneBefore = "done-before", "this was done before", "load the page again";
        Busy = "busy", "too many writes are waiting already", "nothing was changed; try again in a moment";
    }
}
