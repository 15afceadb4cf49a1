//! The one write path for every writer, and the running node's state.
//!
//! - [`Node`] (here): what readers see (board, stamp), and how a write is asked for
//! - [`nodes`]: nodes trusted and removed, and this node's key rotated
//! - [`redaction`]: a body erased everywhere
//! - [`writer`]: the thread that plans, commits, folds and tells the listeners, one write at a time
//! - `foresee`, `hindsight`: what a command would lead to, and what somebody knew who has not seen the newest events
//! - [`among_peers`]: this node as replication sees it, and what its pages say of the others
//!
//! A read never waits for a write: the board and the stamp are swapped whole (DESIGN section 2, invariant 1).

mod among_peers;
mod foresee;
mod hindsight;
mod nodes;
mod redaction;
mod writer;

use crate::{
    clock::SharedClock,
    replication::Peers,
    store::{ReadError, Record, Store, requests::RequestKey},
};
use app::{
    address::{Address, Page},
    site::Site,
};
use arc_swap::{ArcSwap, ArcSwapOption};
use domain::{
    Instant,
    board::{self, Board, Touched},
    change::Author,
    command::{Command, Refusal},
    id::{EventId, IncidentId, NodeKey},
    incident::{Incident, Summary},
    listing::Listing,
    stamp::Stamp,
    status::Kind,
    trust::{Member, Trust},
};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use tokio::sync::{Notify, oneshot, watch};

/// Writes that wait at most; one more is told to come again.
pub const WRITES_WAITING_MAX: usize = 256;

/// What a successful write comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Newly written; empty when nothing had to change.
    pub events: Vec<EventId>,
    pub board_version: u64,
    pub digest: String,
    /// Regions that hold the events durably, of all.
    pub saved_in: u32,
    pub regions: u32,
}

/// Why nothing was written.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PublishError {
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Refused(Vec<Refusal>),
    /// This node was removed: it is not what was asked for that is wrong.
    #[error("{0}")]
    KeyRemoved(Refusal),
    /// The store does not answer; the reason is for operators.
    #[error("the event log cannot be written: {0}")]
    Unavailable(String),
    /// Events of another node are not taken in: what is left of the disk is kept for what operators post here.
    #[error(
        "the disk of its log is nearly full: {free_mib} MiB are free, and {kept_mib} MiB are kept for posts made there"
    )]
    NearlyFull { free_mib: u64, kept_mib: u64 },
    #[error("the request of this idempotency key was done before")]
    Repeated,
    #[error("{WRITES_WAITING_MAX} writes are waiting already; try again in a moment")]
    Busy,
}

/// Called on the writer's thread with each new board, after it is readable and before the write is acknowledged.
pub type Listener = Box<dyn Fn(&Arc<Board>, &Touched) + Send + Sync>;

/// What a node is started with.
#[derive(Debug)]
pub struct NodeOptions {
    pub clock: SharedClock,
    pub site: Site,
    /// The serving region or node, by name, as pages show it.
    pub origin: String,
    /// Used while the log has no page settings.
    pub default_page: domain::catalog::PageSettings,
    pub amber_seconds: i64,
    pub grey_seconds: i64,
    /// The nodes that the configuration trusts; this one always is.
    pub seeds: Vec<Member>,
    /// With less than this free on the disk, in MiB, events of other nodes are not taken in. Posts made here are, for as
    /// long as the disk takes them.
    pub keep_free_mib: u64,
}

/// A stamp, and whether the store passed the check that it was made after.
#[derive(Clone, Debug)]
pub struct Renewed {
    pub stamp: Arc<Stamp>,
    pub is_checked: bool,
}

/// One running server's state. Shared by every request; the only lock that readers meet is taken by nobody for I/O.
pub struct Node {
    store: Store,
    options: NodeOptions,
    board: ArcSwap<Board>,
    stamp: ArcSwap<Stamp>,
    version: watch::Sender<u64>,
    listeners: RwLock<Vec<Listener>>,
    writes: Writes,
    /// Why it takes in events of others and makes none itself, while that is so.
    closed: ArcSwapOption<String>,
    /// The other nodes that are trusted; none for a lone one. Whether it links with them is another matter.
    peers: Arc<Peers>,
    /// As of when it had all news before it started, in a log of several.
    begun_as_of: Instant,
    /// As of when it had all news before it heard of any other node: before it started, or while it was alone.
    confirmed_before: ArcSwap<Instant>,
    renewal_due: Arc<Notify>,
}

