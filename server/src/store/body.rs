//! Bodies: the number of each kind, and its payload as CBOR (RFC 8949).
//!
//! A body is the map `{"by": author, "data": payload}`; fields that a reader does not know are passed over. Numbers are never used again.

use super::{envelope::BODY_BYTES_MAX, version};
use domain::change::*;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

#[derive(Serialize)]
struct Written<'a, T> {
    by: &'a Author,
    data: &'a T,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<&'static str>,
}

#[derive(Deserialize)]
struct Read<T> {
    by: Author,
    data: T,
}

/// Why a change has no body, or a body is no change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    #[error("the {kind} takes {bytes} bytes as an event; at most {BODY_BYTES_MAX} fit: shorten its texts")]
    TooLarge { kind: &'static str, bytes: usize },
    #[error("a {kind} cannot be written as CBOR: {reason}")]
    Unwritable { kind: &'static str, reason: String },
    #[error("the body of a {kind} cannot be read: {reason}")]
    Unreadable { kind: &'static str, reason: String },
}

macro_rules! kinds {
    ($($number:literal $variant:ident $name:literal),* $(,)?) => {
        /// Number and name of every kind that this version knows.
        pub const KINDS: &[(u16, &str)] = &[$(($number, $name)),*];

        /// The number of a change's kind, and its body.
        ///
        /// # Errors
        /// [`BodyError::TooLarge`] past [`BODY_BYTES_MAX`].
        pub fn encode(author: &Author, change: &Change) -> Result<(u16, Vec<u8>), BodyError> {
            match change {
                $(Change::$variant(data) => Ok((version::kind_written($number), write($name, author, data)?)),)*
            }
        }

        /// What a body says; `None` for a kind that only a newer version knows.
        ///
        /// # Errors
        /// [`BodyError::Unreadable`] when the kind is known and the bytes do not fit it.
        pub fn decode(kind: u16, body: &[u8]) -> Result<Option<(Author, Change)>, BodyError> {
            match version::kind_read(kind) {
                $($number => read($name, body).map(|read| Some((read.by, Change::$variant(read.data)))),)*
                _ => Ok(None),
            }
        }
    };
}

kinds! {
    1 PageSet "page_set",
    2 RegionSet "region_set",
    3 RegionRemoved "region_removed",
    4 GroupSet "group_set",
    5 GroupRemoved "group_removed",
    6 ComponentSet "component_set",
    7 ComponentRemoved "component_removed",
    16 IncidentOpened "incident_opened",
    17 UpdatePosted "update_posted",
    18 IncidentEdited "incident_edited",
    19 UpdateEdited "update_edited",
    20 PostmortemPublished "postmortem_published",
    24 TemplateSet "template_set",
    25 TemplateRemoved "template_removed",
    32 TokenCreated "token_created",
    33 TokenRevoked "token_revoked",
    36 OperatorSet "operator_set",
    37 OperatorInvited "operator_invited",
    38 PasswordSet "password_set",
    39 SessionsEnded "sessions_ended",
    40 SecondFactorSet "second_factor_set",
    41 SecondFactorRemoved "second_factor_removed",
    42 RecoverySpent "recovery_spent",
    43 BreakGlassIssued "break_glass_issued",
    44 BreakGlassSpent "break_glass_spent",
    45 BreakGlassRevoked "break_glass_revoked",
    46 PasskeyAdded "passkey_added",
    47 PasskeyRemoved "passkey_removed",
    48 NodeTrusted "node_trusted",
    49 NodeRemoved "node_removed",
    50 MirrorTaken "mirror_taken",
    64 Redacted "redacted",
}

/// [`Change::Redacted`].
pub const REDACTED: u16 = 64;
/// The kinds whose bodies are never erased: they decide whose word counts and what is erased.
pub const NEVER_ERASED: &[u16] = &[48, 49, REDACTED];

/// The name of a kind, for people.
pub fn kind_name(kind: u16) -> Option<&'static str> {
    let kind = version::kind_read(kind);
    KINDS.iter().find(|(number, _)| *number == kind).map(|(_, name)| *name)
}

fn write<T: Serialize>(kind: &'static str, by: &Author, data: &T) -> Result<Vec<u8>, BodyError> {
    let mut body = Vec::new();
    ciborium::into_writer(&Written { by, data, next: version::body_field() }, &mut body)
        .map_err(|error| BodyError::Unwritable { kind, reason: error.to_string() })?;
    match body.len() {
        bytes if bytes > BODY_BYTES_MAX => Err(BodyError::TooLarge { kind, bytes }),
        _ => Ok(body),
    }
}

fn read<T: DeserializeOwned>(kind: &'static str, body: &[u8]) -> Result<Read<T>, BodyError> {
    let mut rest = body;
    let read =
        ciborium::from_reader(&mut rest).map_err(|error| BodyError::Unreadable { kind, reason: error.to_string() })?;
    match rest.len() {
        0 => Ok(read),
        left => Err(BodyError::Unreadable { kind, reason: format!("{left} bytes follow its end") }),
    }
}
