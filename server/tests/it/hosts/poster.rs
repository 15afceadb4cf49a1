//! Whoever posts in one region, without a pause, and remembers what was acknowledged.

use super::network::enter;
use crate::process::json;
use serde_json::{Value, json};
use std::{
    io::{self, Read, Write},
    net::TcpStream,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
        mpsc,
    },
    thread::JoinHandle,
    time::Duration,
};

/// Every node's pages and API, on its own loopback.
pub const ADDRESS: &str = "127.0.0.1:8080";
const ANSWER_SECONDS_MAX: u64 = 30;

/// A request over the loopback of the host of this thread.
pub fn exchange(head: &str, body: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(ADDRESS)?;
    stream.set_read_timeout(Some(Duration::from_secs(ANSWER_SECONDS_MAX)))?;
    write!(stream, "{head}\r\nHost: {ADDRESS}\r\nConnection: close\r\n\r\n{body}")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    match answer.contains("\r\n\r\n") {
        true => Ok(answer),
        false => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

pub fn body(answer: &str) -> Value {
    json(answer.split_once("\r\n\r\n").expect("a body").1)
}

/// What to post to.
#[derive(Clone)]
pub struct Desk {
    pub host: usize,
    pub incident: String,
    pub secret: String,
}

impl Desk {
    /// Sent again under the same key, it is done once.
    pub fn post(&self, key: &str, text: &str) -> io::Result<String> {
        let body = json!({ "text": text }).to_string();
        let (incident, secret, length) = (&self.incident, &self.secret, body.len());
        let head = format!(
            "POST /api/v1/incidents/{incident}/updates HTTP/1.1\r\nAuthorization: Bearer {secret}\r\nIdempotency-Key: {key}\r\n\
             Content-Type: application/json\r\nContent-Length: {length}"
        );
        exchange(&head, &body)
    }
}

/// A post with its answer.
#[derive(Clone, Debug)]
pub struct Acknowledged {
    pub text: String,
    pub events: Vec<String>,
    pub saved_in: u64,
}

impl Acknowledged {
    pub fn of(text: String, answer: &str) -> Acknowledged {
        let receipt = body(answer);
        let events = receipt["events"].as_array().expect("events").iter();
        let events = events.map(|event| event.as_str().expect("an id").to_owned()).collect();
        Acknowledged { text, events, saved_in: receipt["saved_in"].as_u64().expect("a count") }
    }
}

#[derive(Default)]
struct Seen {
    acknowledged: Mutex<Vec<Acknowledged>>,
    under_way: AtomicBool,
    refused: AtomicUsize,
    unanswered: AtomicUsize,
    /// Regions that a post which begins now can reach, until this changes.
    reach: Mutex<(usize, u64)>,
    held_to_reach: AtomicUsize,
}

pub struct Poster {
    seen: Arc<Seen>,
    stop: mpsc::Sender<()>,
    thread: JoinHandle<()>,
}

impl Poster {
    /// Posts one after the other, `pace` between an answer and the next.
    pub fn start(desk: Desk, pace: Duration, regions: u64) -> Poster {
        let seen = Arc::new(Seen { reach: Mutex::new((0, regions)), ..Seen::default() });
        let (stop, stopped) = mpsc::channel();
        let shared = Arc::clone(&seen);
        let thread = std::thread::spawn(move || {
            enter(desk.host);
            for number in 0.. {
                // Also when the other end is gone.
                if stopped.recv_timeout(pace) != Err(mpsc::RecvTimeoutError::Timeout) {
                    return;
                }
                if !until_acknowledged(&desk, number, &shared, &stopped) {
                    return;
                }
            }
        });
        Poster { seen, stop, thread }
    }

    pub fn acknowledged(&self) -> usize {
        self.seen.acknowledged.lock().expect("posts").len()
    }

    pub fn is_under_way(&self) -> bool {
        self.seen.under_way.load(SeqCst)
    }

    /// Answers that said that the disk is full.
    pub fn refused(&self) -> usize {
        self.seen.refused.load(SeqCst)
    }

    /// Attempts that got no answer.
    pub fn unanswered(&self) -> usize {
        self.seen.unanswered.load(SeqCst)
    }

    /// Answers that were checked against less than all regions.
    pub fn held_to_reach(&self) -> usize {
        self.seen.held_to_reach.load(SeqCst)
    }

    /// From now on no post can be in more than so many regions: said after a cut, taken back before it is healed.
    pub fn reaches(&self, regions: u64) {
        let mut reach = self.seen.reach.lock().expect("the reach");
        *reach = (reach.0 + 1, regions);
    }

    /// What was acknowledged; the last post is not given up.
    pub fn stop(self) -> Vec<Acknowledged> {
        // It has ended by a panic: joining tells.
        let _ended = self.stop.send(());
        self.thread.join().expect("all was as it has to be");
        self.seen.acknowledged.lock().expect("posts").clone()
    }
}

/// Sends one post until it is acknowledged; no when nobody is there any more who waits for it.
fn until_acknowledged(desk: &Desk, number: usize, seen: &Seen, stopped: &mpsc::Receiver<()>) -> bool {
    let text = format!("Post {number} of region {}.", desk.host);
    let mut is_last = false;
    loop {
        let before = *seen.reach.lock().expect("the reach");
        seen.under_way.store(true, SeqCst);
        let answer = desk.post(&number.to_string(), &text);
        seen.under_way.store(false, SeqCst);
        match answer {
            Ok(answer) if answer.starts_with("HTTP/1.1 201") => {
                let posted = Acknowledged::of(text, &answer);
                // A post that is sent again may have begun before; one that was answered from its key, too.
                if before == *seen.reach.lock().expect("the reach") && !answer.contains("idempotency-replayed") {
                    assert!((1..=before.1).contains(&posted.saved_in), "of {} regions: {posted:?}", before.1);
                    seen.held_to_reach.fetch_add(usize::from(before.1 < 3), SeqCst);
                }
                seen.acknowledged.lock().expect("posts").push(posted);
                return !is_last;
            }
            Ok(answer) => {
                assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("the disk is full"), "{answer}");
                seen.refused.fetch_add(1, SeqCst);
            }
            // Broken off in the middle, or nobody was there: the kill may come right after an answer.
            Err(_) => {
                seen.unanswered.fetch_add(1, SeqCst);
            }
        }
        match stopped.recv_timeout(Duration::from_millis(50)) {
            Ok(()) => is_last = true,
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            // The test has failed.
            Err(mpsc::RecvTimeoutError::Disconnected) => return false,
        }
    }
}