/// Where writes are done: one at a time either way.
enum Writes {
    Thread { jobs: std::sync::mpsc::SyncSender<writer::Job>, writer: Mutex<Option<std::thread::JoinHandle<()>>> },
    Caller(Mutex<()>),
}

impl Node {
    /// Loads the board and starts the writer's thread.
    ///
    /// # Errors
    /// When the event log cannot be read.
    pub fn start(store: Store, options: NodeOptions) -> Result<Arc<Node>, ReadError> {
        let (jobs, waiting) = std::sync::mpsc::sync_channel(WRITES_WAITING_MAX);
        let node = Node::with(store, options, Writes::Thread { jobs, writer: Mutex::new(None) })?;
        let weak = Arc::downgrade(&node);
        let thread = std::thread::Builder::new().name("writer".to_owned()).spawn(move || writer::run(&weak, &waiting));
        match (thread, &node.writes) {
            (Ok(thread), Writes::Thread { writer, .. }) => {
                *writer.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread);
            }
            (Ok(_), Writes::Caller(_)) => {}
            (Err(error), _) => tracing::error!(%error, "the writer's thread did not start; this node takes no posts"),
        }
        Ok(node)
    }

    /// The same without a thread of its own, writes done by whoever asks: for a simulation, which must replay exactly.
    ///
    /// # Errors
    /// When the event log cannot be read.
    pub fn start_without_threads(store: Store, options: NodeOptions) -> Result<Arc<Node>, ReadError> {
        Node::with(store, options, Writes::Caller(Mutex::default()))
    }

    fn with(store: Store, options: NodeOptions, writes: Writes) -> Result<Arc<Node>, ReadError> {
        let own = options.own(store.identity().node_key());
        store.seed(options.members(&own))?;
        finish_rotation(&store, options.clock.now());
        let now = options.clock.now();
        let mut board = store.load(board::horizon(now))?.board;
        board.set_default_page(options.default_page.clone());
        board.signers = store.trust().members().cloned().collect();
        let stamp = options.stamp(now, now);
        let begun_as_of = store.confirmed_at()?.unwrap_or(Instant::UNIX_EPOCH).min(now);
        let node = Arc::new(Node {
            version: watch::Sender::new(board.version.total()),
            board: ArcSwap::from_pointee(board),
            stamp: ArcSwap::from_pointee(stamp),
            listeners: RwLock::default(),
            store,
            options,
            writes,
            closed: ArcSwapOption::empty(),
            peers: Peers::new(own, Vec::new()),
            begun_as_of,
            confirmed_before: ArcSwap::from_pointee(begun_as_of),
            renewal_due: Arc::default(),
        });
        node.follow_trust();
        node.confirm(now);
        Ok(node)
    }

    pub fn board(&self) -> Arc<Board> {
        self.board.load_full()
    }

    pub fn stamp(&self) -> Arc<Stamp> {
        self.stamp.load_full()
    }

    pub fn clock(&self) -> &SharedClock {
        &self.options.clock
    }

    /// The serving region or node, by name.
    pub fn origin(&self) -> &str {
        &self.options.origin
    }

    /// What it was started with.
    pub fn options(&self) -> &NodeOptions {
        &self.options
    }

    pub fn site(&self) -> &Site {
        &self.options.site
    }

    /// Which nodes' events count here.
    pub fn trust(&self) -> Arc<Trust> {
        self.store.trust()
    }

    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Moves to the board's newest version with each change.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }

    /// Registers a listener for every board from now on.
    pub fn listen(&self, listener: Listener) {
        self.listeners.write().unwrap_or_else(PoisonError::into_inner).push(listener);
    }

    /// Publishes one command. When this returns, its events are durable here and the pages show them.
    ///
    /// # Errors
    /// Everything that is wrong with the command, or why the log does not take it.
    pub async fn publish(&self, command: Command, author: Author) -> Result<Receipt, PublishError> {
        self.publish_all(vec![command], author).await
    }

    /// Publishes commands that do not build on one another in one commit: all of them or none.
    ///
    /// # Errors
    /// As for [`Node::publish`].
    pub async fn publish_all(&self, commands: Vec<Command>, author: Author) -> Result<Receipt, PublishError> {
        let receipt = self.write(writer::Task::Commands { commands, author, request: None }).await?;
        Ok(self.spread(receipt).await)
    }

    /// Publishes one command of a request that is done once: its key is committed with the events.
    ///
    /// # Errors
    /// As for [`Node::publish`], and [`PublishError::Repeated`].
    pub async fn publish_once(
        &self,
        command: Command,
        author: Author,
        request: Option<RequestKey>,
    ) -> Result<Receipt, PublishError> {
        let receipt = self.write(writer::Task::Commands { commands: vec![command], author, request }).await?;
        Ok(self.spread(receipt).await)
    }

    /// Takes in records that another node wrote, from a file. The receipt names those that were new.
    ///
    /// # Errors
    /// When a record does not verify, or the log does not take them; then none is taken.
    pub async fn insert(&self, records: Vec<Record>) -> Result<Receipt, PublishError> {
        let receipt = self.write(writer::Task::Records { records, from: None }).await?;
        Ok(self.spread(receipt).await)
    }

    /// The receipt of events that were committed before. The writer's turn comes after all that it has in hand, so they
    /// are shown by then; and its commit shows that the disk still takes one.
    ///
    /// # Errors
    /// When the log takes no write now.
    pub async fn receipt_of(&self, events: Vec<EventId>) -> Result<Receipt, PublishError> {
        let receipt = self.write(writer::Task::Records { records: Vec::new(), from: None }).await?;
        Ok(self.spread(Receipt { events, ..receipt }).await)
    }

    /// From now on nothing is posted here, by whatever way: the log may have gone back, and must not be signed on as if it
    /// had not. Events of others are taken in.
    pub fn close_to_posts(&self, reason: &str) {
        self.closed.store(Some(Arc::new(reason.to_owned())));
    }

    /// What [`Node::close_to_posts`] began is over.
    pub fn open_to_posts(&self) {
        self.closed.store(None);
    }

    async fn write(&self, task: writer::Task) -> Result<Receipt, PublishError> {
        if let (writer::Task::Commands { .. }, Some(reason)) = (&task, self.closed.load_full()) {
            return Err(PublishError::Unavailable(String::clone(&reason)));
        }
        let jobs = match &self.writes {
            Writes::Thread { jobs, .. } => jobs,
            Writes::Caller(one_at_a_time) => {
                let _one = one_at_a_time.lock().unwrap_or_else(PoisonError::into_inner);
                return writer::perform_here(self, task);
            }
        };
        let (reply, answer) = oneshot::channel();
        match jobs.try_send(writer::Job { task, reply }) {
            Ok(()) => {}
            Err(std::sync::mpsc::TrySendError::Full(_)) => return Err(PublishError::Busy),
            Err(std::sync::mpsc::TrySendError::Disconnected(_)) => return Err(stopped()),
        }
        answer.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// One incident or maintenance, whole: from the board, else folded from the store.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn incident(&self, id: IncidentId) -> Result<Option<Arc<Incident>>, ReadError> {
        let board = self.board();
        if let Some(incident) = board.incident(id) {
            return Ok(Some(Arc::clone(incident)));
        }
        if board.holds_all() && board.summary(id).is_none() {
            return Ok(None);
        }
        self.ask(move |store| store.incident(id)).await.map(|found| found.map(Arc::new))
    }

    /// The summary of one incident or maintenance.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn summary(&self, id: IncidentId) -> Result<Option<Arc<Summary>>, ReadError> {
        let board = self.board();
        match board.summary(id) {
            Some(summary) => Ok(Some(Arc::clone(summary))),
            None if board.holds_all() => Ok(None),
            None => self.ask(move |store| store.summary(id)).await.map(|found| found.map(Arc::new)),
        }
    }

    /// A list of incidents and maintenances, newest start first: from the board, as far as it holds what the list shows.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn listed(&self, listing: Listing) -> Result<Vec<Arc<Summary>>, ReadError> {
        match self.board().listed(&listing) {
            Some(listed) => Ok(listed),
            None => self.ask(move |store| store.listed(&listing)).await,
        }
    }

    /// Asks the store, off the async threads.
    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Store) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, ReadError> {
        let store = self.store.clone();
        let asked = tokio::task::spawn_blocking(move || question(&store)).await;
        asked.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
    }

    /// Every incident and maintenance, newest start first; blocking.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn timelines(&self, board: &Board) -> Result<Vec<(Kind, IncidentId)>, ReadError> {
        match board.holds_all() {
            true => Ok(board.all_newest().map(|summary| (summary.kind, summary.id)).collect()),
            false => self.store.timelines(),
        }
    }

    /// An address with what it shows beyond `board`; blocking where that has to be read. Of an incident that is not there,
    /// the page of what is not found.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn page(&self, address: Address, board: &Board) -> Result<Page, ReadError> {
        let listed = match address.lists(board) {
            Some(listing) => board.listed(&listing).map_or_else(|| self.store.listed(&listing), Ok)?,
            None => Vec::new(),
        };
        let mut incidents = Vec::new();
        for id in address.needs(&listed) {
            match board.incident(id) {
                Some(incident) => incidents.push(Arc::clone(incident)),
                None => incidents.extend(self.store.incident(id)?.map(Arc::new)),
            }
        }
        let own = match address {
            Address::Incident(_) | Address::Maintenance(_) => {
                incidents.first().and_then(|incident| address.of_kind(incident.kind))
            }
            _ => Some(address),
        };
        Ok(own.map_or(Page::alone(Address::NotFound), |address| Page { address, listed, incidents }))
    }

    /// Checks the store and renews the stamp; blocking. The confirmation is the moment before the check began, so the
    /// age that pages show is never less than the true one. When the store does not answer, the last one ages.
    pub fn renew_stamp(&self) -> Renewed {
        self.settle();
        if !self.store.has_index() {
            self.ask_to_load();
        }
        let begun = self.options.clock.now();
        let (confirmed_at, is_checked) = match self.store.self_check() {
            Ok(()) => (begun, true),
            Err(error) => {
                tracing::error!(%error, "the store did not pass its check; pages tell their age");
                (self.stamp.load().confirmed_at, false)
            }
        };
        let stamp = self.confirm(confirmed_at);
        self.note_confirmed(&stamp);
        Renewed { stamp, is_checked }
    }

    /// A new stamp: the store has answered as of `checked_at`; where there are others, the news of one of them are needed
    /// too.
    fn confirm(&self, checked_at: Instant) -> Arc<Stamp> {
        let stamp = Arc::new(self.among(checked_at, self.options.clock.now()));
        self.stamp.store(Arc::clone(&stamp));
        stamp
    }

    /// Makes what was written quick to open after a crash; blocking.
    pub fn settle(&self) {
        if let Err(error) = self.store.settle() {
            tracing::warn!(%error, "the files were not settled; an opening after a crash would take longer");
        }
    }

    /// Has the board loaded anew, and with it the index made, as soon as the writes that wait are done.
    fn ask_to_load(&self) {
        match &self.writes {
            // When the queue is full, the next renewal asks again.
            Writes::Thread { jobs, .. } => {
                let _full = jobs.try_send(writer::Job { task: writer::Task::Load, reply: oneshot::channel().0 });
            }
            Writes::Caller(one_at_a_time) => {
                let _one = one_at_a_time.lock().unwrap_or_else(PoisonError::into_inner);
                let _nothing_written = writer::perform_here(self, writer::Task::Load);
            }
        }
    }
}

