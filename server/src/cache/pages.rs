//! Looking pages up, and keeping them.

use super::{
    Cached, Hot, Source, Standing,
    bodies::Effort,
    changes::Changes,
    hot::{self, Key},
    measures::Measures,
    slot::{Attempt, Slot},
};
use crate::{
    publish::{Listener, Node},
    render::{Rendered, touch::touches},
};
use app::{address::Address, locale::Locale};
use arc_swap::ArcSwap;
use domain::{
    board::{Board, Touched},
    stamp::{STAMP_SECONDS, Stamp},
};
use std::{
    collections::{HashMap, HashSet},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, OnceLock, PoisonError, Weak, atomic::AtomicU64, atomic::Ordering},
};
use tokio::sync::{Notify, Semaphore};

/// What the pages that are not hot may weigh together, in bytes.
pub const PAGES_BYTES_MAX: u64 = 12 << 20;
/// Pages that are not hot and are rendered at the same time.
pub const RENDERS_AT_ONCE_MAX: usize = 4;
/// Attempts to render the hot pages for a stamp while the board changes under it; the last makes the writer wait.
const RENEWALS_MAX: usize = 3;

/// Called after each swap of the hot pages, before the write that caused it is acknowledged.
pub type SwapListener = Box<dyn Fn(&Arc<Hot>) + Send + Sync>;

/// What an address comes to.
#[derive(Clone, Debug)]
pub enum Found {
    Page(Arc<Cached>),
    /// It cannot be rendered, and no earlier page is held.
    Unavailable,
}

/// What an attempt to render a page comes to when nothing fails.
enum Made {
    /// The page, under its own address.
    Rendered(Address, Rendered),
    /// An incident that is not there.
    NotThere,
}

pub struct Pages {
    source: Arc<dyn Source>,
    hot: ArcSwap<Hot>,
    /// Held while the hot pages are swapped, by the writer's thread or by a renewal; never by a reader.
    swapping: Mutex<()>,
    slots: moka::sync::Cache<Key, Arc<Slot>>,
    renders: Arc<Semaphore>,
    changes: Changes,
    swapped: OnceLock<SwapListener>,
    /// Wakes the background pass that compresses better what a writer compressed swiftly.
    coarse: Notify,
    /// What the feeds have not caught up with yet.
    due: Mutex<Touched>,
    /// Wakes the background pass that renders the feeds.
    late: Notify,
    pub measures: Measures,
}

impl Pages {
    /// The pages of a running node, kept with each write; blocking.
    pub fn new(node: Arc<Node>) -> Arc<Pages> {
        let pages = Pages::of(Arc::clone(&node) as Arc<dyn Source>);
        node.listen(board_listener(&pages));
        // A write between the two would have gone unheard.
        let all = Touched { catalog: true, ..Touched::default() };
        if node.board().version != pages.hot().board.version {
            pages.board_changed(&node.board(), &all);
        }
        pages
    }

    /// Renders the hot pages; blocking. Whoever owns `source` tells the pages of its changes.
    pub fn of(source: Arc<dyn Source>) -> Arc<Pages> {
        let (board, stamp) = (source.board(), source.stamp());
        let weigh = |_: &Key, slot: &Arc<Slot>| u32::try_from(slot.weight_bytes()).unwrap_or(u32::MAX);
        let slots = moka::sync::Cache::builder().max_capacity(PAGES_BYTES_MAX).weigher(weigh).build();
        let pages = Pages {
            source,
            hot: ArcSwap::from_pointee(Hot {
                board: Arc::clone(&board),
                stamp: Arc::clone(&stamp),
                stamped: std::time::Instant::now(),
                pages: HashMap::new(),
            }),
            swapping: Mutex::default(),
            slots,
            renders: Arc::new(Semaphore::new(RENDERS_AT_ONCE_MAX)),
            changes: Changes::default(),
            swapped: OnceLock::new(),
            coarse: Notify::new(),
            due: Mutex::default(),
            late: Notify::new(),
            measures: Measures::default(),
        };
        let rendered = pages.hot_pages(&board, &stamp, Effort::Thorough, |_| true);
        pages.hot.store(Arc::new(rendered));
        Arc::new(pages)
    }

    /// Registers the one listener to swaps, and tells it of the present pages.
    pub fn on_swap(&self, listener: SwapListener) {
        let _one_at_a_time = self.swapping.lock().unwrap_or_else(PoisonError::into_inner);
        let listener = self.swapped.get_or_init(|| listener);
        listener(&self.hot.load_full());
    }

