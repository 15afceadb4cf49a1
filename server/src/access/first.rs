//! The link that makes the first administrator. It is printed at each start while there is none, lives in this
//! process's memory alone, and is used once. No default password exists.

use super::secret;
use std::sync::{Mutex, PoisonError};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// The path of the link, before its secret.
pub const PATH: &str = "/admin/first?key=";

#[derive(Default)]
pub struct FirstLink(Mutex<Option<Zeroizing<String>>>);

impl std::fmt::Debug for FirstLink {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("FirstLink")
    }
}

impl FirstLink {
    /// Makes the link; its path with the secret.
    ///
    /// # Errors
    /// When the operating system gives no random bytes.
    pub fn make(&self) -> Result<String, getrandom::Error> {
        let secret = secret::fresh()?;
        let path = format!("{PATH}{}", secret.as_str());
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(secret);
        Ok(path)
    }

    pub fn is(&self, given: &str) -> bool {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.as_ref().is_some_and(|held| bool::from(held.as_bytes().ct_eq(given.as_bytes())))
    }

    /// It has been used.
    pub fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
