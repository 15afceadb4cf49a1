//! The node's Ed25519 key in the forms that TLS wants (RFC 8410), and a peer's key out of them.
//!
//! The same key signs events and handshakes. That is safe because no message of the one kind is ever one of the other:
//! what is signed for an event begins with `holdfast event` and a zero byte (`store::envelope`), what TLS 1.3 signs
//! begins with 64 spaces and the name of its purpose, ended by a zero byte (RFC 8446, section 4.4.3). Whoever makes a
//! node sign one kind gets nothing that verifies as the other, and Ed25519 draws no random number that two uses could
//! share. A third use of the key needs a prefix of its own.

use crate::store::Identity;
use domain::id::NodeKey;
use rustls::{
    crypto::ring::sign::any_eddsa_type,
    pki_types::{CertificateDer, PrivatePkcs8KeyDer},
    sign::CertifiedKey,
};
use std::sync::Arc;
use zeroize::Zeroizing;

/// What stands before the 32 bytes of the key in a SubjectPublicKeyInfo (RFC 8410, section 4): a sequence of 42 bytes;
/// the algorithm, a sequence of the identifier 1.3.101.112 alone; a bit string of 33 bytes with no unused bits.
const PUBLIC_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
/// What stands before the 32 bytes of the seed in a PKCS#8 private key (RFC 8410, section 7): a sequence of 46 bytes;
/// version 0; the algorithm as above; a byte string of 34 bytes, which is a byte string of 32.
const PRIVATE_PREFIX: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
const KEY_BYTES: usize = 32;

/// The key as a raw public key: a SubjectPublicKeyInfo, which rustls carries where a certificate would be.
pub fn raw_public_key(key: &NodeKey) -> CertificateDer<'static> {
    CertificateDer::from([PUBLIC_PREFIX.as_slice(), &key.0].concat())
}

/// The key that a SubjectPublicKeyInfo holds; nothing if it is not exactly one Ed25519 key.
pub fn node_key(raw: &CertificateDer) -> Option<NodeKey> {
    raw.strip_prefix(&PUBLIC_PREFIX)?.try_into().ok().map(NodeKey)
}

/// The node's key, ready to sign handshakes with.
///
/// # Errors
/// When the TLS library does not take the key.
pub fn certified(identity: &Identity) -> Result<Arc<CertifiedKey>, rustls::Error> {
    let mut private = Zeroizing::new([0; PRIVATE_PREFIX.len() + KEY_BYTES]);
    private[..PRIVATE_PREFIX.len()].copy_from_slice(&PRIVATE_PREFIX);
    private[PRIVATE_PREFIX.len()..].copy_from_slice(Zeroizing::new(identity.node.to_bytes()).as_ref());
    let signing = any_eddsa_type(&PrivatePkcs8KeyDer::from(private.as_slice()))?;
    Ok(Arc::new(CertifiedKey::new(vec![raw_public_key(&identity.node_key())], signing)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefixes_are_those_of_the_tls_library() {
        let identity = Identity::new([3; 32], [4; 32]);
        let certified = certified(&identity).expect("a key");
        let derived = certified.key.public_key().expect("its public half");
        assert_eq!(derived.as_ref(), certified.cert[0].as_ref());
        assert_eq!(node_key(&certified.cert[0]), Some(identity.node_key()));
    }

    #[test]
    fn only_exactly_one_ed25519_key_is_read() {
        let raw = raw_public_key(&NodeKey([5; 32])).to_vec();
        let (longer, shorter) = ([raw.as_slice(), &[0]].concat(), raw[..raw.len() - 1].to_vec());
        // X25519 is 1.3.101.110.
        let mut other_algorithm = raw;
        other_algorithm[8] = 0x6e;
        for wrong in [longer, shorter, other_algorithm, Vec::new()] {
            assert_eq!(node_key(&CertificateDer::from(wrong)), None);
        }
    }
}
