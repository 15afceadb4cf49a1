//! The stream of board versions (server-sent events). An event `board` carries the newest version's total and nothing
//! else: the browser fetches what changed, so a lost event loses nothing and `Last-Event-ID` has no meaning.
//!
//! One task makes every frame once; a stream holds a place in line and no timer of its own, so that ten thousand idle
//! ones are cheap.

use super::{Answer, page, problem::Problem, security, shutdown::Shutdown};
use axum::{
    body::Body,
    http::{HeaderValue, Method, Response, header},
};
use bytes::Bytes;
use futures_util::stream;
use http_body_util::Either;
use std::{convert::Infallible, sync::Arc, time::Duration};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// Seconds between two signs of life on an idle stream: less than what proxies allow.
pub const KEEP_ALIVE_SECONDS: u64 = 20;
/// Milliseconds between two events at least: each of them makes every open browser ask.
pub const EVENT_EVERY_MS_MIN: u64 = 250;
/// Milliseconds that a browser waits before it comes again.
const RETRY_MS: u64 = 3000;

/// What the streams are told.
#[derive(Clone, Debug)]
struct Beat {
    /// The newest version: what a new stream begins with.
    board: Bytes,
    /// What open streams are sent now: that event, or a sign of life.
    now: Bytes,
    end: bool,
}

#[derive(Debug)]
pub struct Live {
    beats: watch::Sender<Beat>,
    places: Arc<Semaphore>,
    places_max: usize,
}

fn event(version: u64) -> Bytes {
    Bytes::from(format!("event: board\ndata: {version}\n\n"))
}

impl Live {
    pub fn new(version: u64, streams_max: usize) -> Self {
        let beat = Beat { board: event(version), now: event(version), end: false };
        let places = Arc::new(Semaphore::new(streams_max));
        Live { beats: watch::Sender::new(beat), places, places_max: streams_max }
    }

    /// Streams that are open.
    pub fn open(&self) -> usize {
        self.places_max - self.places.available_permits()
    }

    /// Hands versions on to the streams, until the end, which it tells them.
    pub async fn run(&self, mut versions: watch::Receiver<u64>, shutdown: Shutdown) {
        let relay = async {
            let mut signs = tokio::time::interval(Duration::from_secs(KEEP_ALIVE_SECONDS));
            loop {
                tokio::select! {
                    changed = versions.changed() => {
                        if changed.is_err() {
                            return;
                        }
                        let event = event(*versions.borrow_and_update());
                        self.beats.send_replace(Beat { board: event.clone(), now: event, end: false });
                        // Versions that come in between are overtaken by the newest.
                        tokio::time::sleep(Duration::from_millis(EVENT_EVERY_MS_MIN)).await;
                    }
                    _ = signs.tick() => {
                        self.beats.send_modify(|beat| beat.now = Bytes::from_static(b":\n\n"));
                    }
                }
            }
        };
        tokio::select! {
            () = relay => {}
            () = shutdown.begun() => {}
        }
        self.beats.send_modify(|beat| beat.end = true);
    }

    /// A new stream.
    pub fn answer(&self, method: &Method) -> Answer {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            return Problem::StreamsExhausted.answer();
        };
        let body = if method == Method::HEAD { Body::empty() } else { self.stream(place) };
        let mut answer = Response::new(Either::Right(body));
        let headers = answer.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        // Some proxies collect a response before they hand it on, unless they are told.
        headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, page::ANY_ORIGIN);
        security::secure(headers);
        answer
    }

    fn stream(&self, place: OwnedSemaphorePermit) -> Body {
        let mut beats = self.beats.subscribe();
        let beat = beats.borrow_and_update().clone();
        let first = Bytes::from([format!("retry: {RETRY_MS}\n").as_bytes(), &beat.board].concat());
        let state = (beats, place, Some(first), beat.end);
        Body::from_stream(stream::unfold(state, |(mut beats, place, first, end)| async move {
            if let Some(first) = first {
                return Some((Ok::<_, Infallible>(first), (beats, place, None, end)));
            }
            if end || beats.changed().await.is_err() {
                return None;
            }
            let beat = beats.borrow_and_update().clone();
            (!beat.end).then_some((Ok(beat.now), (beats, place, None, false)))
        }))
    }
}
