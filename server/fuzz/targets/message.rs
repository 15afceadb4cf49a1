//! Any bytes as a message of a peer: refused, or read so that what was read is written and read the same. The messages
//! that are no CBOR come back byte for byte.
#![no_main]

use bytes::Bytes;
use fuzz::replication::message::{Message, PUSH_MAX, WANT_MAX};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|frame: &[u8]| {
    let Ok(message) = Message::decode(Bytes::copy_from_slice(frame)) else { return };
    let again = message.encode().expect("what was read can be written");
    assert_eq!(Message::decode(again.clone()).as_ref(), Ok(&message));
    match message {
        Message::Push { records, .. } => {
            assert!(records.len() <= PUSH_MAX);
            // A peer's records are verified next: that must hold for any.
            records.iter().for_each(|record| drop(record.verify()));
            assert_eq!(again, frame);
        }
        Message::Want { ids } => {
            assert!(ids.len() <= WANT_MAX);
            assert_eq!(again, frame);
        }
        Message::Ask { .. } | Message::Answer { .. } => assert_eq!(again, frame),
        // A later version may tell more of what a round came to.
        Message::Done { .. } => assert_eq!(again[..again.len() - 1], frame[..frame.len() - 1]),
        // Maps may be written in more than one way; words are cut and cleaned; of a later kind nothing is kept.
        Message::Hello(_) | Message::Beat(_) | Message::Stored { .. } | Message::Unknown(_) => {}
    }
});
