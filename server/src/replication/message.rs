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

use super::round::Outcome;
use crate::store::{
    Record, SetDigest,
    envelope::{BODY_BYTES_MAX, HEADER_BYTES_MAX, SIGNATURE_BYTES},
};
use bytes::{Buf, BufMut, Bytes, BytesMut};
use domain::id::{EventId, NodeKey};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
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

const HELLO: u8 = 1;
const BEAT: u8 = 2;
const PUSH: u8 = 3;
const STORED: u8 = 4;
const ASK: u8 = 5;
const ANSWER: u8 = 6;
const WANT: u8 = 7;
const DONE: u8 = 8;

impl Message {
    /// The frame's content.
    ///
    /// # Errors
    /// Only what cannot be written as CBOR, which our own types can.
    pub fn encode(&self) -> Result<Bytes, MessageError> {
        let mut bytes = BytesMut::new();
        match self {
            Message::Hello(hello) => cbor(&mut bytes, HELLO, hello)?,
            Message::Beat(beat) => cbor(&mut bytes, BEAT, beat)?,
            Message::Push { number, records } => push(&mut bytes, *number, records),
            Message::Stored { number, refused } => {
                bytes.put_u8(STORED);
                bytes.put_u64(*number);
                bytes.put_slice(refused.as_deref().unwrap_or_default().as_bytes());
            }
            Message::Ask { round, echo, text } => {
                bytes.put_u8(ASK);
                bytes.put_u64(*round);
                bytes.put_u64(*echo);
                bytes.put_slice(text);
            }
            Message::Answer { round, text } => {
                bytes.put_u8(ANSWER);
                bytes.put_u64(*round);
                bytes.put_slice(text);
            }
            Message::Want { ids } => {
                bytes.put_u8(WANT);
                ids.iter().for_each(|id| bytes.put_slice(&id.0));
            }
            Message::Done { round, outcome } => {
                bytes.put_u8(DONE);
                bytes.put_u64(*round);
                bytes.put_u8(u8::from(outcome.took_in) | u8::from(outcome.handed_over) << 1);
            }
            Message::Unknown(kind) => bytes.put_u8(*kind),
        }
        Ok(bytes.freeze())
    }

    /// Reads a frame's content.
    ///
    /// # Errors
    /// The first thing that is wrong. The records of a push are not verified here.
    pub fn decode(frame: Bytes) -> Result<Message, MessageError> {
        let mut fields = Fields { kind: *frame.first().ok_or(MessageError::Empty)?, rest: frame };
        fields.rest.advance(1);
        match fields.kind {
            HELLO => fields.cbor().map(Message::Hello),
            BEAT => {
                let mut beat: Beat = fields.cbor()?;
                within("ages", beat.ages_ms.len(), AGES_MAX)?;
                beat.values = live_values(beat.values);
                Ok(Message::Beat(beat))
            }
            PUSH => fields.push(),
            STORED => {
                let number = fields.number()?;
                let refused = plain(&String::from_utf8_lossy(&fields.rest));
                Ok(Message::Stored { number, refused: Some(refused).filter(|refused| !refused.is_empty()) })
            }
            ASK => Ok(Message::Ask { round: fields.number()?, echo: fields.number()?, text: fields.rest }),
            ANSWER => Ok(Message::Answer { round: fields.number()?, text: fields.rest }),
            WANT => fields.ids(),
            DONE => {
                let (round, bits) = (fields.number()?, fields.byte()?);
                let outcome = Outcome { took_in: bits & 1 != 0, handed_over: bits & 2 != 0 };
                fields.end().map(|()| Message::Done { round, outcome })
            }
            unknown => Ok(Message::Unknown(unknown)),
        }
    }
}

/// A peer's words as logs and terminals can take them: short, and without control characters.
pub fn plain(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(NAME_BYTES_MAX).collect()
}