impl NodeOptions {
    /// The node itself: by its origin where the configuration does not name it.
    fn own(&self, key: NodeKey) -> Member {
        let (name, region) = (self.origin.clone(), self.origin.clone());
        let named = self.seeds.iter().find(|member| member.key == key).cloned();
        named.unwrap_or(Member { key, name, region, address: String::new() })
    }

    /// The seeds, with the node itself.
    fn members(&self, own: &Member) -> Vec<Member> {
        let others = self.seeds.iter().filter(|member| member.key != own.key);
        others.chain([own]).cloned().collect()
    }

    fn stamp(&self, confirmed_at: Instant, now: Instant) -> Stamp {
        Stamp::with_bounds(confirmed_at, now, self.origin.clone(), self.amber_seconds, self.grey_seconds)
    }
}

/// Until it is done the old key stays trusted: that is told, and tried again at the next start.
fn finish_rotation(store: &Store, now: Instant) {
    match store.finish_rotation(now) {
        Ok(Some(event)) => tracing::info!(event = %event.id, "this node's old key is removed; the new one is in use"),
        Ok(None) => {}
        Err(error) => {
            tracing::error!(%error, "this node's old key is not removed yet; it is tried again at the next start")
        }
    }
}

fn stopped() -> PublishError {
    PublishError::Unavailable("the writer has stopped".to_owned())
}
