//! What an event says: the payloads of the log, one type per kind.
//!
//! These are wire types. They are written once by the node that makes an event and only ever read afterwards: a field
//! may be added with a default, none may change its meaning, and a kind's number is never used again.

use crate::{Instant, catalog::Cell, id::*, operator::Role, status::*, text::Text};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;

/// Who wrote an event and by which way in, for the audit trail.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// The operator's or token's name.
    pub name: String,
    /// `cli`, `api`, `console`, `break-glass`, `import`, `demo`; a newer version may know more.
    pub way: String,
}

/// The status that an update gives to one cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ScopeChange {
    #[serde(flatten)]
    pub cell: Cell,
    pub status: ComponentStatus,
}

/// A time that stays promised until it is changed or withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expectation {
    At(Instant),
    Withdrawn,
}

/// One entry of a timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdatePosted {
    /// When it happened, as shown; earlier than the event for a backfilled update.
    pub at: Instant,
    /// `None`: a further word without a change of status.
    pub status: Option<Status>,
    /// Markdown.
    pub text: Text,
    /// Only the cells whose status this update changes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scope: Vec<ScopeChange>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact: Option<Impact>,
    /// Stays until a later update changes or withdraws it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_recovery: Option<Expectation>,
    /// When the next word is due; holds until the next update, whatever that says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_update_at: Option<Instant>,
    /// Markdown; stands out on the page and stays until a later update states it anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_cause: Option<Text>,
    /// The id that an import brought along.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<UpdateId>,
}

/// From when to when a maintenance is planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    pub from: Instant,
    pub until: Instant,
}

/// Where an imported incident came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Its address there.
    pub url: String,
    /// Its number or id there.
    pub id: String,
}

/// A new incident, or with a schedule a new maintenance, with its first update.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentOpened {
    pub title: Text,
    pub impact: Impact,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
    /// A maintenance without a known schedule (imports) has `kind` maintenance and no schedule.
    pub kind: Kind,
    pub first: UpdatePosted,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

/// New values for an incident's own fields; `None` leaves one as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentEdited {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact: Option<Impact>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
}

/// A new text for an update that stands; the old one stays readable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdateEdited {
    pub update: UpdateId,
    pub at: Instant,
    pub text: Text,
}

/// The account after the end: what happened, why, what we will change. Markdown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostmortemPublished {
    pub at: Instant,
    pub text: Text,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegionSet {
    pub code: String,
    pub name: Text,
    pub position: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupSet {
    pub code: String,
    pub name: Text,
    pub position: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComponentSet {
    pub code: String,
    pub name: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<GroupId>,
    pub plane: Plane,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<RegionId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<ComponentId>,
    pub position: u32,
    pub since: Instant,
}

/// A text to begin an update with. The subject is derived from its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateSet {
    pub name: String,
    /// For incidents of this component; for any when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<ComponentId>,
    /// For updates with this status; for any when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Of a new incident.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    /// Markdown.
    pub text: Text,
}

/// A bearer token: its hash travels encrypted with the cluster key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenCreated {
    pub name: String,
    /// Nonce and ciphertext of the BLAKE3 of the secret.
    pub sealed_hash: Vec<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Instant>,
    /// What it may do; everything, for a token of before there were roles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
}

/// Who an operator is and what they may do. The subject is derived from `login`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatorSet {
    /// What they sign in with.
    pub login: String,
    /// What the audit trail calls them.
    pub name: String,
    pub role: Role,
    /// `false` ends every session and every way in.
    pub active: bool,
}

/// Whoever holds the secret may choose the operator's password, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatorInvited {
    /// The BLAKE3 of 32 random bytes, sealed with the cluster key.
    pub sealed_hash: Bytes,
    pub expires_at: Instant,
}

