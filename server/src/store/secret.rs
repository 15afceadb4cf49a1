//! Secrets in the log: sealed with the cluster key, so that an export or a stolen file alone opens none.
//!
//! A sealed secret is 24 bytes of random nonce and the XChaCha20-Poly1305 ciphertext with its tag.

use super::{Identity, Store};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};

const NONCE_BYTES: usize = 24;
/// The one meaning of the key that nonces of [`Store::seal_alike`] are made with.
const NONCE_CONTEXT: &str = "holdfast 2026 nonce of what is sealed alike";
/// Keeps a sealed secret of the log from being taken for one of anything else.
const SEALED_FOR: &[u8] = b"holdfast log secret";

impl Store {
    /// Encrypts a secret for the log.
    ///
    /// # Errors
    /// When the operating system gives no random bytes.
    pub fn seal(&self, plain: &[u8]) -> Result<Vec<u8>, getrandom::Error> {
        self.seal_for(SEALED_FOR, plain)
    }

    /// Encrypts what a browser keeps until any node of the cluster is given it back, for the one purpose that is named.
    ///
    /// # Errors
    /// When the operating system gives no random bytes.
    pub fn seal_for(&self, purpose: &[u8], plain: &[u8]) -> Result<Vec<u8>, getrandom::Error> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce)?;
        let payload = Payload { msg: plain, aad: purpose };
        // Fails only for texts of 256 GiB.
        let sealed = self.cipher().encrypt(&XNonce::from(nonce), payload).unwrap_or_default();
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Encrypts what is public knowledge in its length and its changes: equal texts come out equal, so that a copy need
    /// write only what has changed. The nonce is a keyed hash of the text (as in SIV, RFC 5297), so no two texts share one.
    pub fn seal_alike(&self, purpose: &[u8], plain: &[u8]) -> Vec<u8> {
        let key = blake3::derive_key(NONCE_CONTEXT, &*self.identity().cluster_key);
        let mut nonce = [0; NONCE_BYTES];
        let mut hasher = blake3::Hasher::new_keyed(&key);
        hasher.update(&(purpose.len() as u64).to_be_bytes()).update(purpose).update(plain);
        hasher.finalize_xof().fill(&mut nonce);
        let payload = Payload { msg: plain, aad: purpose };
        // Fails only for texts of 256 GiB.
        let sealed = self.cipher().encrypt(&XNonce::from(nonce), payload).unwrap_or_default();
        [nonce.as_slice(), &sealed].concat()
    }

    /// The secret; `None` when it was not sealed with this cluster's key, or was altered.
    pub fn open_sealed(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        self.open_sealed_for(SEALED_FOR, sealed)
    }

    /// The same for [`Store::seal_for`].
    pub fn open_sealed_for(&self, purpose: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        self.identity().open_sealed_for(purpose, sealed)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        self.identity().cipher()
    }
}

impl Identity {
    /// What [`Store::seal_for`] or [`Store::seal_alike`] sealed, also where there is no log.
    pub fn open_sealed_for(&self, purpose: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        self.cipher().decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: purpose }).ok()
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.cluster_key).into())
    }
}
