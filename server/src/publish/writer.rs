//! The writer's thread: one write at a time, each planned against the newest board, committed, folded, shown.

use super::{Node, PublishError, Receipt};
use crate::store::{AppendError, Header, InsertError, ReadError, Record, requests::RequestKey};
use domain::{
    Instant,
    board::{self, Board, Touched},
    change::{Author, Event},
    command::{self, Command, Planned, Refusal},
    id::{EventId, NodeKey, Subject},
};
use std::{
    collections::BTreeSet,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, PoisonError, Weak, mpsc},
    time::Duration,
};
use tokio::sync::oneshot;

pub(super) enum Task {
    Commands {
        commands: Vec<Command>,
        author: Author,
        request: Option<RequestKey>,
    },
    /// Events that are planned when it is their turn, from what is there then.
    Plan {
        plan: Plan,
        author: Author,
    },
    /// Of another node, and the peer that handed them over.
    Records {
        records: Vec<Record>,
        from: Option<NodeKey>,
    },
    /// Nothing is written; the board is loaded anew.
    Load,
}

pub(super) type Plan = Box<dyn FnOnce(&Node) -> Result<Vec<Planned>, PublishError> + Send>;

pub(super) struct Job {
    pub task: Task,
    pub reply: oneshot::Sender<Result<Receipt, PublishError>>,
}

/// Why a write is not acknowledged.
enum Failed {
    /// Nothing was written.
    Surely(PublishError),
    /// The log may hold it.
    Unsure(PublishError),
}

impl From<PublishError> for Failed {
    fn from(error: PublishError) -> Self {
        Failed::Surely(error)
    }
}

impl From<Failed> for PublishError {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Surely(error) | Failed::Unsure(error) => error,
        }
    }
}

/// What a commit wrote.
#[derive(Default)]
struct Written {
    /// Each new event with the node that wrote it.
    events: Vec<(EventId, NodeKey)>,
    subjects: BTreeSet<Subject>,
    /// It brought bodies of events that were held without them.
    completed: bool,
}

impl Written {
    /// Whether it says anything about whose events count.
    fn changes_trust(&self) -> bool {
        self.subjects.iter().any(|subject| matches!(subject, Subject::Node(_)))
    }
}

const MIB: u64 = 1 << 20;

/// Between two attempts to load the board that a failed commit may have changed.
const RELOAD_EVERY: Duration = Duration::from_secs(1);

/// Runs until the node is dropped.
pub(super) fn run(node: &Weak<Node>, jobs: &mpsc::Receiver<Job>) {
    // A commit has failed and may have landed: until the board is loaded again it may lack what the log holds.
    let mut is_unsure = false;
    loop {
        let job = match is_unsure {
            false => jobs.recv().map_err(mpsc::RecvTimeoutError::from),
            true => jobs.recv_timeout(RELOAD_EVERY),
        };
        let Some(node) = node.upgrade() else { return };
        if is_unsure {
            is_unsure = !reload(&node);
        }
        let job = match job {
            Ok(job) => job,
            Err(mpsc::RecvTimeoutError::Timeout) => continue,
            Err(mpsc::RecvTimeoutError::Disconnected) => return,
        };
        if is_unsure {
            let _gone = job.reply.send(Err(unavailable("what a failed write has left there cannot be read yet")));
            continue;
        }
        let receipt = perform(&node, job.task).map_err(|failed| {
            if let Failed::Unsure(_) = &failed {
                is_unsure = !reload(&node);
            }
            PublishError::from(failed)
        });
        // Let go before the answer: an asker that then lets go of the node closes its store.
        drop(node);
        // The asker may have gone; the write stands all the same.
        let _gone = job.reply.send(receipt);
    }
}

/// One write on the caller's own thread.
pub(super) fn perform_here(node: &Node, task: Task) -> Result<Receipt, PublishError> {
    perform(node, task).map_err(|failed| {
        if let Failed::Unsure(_) = &failed {
            // What cannot be read now is read with the next write to its subject, or at the next start.
            let _is_read = reload(node);
        }
        failed.into()
    })
}

