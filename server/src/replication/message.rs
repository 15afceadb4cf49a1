//! What two nodes say to each other: one message in each frame, a byte for its kind and then its body.
//!
//! | kind | message | body |
//! |---|---|---|
//! | 1 | [`Hello`] | CBOR map |
//! | 2 | [`Beat`] | CBOR map |
//! | 3 | [`Message::Push`] | its number (8), count of records (4), the records |
//! | 4 | [`Message::Stored`] | the number of the push (8), then nothing, or why it was not stored (text) |
//! | 5 | [`Message::Ask`] | the round's number (8), the newest token seen (8), a message of negentropy |
//! | 6 | [`Message::Answer`] | the round's number (8), a message of negentropy |
//! | 7 | [`Message::Want`] | ids (32 each) |
//! | 8 | [`Message::Done`] | the round's number (8), what it came to (1): bit 0 [`Outcome::took_in`], bit 1 [`Outcome::handed_over`] |
//!
//! A record is the length of header and signature (4), those, 1 and the body with its length (4) before it, or 0 when the
//! body is erased. Numbers are big-endian. Fields and kinds that are not known are passed over, so that regions can be
//! upgraded one by one; what an event says is never looked into.

mod wire;

use super::round::Outcome;
use crate::store::{Record, SetDigest};
use bytes::Bytes;
use domain::id::{EventId, NodeKey};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of this conversation. A node speaks with every peer that shares its first version.
pub const PROTOCOL: u16 = 1;
/// Most records of one push.
pub const PUSH_MAX: usize = 256;
/// Bytes of records in one push, unless the first alone has more.
pub const PUSH_BYTES_MAX: usize = 512 * 1024;
/// Most ids of one [`Message::Want`].
pub const WANT_MAX: usize = 256;
/// Longest region or node name that is taken from a peer, in bytes.
pub const NAME_BYTES_MAX: usize = 200;
/// Most ages of one [`Beat`].
pub const AGES_MAX: usize = 256;
/// Most live values of one [`Beat`], and the longest name and the longest text of one, in bytes. What is beyond is passed
/// over: a later version may have more to say of itself.
pub const VALUES_MAX: usize = 32;
pub const VALUE_BYTES_MAX: usize = 200;

/// The first message of both sides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    pub protocol: u16,
    /// Of the cluster, as hexadecimal digits.
    pub cluster: String,
    pub name: String,
    pub region: String,
    /// Of the program.
    pub version: String,
}

/// Said every few seconds: what the sender holds, and what the receiver can conclude from it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beat {
    /// Drawn by the sender for this beat; the receiver gives it back.
    pub token: u64,
    /// The newest token that the sender has seen of the receiver; 0 for none.
    pub echo: u64,
    /// Milliseconds between the sender's seeing that token and this beat.
    #[serde(default)]
    pub held_ms: u64,
    pub count: u64,
    #[serde(with = "hex_32")]
    pub sum: [u8; 32],
    /// The BLAKE3 of all ids, when the sender has had time to make it.
    #[serde(default, with = "optional_hex_32", skip_serializing_if = "Option::is_none")]
    pub full: Option<[u8; 32]>,
    /// The receiver is asked to beat at once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub asks: bool,
    /// The sender lacks something of what the receiver's last beat showed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lacks: bool,
    /// How many bodies the sender has come by, since it started, of events that it had held without them: when it has
    /// grown, the sender may have one that it lacked when it was asked.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub bodies_came: u64,
    /// For each node, how old in milliseconds the moment is as of which the sender has all its news.
    #[serde(default)]
    pub ages_ms: BTreeMap<NodeKey, u64>,
    /// The sender's clock, in milliseconds since the Unix epoch: for people, never for an order.
    #[serde(default)]
    pub clock_ms: i64,
    /// Values that live no longer than the next beat, such as a node's health: never events.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Beat {
    pub fn digest(&self) -> SetDigest {
        SetDigest { count: self.count, sum: self.sum }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    Hello(Hello),
    Beat(Beat),
    /// Events: on write, or because they were missing.
    Push {
        number: u64,
        records: Vec<Record>,
    },
    /// Those of a push are durable here; or they are not, and why.
    Stored {
        number: u64,
        refused: Option<String>,
    },
    /// The initiator's part of a round.
    Ask {
        round: u64,
        /// The newest token that the initiator had seen when it looked at its own set.
        echo: u64,
        text: Bytes,
    },
    /// The other side's part.
    Answer {
        round: u64,
        text: Bytes,
    },
    /// Events that the initiator lacks.
    Want {
        ids: Vec<EventId>,
    },
    /// The initiator is through with what the round found.
    Done {
        round: u64,
        outcome: Outcome,
    },
    /// A kind of a later version.
    Unknown(u8),
}

/// Why a frame is no message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    #[error("an empty frame")]
    Empty,
    #[error("a message of kind {kind} ends too early")]
    Short { kind: u8 },
    #[error("a message of kind {kind} has {left} bytes behind its end")]
    Long { kind: u8, left: usize },
    #[error("a message of kind {kind}: {reason}")]
    Malformed { kind: u8, reason: String },
    #[error("{count} {what} in one message; at most {max} are allowed")]
    TooMany { what: &'static str, count: usize, max: usize },
}

/// A peer's words as logs and terminals can take them: short, and without control characters.
pub fn plain(text: &str) -> String {
    let mut shown: String = text.chars().filter(|character| !character.is_control()).take(NAME_BYTES_MAX).collect();
    shown.truncate(shown.floor_char_boundary(NAME_BYTES_MAX));
    shown
}

/// As many live values as a beat carries, none of them longer than it carries, and as terminals can take them.
pub fn live_values(values: impl IntoIterator<Item = (String, String)>) -> BTreeMap<String, String> {
    let fits = |(name, text): &(String, String)| name.len() <= VALUE_BYTES_MAX && text.len() <= VALUE_BYTES_MAX;
    let shown = |(name, text): (String, String)| (plain(&name), plain(&text));
    values.into_iter().filter(fits).map(shown).take(VALUES_MAX).collect()
}

/// 32 bytes as 64 digits: CBOR maps stay readable, and need no type of their own.
mod hex_32 {
    use domain::id::NodeKey;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(bytes: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
        NodeKey(*bytes).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 32], D::Error> {
        NodeKey::deserialize(deserializer).map(|bytes| bytes.0)
    }
}

mod optional_hex_32 {
    use domain::id::NodeKey;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(bytes: &Option<[u8; 32]>, serializer: S) -> Result<S::Ok, S::Error> {
        bytes.map(NodeKey).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<[u8; 32]>, D::Error> {
        Ok(Option::<NodeKey>::deserialize(deserializer)?.map(|bytes| bytes.0))
    }
}
