//! The writer's thread: one write at a time, each planned against the newest board, committed, folded, shown.

use super::{Node, PublishError, Receipt};
use crate::store::{AppendError, Header, ReadError, Record};
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
};
use tokio::sync::oneshot;

pub(super) enum Task {
    Commands {
        commands: Vec<Command>,
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

pub(super) struct Job {
    pub task: Task,
    pub reply: oneshot::Sender<Result<Receipt, PublishError>>,
}

/// What a commit wrote.
#[derive(Default)]
struct Written {
    /// Each new event with the node that wrote it.
    events: Vec<(EventId, NodeKey)>,
    subjects: BTreeSet<Subject>,
}

/// Runs until the node is dropped.
pub(super) fn run(node: &Weak<Node>, jobs: &mpsc::Receiver<Job>) {
    while let Ok(job) = jobs.recv() {
        let Some(node) = node.upgrade() else { return };
        let receipt = perform(&node, job.task);
        // Let go before the answer: an asker that then lets go of the node closes its store.
        drop(node);
        // The asker may have gone; the write stands all the same.
        let _gone = job.reply.send(receipt);
    }
}

/// One write, from the plan to the page.
pub(super) fn perform(node: &Node, task: Task) -> Result<Receipt, PublishError> {
    let begun = node.clock().now();
    let (written, from) = match task {
        Task::Commands { commands, author } => (commands_written(node, commands, &author)?, None),
        Task::Records { records, from } => (records_written(node, &records)?, from),
        Task::Load => {
            reload(node);
            (Written::default(), None)
        }
    };
    if !written.events.is_empty() {
        // Before it is folded and rendered here: the other regions need not wait for that.
        hand_on(node, &written, from);
    }
    if !written.subjects.is_empty() {
        show(node, &written, begun);
    }
    Ok(receipt(node, &written))
}

/// Gives what is durable here to the links.
fn hand_on(node: &Node, written: &Written, from: Option<NodeKey>) {
    let Some(peers) = node.peers.get() else { return };
    let ids: Vec<EventId> = written.events.iter().map(|(id, _)| *id).collect();
    match node.store.records_of(&ids, usize::MAX) {
        Ok((records, _)) => peers.committed(records.into(), node.store.digest().count, from),
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
        regions: node.peers.get().map_or(1, |peers| peers.regions()),
    }
}

fn unavailable(error: impl std::fmt::Display) -> PublishError {
    PublishError::Unavailable(error.to_string())
}

fn commands_written(node: &Node, commands: Vec<Command>, author: &Author) -> Result<Written, PublishError> {
    let now = node.clock().now();
    let planned = planned(node, commands)?;
    if planned.is_empty() {
        return Ok(Written::default());
    }
    let events = node.store.append(&planned, author, now).map_err(|error| {
        if matches!(error, AppendError::Unsure { .. }) {
            reload(node);
        }
        unavailable(error)
    })?;
    for event in &events {
        log_published(event);
    }
    Ok(Written {
        events: events.iter().map(|event| (event.id, event.node)).collect(),
        subjects: planned.into_iter().map(|(subject, _)| subject).collect(),
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

fn records_written(node: &Node, records: &[Record]) -> Result<Written, PublishError> {
    let inserted = node.store.insert(records, node.clock().now()).map_err(unavailable)?;
    let mut fresh: BTreeSet<EventId> = inserted.new.iter().copied().collect();
    // Also those of which only a body is new.
    let mut written = Written { subjects: inserted.subjects, ..Written::default() };
    for record in records.iter().filter(|record| fresh.remove(&record.id())) {
        let header = Header::decode(&record.signed).map_err(unavailable)?;
        written.events.push((record.id(), header.node));
    }
    tracing::info!(new = inserted.new.len(), known = inserted.known, "events taken in");
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
            reload(node);
        }
        Err(_) => tracing::error!("published, but not shown: folding or rendering panicked; the last good page stays"),
    }
}

/// Loads the board anew: a commit failed and its events are in the file all the same (they are not acknowledged, and pages
/// must not deny them either), or the index is gone.
fn reload(node: &Node) {
    let mut board = match node.store.load(board::horizon(node.clock().now())) {
        Ok(loaded) => loaded.board,
        Err(error) => return tracing::error!(%error, "the board cannot be loaded anew; the last good page stays"),
    };
    board.set_default_page(node.options.default_page.clone());
    let board = Arc::new(board);
    node.board.store(Arc::clone(&board));
    // Which page is touched is not known: all are.
    let touched = Touched { catalog: true, ..Touched::default() };
    for listener in node.listeners.read().unwrap_or_else(PoisonError::into_inner).iter() {
        listener(&board, &touched);
    }
    node.version.send_replace(board.version.total());
}

fn folded(node: &Node, written: &Written) -> Result<(Board, Touched), ReadError> {
    let mut board = Board::clone(&node.board.load());
    for (_, writer) in &written.events {
        *board.version.0.entry(*writer).or_default() += 1;
    }
    let touched = node.store.take_in(&mut board, &written.subjects, board::horizon(node.clock().now()))?;
    board.set_default_page(node.options.default_page.clone());
    Ok((board, touched))
}
