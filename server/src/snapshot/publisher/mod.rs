//! Keeps the targets of a running node up to date: a thread for each, so that a slow one delays neither a post, a read nor
//! another target. What changes while an update runs waits and is one update; what failed is tried again.
//!
//! | module | what is there |
//! |---|---|
//! | [`pace`] | when a target is written next |
//! | [`site`] | the site of a node, to a directory or a bucket |
//! | [`status`] | how it stands |

pub mod pace;
pub mod site;
pub mod status;

use crate::{clock::SharedClock, publish::Node};
use domain::{board::Touched, id::NodeKey};
use pace::Pace;
use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

pub use status::{Done, State, Status};

/// Incidents that changes name, at most; with more, everything is looked at.
const TOUCHED_MAX: usize = 10_000;
/// For the last updates when a node ends. What is cut off then verifies, and the next start goes on.
pub const LAST_UPDATE_TIME_MAX: Duration = Duration::from_secs(5);

/// What an update is to bring.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// What changed since the last success; `None`: look at everything.
    pub touched: Option<Touched>,
    /// Write although another node owns the target.
    pub takes_over: bool,
}

/// Why an update brought nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    WrittenBy(NodeKey),
    /// Never with a credential in it.
    Failed(String),
}

/// Writes one target.
pub trait Work: Send {
    /// Brings the target up to date; blocking.
    ///
    /// # Errors
    /// With what is in the way.
    fn update(&mut self, wanted: &Wanted) -> Result<Done, Obstacle>;
}

/// A target to keep.
pub struct Kept {
    pub name: String,
    /// A directory's path or a bucket's address.
    pub target: String,
    /// Where readers find it.
    pub url: Option<String>,
    pub work: Box<dyn Work>,
}

/// The targets of a node.
#[derive(Default)]
pub struct Publishers {
    kept: Vec<Arc<Shared>>,
    threads: Mutex<Vec<thread::JoinHandle<()>>>,
}

/// What a target's thread shares with whoever asks for something.
struct Shared {
    clock: SharedClock,
    ledger: Mutex<Ledger>,
    changed: Condvar,
}

/// The state of a target; held for moments only.
struct Ledger {
    status: Status,
    wanted: Wanted,
    pace: Pace,
    ends: bool,
    has_ended: bool,
}

impl fmt::Debug for Publishers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.statuses()).finish()
    }
}

impl Publishers {
    /// Begins to keep the targets of a node. They follow its board until [`Publishers::end`].
    ///
    /// # Errors
    /// When a thread does not start.
    pub fn start(node: &Node, heartbeat: Duration, targets: Vec<Kept>) -> std::io::Result<Publishers> {
        let publishers = Publishers::keep(node.clock(), heartbeat, targets)?;
        let kept = publishers.kept.clone();
        node.listen(Box::new(move |_, touched| kept.iter().for_each(|shared| shared.touch(touched))));
        Ok(publishers)
    }

    fn keep(clock: &SharedClock, heartbeat: Duration, targets: Vec<Kept>) -> std::io::Result<Publishers> {
        let publishers = targets.into_iter().map(|Kept { name, target, url, work }| {
            let status = Status {
                name: name.clone(),
                target,
                url,
                state: State::Waiting,
                succeeded_at: None,
                done: Done::default(),
                updates: 0,
                failures: 0,
            };
            let pace = Pace { heartbeat, last: None, failures: 0, changed_at: None, stands_by: false, jitter: 0 };
            let ledger = Ledger { status, wanted: Wanted::default(), pace, ends: false, has_ended: false };
            let shared = Shared { clock: Arc::clone(clock), ledger: Mutex::new(ledger), changed: Condvar::new() };
            let shared = Arc::new(shared);
            let thread = thread::Builder::new().name(format!("mirror {name}")).spawn({
                let shared = Arc::clone(&shared);
                move || shared.run(work)
            })?;
            Ok((shared, thread))
        });
        let (kept, threads) = publishers.collect::<std::io::Result<Vec<_>>>()?.into_iter().unzip();
        Ok(Publishers { kept, threads: Mutex::new(threads) })
    }

    /// How the targets stand, in the order of the configuration.
    pub fn statuses(&self) -> Vec<Status> {
        self.kept.iter().map(|shared| shared.lock().status.clone()).collect()
    }

    /// Makes this node the writer of a target; `false` when there is none of that name.
    pub fn take(&self, name: &str) -> bool {
        let found = self.kept.iter().find(|shared| shared.lock().status.name == name);
        if let Some(shared) = found {
            let mut ledger = shared.lock();
            ledger.wanted = Wanted { touched: None, takes_over: true };
            ledger.pace.last = None;
            shared.changed.notify_all();
        }
        found.is_some()
    }