/// As many live values as a beat carries, none of them longer than it carries, and as terminals can take them.
pub fn live_values(values: impl IntoIterator<Item = (String, String)>) -> BTreeMap<String, String> {
    let fits = |(name, text): &(String, String)| name.len() <= VALUE_BYTES_MAX && text.len() <= VALUE_BYTES_MAX;
    let shown = |(name, text): (String, String)| (plain(&name), plain(&text));
    values.into_iter().filter(fits).map(shown).take(VALUES_MAX).collect()
}

fn within(what: &'static str, count: usize, max: usize) -> Result<(), MessageError> {
    if count > max { Err(MessageError::TooMany { what, count, max }) } else { Ok(()) }
}

fn cbor(bytes: &mut BytesMut, kind: u8, value: &impl Serialize) -> Result<(), MessageError> {
    bytes.put_u8(kind);
    ciborium::into_writer(value, bytes.writer())
        .map_err(|error| MessageError::Malformed { kind, reason: error.to_string() })
}

fn push(bytes: &mut BytesMut, number: u64, records: &[Record]) {
    let length = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX);
    bytes.put_u8(PUSH);
    bytes.put_u64(number);
    bytes.put_u32(length(records.len()));
    for record in records {
        bytes.put_u32(length(record.signed.len()));
        bytes.put_slice(&record.signed);
        match &record.body {
            Some(body) => {
                bytes.put_u8(1);
                bytes.put_u32(length(body.len()));
                bytes.put_slice(body);
            }
            None => bytes.put_u8(0),
        }
    }
}

/// What is left of a message.
struct Fields {
    kind: u8,
    rest: Bytes,
}

impl Fields {
    fn short(&self) -> MessageError {
        MessageError::Short { kind: self.kind }
    }

    fn number(&mut self) -> Result<u64, MessageError> {
        self.rest.try_get_u64().map_err(|_| self.short())
    }

    fn byte(&mut self) -> Result<u8, MessageError> {
        self.rest.try_get_u8().map_err(|_| self.short())
    }

    fn bytes(&mut self, what: &'static str, max: usize) -> Result<Vec<u8>, MessageError> {
        let count = self.rest.try_get_u32().map_err(|_| self.short())? as usize;
        within(what, count, max)?;
        if self.rest.len() < count {
            return Err(self.short());
        }
        Ok(self.rest.split_to(count).to_vec())
    }

    fn end(&self) -> Result<(), MessageError> {
        match self.rest.len() {
            0 => Ok(()),
            left => Err(MessageError::Long { kind: self.kind, left }),
        }
    }

    fn cbor<T: DeserializeOwned>(&mut self) -> Result<T, MessageError> {
        let kind = self.kind;
        ciborium::from_reader(self.rest.as_ref())
            .map_err(|error| MessageError::Malformed { kind, reason: error.to_string() })
    }

    fn push(mut self) -> Result<Message, MessageError> {
        let number = self.number()?;
        let count = self.rest.try_get_u32().map_err(|_| self.short())? as usize;
        within("records", count, PUSH_MAX)?;
        let mut records = Vec::with_capacity(count);
        for _ in 0..count {
            let signed = self.bytes("bytes of a header", HEADER_BYTES_MAX + SIGNATURE_BYTES)?;
            let body = match self.byte()? {
                0 => None,
                1 => Some(self.bytes("bytes of a body", BODY_BYTES_MAX)?),
                mark => {
                    let reason = format!("the mark {mark} where 0 or 1 belongs");
                    return Err(MessageError::Malformed { kind: self.kind, reason });
                }
            };
            records.push(Record { signed, body });
        }
        self.end()?;
        Ok(Message::Push { number, records })
    }

    fn ids(self) -> Result<Message, MessageError> {
        let (ids, left) = self.rest.as_chunks::<32>();
        within("wanted events", ids.len(), WANT_MAX)?;
        match left.len() {
            0 => Ok(Message::Want { ids: ids.iter().map(|id| EventId(*id)).collect() }),
            left => Err(MessageError::Long { kind: self.kind, left }),
        }
    }
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
