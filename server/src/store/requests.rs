//! Idempotency keys: what was answered to a request, so that repeating it changes nothing.

use super::{
    Store,
    fault::{Fault, ReadError},
    tables::{REQUESTS, REQUESTS_BY_TIME},
};
use domain::Instant;
use redb::ReadableTable;
use serde::{Deserialize, Serialize};

/// Most requests remembered; past that the oldest are forgotten.
pub const REQUESTS_MAX: u64 = 10_000;
/// How long a request is remembered, in milliseconds: 24 hours.
pub const REQUEST_AGE_MS_MAX: u64 = 24 * 60 * 60 * 1000;
/// Longest idempotency key, in bytes.
pub const REQUEST_KEY_BYTES_MAX: usize = 200;
/// Longest answer that is remembered, in bytes.
pub const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// A request that was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    /// Of the request's content: the same key with another content is a mistake.
    pub digest: [u8; 32],
    /// JSON.
    pub answer: String,
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
    /// What was answered to the request of this key in the last 24 hours.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn request(&self, key: &str, now: Instant) -> Result<Option<Remembered>, ReadError> {
        let held = self.0.file.read(|transaction| {
            let table = transaction.open_table(REQUESTS)?;
            table.get(key)?.map(|row| decode(key, row.value())).transpose()
        })?;
        Ok(held.filter(|held| held.at_ms.saturating_add(REQUEST_AGE_MS_MAX) > milliseconds(now)))
    }

    /// Remembers what is answered to a request, and forgets those that are too old or too many.
    ///
    /// # Errors
    /// A key or an answer that is too long, or a failure of the file.
    pub fn remember_request(
        &self,
        key: &str,
        digest: [u8; 32],
        answer: &str,
        now: Instant,
    ) -> Result<(), RememberError> {
        if key.len() > REQUEST_KEY_BYTES_MAX {
            return Err(RememberError::Key(key.len()));
        }
        if answer.len() > ANSWER_BYTES_MAX {
            return Err(RememberError::Answer(answer.len()));
        }
        let at_ms = milliseconds(now);
        let mut row = Vec::new();
        ciborium::into_writer(&Remembered { digest, answer: answer.to_owned(), at_ms }, &mut row)
            .map_err(|error| Fault::Io(error.to_string()))?;
        let written = self.0.file.write(|transaction| {
            let mut requests = transaction.open_table(REQUESTS)?;
            let mut by_time = transaction.open_table(REQUESTS_BY_TIME)?;
            let before = requests.insert(key, row.as_slice())?.map(|before| decode(key, before.value())).transpose()?;
            if let Some(before) = before {
                by_time.remove((before.at_ms, key))?;
            }
            by_time.insert((at_ms, key), ())?;
            loop {
                let Some(oldest) = by_time.first()?.map(|(oldest, _)| {
                    let (at_ms, key) = oldest.value();
                    (at_ms, key.to_owned())
                }) else {
                    return Ok(());
                };
                let too_old = oldest.0.saturating_add(REQUEST_AGE_MS_MAX) <= at_ms;
                if !too_old && redb::ReadableTableMetadata::len(&by_time)? <= REQUESTS_MAX {
                    return Ok(());
                }
                by_time.remove((oldest.0, oldest.1.as_str()))?;
                requests.remove(oldest.1.as_str())?;
            }
        });
        Ok(written.map_err(Fault::from)?)
    }
}

fn milliseconds(at: Instant) -> u64 {
    u64::try_from(at.timestamp_millis()).unwrap_or(0)
}

fn decode(key: &str, row: &[u8]) -> Result<Remembered, Fault> {
    ciborium::from_reader(row).map_err(|error| Fault::Damaged(format!("the answer to request `{key}`: {error}")))
}
