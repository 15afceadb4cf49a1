//! What a slow, silent or insatiable peer can make a node hold and do.

use super::{Network, Site, Transport, Wire, start, two, until};
use crate::replication::{
    Peers,
    frame::{FRAME_BYTES_MAX, read_frame},
    message::{Beat, Message, VALUE_BYTES_MAX, VALUES_MAX},
    pace::{HELLO_MS_MAX, Jitter},
    peers::{OUTGOING_BYTES_MAX, Outgoing},
    round::Asking,
    sealed::SealedSet,
    talk::{PUSHES_BYTES_MAX, Talk},
};
use crate::store::Record;
use bytes::Bytes;
use domain::trust::Member;
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio::{
    sync::mpsc,
    time::{Instant, timeout},
};

/// Nearly the longest body.
const BIG: usize = 60_000;

fn talk(site: &Arc<Site>, peer: &Arc<Site>, sending_max: usize) -> (Talk<Site>, mpsc::Receiver<Bytes>) {
    let peers = Peers::new(site.member(), vec![peer.member()]);
    let (sending, sent) = mpsc::channel(sending_max);
    (Talk::new((peers, Arc::clone(site)), (peer.member().key, true), sending, Jitter::new(1)), sent)
}

/// New events of about [`BIG`] bytes each.
fn big(site: &Site, count: usize) -> Arc<[Record]> {
    (0..count).map(|number| site.write(&format!("{number}{}", "x".repeat(BIG)))).collect()
}

#[tokio::test(start_paused = true)]
async fn asking_over_and_over_has_the_set_read_once() {
    let (first, second) = two();
    first.write("one");
    let (mut talk, mut sent) = talk(&first, &second, 64);
    for round in 1..=20 {
        let (_, text) = Asking::begin(round, Instant::now(), SealedSet::of(&[]).expect("a set")).expect("a round");
        talk.answer(Message::Ask { round, echo: 0, text }).await.expect("an answer");
        let answer = Message::decode(sent.recv().await.expect("a frame"));
        assert!(matches!(answer, Ok(Message::Answer { round: of, .. }) if of == round), "{answer:?}");
    }
    assert_eq!(first.reads.load(Ordering::Relaxed), 1);
    // What has changed is read anew.
    let event = first.write("two").id();
    let (mut asking, text) = Asking::begin(21, Instant::now(), SealedSet::of(&[]).expect("a set")).expect("a round");
    talk.answer(Message::Ask { round: 21, echo: 0, text }).await.expect("an answer");
    let Ok(Message::Answer { text, .. }) = Message::decode(sent.recv().await.expect("a frame")) else { panic!() };
    asking.answered(&text).expect("an answer");
    assert!(asking.missing.contains(&event), "the new event is found");
    assert_eq!(first.reads.load(Ordering::Relaxed), 2);
}

#[tokio::test(start_paused = true)]
async fn a_set_that_no_round_uses_is_let_go() {
    let (first, second) = two();
    let network = Network::default();
    let ours = start(&first, vec![second.member()], &network);
    let theirs = start(&second, vec![first.member()], &network);
    second.write("one");
    until("a round", || first.store.digest().count == 1).await;
    assert!(ours.keeps_sealed() && theirs.keeps_sealed(), "a round has just used them");
    until("the sets are let go", || !ours.keeps_sealed() && !theirs.keeps_sealed()).await;
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_a_slow_peer_is_bounded_in_bytes() {
    let (first, second) = two();
    let records = big(&first, 4);
    // Before its link has taken it up:
    let peers = Peers::new(first.member(), vec![second.member()]);
    let mut place = peers.open(second.member().key, first.member().key).expect("a link");
    let all = OUTGOING_BYTES_MAX / BIG;
    let bytes_of = |records: &[Record]| records.iter().map(Record::bytes).sum::<usize>();
    for _ in 0..40 {
        peers.committed(Arc::from([&*records, &*records].concat()), 8);
    }
    let (mut bytes, mut nudges) = (0, 0);
    while let Ok(Some(outgoing)) = timeout(Duration::ZERO, place.next()).await {
        match outgoing {
            Outgoing::Push(records) => bytes += bytes_of(&records),
            Outgoing::Nudge => nudges += 1,
        }
    }
    assert!(bytes <= OUTGOING_BYTES_MAX && bytes > OUTGOING_BYTES_MAX - 9 * BIG, "{bytes} bytes");
    assert!(nudges > 0, "the link is told that there is more");
    peers.committed(Arc::clone(&records), 4);
    assert!(matches!(place.next().await, Some(Outgoing::Push(_))), "there is room again");

    // Before the peer has stored it:
    let (mut talk, mut sent) = talk(&first, &second, 4 * all);
    for _ in 0..all {
        talk.outgoing(Outgoing::Push(Arc::clone(&records))).expect("the link stays");
    }
    let (mut bytes, mut last) = (0, 0);
    while let Ok(frame) = sent.try_recv() {
        if let Ok(Message::Push { number, records }) = Message::decode(frame) {
            (bytes, last) = (bytes + bytes_of(&records), number);
        }
    }
    assert!(bytes <= PUSHES_BYTES_MAX && bytes > PUSHES_BYTES_MAX - 5 * BIG, "{bytes} bytes");
    talk.answer(Message::Stored { number: last, refused: None }).await.expect("the link stays");
    talk.outgoing(Outgoing::Push(records)).expect("the link stays");
    assert!(sent.try_recv().is_ok(), "there is room again");
}

#[tokio::test(start_paused = true)]
async fn the_link_of_a_removed_peer_ends_before_it_has_said_who_it_is() {
    let (first, second) = two();
    let network = Network::default();
    let ours = start(&first, vec![Member { address: String::new(), ..second.member() }], &network);
    let mut stream = Wire::new(second.member().key, &network).dial("", first.member().key).await.expect("a link");
    until("the link", || ours.is_linked(&second.member().key)).await;
    let removed_at = Instant::now();
    ours.set_members(Vec::new());
    while let Ok(Some(_)) = read_frame(&mut stream, FRAME_BYTES_MAX).await {}
    assert!(removed_at.elapsed() < Duration::from_millis(HELLO_MS_MAX / 10), "{:?}", removed_at.elapsed());
}

#[tokio::test(start_paused = true)]
async fn live_values_are_few_and_short_whoever_says_them() {
    let (first, second) = two();
    let values = (0..1000).map(|number| (format!("value {number}"), "v".repeat(if number < 900 { 100 } else { 5000 })));
    *first.values.lock().expect("values") = values.clone().collect();
    let (mut talk, mut sent) = talk(&first, &second, 4);
    talk.beat().await.expect("a beat");
    let frame = sent.recv().await.expect("a frame");
    assert!(frame.len() < 2 * VALUES_MAX * VALUE_BYTES_MAX, "a beat of {} bytes", frame.len());
    let heard = |values: Vec<(&str, &str)>| {
        let values = values.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
        let frame = Message::Beat(Beat { values, ..Beat::default() }).encode().expect("a frame");
        let Ok(Message::Beat(beat)) = Message::decode(frame) else { panic!("no beat") };
        beat.values.into_iter().collect::<Vec<_>>()
    };
    let all: Vec<_> = values.collect();
    assert_eq!(heard(all.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect()).len(), VALUES_MAX);
    let long = "x".repeat(VALUE_BYTES_MAX + 1);
    let mixed = heard(vec![("health", "\u{1b}[2Jwell"), (&long, "long name"), ("long text", &long)]);
    assert_eq!(mixed, [("health".to_owned(), "[2Jwell".to_owned())]);
}