    /// Ends the threads, each after a last update where something has changed; waits for [`LAST_UPDATE_TIME_MAX`] at most.
    /// Blocking.
    pub fn end(&self) {
        for shared in &self.kept {
            shared.lock().ends = true;
            shared.changed.notify_all();
        }
        let until = Instant::now() + LAST_UPDATE_TIME_MAX;
        for shared in &self.kept {
            let wait = until.saturating_duration_since(Instant::now());
            let waited = shared.changed.wait_timeout_while(shared.lock(), wait, |ledger| !ledger.has_ended);
            let (ledger, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            if timeout.timed_out() {
                tracing::warn!(
                    mirror = ledger.status.name,
                    "its last update was not done in time; the next start goes on"
                );
                return;
            }
        }
        for thread in std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner)) {
            // A panic there has been told already.
            let _ended = thread.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn touch(&self, touched: &Touched) {
        let mut ledger = self.lock();
        ledger.wanted.add(touched);
        ledger.pace.changed_at.get_or_insert_with(Instant::now);
        self.changed.notify_all();
    }

    fn run(&self, mut work: Box<dyn Work>) {
        while let Some(wanted) = self.next() {
            let begun = Instant::now();
            // A page that cannot be rendered stops no thread: it is told, and tried again.
            let result = catch_unwind(AssertUnwindSafe(|| work.update(&wanted)));
            let result = result.unwrap_or_else(|_| Err(Obstacle::Failed("the renderer panicked".to_owned())));
            self.note(wanted, result, begun);
        }
        self.lock().has_ended = true;
        self.changed.notify_all();
    }

    /// Waits until an update is due and takes what it is to bring; `None` at the end.
    fn next(&self) -> Option<Wanted> {
        let mut ledger = self.lock();
        loop {
            let now = Instant::now();
            let last_call = ledger.ends && ledger.is_behind();
            if ledger.ends && !last_call {
                return None;
            }
            // Asked for while an update ran: not a heartbeat later.
            if ledger.wanted.takes_over && ledger.pace.failures == 0 {
                ledger.pace.last = None;
            }
            let wait = ledger.pace.next_at().map_or(Duration::ZERO, |at| at.saturating_duration_since(now));
            if wait.is_zero() || last_call {
                ledger.pace.changed_at = None;
                if !matches!(ledger.status.state, State::Failing(..) | State::StandingBy(_)) {
                    ledger.status.state = State::Updating;
                }
                let nothing = Wanted { touched: Some(Touched::default()), takes_over: false };
                return Some(std::mem::replace(&mut ledger.wanted, nothing));
            }
            let waited = self.changed.wait_timeout(ledger, wait);
            ledger = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn note(&self, wanted: Wanted, result: Result<Done, Obstacle>, begun: Instant) {
        let now = self.clock.now();
        let mut ledger = self.lock();
        let ledger = &mut *ledger;
        let (status, pace) = (&mut ledger.status, &mut ledger.pace);
        pace.last = Some((Instant::now(), begun.elapsed()));
        pace.stands_by = matches!(result, Err(Obstacle::WrittenBy(_)));
        match result {
            Ok(done) => {
                if let State::Failing(since, _) = &status.state {
                    tracing::info!(mirror = status.name, since = %since.to_rfc3339(), "it is written again");
                }
                pace.failures = 0;
                status.updates += 1;
                (status.state, status.succeeded_at, status.done) = (State::Complete, Some(now), done);
            }
            Err(Obstacle::WrittenBy(writer)) => {
                pace.failures = 0;
                let state = State::StandingBy(writer);
                if status.state != state {
                    tracing::info!(mirror = status.name, %writer, "another node writes it; this one stands by");
                }
                status.state = state;
                // When it is this node's again, nobody knows what stands there.
                ledger.wanted.touched = None;
            }
            Err(Obstacle::Failed(reason)) => {
                pace.failures = pace.failures.saturating_add(1);
                pace.jitter = jitter();
                status.failures += 1;
                let since = match &status.state {
                    State::Failing(since, _) => *since,
                    _ => {
                        tracing::warn!(mirror = status.name, reason, "it cannot be written; it is tried again");
                        now
                    }
                };
                status.state = State::Failing(since, reason);
                ledger.wanted.add_back(wanted);
            }
        }
    }
}

impl Ledger {
    /// Whether a last update would bring anything: not to a target that fails, nor to another node's.
    fn is_behind(&self) -> bool {
        let changed = self.wanted.touched.as_ref().is_none_or(|touched| !touched.is_empty());
        changed && matches!(self.status.state, State::Complete | State::Updating)
    }
}

impl Wanted {
    fn add(&mut self, changes: &Touched) {
        if let Some(touched) = &mut self.touched {
            touched.merge(changes.clone());
            if touched.incidents.len() > TOUCHED_MAX {
                self.touched = None;
            }
        }
    }

    /// What a failed update was to bring joins what has changed since.
    fn add_back(&mut self, failed: Wanted) {
        match failed.touched {
            Some(touched) => self.add(&touched),
            None => self.touched = None,
        }
        self.takes_over |= failed.takes_over;
    }
}

/// Randomness for the next wait; where the system has none, no jitter is no harm.
fn jitter() -> u8 {
    let mut byte = [0];
    getrandom::fill(&mut byte).map_or(0, |()| byte[0])
}

#[cfg(test)]
mod tests;
