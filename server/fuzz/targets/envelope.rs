//! Any bytes as an event's header and signature: refused, or read so that writing it again gives the same bytes.
//!
//! No input has a valid signature, so what can be read is signed here as well, and must then be taken.
#![no_main]

use domain::id::NodeKey;
use ed25519_dalek::SigningKey;
use fuzz::store::{
    Header, Record,
    envelope::{HEADER_BYTES_MAX, PARENTS_MAX, SIGNATURE_BYTES},
};
use libfuzzer_sys::fuzz_target;

/// Where the fields begin that are the same in every version: behind version, flags, length, kind and reserved bytes.
const SHARED: usize = 8;

fuzz_target!(|signed: &[u8]| {
    let record = Record { signed: signed.to_vec(), body: None };
    let Ok(header) = Header::decode(signed) else {
        assert!(record.verify().is_err(), "what cannot be read was taken");
        return;
    };
    assert!(signed.len() <= HEADER_BYTES_MAX + SIGNATURE_BYTES && header.parents.len() <= PARENTS_MAX);
    let key = SigningKey::from_bytes(&[1; 32]);
    let again = header.sign(&key);
    let written = again.len() - SIGNATURE_BYTES;
    if header.is_read() {
        assert_eq!(again[..written], signed[..signed.len() - SIGNATURE_BYTES]);
    } else {
        // What a later version appends is not kept in the header, only in the event's own bytes.
        assert_eq!(again[SHARED..written], signed[SHARED..written]);
        assert_eq!((again[..2].to_vec(), &again[4..6]), (signed[..2].to_vec(), &signed[4..6]));
    }
    if let Ok(verified) = record.verify() {
        assert_eq!(verified, header);
    }
    let theirs = header.node;
    let ours = Header { node: NodeKey(key.verifying_key().to_bytes()), ..header };
    let record = Record { signed: ours.sign(&key), body: None };
    assert_eq!(record.verify().as_ref(), Ok(&ours));
    // A signature is worth nothing over other bytes: this one is over the header as it came.
    if ours.node != theirs {
        assert!(Record { signed: again, body: None }.verify().is_err(), "signed by another key");
    }
});
