//! Identity: public ids of 12 lower-case alphanumerics, subjects of events, event ids, node keys, clock values.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, str::FromStr};

/// Characters of a public id, stable for ever (Statuspage v2 shape).
pub const ID_LENGTH: usize = 12;

/// Why a text is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an id: an id is 12 characters of a-z and 0-9, such as `p31zjtct2jer`")]
pub struct IdError(pub String);

/// A public id: 12 characters of `a-z0-9`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id([u8; ID_LENGTH]);

impl Id {
    /// An id from random bytes: the first 62 of their bits.
    pub fn from_entropy(entropy: [u8; 16]) -> Self {
        let mut rest = u128::from_be_bytes(entropy);
        let mut characters = [0; ID_LENGTH];
        for character in &mut characters {
            *character = b"0123456789abcdefghijklmnopqrstuvwxyz"[(rest % 36) as usize];
            rest /= 36;
        }
        Self(characters)
    }

    /// The id that every node derives from the same words, so that two nodes that name the same thing apart agree.
    pub fn derived(words: &[&[u8]]) -> Self {
        let mut hasher = blake3::Hasher::new();
        for word in words {
            hasher.update(&(word.len() as u64).to_be_bytes());
            hasher.update(word);
        }
        let mut entropy = [0; 16];
        entropy.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        Self::from_entropy(entropy)
    }

    pub fn as_str(&self) -> &str {
        // Only ASCII is ever stored; the fallback keeps this total.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for Id {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let valid = |byte: &u8| byte.is_ascii_digit() || byte.is_ascii_lowercase();
        match <[u8; ID_LENGTH]>::try_from(text.as_bytes()) {
            Ok(characters) if characters.iter().all(valid) => Ok(Self(characters)),
            _ => Err(IdError(text.chars().take(40).collect())),
        }
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

macro_rules! typed_id {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Id);
        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> { text.parse().map(Self) }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result { self.0.fmt(f) }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result { write!(f, "{}:{}", stringify!($name), self.0) }
        }
    )*};
}

typed_id! {
    /// A component, by default derived from its code.
    ComponentId
    /// A group of components, derived from its code.
    GroupId
    /// A region, derived from its code.
    RegionId
    /// An incident or a maintenance.
    IncidentId
    /// One update of a timeline: derived from its event's id, or kept from an import.
    UpdateId
    /// An API token (never its secret).
    TokenId
    /// A node, derived from its key.
    NodeId
    /// An operator, derived from the name that they sign in with.
    OperatorId
    /// Break-glass codes that were issued together.
    CodeBatchId
    /// A session of an operator's browser.
    SessionId
    /// A template, derived from its name.
    TemplateId
    /// A copy of the site elsewhere, derived from where it is written.
    MirrorId
}

impl ComponentId {
    pub fn of_code(code: &str) -> Self {
        Self(Id::derived(&[b"component", code.as_bytes()]))
    }
}
impl GroupId {
    pub fn of_code(code: &str) -> Self {
        Self(Id::derived(&[b"group", code.as_bytes()]))
    }
}
impl RegionId {
    pub fn of_code(code: &str) -> Self {
        Self(Id::derived(&[b"region", code.as_bytes()]))
    }
}
impl NodeId {
    pub fn of_key(key: &NodeKey) -> Self {
        Self(Id::derived(&[b"node", &key.0]))
    }
}
impl TemplateId {
    pub fn of_name(name: &str) -> Self {
        Self(Id::derived(&[b"template", name.as_bytes()]))
    }
}
impl MirrorId {
    pub fn of_target(target: &str) -> Self {
        Self(Id::derived(&[b"mirror", target.as_bytes()]))
    }
}
impl OperatorId {
    pub fn of_login(login: &str) -> Self {
        Self(Id::derived(&[b"operator", login.as_bytes()]))
    }
}
impl IncidentId {
    /// The least of all, as the begin of a range.
    pub const FIRST: IncidentId = IncidentId(Id([b'0'; ID_LENGTH]));
}
impl UpdateId {
    /// The id of the update that an event posted.
    pub fn of_event(event: &EventId) -> Self {
        Self(Id::derived(&[b"update", &event.0]))
    }
}

