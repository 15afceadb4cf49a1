//! Why commands are refused: the table of [`Reason`]s.

use super::refusal::{At, Names, Refusal, Statuses};
use crate::{
    operator::LoginError,
    status::{Kind, Status},
    text::{Text, TextError},
};

crate::reasons! {
    /// Why a command is refused.
    pub enum Reason {
        TextEmpty = "text-empty", "is empty", "say what is known, in a sentence";
        TextTooLong { actual: usize, max: usize } = "text-too-long",
            "has {actual} characters; at most {max} fit", "a shorter text";
        TextTooManyBytes { actual: usize, max: usize } = "text-too-many-bytes",
            "has {actual} bytes; at most {max} fit", "a shorter text";
        TextControl { character: String, place: usize } = "text-control",
            "holds the control character U+{character} at character {place}; remove it", "plain text";
        TextInvisible { character: String, place: usize } = "text-invisible",
            "holds the invisible direction or format character U+{character} at character {place}; remove it", "plain text";
        TextLineBreak { place: usize } = "text-line-break",
            "has a line break at character {place}; a name is one line", "one line";
        TextCode { code: String } = "text-code",
            "`{code}` is not a code: use 1 to 40 characters of a-z, 0-9 and inner hyphens, such as `cloud-api`", "a code";
        TextTranslations { actual: usize, max: usize } = "text-translations",
            "has {actual} translations; at most {max} fit", "fewer translations";
        TextLanguageTag { tag: String } = "text-language-tag",
            "has the translation `{tag}`, which is not a language tag such as `zh-CN`", "a language tag";

        IdTaken { id: String } = "id-taken", "`{id}` exists already", "leave the id out for a new one";
        TimelineFull { max: usize } = "timeline-full",
            "the timeline has {max} updates already", "open a new incident";
        Overtaken = "overtaken", "somebody else changed it meanwhile", "look at what changed, and send it again";
        UpdateRepeated { id: String } = "update-repeated",
            "the update `{id}` is posted already", "nothing to do, or another id for another update";
        UpdateUnknown { incident: String, update: String, known: Names } = "update-unknown",
            "incident `{incident}` has no update `{update}`", "one of {known}";
        UpdateSame = "update-same", "is what the update says already", "a different text";
        PostmortemOfMaintenance { id: String } = "postmortem-of-maintenance",
            "`{id}` is a maintenance", "publish a postmortem for an incident";
        PostmortemEarly { id: String, status: Status } = "postmortem-early",
            "`{id}` is {status}, and a postmortem comes after the end", "resolve the incident first";
        EndIsPast { at: At } = "end-is-past", "{at} is past", "a time in the future";
        TokenUnknown { id: String } = "token-unknown", "there is no token `{id}`", "an id that `token list` shows";
        TokenRevoked { id: String } = "token-revoked", "`{id}` is revoked already", "nothing to do";
        TemplateUnknown { id: String } = "template-unknown", "there is no template `{id}`", "one of the list";
        IncidentUnknown { id: String } = "incident-unknown",
            "there is no incident or maintenance `{id}`", "an id that `incident list` shows";

        BeforeNineties { at: At } = "before-nineties", "{at} is before 1990", "the time when it happened";
        InFuture { at: At, now: At } = "in-future",
            "{at} is in the future (it is {now} now)", "the time when it happened, or leave it out for now";
        EndBeforeBegin { from: At, until: At } = "end-before-begin",
            "the end {until} is not after the begin {from}", "an end after the begin";
        ScheduleOfIncident = "schedule-of-incident", "an incident has no schedule", "edit a maintenance's schedule";
        ScheduleMissing = "schedule-missing", "is missing", "from when to when the maintenance is planned";
        EditChangesNothing = "edit-changes-nothing", "changes nothing", "give a title, an impact or a schedule";
        TemplateChangesNothing = "template-changes-nothing", "changes nothing", "another text";
        TemplateComponent { component: String } = "template-component",
            "there is no component `{component}`", "one of the catalog";
        TemplatesFull { max: usize } = "templates-full",
            "there are {max} templates already", "remove one that is not used";
        StatusMissing { statuses: Statuses } = "status-missing", "the first update has no status", "one of {statuses}";
        OpensWithPostmortem = "opens-with-postmortem",
            "nothing opens with a postmortem", "resolve it, then publish one";
        ScopeAfterEnd = "scope-after-end", "it has ended, so its scope stands", "open a new incident";
        RecoveryNotLater { at: At, own: At } = "recovery-not-later",
            "{at} is not after the update's own time {own}", "a later time, or `withdrawn`";
        NextNotLater { at: At, own: At } = "next-not-later",
            "{at} is not after the update's own time {own}", "a later time";
        StatusOfOtherKind { next: Status, kind: Kind, statuses: Statuses } = "status-of-other-kind",
            "`{next}` is not a status of a timeline of kind {kind}", "one of {statuses}";
        StatusNotNext { status: Status, next: Status, statuses: Statuses } = "status-not-next",
            "it is {status} and cannot become {next}", "one of {statuses}";
        StatusAfterEnd { status: Status, next: Status } = "status-after-end",
            "it is {status} and cannot become {next}", "leave the status out to add a word, or open a new incident";
        StatusPostmortem { status: Status, next: Status } = "status-postmortem",
            "it is {status} and cannot become {next}", "publish the postmortem after it is resolved";
        UpdateIsNoPostmortem = "update-is-no-postmortem",
            "an update is no postmortem", "publish the postmortem instead";
        ScopeTooLong { actual: usize, max: usize } = "scope-too-long",
            "has {actual} entries; at most {max} fit", "fewer cells in one update";
        ComponentUnknown { id: String, known: Names } = "component-unknown",
            "there is no component `{id}`", "one of {known}";
        RegionMissing { code: String, known: Names } = "region-missing", "`{code}` runs in regions", "one of {known}";
        RegionNeedless { code: String } = "region-needless", "`{code}` has no regions", "leave the region out";
        RegionWrong { code: String, known: Names } = "region-wrong",
            "`{code}` does not run in that region", "one of {known}";
        CellTwice { code: String } = "cell-twice", "`{code}` is named twice for the same region", "each cell once";
        BeforeNewest { at: At, newest: At } = "before-newest",
            "{at} is before the newest update ({newest})",
            "a later time, or leave out status, scope, impact and expected recovery to add only a word";
        BeforeBeginning { at: At, began: At } = "before-beginning",
            "{at} is before the incident began ({began})", "a time after the beginning";

        LoginTaken { login: String } = "login-taken", "`{login}` is taken", "another name to sign in with";
        LoginMalformed { login: String } = "login-malformed",
            "`{login}` is no name to sign in with: 1 to 64 of a-z, 0-9, `.`, `-`, `_`, `+` and `@`, in lower case",
            "a short name, or an address of mail";
        OperatorsFull { max: usize } = "operators-full", "there are {max} operators already", "take back one that is out";
        AdministratorThere = "administrator-there",
            "there is an administrator already", "ask an administrator for an invitation";
        OperatorChangesNothing = "operator-changes-nothing", "changes nothing", "another name, role or state";
        LastAdministrator = "last-administrator",
            "nobody else is an administrator", "make somebody else an administrator first";
        OperatorUnknown { id: String } = "operator-unknown",
            "there is no operator `{id}`", "one that `holdfast operator list` shows";
        OperatorOut = "operator-out", "they are out", "let them back in first";
        LinkOver = "link-over", "this link is used up, or is over", "sign in, or ask for a new link";
        NoSecondFactor = "no-second-factor", "they have no second factor", "nothing to do";
        PasskeysFull { max: usize } = "passkeys-full", "there are {max} passkeys already", "remove one first";
        PasskeyKnown = "passkey-known", "this passkey was added before", "another one";
        PasskeyUnknown = "passkey-unknown", "there is no such passkey", "one of the list";
        RecoveryUsed = "recovery-used", "this recovery code is used up", "another one";

        CatalogName { code: String, name: String, known: Names } = "catalog-name",
            "`{code}` names the unknown `{name}`", "one of {known}";
        CatalogCircle { circle: String } = "catalog-circle",
            "the dependencies close a circle: {circle}",
            "take one of these dependencies away: in a circle nothing can start first";
        CatalogAddress { url: String } = "catalog-address",
            "`{url}` does not fit",
            "an absolute address without a slash at its end, such as `https://status.example.com`";
        CatalogSupport { url: String } = "catalog-support", "`{url}` does not fit", "an absolute https address";
        CatalogTooMany { actual: usize, max: usize } = "catalog-too-many", "has {actual} entries", "at most {max}";
        CatalogTwice { value: String } = "catalog-twice", "`{value}` stands twice", "each one once";
        CatalogZone { zone: String } = "catalog-zone",
            "`{zone}` is not a time zone", "an IANA name such as `Asia/Shanghai` or `Etc/UTC`";
        CatalogRegions { word: String } = "catalog-regions",
            "`{word}` is no list", "\"all\", or a list such as [\"ap-shanghai\"]";
        CatalogId { error: String } = "catalog-id", "{error}", "leave it out for a new component";
        CatalogSince { error: String } = "catalog-since",
            "is not a time: {error}", "RFC 3339 with an offset, such as `2024-01-01T00:00:00Z`";
        CatalogSyntax { error: String } = "catalog-syntax", "{error}", "see `holdfast catalog apply --help`";
        DefaultMissing = "default-missing",
            "has translations and no `default`", "give the text in the page's first language as `default`";
    }
}

