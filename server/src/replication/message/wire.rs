//! Messages as bytes and back; the tables are in [`super`].

use super::{AGES_MAX, Beat, Message, MessageError, PUSH_MAX, WANT_MAX, live_values, plain};
use crate::{
    replication::round::Outcome,
    store::{
        Record,
        envelope::{BODY_BYTES_MAX, HEADER_BYTES_MAX, SIGNATURE_BYTES},
    },
};
use bytes::{Buf, BufMut, Bytes, BytesMut};
use domain::id::EventId;
use serde::{Serialize, de::DeserializeOwned};

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