    pub fn hot(&self) -> Arc<Hot> {
        self.hot.load_full()
    }

    pub fn source(&self) -> &Arc<dyn Source> {
        &self.source
    }

    /// A page. Waits only for a render of a page that is not hot; never blocks the runtime.
    pub async fn get(self: &Arc<Self>, address: Address, locale: Locale) -> Found {
        let key = (address, if address.is_translated() { locale } else { Locale::default() });
        if let Some(page) = self.hot.load().pages.get(&key) {
            self.measures.hits.inc();
            return Found::Page(Arc::clone(page));
        }
        let slot = self.slots.get_with(key, Arc::default);
        if let Some(found) = self.good(key, &slot) {
            self.measures.hits.inc();
            return found;
        }
        self.measures.misses.inc();
        let alone = Arc::clone(&slot.rendering).lock_owned().await;
        if let Some(found) = self.good(key, &slot) {
            return found;
        }
        let Ok(permit) = Arc::clone(&self.renders).acquire_owned().await else { return Found::Unavailable };
        let pages = Arc::clone(self);
        // The render goes on when its reader leaves: the next one will want it.
        let render = tokio::task::spawn_blocking(move || {
            let found = pages.fill(key, &slot);
            drop((alone, permit));
            found
        });
        render.await.unwrap_or(Found::Unavailable)
    }

    /// What the slot holds, if it is still good.
    fn good(&self, (address, _): Key, slot: &Slot) -> Option<Found> {
        let attempt = slot.attempt.load();
        let attempt = attempt.as_ref()?;
        let hot = self.hot.load();
        let states_the_present = attempt.page.as_ref().is_some_and(|page| page.states_the_present);
        if states_the_present && is_outdated(&attempt.stamp, &hot.stamp) {
            return None;
        }
        let failed = attempt.page.as_ref().is_none_or(|page| page.fault);
        if failed && !Arc::ptr_eq(&attempt.stamp, &hot.stamp) {
            return None;
        }
        let since = attempt.generation.load(Ordering::Acquire);
        if since != self.changes.generation() {
            let until = self.changes.good_until(address, since, &hot.board)?;
            attempt.generation.fetch_max(until, Ordering::AcqRel);
        }
        Some(attempt.page.clone().map_or(Found::Unavailable, Found::Page))
    }

    fn fill(&self, key: Key, slot: &Arc<Slot>) -> Found {
        // The generation first: what changes while this renders is then newer than it.
        let generation = AtomicU64::new(self.changes.generation());
        let stamp = Arc::clone(&self.hot.load().stamp);
        let board = self.source.board();
        let previous = slot.attempt.load().as_ref().and_then(|attempt| attempt.page.clone());
        let standing = standing(&board, &stamp);
        let page = self.render(key, &board, &standing, previous.as_ref(), Effort::Thorough);
        slot.attempt.store(Some(Arc::new(Attempt { page: page.clone(), stamp, generation })));
        self.slots.insert(key, Arc::clone(slot));
        page.map_or(Found::Unavailable, Found::Page)
    }

    /// Renders one page; the previous one, marked, when that fails. Loud on the first failure of a page, and when it
    /// works again.
    fn render(
        &self,
        key: Key,
        board: &Board,
        standing: &Arc<Standing>,
        previous: Option<&Arc<Cached>>,
        effort: Effort,
    ) -> Option<Arc<Cached>> {
        let begun = std::time::Instant::now();
        let (address, locale) = key;
        let made = catch_unwind(AssertUnwindSafe(|| {
            let page = self.source.page(address, board)?;
            if page.address == Address::NotFound && address != Address::NotFound {
                return Ok(Made::NotThere);
            }
            Ok(Made::Rendered(page.address, self.source.render(board, &page, locale, &standing.stamp)))
        }));
        let error = match made {
            // One page for all that is not there, which is pinned.
            Ok(Ok(Made::NotThere)) => return self.hot.load().pages.get(&(Address::NotFound, locale)).cloned(),
            Ok(Ok(Made::Rendered(own, rendered))) => {
                self.measures.renders.inc();
                if previous.is_some_and(|previous| previous.fault) {
                    tracing::info!(?address, locale = locale.tag(), "renders again");
                }
                let page =
                    Cached::new((own, locale), rendered, Arc::clone(standing), previous.map(Arc::as_ref), effort);
                self.measures.render_seconds.observe(begun.elapsed().as_secs_f64());
                return Some(Arc::new(page));
            }
            Ok(Err(error)) => error,
            Err(_) => "the renderer panicked".to_owned(),
        };
        self.measures.renders.inc();
        self.measures.faults.inc();
        match previous {
            Some(previous) if previous.fault => Some(Arc::clone(previous)),
            Some(previous) => {
                tracing::error!(?address, locale = locale.tag(), %error, "cannot be rendered; the last good page is served");
                Some(Arc::new(previous.marked_as_fault()))
            }
            None => {
                tracing::error!(?address, locale = locale.tag(), %error, "cannot be rendered, and there is no earlier page");
                None
            }
        }
    }

