//! Secrets that are shown once and sent back once: 32 random bytes as text, of which the log keeps a sealed hash.

use crate::store::Store;
use data_encoding::BASE64URL_NOPAD;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

const SECRET_BYTES: usize = 32;

/// A fresh one.
///
/// # Errors
/// When the operating system gives no random bytes.
pub fn fresh() -> Result<Zeroizing<String>, getrandom::Error> {
    let mut bytes = Zeroizing::new([0; SECRET_BYTES]);
    getrandom::fill(bytes.as_mut())?;
    Ok(Zeroizing::new(BASE64URL_NOPAD.encode(bytes.as_ref())))
}

/// What the log keeps of it: 256 random bits need no slow hash.
///
/// # Errors
/// When the operating system gives no random bytes.
pub fn sealed(store: &Store, secret: &str) -> Result<Vec<u8>, getrandom::Error> {
    store.seal(blake3::hash(secret.as_bytes()).as_bytes())
}

/// Whether `secret` is the one that `sealed` was made from.
pub fn is(store: &Store, secret: &str, sealed: &[u8]) -> bool {
    let kept = store.open_sealed(sealed).unwrap_or_default();
    bool::from(blake3::hash(secret.as_bytes()).as_bytes().as_slice().ct_eq(&kept))
}
