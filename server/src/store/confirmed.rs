//! As of when this node last had all news, beside the log: after a restart that cannot reach anybody, pages tell their
//! true age. It need not be durable: what is lost makes them look older, never newer.
//!
//! The note names the newest event of the log that it speaks of. A data file that was copied back from an earlier time
//! does not hold that event at its place, and nothing is believed of it then.

use super::{
    Store,
    fault::{Fault, ReadError},
    tables::SEQUENCE,
};
use domain::{Instant, id::EventId};
use std::{fs, io::Write};

/// The file in the data directory: an instant (RFC 3339), how many events the log held by then, and the newest of them;
/// with blanks between. An empty log has no newest event.
pub const CONFIRMED_FILE: &str = "confirmed";

impl Store {
    /// What was noted last; nothing when there is no note that can be read, or it is of a newer log than this one.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn confirmed_at(&self) -> Result<Option<Instant>, ReadError> {
        let Some(directory) = &self.0.directory else { return Ok(None) };
        let Ok(text) = fs::read_to_string(directory.join(CONFIRMED_FILE)) else { return Ok(None) };
        let Some(note) = Note::parsed(&text) else { return Ok(None) };
        if self.event_number(note.count)? == note.newest {
            return Ok(Some(note.at));
        }
        tracing::warn!(
            noted = note.count,
            held = self.digest().count,
            "the log is an earlier one than was last seen here; pages count as unconfirmed until another region is heard"
        );
        Ok(None)
    }

    /// Notes it, whole or not at all.
    ///
    /// # Errors
    /// When the log cannot be read, or the disk does not take it.
    pub fn note_confirmed_at(&self, at: Instant) -> Result<(), Fault> {
        let Some(directory) = &self.0.directory else { return Ok(()) };
        let count = self.digest().count;
        let note = Note { at, count, newest: self.event_number(count)? };
        let mut file = tempfile::NamedTempFile::new_in(directory)?;
        writeln!(file, "{}", note.written())?;
        file.persist(directory.join(CONFIRMED_FILE)).map_err(|error| error.error)?;
        Ok(())
    }

    /// The event that was kept as the one of this number, counted from one.
    fn event_number(&self, number: u64) -> Result<Option<EventId>, Fault> {
        self.0.file.read(|transaction| {
            let row = transaction.open_table(SEQUENCE)?.get(number)?;
            Ok(row.map(|row| EventId(*row.value())))
        })
    }
}

struct Note {
    at: Instant,
    count: u64,
    newest: Option<EventId>,
}

impl Note {
    fn written(&self) -> String {
        let newest = self.newest.map(|event| format!(" {event}")).unwrap_or_default();
        format!("{} {}{newest}", self.at.to_rfc3339(), self.count)
    }

    fn parsed(text: &str) -> Option<Note> {
        let mut words = text.split_whitespace();
        let at = chrono::DateTime::parse_from_rfc3339(words.next()?).ok()?.to_utc();
        let count = words.next()?.parse().ok()?;
        let newest = words.next().map(str::parse).transpose().ok()?;
        (words.next().is_none() && newest.is_some() == (count > 0)).then_some(Note { at, count, newest })
    }
}
