//! Any bytes as a peer's side of a round: an error, or an answer within its bound; no event is handed over that is
//! not held, and none asked for that was not named.
//!
//! The first byte says how many events are held, the second how long each message is at most; the rest are the messages.
#![no_main]

use domain::id::EventId;
use fuzz::replication::{
    round::{Answering, Asking, TEXT_BYTES_MAX},
    sealed::SealedSet,
};
use libfuzzer_sys::fuzz_target;
use std::collections::BTreeSet;
use tokio::time::Instant;

const ID_BYTES: usize = 32;

/// Some events, in clusters of equal clocks.
fn held(count: u8) -> Vec<(u64, EventId)> {
    (0..count).map(|number| (u64::from(number / 5), EventId([number; ID_BYTES]))).collect()
}

fuzz_target!(|input: &[u8]| {
    let [count, length, texts @ ..] = input else { return };
    let ids = held(*count);
    let texts = || texts.chunks(usize::from(*length) * 8 + 1);

    let set = SealedSet::of(&ids).expect("a set");
    let mut answering = Answering::begin(1, None, set.clone()).expect("a round");
    for text in texts() {
        let Ok(answer) = answering.answer(text) else { break };
        assert!(answer.len() as u64 <= TEXT_BYTES_MAX, "an answer of {} bytes", answer.len());
    }

    let (mut asking, first) = Asking::begin(1, Instant::now(), set).expect("a round");
    assert!(first.len() as u64 <= TEXT_BYTES_MAX);
    let all: BTreeSet<EventId> = ids.into_iter().map(|(_, id)| id).collect();
    let mut named = 0;
    for text in texts() {
        let next = asking.answered(text);
        named += text.len() / ID_BYTES;
        assert!(asking.lacking.iter().all(|id| all.contains(id)), "what is handed over is held");
        // Perhaps also something that is held, named where it does not belong: it comes once more, and changes nothing.
        assert!(asking.missing.len() <= named, "what is asked for was named");
        match next {
            Ok(Some(next)) => assert!(next.len() as u64 <= TEXT_BYTES_MAX),
            Ok(None) | Err(_) => break,
        }
    }
});