/// What an event is about. Sixteen bytes on the wire: a type letter, the id's characters, three zero bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    Page,
    Region(RegionId),
    Group(GroupId),
    Component(ComponentId),
    Incident(IncidentId),
    Token(TokenId),
    Node(NodeId),
    Operator(OperatorId),
    BreakGlass(CodeBatchId),
    Template(TemplateId),
    Mirror(MirrorId),
    /// A subject that a newer version wrote.
    Unknown([u8; 16]),
}

impl Subject {
    pub fn to_bytes(self) -> [u8; 16] {
        let (letter, id) = match self {
            Subject::Page => (b'p', None),
            Subject::Region(id) => (b'r', Some(id.0)),
            Subject::Group(id) => (b'g', Some(id.0)),
            Subject::Component(id) => (b'c', Some(id.0)),
            Subject::Incident(id) => (b'i', Some(id.0)),
            Subject::Token(id) => (b't', Some(id.0)),
            Subject::Node(id) => (b'n', Some(id.0)),
            Subject::Operator(id) => (b'o', Some(id.0)),
            Subject::BreakGlass(id) => (b'b', Some(id.0)),
            Subject::Template(id) => (b'm', Some(id.0)),
            Subject::Mirror(id) => (b's', Some(id.0)),
            Subject::Unknown(bytes) => return bytes,
        };
        let mut bytes = [0; 16];
        bytes[0] = letter;
        if let Some(id) = id {
            bytes[1..=ID_LENGTH].copy_from_slice(&id.0);
        }
        bytes
    }

    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        let id = std::str::from_utf8(&bytes[1..=ID_LENGTH]).ok().and_then(|text| text.parse::<Id>().ok());
        let subject = match (bytes[0], id) {
            (b'p', None) => Subject::Page,
            (b'r', Some(id)) => Subject::Region(RegionId(id)),
            (b'g', Some(id)) => Subject::Group(GroupId(id)),
            (b'c', Some(id)) => Subject::Component(ComponentId(id)),
            (b'i', Some(id)) => Subject::Incident(IncidentId(id)),
            (b't', Some(id)) => Subject::Token(TokenId(id)),
            (b'n', Some(id)) => Subject::Node(NodeId(id)),
            (b'o', Some(id)) => Subject::Operator(OperatorId(id)),
            (b'b', Some(id)) => Subject::BreakGlass(CodeBatchId(id)),
            (b'm', Some(id)) => Subject::Template(TemplateId(id)),
            (b's', Some(id)) => Subject::Mirror(MirrorId(id)),
            _ => Subject::Unknown(bytes),
        };
        if subject.to_bytes() == bytes { subject } else { Subject::Unknown(bytes) }
    }
}

macro_rules! hex_bytes {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; 32]);
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result { write!(f, "{self}") }
        }
        impl FromStr for $name {
            type Err = HexError;
            fn from_str(text: &str) -> Result<Self, HexError> {
                let error = || HexError(text.chars().take(80).collect());
                if text.len() != 64 || !text.is_ascii() { return Err(error()); }
                let mut bytes = [0; 32];
                for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
                    let pair = std::str::from_utf8(pair).map_err(|_| error())?;
                    *byte = u8::from_str_radix(pair, 16).map_err(|_| error())?;
                }
                Ok(Self(bytes))
            }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    )*};
}

/// Why a text is not 32 bytes in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not 64 hexadecimal digits")]
pub struct HexError(pub String);

hex_bytes! {
    /// The BLAKE3 of an event's header and signature.
    EventId
    /// A node's Ed25519 public key.
    NodeKey
}

/// A hybrid logical clock's value (Kulkarni et al. 2014): 48 bits of milliseconds since the Unix epoch, 16 bits of counter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hlc(pub u64);

impl Hlc {
    pub const COUNTER_BITS: u32 = 16;

    /// Milliseconds since the Unix epoch.
    pub fn milliseconds(self) -> u64 {
        self.0 >> Self::COUNTER_BITS
    }

    /// The next value after `self` when the wall clock reads `now_ms` (milliseconds since the Unix epoch).
    pub fn next(self, now_ms: u64) -> Self {
        Hlc((now_ms << Self::COUNTER_BITS).max(self.0.saturating_add(1)))
    }
}
