//! How much room there is for the log.

use super::Store;

impl Store {
    /// Bytes that are free for this process where the data directory is; `None` where nobody says: a log in no directory,
    /// or a file system that does not tell.
    pub fn free_bytes(&self) -> Option<u64> {
        let told = rustix::fs::statvfs(self.0.directory.as_ref()?).ok()?;
        Some(told.f_bavail.saturating_mul(told.f_frsize))
    }
}