impl From<TextError> for Reason {
    fn from(error: TextError) -> Self {
        let code_point = |character: u32| format!("{character:04X}");
        match error {
            TextError::Empty => Reason::TextEmpty,
            TextError::TooLong { actual, max } => Reason::TextTooLong { actual, max },
            TextError::TooManyBytes { actual, max } => Reason::TextTooManyBytes { actual, max },
            TextError::Control(character, place) => Reason::TextControl { character: code_point(character), place },
            TextError::Invisible(character, place) => Reason::TextInvisible { character: code_point(character), place },
            TextError::LineBreak(place) => Reason::TextLineBreak { place },
            TextError::Code(code) => Reason::TextCode { code },
            TextError::Translations(actual) => Reason::TextTranslations { actual, max: crate::text::TRANSLATIONS_MAX },
            TextError::LanguageTag(tag) => Reason::TextLanguageTag { tag },
        }
    }
}

impl From<LoginError> for Reason {
    fn from(LoginError(login): LoginError) -> Self {
        Reason::LoginMalformed { login }
    }
}

/// What `check` finds wrong with a text, at the field of the language that it is wrong in; `right` is what would be
/// accepted.
pub(super) fn of_text(
    field: &str,
    text: &Text,
    check: fn(&Text) -> Result<(), TextError>,
    right: &str,
) -> Option<Refusal> {
    let error = check(text).err()?;
    let is_wrong = |text: &str| check(&text.into()) == Err(error.clone());
    let tag = match is_wrong(&text.default) {
        true => None,
        false => text.translations.iter().find(|(_, text)| is_wrong(text)).map(|(tag, _)| tag),
    };
    let field = tag.map_or_else(|| field.to_owned(), |tag| format!("{field}.{tag}"));
    Some(Reason::from(error).at(field).or_rather(right))
}

/// The same for a name that has no translations.
pub(super) fn of_name(field: &str, name: &str, right: &str) -> Option<Refusal> {
    of_text(field, &name.into(), crate::text::check_name, right)
}
