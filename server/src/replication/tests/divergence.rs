//! Sets with one sum that differ all the same: nobody can make them, so that a peer's beats are written here.

use super::*;
use crate::{
    replication::{
        message::Beat,
        pace::DIVERGED_ROUND_MS,
        round::{Answering, Asking},
        sealed::SealedSet,
        view::LinkState,
    },
    store::SetDigest,
};

/// A beat that shows our very sum, and another digest of all ids.
fn beat(digest: SetDigest, token: u64, echo: u64, full: [u8; 32]) -> Message {
    Message::Beat(Beat { token, echo, count: digest.count, sum: digest.sum, full: Some(full), ..Beat::default() })
}

/// The newest round that was asked for; 0 for none.
fn asked(sent: &mut mpsc::Receiver<bytes::Bytes>) -> u64 {
    let mut asked = 0;
    while let Ok(frame) = sent.try_recv() {
        if let Message::Ask { round, .. } = Message::decode(frame).expect("a message") {
            asked = round;
        }
    }
    asked
}

#[tokio::test(start_paused = true)]
async fn a_divergence_is_shown_and_reconciled_now_and_then() {
    let (first, second) = two();
    first.write("event");
    let (digest, ours) = first.store.full_digest().expect("a digest");
    let peers = Peers::new(first.member(), vec![second.member()]);
    let key = second.member().key;
    let _place = peers.open(key, key).expect("a link");
    let (sending, mut sent) = mpsc::channel(64);
    let mut talk = Talk::new((Arc::clone(&peers), Arc::clone(&first)), (key, true), sending, Jitter::new(1));
    // The second beat of what has stayed carries the full digest.
    talk.beat().await.expect("a beat");
    talk.beat().await.expect("a beat");
    talk.answer(beat(digest, 1, 2, ours)).await.expect("an answer");
    assert_eq!(asked(&mut sent), 0);
    assert!(peers.confirmed_age(Instant::now()).is_some());
    assert_eq!(peers.view(Instant::now())[0].link, LinkState::Accepted);

    let confirmed = |peers: &Peers| Instant::now() - peers.confirmed_age(Instant::now()).expect("a confirmation");
    let before = confirmed(&peers);
    sleep(Duration::from_millis(10)).await;
    talk.beat().await.expect("a beat");
    talk.answer(beat(digest, 2, 3, [7; 32])).await.expect("an answer");
    let round = asked(&mut sent);
    assert_eq!(round, 1, "a round looks for what differs");
    let view = &peers.view(Instant::now())[0];
    assert_eq!(view.link, LinkState::Diverged);
    // It finds nothing, and is not begun at each beat.
    let set = || SealedSet::of(&first.store.ids().expect("ids")).expect("a set");
    let (_, text) = Asking::begin(round, Instant::now(), set()).expect("a round");
    let mut other = Answering::begin(round, None, set()).expect("a round");
    let text = other.answer(&text).expect("an answer");
    talk.answer(Message::Answer { round, text }).await.expect("an answer");
    talk.go_on().await.expect("the end of the round");
    talk.answer(beat(digest, 3, 3, [7; 32])).await.expect("an answer");
    assert_eq!(asked(&mut sent), 0);
    assert_eq!(confirmed(&peers), before, "nothing is confirmed with such a peer");
    sleep(Duration::from_millis(DIVERGED_ROUND_MS)).await;
    talk.answer(beat(digest, 4, 3, [7; 32])).await.expect("an answer");
    assert_eq!(asked(&mut sent), 2, "but after a while");

    talk.answer(beat(digest, 5, 3, ours)).await.expect("an answer");
    assert_eq!(peers.view(Instant::now())[0].link, LinkState::Accepted);
    assert!(confirmed(&peers) > before);
}