/// One write, from the plan to the page.
fn perform(node: &Node, task: Task) -> Result<Receipt, Failed> {
    let begun = node.clock().now();
    let (written, from) = match task {
        Task::Commands { commands, author, request } => {
            (planned_written(node, &planned(node, commands)?, &author, request.as_ref())?, None)
        }
        Task::Plan { plan, author } => (planned_written(node, &plan(node)?, &author, None)?, None),
        Task::Records { records, from } => {
            if from.is_some() {
                check_room(node)?;
            }
            (records_written(node, &records)?, from)
        }
        Task::Load => {
            let _is_read = reload(node);
            (Written::default(), None)
        }
    };
    if !written.events.is_empty() {
        // Before it is folded and rendered here: the other regions need not wait for that.
        hand_on(node, &written, from);
    }
    if written.completed {
        node.peers.completed(from);
    }
    if !written.subjects.is_empty() {
        if written.changes_trust() {
            node.follow_trust();
        }
        show(node, &written, begun);
    }
    Ok(receipt(node, &written))
}

/// Gives what is durable here to the links.
fn hand_on(node: &Node, written: &Written, from: Option<NodeKey>) {
    if node.peers.are_none() {
        return;
    }
    let ids: Vec<EventId> = written.events.iter().map(|(id, _)| *id).collect();
    if let Some(from) = from {
        return node.peers.passed_on(&ids, from);
    }
    match node.store.records_of(&ids, usize::MAX) {
        Ok((records, _)) => node.peers.committed(records.into(), node.store.digest().count),
        Err(error) => tracing::error!(%error, "published, but not handed on; the next round with each peer does it"),
    }
}

fn receipt(node: &Node, written: &Written) -> Receipt {
    let board = node.board.load();
    Receipt {
        events: written.events.iter().map(|(id, _)| *id).collect(),
        board_version: board.version.total(),
        digest: board.version.digest(),
        saved_in: 1,
        regions: node.peers.regions(),
    }
}

fn unavailable(error: impl std::fmt::Display) -> PublishError {
    PublishError::Unavailable(error.to_string())
}

fn planned_written(
    node: &Node,
    planned: &[Planned],
    author: &Author,
    request: Option<&RequestKey>,
) -> Result<Written, Failed> {
    let now = node.clock().now();
    if planned.is_empty() {
        return Ok(Written::default());
    }
    let own = node.store.identity().node_key();
    if !node.trust().is_trusted(&own) {
        let what = format!("this node's key {own} was removed, and what it signs counts nowhere");
        let right = "post on another node; to use this one again, give it a new key (move its file `node.key` away and \
                     start it) and trust that key on another node";
        return Err(PublishError::KeyRemoved(Refusal::new("", what, right)).into());
    }
    let events = node.store.append_once(planned, author, request, now).map_err(|error| match error {
        AppendError::Repeated => Failed::Surely(PublishError::Repeated),
        AppendError::Unsure { .. } | AppendError::Unknown(_) => Failed::Unsure(unavailable(error)),
        AppendError::Body(_) | AppendError::Fault(_) => Failed::Surely(unavailable(error)),
    })?;
    for event in &events {
        log_published(event);
    }
    Ok(Written {
        events: events.iter().map(|event| (event.id, event.node)).collect(),
        subjects: planned.iter().map(|(subject, _)| *subject).collect(),
        completed: false,
    })
}

/// Plans every command against the newest board; with several, a refusal's field names which one.
fn planned(node: &Node, commands: Vec<Command>) -> Result<Vec<Planned>, PublishError> {
    let board = node.board.load();
    let several = commands.len() > 1;
    let (mut planned, mut refusals) = (Vec::new(), Vec::new());
    let now = node.clock().now();
    for (index, command) in commands.into_iter().enumerate() {
        let incident = match command.incident() {
            Some(id) => match board.incident(id) {
                Some(incident) => Some(Arc::clone(incident)),
                None => node.store.incident(id).map_err(unavailable)?.map(Arc::new),
            },
            None => None,
        };
        match command::plan(&board, incident.as_deref(), command, now) {
            Ok(changes) => planned.extend(changes),
            Err(several_refused) if several => refusals.extend(
                several_refused
                    .into_iter()
                    .map(|refusal| Refusal { field: format!("[{index}].{}", refusal.field), ..refusal }),
            ),
            Err(refused) => refusals.extend(refused),
        }
    }
    if refusals.is_empty() { Ok(planned) } else { Err(PublishError::Refused(refusals)) }
}

/// Nothing bounds how much a trusted node may write, but this: it never takes the room that operators need here.
fn check_room(node: &Node) -> Result<(), PublishError> {
    let kept_mib = node.options.keep_free_mib;
    match node.store.free_bytes().map(|bytes| bytes / MIB) {
        Some(free_mib) if free_mib < kept_mib => Err(PublishError::NearlyFull { free_mib, kept_mib }),
        _ => Ok(()),
    }
}

