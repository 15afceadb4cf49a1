//! Any bytes as what a copy says of itself: a root manifest, a list of files. Refused, or read so that writing it again gives
//! the same bytes.
//!
//! No input has a valid signature, so each is signed here as well, as by a node that may write anything; and what a line of
//! it names never leads out of the snapshot.
#![no_main]

use data_encoding::BASE64;
use ed25519_dalek::{Signer, SigningKey};
use fuzz::manifest::{CURRENT, NEXT, OURS, PREVIOUS, Root, SHARDS, Shard, Signed, is_path, shard_of};
use libfuzzer_sys::fuzz_target;
use std::path::{Component, Path};

/// The key that signs; its own is put in the place of any other.
const KEY: [u8; 32] = [7; 32];
const SIGNER: &str = "signer ";

/// Signs a text, whatever it is, in our own name.
fn signed(text: &str) -> Vec<u8> {
    let key = SigningKey::from_bytes(&KEY);
    let own = data_encoding::HEXLOWER.encode(key.verifying_key().as_bytes());
    let lines = text.split_inclusive('\n').map(|line| match line.strip_prefix(SIGNER) {
        Some(_) => format!("{SIGNER}{own}\n"),
        None => line.to_owned(),
    });
    let text: String = lines.collect();
    let signature = BASE64.encode(&key.sign(text.as_bytes()).to_bytes());
    format!("{text}signature {signature}\n").into_bytes()
}

fn written_again(root: &Root) {
    let bytes = root.sign(&SigningKey::from_bytes(&KEY));
    let again = Signed::parse(&bytes).expect("what was read can be written");
    assert_eq!(&again.root, root);
    assert_eq!(again.root.sign(&SigningKey::from_bytes(&KEY)), bytes);
}

fn stays_below(path: &str) {
    assert!(is_path(path));
    let mut parts = Path::new(path).components();
    assert!(parts.all(|part| matches!(part, Component::Normal(_))), "{path}");
    assert!(![CURRENT, NEXT, PREVIOUS].contains(&path) && !path.starts_with(OURS) && !path.starts_with(SHARDS));
    let shard = shard_of(path);
    assert!(!shard.is_empty() && shard.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'), "{shard}");
}

fuzz_target!(|input: &[u8]| {
    if let Ok(shard) = Shard::parse(input) {
        assert_eq!(shard.write(), input);
        shard.iter().for_each(|(path, _)| stays_below(path));
    }
    if let Ok(read) = Signed::parse(input) {
        written_again(&read.root);
    }
    let Ok(text) = std::str::from_utf8(input) else { return };
    let bytes = signed(text);
    let Ok(read) = Signed::parse(&bytes) else { return };
    assert_eq!(read.signer.0, SigningKey::from_bytes(&KEY).verifying_key().to_bytes());
    written_again(&read.root);
    // One bit of another text, and the signature is worth nothing.
    let mut changed = bytes.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    assert!(Signed::parse(&changed).is_err(), "another text was taken");
});