/// A new password. Sessions begun with the one before are over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordSet {
    /// The argon2id hash in the PHC string format, sealed with the cluster key.
    pub sealed_hash: Bytes,
    /// The event of the invitation that it answers; [`PasswordSet::AT_WILL`] when it answers none. Not given by whoever
    /// wrote before passwords named it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitation: Option<EventId>,
}

impl PasswordSet {
    /// Stands for the invitation of a password that nobody was invited to choose.
    pub const AT_WILL: EventId = EventId([0; 32]);
}

/// One session of an operator is over, or every one begun before this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionsEnded {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
}

/// A second factor (RFC 6238: SHA-1, six digits, 30 seconds) that signing in asks for from now on, and codes for the day
/// on which its device is lost. The ones before are over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondFactorSet {
    /// Sealed with the cluster key.
    pub sealed_seed: Bytes,
    /// The BLAKE3 of each recovery code, 32 bytes each, in the order of their numbers, sealed together.
    pub sealed_recovery: Bytes,
}

/// A recovery code was used; it is no use any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoverySpent {
    /// The event that set the second factor which the code belongs to.
    pub factor: EventId,
    /// Counted from zero.
    pub number: u16,
    /// Where it was taken; empty where that was not noted.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub region: String,
}

/// A passkey that signs its operator in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasskeyAdded {
    /// What its owner calls it.
    pub name: String,
    /// The BLAKE3 of the credential's id, by which it is found.
    pub credential_hash: Bytes,
    /// The credential with its public key, as JSON, sealed with the cluster key.
    pub sealed_passkey: Bytes,
}

/// A passkey that is no use any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasskeyRemoved {
    /// The event that added it.
    pub passkey: EventId,
}

/// Codes to print and to lock away: each begins one short session with nothing else reachable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreakGlassIssued {
    /// Where they are kept, or for whom; stands in the audit trail.
    pub label: String,
    pub count: u16,
    /// The BLAKE3 of each code, 32 bytes each, in the order of their numbers, sealed together with the cluster key.
    pub sealed_hashes: Bytes,
}

/// A code was used; it is no use any more. Written before the session begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreakGlassSpent {
    /// Counted from zero.
    pub number: u16,
    pub session: SessionId,
    /// Where it was taken.
    pub region: String,
}

/// A node that may write from now on. Its subject is derived from the key; [`crate::trust`] says whose word counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeTrusted {
    pub key: NodeKey,
    pub name: String,
    /// The region that it serves from, as pages show it.
    pub region: String,
    /// Host and port of its peers' listener; empty for one that nobody connects to.
    pub address: String,
}

/// A node that may write no longer; nothing takes that back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeRemoved {
    pub key: NodeKey,
    /// What it signed up to this value of its clock stays valid; the rest is held for an administrator.
    pub up_to: Hlc,
}

/// An event of the same subject whose body every node drops.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redacted {
    pub event: EventId,
    /// What stands in the body's place, as a body of the same kind; `None` when whoever redacted could not read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub residue: Option<Bytes>,
    /// For operators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Bytes, written as such and not as a list of numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Bytes;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("bytes")
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_owned()))
            }
            fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Bytes, E> {
                Ok(Bytes(bytes))
            }
        }
        deserializer.deserialize_byte_buf(Visitor)
    }
}

/// A node was told to write a copy of the site that another one writes; the node is the one that signed this. The
/// subject is derived from `target`. Nothing follows from it: it is for the audit trail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MirrorTaken {
    /// As that node's configuration names it.
    pub mirror: String,
    /// Where it is written: a directory's path or a bucket's address.
    pub target: String,
    /// The node that wrote it, as far as that was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NodeKey>,
}

/// Nothing but the fact: the subject tells of what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removed {}

