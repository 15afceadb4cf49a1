//! Targets that do as they are told, under a real thread.

use super::*;
use crate::clock::SystemClock;
use domain::id::IncidentId;
use std::sync::mpsc::{Receiver, Sender, channel};

/// Longer than any condition takes to come true.
const PATIENCE: Duration = Duration::from_secs(20);
const HEARTBEAT: Duration = Duration::from_secs(3600);

/// Tells what it is asked for, and answers what it is given.
struct Told {
    asked: Sender<Wanted>,
    answers: Receiver<Result<Done, Obstacle>>,
}

impl Work for Told {
    fn update(&mut self, wanted: &Wanted) -> Result<Done, Obstacle> {
        // Nobody listens any more once the test has ended.
        let _gone = self.asked.send(wanted.clone());
        self.answers.recv().unwrap_or_else(|_| Err(Obstacle::Failed("the test has ended".to_owned())))
    }
}

struct Bench {
    publishers: Publishers,
    asked: Receiver<Wanted>,
    answers: Sender<Result<Done, Obstacle>>,
}

impl Bench {
    fn new() -> Bench {
        let (asked, was_asked) = channel();
        let (answers, given) = channel();
        let work = Box::new(Told { asked, answers: given });
        let kept = Kept { name: "bucket".to_owned(), target: "s3://bucket".to_owned(), url: None, work };
        let clock: SharedClock = Arc::new(SystemClock);
        let publishers = Publishers::keep(&clock, HEARTBEAT, vec![kept]).expect("a thread");
        Bench { publishers, asked: was_asked, answers }
    }

    fn asked(&self) -> Wanted {
        self.asked.recv_timeout(PATIENCE).expect("an update")
    }

    fn answer(&self, answer: Result<Done, Obstacle>) {
        self.answers.send(answer).expect("a thread that waits");
    }

    fn touch(&self, incident: IncidentId) {
        self.publishers.kept[0].touch(&touched(&[incident]));
    }

    /// Waits until the target stands as it is told.
    fn stands(&self, condition: impl Fn(&Status) -> bool) -> Status {
        let shared = &self.publishers.kept[0];
        let until = Instant::now() + PATIENCE;
        loop {
            let status = shared.lock().status.clone();
            if condition(&status) {
                return status;
            }
            assert!(Instant::now() < until, "{status:?}");
            thread::yield_now();
        }
    }
}

fn id(text: &str) -> IncidentId {
    text.parse().expect("an id")
}

fn touched(incidents: &[IncidentId]) -> Touched {
    Touched { incidents: incidents.iter().copied().collect(), ..Touched::default() }
}

/// Panics the first time.
struct Falls(bool);

impl Work for Falls {
    fn update(&mut self, _: &Wanted) -> Result<Done, Obstacle> {
        assert!(std::mem::replace(&mut self.0, true), "a page that cannot be rendered");
        Ok(done(1))
    }
}

#[test]
fn a_panic_is_a_failure_and_is_tried_again() {
    let kept = Kept { name: "disk".to_owned(), target: "/srv".to_owned(), url: None, work: Box::new(Falls(false)) };
    let clock: SharedClock = Arc::new(SystemClock);
    let (_asked, asked) = channel();
    let (answers, _answers) = channel();
    let bench =
        Bench { publishers: Publishers::keep(&clock, HEARTBEAT, vec![kept]).expect("a thread"), asked, answers };
    let failing = bench.stands(|status| matches!(status.state, State::Failing(..)));
    assert_eq!(failing.failures, 1);
    bench.stands(|status| status.state == State::Complete);
}

fn done(board_version: u64) -> Done {
    Done { board_version, sequence: 1, files: 2, bytes: 3, took_ms: 4 }
}

#[test]
fn changes_during_an_update_are_one_update_after_it() {
    let bench = Bench::new();
    let (a, b) = (id("5jfkz8q1mlql"), id("5jfkz8q1mlqm"));
    assert_eq!(bench.asked(), Wanted::default(), "everything at the start");
    assert_eq!(bench.stands(|status| status.state == State::Updating).updates, 0);
    bench.touch(a);
    bench.touch(b);
    bench.answer(Ok(done(7)));
    // A heartbeat is an hour here: it is the changes that it goes on for.
    assert_eq!(bench.asked(), Wanted { touched: Some(touched(&[a, b])), takes_over: false });
    bench.answer(Ok(done(9)));
    let status = bench.stands(|status| status.updates == 2);
    assert_eq!((status.state, status.done, status.failures), (State::Complete, done(9), 0));
    bench.publishers.end();
    assert!(bench.asked.try_recv().is_err(), "nothing was left to write");
}

#[test]
fn what_failed_is_asked_for_again_with_what_came_since() {
    let bench = Bench::new();
    let (a, b) = (id("5jfkz8q1mlql"), id("5jfkz8q1mlqm"));
    bench.asked();
    bench.answer(Ok(done(1)));
    bench.stands(|status| status.updates == 1);
    bench.touch(a);
    assert_eq!(bench.asked().touched, Some(touched(&[a])));
    bench.touch(b);
    bench.answer(Err(Obstacle::Failed("no answer".to_owned())));
    assert_eq!(bench.asked().touched, Some(touched(&[a, b])));
    let status = bench.stands(|status| status.failures == 1);
    assert!(matches!(&status.state, State::Failing(_, reason) if reason == "no answer"), "{status:?}");
    bench.answer(Ok(done(2)));
    bench.stands(|status| status.state == State::Complete && status.updates == 2);
}

#[test]
fn a_mirror_of_another_node_is_left_alone_until_it_is_taken() {
    let bench = Bench::new();
    let other = NodeKey([7; 32]);
    bench.asked();
    bench.answer(Err(Obstacle::WrittenBy(other)));
    bench.stands(|status| status.state == State::StandingBy(other));
    bench.touch(id("5jfkz8q1mlql"));
    assert!(!bench.publishers.take("basket"));
    assert!(bench.publishers.take("bucket"));
    assert_eq!(bench.asked(), Wanted { touched: None, takes_over: true });
    bench.answer(Ok(done(1)));
    bench.stands(|status| status.state == State::Complete);
    bench.touch(id("5jfkz8q1mlql"));
    assert!(!bench.asked().takes_over, "it is taken once");
}

#[test]
fn a_node_that_ends_writes_what_has_changed_first() {
    let bench = Bench::new();
    let a = id("5jfkz8q1mlql");
    bench.asked();
    bench.answer(Ok(done(1)));
    bench.touch(a);
    thread::scope(|scope| {
        scope.spawn(|| bench.publishers.end());
        assert_eq!(bench.asked().touched, Some(touched(&[a])));
        bench.answer(Ok(done(2)));
    });
    assert!(bench.publishers.kept[0].lock().has_ended);
}