fn records_written(node: &Node, records: &[Record]) -> Result<Written, Failed> {
    let inserted = node.store.insert(records, node.clock().now()).map_err(|error| match error {
        InsertError::Unknown(_) => Failed::Unsure(unavailable(error)),
        _ => Failed::Surely(unavailable(error)),
    })?;
    let mut fresh: BTreeSet<EventId> = inserted.new.iter().copied().collect();
    // Also those of which only a body is new.
    let mut written =
        Written { subjects: inserted.subjects, completed: !inserted.completed.is_empty(), ..Written::default() };
    for record in records.iter().filter(|record| fresh.remove(&record.id())) {
        let header = Header::decode(&record.signed).map_err(unavailable)?;
        written.events.push((record.id(), header.node));
    }
    tracing::info!(
        new = inserted.new.len(),
        completed = inserted.completed.len(),
        known = inserted.known,
        "events taken in"
    );
    Ok(written)
}

/// One line for each published event; never its text.
fn log_published(event: &Event) {
    tracing::info!(
        event = %event.id,
        kind = event.change.name(),
        subject = %String::from_utf8_lossy(&event.subject.to_bytes()).trim_end_matches('\0'),
        author = %event.author.name,
        way = %event.author.way,
        "published"
    );
}

/// Folds what was written into a new board and shows it. The events are durable by now: should folding or rendering
/// fail, the last good board and pages stay, and the failure is loud (DESIGN section 2, invariant 9). The durable commit
/// has shown that the store answers, so it confirms the board as of `begun`. When the board cannot be brought up to date
/// (its index fails, or an earlier write could not be shown), it is loaded anew.
fn show(node: &Node, written: &Written, begun: Instant) {
    let shown = catch_unwind(AssertUnwindSafe(|| -> Result<(), ReadError> {
        let (board, touched) = folded(node, written)?;
        let board = Arc::new(board);
        let total = board.version.total();
        node.board.store(Arc::clone(&board));
        node.confirm(begun);
        for listener in node.listeners.read().unwrap_or_else(PoisonError::into_inner).iter() {
            listener(&board, &touched);
        }
        node.version.send_replace(total);
        Ok(())
    }));
    match shown {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            tracing::error!(%error, "published, but not shown: the board is loaded anew");
            let _is_read = reload(node);
        }
        Err(_) => tracing::error!("published, but not shown: folding or rendering panicked; the last good page stays"),
    }
}

/// Loads the board anew: a commit failed and its events may be in the file all the same (they are not acknowledged, and
/// pages must not deny them either), or the index has failed. Whether the board could be loaded.
fn reload(node: &Node) -> bool {
    if let Err(error) = node.store.reread_digest().and_then(|()| node.store.reread_trust()) {
        tracing::error!(%error, "what the log holds cannot be read anew");
        return false;
    }
    let (board, touched) = match loaded(node) {
        Ok(loaded) => loaded,
        Err(error) => {
            tracing::error!(%error, "the board cannot be loaded anew; the last good page stays");
            return false;
        }
    };
    let board = Arc::new(board);
    node.board.store(Arc::clone(&board));
    for listener in node.listeners.read().unwrap_or_else(PoisonError::into_inner).iter() {
        listener(&board, &touched);
    }
    node.version.send_replace(board.version.total());
    true
}

/// The board of the whole log. Which page is touched is not known: all are.
fn loaded(node: &Node) -> Result<(Board, Touched), ReadError> {
    let mut board = node.store.load(board::horizon(node.clock().now()))?.board;
    board.set_default_page(node.options.default_page.clone());
    board.signers = node.trust().members().cloned().collect();
    Ok((board, Touched { catalog: true, ..Touched::default() }))
}

fn folded(node: &Node, written: &Written) -> Result<(Board, Touched), ReadError> {
    // Whose events count may have changed, and with it what any subject comes to; or a text was erased, and the index
    // with it. Both are rare.
    if written.changes_trust() || !node.store.has_index() {
        return loaded(node);
    }
    let mut board = Board::clone(&node.board.load());
    for (_, writer) in &written.events {
        *board.version.0.entry(*writer).or_default() += 1;
    }
    let touched = node.store.take_in(&mut board, &written.subjects, board::horizon(node.clock().now()))?;
    board.set_default_page(node.options.default_page.clone());
    Ok((board, touched))
}