    /// The hot pages of a board: rendered where `wanted` says so or none is held, else those that are held.
    fn hot_pages(
        &self,
        board: &Arc<Board>,
        stamp: &Arc<Stamp>,
        effort: Effort,
        wanted: impl Fn(Address) -> bool + Sync,
    ) -> Hot {
        let held = self.hot.load_full();
        let stamped = if Arc::ptr_eq(&held.stamp, stamp) { held.stamped } else { std::time::Instant::now() };
        let standing = standing(board, stamp);
        let keep = |key: &Key| held.pages.get(key).filter(|page| !page.fault && !wanted(key.0)).cloned();
        let one = |key: Key| {
            let cold = || self.slots.get(&key).and_then(|slot| slot.attempt.load().as_ref()?.page.clone());
            let page = keep(&key).or_else(|| {
                let previous = held.pages.get(&key).cloned().or_else(cold);
                self.render(key, board, &standing, previous.as_ref(), effort)
            });
            page.map(|page| (key, page))
        };
        let keys = hot::keys(board);
        let (first, second): (Vec<_>, Vec<_>) = keys.into_iter().enumerate().partition(|(index, _)| index % 2 == 0);
        // Two threads: a node has two cores at least, and the reader of one language waits no longer for the other.
        let mut pages: HashMap<Key, Arc<Cached>> = HashMap::with_capacity(first.len() + second.len());
        std::thread::scope(|scope| {
            let other = scope.spawn(|| second.into_iter().filter_map(|(_, key)| one(key)).collect::<Vec<_>>());
            pages.extend(first.into_iter().filter_map(|(_, key)| one(key)));
            pages.extend(other.join().unwrap_or_default());
        });
        Hot { board: Arc::clone(board), stamp: Arc::clone(stamp), stamped, pages }
    }

    fn swap(&self, hot: Hot) {
        let coarse = hot.is_coarse();
        let hot = Arc::new(hot);
        self.hot.store(Arc::clone(&hot));
        if let Some(listener) = self.swapped.get() {
            listener(&hot);
        }
        if coarse {
            self.coarse.notify_one();
        }
    }

    /// Takes in a new board: on the writer's thread, after the board can be read and before the write is acknowledged.
    pub fn board_changed(&self, board: &Arc<Board>, touched: &Touched) {
        let _one_at_a_time = self.swapping.lock().unwrap_or_else(PoisonError::into_inner);
        self.changes.note(touched.clone());
        self.measures.boards.inc();
        let stamp = self.source.stamp();
        // Other regions may have fallen silent, or be heard again, since the last renewal.
        let reads_on = stamp.reads_like(&self.hot.load().stamp);
        let is_due =
            |address: Address| touches(touched, address, board) || (!reads_on && address.states_the_present(board));
        let prompt = |address| !hot::follows(address) && is_due(address);
        let before = self.hot.load_full();
        let mut hot = self.hot_pages(board, &stamp, Effort::Swift, prompt);
        let before = standing(&before.board, &before.stamp);
        for ((address, _), page) in hot.pages.iter_mut().filter(|((address, _), _)| hot::follows(*address)) {
            let behind = match &page.behind {
                // It was rendered from this board before the board was announced.
                Some(behind) if behind.version == board.version => None,
                Some(behind) => Some(behind),
                None if page.standing.version == board.version => None,
                None => touches(touched, *address, board).then_some(&before),
            };
            if behind != page.behind.as_ref() {
                *page = Arc::new(Cached { behind: behind.cloned(), ..Cached::clone(page) });
            }
        }
        self.swap(hot);
        self.due.lock().unwrap_or_else(PoisonError::into_inner).merge(touched.clone());
        self.late.notify_one();
    }

    /// Waits until the feeds have something to catch up with.
    pub async fn late(&self) {
        self.late.notified().await;
    }

