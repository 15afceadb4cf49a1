//! Rounds beside a node that stores nothing.

use super::{LONG, Network, start, two, until};
use domain::Instant as Moment;
use std::{sync::atomic::Ordering, time::Duration};
use tokio::time::{Instant, sleep};

#[tokio::test(start_paused = true)]
async fn whoever_answers_a_full_asker_has_its_news_all_the_same() {
    let (first, second) = two();
    // It has opened the link, so it asks; and its set was never that of the other.
    first.is_full.store(true, Ordering::Relaxed);
    let (news, other) = (first.write("of the full one"), second.write("of the other"));
    let network = Network::default();
    start(&first, vec![second.member()], &network);
    let theirs = start(&second, vec![first.member()], &network);
    until("a confirmation", || theirs.confirmed_age(Instant::now()).is_some()).await;
    assert!(second.store.records_of(&[news.id()], 1).expect("read").0.len() == 1, "what is confirmed is here");
    assert_eq!(theirs.saved_in(&other.id(), second.store.digest().count), 1, "the full one has refused it");
}

#[tokio::test(start_paused = true)]
async fn whoever_does_not_store_what_it_is_handed_confirms_nothing() {
    let (first, second) = two();
    first.is_full.store(true, Ordering::Relaxed);
    second.is_full.store(true, Ordering::Relaxed);
    first.write("of one");
    second.write("of the other");
    let network = Network::default();
    let ours = start(&first, vec![second.member()], &network);
    let theirs = start(&second, vec![first.member()], &network);
    sleep(LONG).await;
    assert_eq!((ours.confirmed_age(Instant::now()), theirs.confirmed_age(Instant::now())), (None, None));
    [first, second].iter().for_each(|site| site.is_full.store(false, Ordering::Relaxed));
    until("both are confirmed", || {
        ours.confirmed_age(Instant::now()).is_some() && theirs.confirmed_age(Instant::now()).is_some()
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn rounds_that_fail_become_rare_and_go_on_when_there_is_space_again() {
    const MINUTES: usize = 30;
    let (first, second) = two();
    first.is_full.store(true, Ordering::Relaxed);
    let shared = first.write("shared");
    second.store.insert(&[shared], Moment::UNIX_EPOCH).expect("an event");
    second.write("of the other");
    let network = Network::default();
    start(&first, vec![second.member()], &network);
    start(&second, vec![first.member()], &network);
    sleep(Duration::from_secs(60 * MINUTES as u64)).await;
    let attempts = first.inserts.load(Ordering::Relaxed);
    assert!((2 * MINUTES..6 * MINUTES).contains(&attempts), "{attempts} attempts in {MINUTES} minutes");
    first.is_full.store(false, Ordering::Relaxed);
    until("it catches up", || first.store.digest() == second.store.digest()).await;
}