/// What an event says, by kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    PageSet(crate::catalog::PageSettings),
    RegionSet(RegionSet),
    RegionRemoved(Removed),
    GroupSet(GroupSet),
    GroupRemoved(Removed),
    ComponentSet(ComponentSet),
    ComponentRemoved(Removed),
    IncidentOpened(IncidentOpened),
    UpdatePosted(UpdatePosted),
    IncidentEdited(IncidentEdited),
    UpdateEdited(UpdateEdited),
    PostmortemPublished(PostmortemPublished),
    TemplateSet(TemplateSet),
    TemplateRemoved(Removed),
    TokenCreated(TokenCreated),
    TokenRevoked(Removed),
    OperatorSet(OperatorSet),
    OperatorInvited(OperatorInvited),
    PasswordSet(PasswordSet),
    SessionsEnded(SessionsEnded),
    SecondFactorSet(SecondFactorSet),
    SecondFactorRemoved(Removed),
    RecoverySpent(RecoverySpent),
    BreakGlassIssued(BreakGlassIssued),
    BreakGlassSpent(BreakGlassSpent),
    BreakGlassRevoked(Removed),
    PasskeyAdded(PasskeyAdded),
    PasskeyRemoved(PasskeyRemoved),
    NodeTrusted(NodeTrusted),
    NodeRemoved(NodeRemoved),
    MirrorTaken(MirrorTaken),
    Redacted(Redacted),
}

impl Change {
    /// The kind's name, for people.
    pub fn name(&self) -> &'static str {
        match self {
            Change::PageSet(_) => "page_set",
            Change::RegionSet(_) => "region_set",
            Change::RegionRemoved(_) => "region_removed",
            Change::GroupSet(_) => "group_set",
            Change::GroupRemoved(_) => "group_removed",
            Change::ComponentSet(_) => "component_set",
            Change::ComponentRemoved(_) => "component_removed",
            Change::IncidentOpened(_) => "incident_opened",
            Change::UpdatePosted(_) => "update_posted",
            Change::IncidentEdited(_) => "incident_edited",
            Change::UpdateEdited(_) => "update_edited",
            Change::PostmortemPublished(_) => "postmortem_published",
            Change::TemplateSet(_) => "template_set",
            Change::TemplateRemoved(_) => "template_removed",
            Change::TokenCreated(_) => "token_created",
            Change::TokenRevoked(_) => "token_revoked",
            Change::OperatorSet(_) => "operator_set",
            Change::OperatorInvited(_) => "operator_invited",
            Change::PasswordSet(_) => "password_set",
            Change::SessionsEnded(_) => "sessions_ended",
            Change::SecondFactorSet(_) => "second_factor_set",
            Change::SecondFactorRemoved(_) => "second_factor_removed",
            Change::RecoverySpent(_) => "recovery_spent",
            Change::BreakGlassIssued(_) => "break_glass_issued",
            Change::BreakGlassSpent(_) => "break_glass_spent",
            Change::BreakGlassRevoked(_) => "break_glass_revoked",
            Change::PasskeyAdded(_) => "passkey_added",
            Change::PasskeyRemoved(_) => "passkey_removed",
            Change::NodeTrusted(_) => "node_trusted",
            Change::NodeRemoved(_) => "node_removed",
            Change::MirrorTaken(_) => "mirror_taken",
            Change::Redacted(_) => "redacted",
        }
    }

    /// Whether a node that does not know the kind must tell its operators: what it shows would not be the truth.
    pub fn must_be_understood(&self) -> bool {
        matches!(self, Change::NodeTrusted(_) | Change::NodeRemoved(_) | Change::Redacted(_))
    }
}

/// One event as the fold reads it: verified and decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub id: EventId,
    pub node: NodeKey,
    pub hlc: Hlc,
    pub subject: Subject,
    /// The heads of the same subject that the writer saw.
    pub parents: Vec<EventId>,
    pub author: Author,
    pub change: Change,
}

impl Event {
    /// The writer's clock when it made the event.
    pub fn written_at(&self) -> Instant {
        let milliseconds = i64::try_from(self.hlc.milliseconds()).unwrap_or(i64::MAX);
        Instant::from_timestamp_millis(milliseconds).unwrap_or(Instant::MAX_UTC)
    }
}
