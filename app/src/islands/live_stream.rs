//! The stream of board versions, and what stands in for it while it is down. Only in the browser.

use std::cell::{Cell, RefCell};

use leptos::task::spawn_local;
use wasm_bindgen::JsCast as _;
use web_sys::{EventSource, MessageEvent};

use super::live_refresh::{confirmation, reconnect_ms};
use super::{browser, page_sections, reader_clock};

/// A change is fetched after a random wait of at most this, so that a crowd of readers does not come at once.
const JITTER_MS_MAX: i32 = 1_500;
/// How often a page without a stream, or without confirmations on it, looks for itself; plus as much jitter as below.
const POLL_MS: i32 = 30_000;
const POLL_JITTER_MS_MAX: i32 = 5_000;

/// One fetch at a time, and never a forgotten one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fetch {
    Idle,
    Waiting,
    Running,
    /// Something changed while it ran.
    RunningAndStale,
}

thread_local! {
    static FETCH: Cell<Fetch> = const { Cell::new(Fetch::Idle) };
    static STREAM: RefCell<Option<EventSource>> = const { RefCell::new(None) };
    /// The newest version that the stream named.
    static NEWEST_BOARD: RefCell<Option<String>> = const { RefCell::new(None) };
    /// What the stream says that pages say of other regions.
    static REGIONS: RefCell<Option<String>> = const { RefCell::new(None) };
    static FAILURES: Cell<u32> = const { Cell::new(0) };
}

/// Opens the stream that the page names, and begins to poll for the times without it. A page that does not state the
/// present, which is one without a freshness line, has nothing to follow.
pub fn start() {
    if browser::by_id("freshness").is_none() {
        return;
    }
    let stream = browser::by_id("announce").and_then(|place| place.get_attribute("data-stream"));
    if let Some(address) = stream {
        open(address);
    }
    poll();
}

fn open(address: String) {
    let Ok(stream) = EventSource::new(&address) else {
        return;
    };
    browser::listen(&stream, "open", |_| {
        // What happened while it was down may have been missed.
        if FAILURES.replace(0) > 0 {
            refresh_soon();
        }
    });
    browser::listen(&stream, "board", |event| {
        let version = event.unchecked_into::<MessageEvent>().data().as_string();
        NEWEST_BOARD.set(version);
        if is_behind() {
            refresh_soon();
        }
    });
    browser::listen(&stream, "regions", |event| {
        REGIONS.set(event.unchecked_into::<MessageEvent>().data().as_string());
        if is_behind() {
            refresh_soon();
        }
    });
    browser::listen(&stream, "confirmed", |event| {
        let data = event.unchecked_into::<MessageEvent>().data().as_string().unwrap_or_default();
        // What is confirmed is the newest board; a page that shows another one is only as fresh as it was.
        if let Some((instant, age_ms)) = confirmation(&data)
            && !is_behind()
        {
            page_sections::confirm(instant, age_ms);
        }
    });
    let failed = stream.clone();
    browser::listen(&stream, "error", move |_| {
        FAILURES.set(FAILURES.get().saturating_add(1));
        // The browser tries again by itself after a lost connection, but not after a refusal.
        if failed.ready_state() == EventSource::CLOSED {
            let address = address.clone();
            let wait = reconnect_ms(FAILURES.get(), browser::jitter_ms);
            browser::after(wait, move || open(address));
        }
    });
    STREAM.set(Some(stream));
}

fn poll() {
    let wait = POLL_MS + browser::jitter_ms(POLL_JITTER_MS_MAX);
    browser::after(wait, || {
        let is_open = STREAM
            .with_borrow(|stream| stream.as_ref().is_some_and(|stream| stream.ready_state() == EventSource::OPEN));
        let is_old = reader_clock::age_ms().is_some_and(|age| age > i64::from(POLL_MS));
        if !is_open || is_old || is_behind() {
            refresh_soon();
        }
        poll();
    });
}

/// Whether the stream named another version than the page shows, or says other things of other regions.
fn is_behind() -> bool {
    let differs = |attribute: &str, newest: Option<String>| {
        let shown = browser::by_id("freshness").and_then(|line| line.get_attribute(attribute));
        shown.zip(newest).is_some_and(|(shown, newest)| shown != newest)
    };
    differs("data-board", NEWEST_BOARD.with_borrow(Clone::clone))
        || differs("data-regions", REGIONS.with_borrow(Clone::clone))
}

fn refresh_soon() {
    match FETCH.get() {
        Fetch::Idle => {
            FETCH.set(Fetch::Waiting);
            browser::after(browser::jitter_ms(JITTER_MS_MAX), || {
                FETCH.set(Fetch::Running);
                spawn_local(async {
                    page_sections::refresh().await;
                    if FETCH.replace(Fetch::Idle) == Fetch::RunningAndStale {
                        refresh_soon();
                    }
                });
            });
        }
        Fetch::Running => FETCH.set(Fetch::RunningAndStale),
        Fetch::Waiting | Fetch::RunningAndStale => {}
    }
}
