//! As of when this node last had all news, beside the log: after a restart that cannot reach anybody, pages tell their
//! true age. It need not be durable: what is lost makes them look older, never newer.

use super::{Store, fault::Fault};
use domain::Instant;
use std::{fs, io::Write};

/// The file in the data directory: an instant, RFC 3339.
pub const CONFIRMED_FILE: &str = "confirmed";

impl Store {
    /// What was noted last; nothing when there is none that can be read.
    pub fn confirmed_at(&self) -> Option<Instant> {
        let text = fs::read_to_string(self.0.directory.as_ref()?.join(CONFIRMED_FILE)).ok()?;
        chrono::DateTime::parse_from_rfc3339(text.trim()).ok().map(|at| at.to_utc())
    }

    /// Notes it, whole or not at all.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn note_confirmed_at(&self, at: Instant) -> Result<(), Fault> {
        let Some(directory) = &self.0.directory else { return Ok(()) };
        let mut file = tempfile::NamedTempFile::new_in(directory)?;
        writeln!(file, "{}", at.to_rfc3339())?;
        file.persist(directory.join(CONFIRMED_FILE)).map_err(|error| error.error)?;
        Ok(())
    }
}