    /// Renders the feeds that changes have touched; blocking. One caller at a time, so that none goes back. Until then
    /// their headers speak of the board that they are true of.
    pub fn catch_up(&self) {
        let due = std::mem::take(&mut *self.due.lock().unwrap_or_else(PoisonError::into_inner));
        let (board, stamp) = (self.source.board(), self.source.stamp());
        let held = self.hot.load_full();
        let behind: HashSet<Address> =
            held.pages.iter().filter(|(_, page)| page.behind.is_some()).map(|((address, _), _)| *address).collect();
        let late = |address| hot::follows(address) && (behind.contains(&address) || touches(&due, address, &board));
        let rendered = self.hot_pages(&board, &stamp, Effort::Thorough, late);
        let _one_at_a_time = self.swapping.lock().unwrap_or_else(PoisonError::into_inner);
        let mut hot = Hot::clone(&self.hot.load());
        let (own, newer) = (standing(&board, &stamp), hot.board.version.clone());
        let due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, page) in rendered.pages.into_iter().filter(|((address, _), _)| late(*address)) {
            // The board may have changed meanwhile, or be one that is announced in a moment.
            let is_behind = !page.fault
                && own.version != newer
                && (newer.is_older_than(&own.version) || touches(&due, key.0, &hot.board));
            let page = match is_behind {
                true => Arc::new(Cached { behind: Some(Arc::clone(&own)), ..Cached::clone(&page) }),
                false => page,
            };
            hot.pages.insert(key, page);
        }
        drop(due);
        self.swap(hot);
    }

    /// Renders what states the present with a new stamp; blocking.
    pub fn stamp_renewed(&self, stamp: &Arc<Stamp>) {
        let swapping = || self.swapping.lock().unwrap_or_else(PoisonError::into_inner);
        // Apart from the writer, so that no write waits for it; a write in between makes it begin again.
        for _ in 1..RENEWALS_MAX {
            let generation = self.changes.generation();
            let board = self.source.board();
            let mut hot = self.hot_pages(&board, stamp, Effort::Thorough, |address| address.states_the_present(&board));
            let _one_at_a_time = swapping();
            let held = self.hot.load();
            if generation == self.changes.generation() && held.board.version == board.version {
                // The feeds may have caught up meanwhile.
                let feeds = held.pages.iter().filter(|((address, _), page)| hot::follows(*address) && !page.fault);
                hot.pages.extend(feeds.map(|(key, page)| (*key, Arc::clone(page))));
                return self.swap(hot);
            }
        }
        let _one_at_a_time = swapping();
        // What a board that was not announced yet touches is not known: everything is rendered.
        let board = self.source.board();
        let is_announced = self.hot.load().board.version == board.version;
        let wanted = |address: Address| !is_announced || address.states_the_present(&board);
        self.swap(self.hot_pages(&board, stamp, Effort::Thorough, wanted));
    }

    /// Waits until there is something to compress better.
    pub async fn coarse(&self) {
        self.coarse.notified().await;
    }

    /// Compresses better what a writer compressed swiftly; blocking.
    pub fn refine(&self) {
        let coarse: Vec<_> =
            self.hot.load().pages.values().filter(|page| page.bodies.effort == Effort::Swift).cloned().collect();
        let refined: Vec<_> = coarse.into_iter().map(|page| (Arc::new(page.refined()), page)).collect();
        let _one_at_a_time = self.swapping.lock().unwrap_or_else(PoisonError::into_inner);
        let mut hot = Hot::clone(&self.hot.load());
        for (refined, coarse) in refined {
            let key = (coarse.address, coarse.locale);
            if hot.pages.get(&key).is_some_and(|held| Arc::ptr_eq(held, &coarse)) {
                hot.pages.insert(key, refined);
            }
        }
        self.swap(hot);
    }
}

fn standing(board: &Board, stamp: &Arc<Stamp>) -> Arc<Standing> {
    Arc::new(Standing { version: board.version.clone(), stamp: Arc::clone(stamp) })
}

/// Whether a page with the stamp `own` is due for the newest one. A write renews the stamp as well, which alone makes no
/// page old that it does not touch.
fn is_outdated(own: &Stamp, newest: &Stamp) -> bool {
    let age = (newest.now - own.now).num_seconds();
    !own.reads_like(newest) || age.unsigned_abs() > STAMP_SECONDS / 2
}

impl std::fmt::Debug for Pages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pages").field("hot", &self.hot.load().pages.len()).finish_non_exhaustive()
    }
}

/// A listener for boards that does not keep the pages alive.
pub fn board_listener(pages: &Arc<Pages>) -> Listener {
    let pages: Weak<Pages> = Arc::downgrade(pages);
    Box::new(move |board, touched| {
        if let Some(pages) = pages.upgrade() {
            pages.board_changed(board, touched);
        }
    })
}
