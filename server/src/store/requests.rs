//! Idempotency keys: what a request wrote and what was answered, so that repeating it changes nothing.
//!
//! The row is written with the events themselves ([`Store::append_once`]), and the answer is added to it when there is
//! one: a crash, or a client that leaves, in between cannot make the same request be done twice.

use super::{
    Store,
    fault::{Fault, ReadError},
    tables::{REQUESTS, REQUESTS_BY_TIME},
};
use domain::{Instant, id::EventId};
use redb::{ReadableTable, ReadableTableMetadata, Table, WriteTransaction};
use serde::{Deserialize, Serialize};

/// Most requests remembered; past that the oldest are forgotten.
pub const REQUESTS_MAX: u64 = 10_000;
/// How long a request is remembered, in milliseconds: 24 hours.
pub const REQUEST_AGE_MS_MAX: u64 = 24 * 60 * 60 * 1000;
/// Longest idempotency key, in bytes.
pub const REQUEST_KEY_BYTES_MAX: usize = 200;
/// Longest answer that is remembered, in bytes.
pub const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// What tells a request apart from others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestKey {
    /// At most [`REQUEST_KEY_BYTES_MAX`] bytes.
    pub key: String,
    /// Of the request's content: the same key with another content is a mistake.
    pub digest: [u8; 32],
}

/// A request that was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    /// Of the request's content.
    pub digest: [u8; 32],
    /// JSON; `None` as long as only its events are known.
    pub answer: Option<String>,
    /// What it wrote.
    #[serde(default)]
    pub events: Vec<EventId>,
    /// Milliseconds since the Unix epoch.
    at_ms: u64,
}

/// Why a request was not remembered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RememberError {
    #[error("an idempotency key of {0} bytes; at most {REQUEST_KEY_BYTES_MAX} are allowed")]
    Key(usize),
    #[error("an answer of {0} bytes; at most {ANSWER_BYTES_MAX} are remembered")]
    Answer(usize),
    #[error("the request could not be remembered: {0}")]
    Fault(#[from] Fault),
}

impl Store {
    /// What the request of this key did in the last 24 hours.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn request(&self, key: &str, now: Instant) -> Result<Option<Remembered>, ReadError> {
        let held = self.0.file.read(|transaction| {
            let table = transaction.open_table(REQUESTS)?;
            table.get(key)?.map(|row| decode(key, row.value())).transpose()
        })?;
        Ok(held.filter(|held| held.is_good_at(now)))
    }

    /// Remembers what is answered to a request, and forgets those that are too old or too many.
    ///
    /// # Errors
    /// A key or an answer that is too long, or a failure of the file.
    pub fn remember_request(&self, request: &RequestKey, answer: &str, now: Instant) -> Result<(), RememberError> {
        if request.key.len() > REQUEST_KEY_BYTES_MAX {
            return Err(RememberError::Key(request.key.len()));
        }
        if answer.len() > ANSWER_BYTES_MAX {
            return Err(RememberError::Answer(answer.len()));
        }
        let written = self.0.file.write(|transaction| {
            let mut requests = Requests::new(transaction)?;
            let events = requests.held(&request.key, now)?.map(|held| held.events).unwrap_or_default();
            requests.keep(request, Some(answer.to_owned()), events, now)
        });
        Ok(written.map_err(Fault::from)?)
    }
}

/// The tables of the requests in one writing transaction.
pub(super) struct Requests<'t> {
    by_key: Table<'t, &'static str, &'static [u8]>,
    by_time: Table<'t, (u64, &'static str), ()>,
}

impl<'t> Requests<'t> {
    pub fn new(transaction: &'t WriteTransaction) -> Result<Self, Fault> {
        let (by_key, by_time) = (transaction.open_table(REQUESTS)?, transaction.open_table(REQUESTS_BY_TIME)?);
        Ok(Requests { by_key, by_time })
    }

    /// The request of this key, unless it is forgotten.
    pub fn held(&self, key: &str, now: Instant) -> Result<Option<Remembered>, Fault> {
        let held = self.by_key.get(key)?.map(|row| decode(key, row.value())).transpose()?;
        Ok(held.filter(|held| held.is_good_at(now)))
    }

    /// Keeps a request in the place of an earlier one of its key, and forgets those that are too old or too many.
    pub fn keep(
        &mut self,
        request: &RequestKey,
        answer: Option<String>,
        events: Vec<EventId>,
        now: Instant,
    ) -> Result<(), Fault> {
        let (key, at_ms) = (request.key.as_str(), milliseconds(now));
        let mut row = Vec::new();
        ciborium::into_writer(&Remembered { digest: request.digest, answer, events, at_ms }, &mut row)
            .map_err(|error| Fault::Io(error.to_string()))?;
        let before = self.by_key.insert(key, row.as_slice())?.map(|before| decode(key, before.value())).transpose()?;
        if let Some(before) = before {
            self.by_time.remove((before.at_ms, key))?;
        }
        self.by_time.insert((at_ms, key), ())?;
        loop {
            let Some(oldest) = self.by_time.first()?.map(|(oldest, _)| {
                let (at_ms, key) = oldest.value();
                (at_ms, key.to_owned())
            }) else {
                return Ok(());
            };
            let too_old = oldest.0.saturating_add(REQUEST_AGE_MS_MAX) <= at_ms;
            if !too_old && self.by_time.len()? <= REQUESTS_MAX {
                return Ok(());
            }
            self.by_time.remove((oldest.0, oldest.1.as_str()))?;
            self.by_key.remove(oldest.1.as_str())?;
        }
    }
}

impl Remembered {
    fn is_good_at(&self, now: Instant) -> bool {
        self.at_ms.saturating_add(REQUEST_AGE_MS_MAX) > milliseconds(now)
    }
}

fn milliseconds(at: Instant) -> u64 {
    u64::try_from(at.timestamp_millis()).unwrap_or(0)
}

fn decode(key: &str, row: &[u8]) -> Result<Remembered, Fault> {
    ciborium::from_reader(row).map_err(|error| Fault::Damaged(format!("the answer to request `{key}`: {error}")))
}
