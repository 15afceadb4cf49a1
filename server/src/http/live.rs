//! The live stream (server-sent events). An event `board` carries the newest version's total and nothing else: the
//! browser fetches what changed, so a lost event loses nothing and `Last-Event-ID` has no meaning. An event `regions`
//! carries what the pages say of other regions, as `Stamp::regions_digest`. An event `confirmed` carries the newest
//! confirmation (RFC 3339), and after a space its age in whole seconds, rounded up, when the frame was sent: a page of
//! that version is all the news as of then.
//!
//! One task makes every frame once; a stream holds a place in line and no timer of its own, so that ten thousand idle
//! ones are cheap. A frame holds the whole state, so that one that overtakes another takes nothing away.

use super::{Answer, page, problem::Problem, security, shutdown::Shutdown};
use crate::cache::Hot;
use axum::{
    body::Body,
    http::{HeaderValue, Method, Response, header},
};
use bytes::Bytes;
use domain::Instant;
use futures_util::stream;
use http_body_util::Either;
use std::{convert::Infallible, sync::Arc, time::Duration};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// Seconds between two frames at most: less than what proxies allow on an idle stream.
pub const KEEP_ALIVE_SECONDS: u64 = 20;
/// Milliseconds between two frames at least: each new version makes every open browser ask.
pub const FRAME_EVERY_MS_MIN: u64 = 250;
/// Milliseconds that a browser waits before it comes again.
const RETRY_MS: u64 = 3000;

/// What the streams tell.
#[derive(Clone, Debug)]
struct News {
    board: u64,
    regions: String,
    confirmed_at: Instant,
    /// The moment as of which the confirmation is, on a clock that nobody sets: a frame may be sent long after, and no
    /// browser may take the confirmation for younger than it is. `None`: longer ago than that clock runs.
    confirmed: Option<std::time::Instant>,
}

impl News {
    fn of(hot: &Hot) -> Self {
        // The instant is told in whole seconds, rounded down: the age is counted from there.
        let cut = Duration::from_nanos(u64::from(hot.stamp.confirmed_at.timestamp_subsec_nanos()));
        News {
            board: hot.board.version.total(),
            regions: hot.stamp.regions_digest(),
            confirmed_at: hot.stamp.confirmed_at,
            confirmed: std::time::Instant::now().checked_sub(hot.age() + cut),
        }
    }

    fn is_new_to(&self, other: &News) -> bool {
        (self.board, &self.regions, self.confirmed_at) != (other.board, &other.regions, other.confirmed_at)
    }

    fn frame(&self) -> Bytes {
        let News { board, regions, confirmed_at, confirmed } = self;
        let mut frame = format!("event: board\ndata: {board}\n\nevent: regions\ndata: {regions}\n\n");
        if let Some(confirmed) = confirmed {
            let instant = confirmed_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
            let age = confirmed.elapsed().as_millis().div_ceil(1000);
            frame.push_str(&format!("event: confirmed\ndata: {instant} {age}\n\n"));
        }
        Bytes::from(frame)
    }
}

#[derive(Debug)]
pub struct Live {
    news: watch::Sender<News>,
    /// The frame to send; `None` is the end.
    frames: watch::Sender<Option<Bytes>>,
    places: Arc<Semaphore>,
    places_max: usize,
}

impl Live {
    pub fn new(hot: &Hot, streams_max: usize) -> Self {
        let news = News::of(hot);
        let frame = news.frame();
        Live {
            news: watch::Sender::new(news),
            frames: watch::Sender::new(Some(frame)),
            places: Arc::new(Semaphore::new(streams_max)),
            places_max: streams_max,
        }
    }

    /// Takes in what the pages show by now.
    pub fn tell(&self, hot: &Hot) {
        let newest = News::of(hot);
        self.news.send_if_modified(|news| {
            let is_new = newest.is_new_to(news);
            *news = newest;
            is_new
        });
    }

    /// Streams that are open.
    pub fn open(&self) -> usize {
        self.places_max - self.places.available_permits()
    }

    /// Hands the news on to the streams, until the end, which it tells them.
    pub async fn run(&self, shutdown: Shutdown) {
        let mut news = self.news.subscribe();
        let relay = async {
            loop {
                let idle = tokio::time::sleep(Duration::from_secs(KEEP_ALIVE_SECONDS));
                tokio::select! {
                    // The sender lives as long as `self`.
                    _ = news.changed() => {}
                    () = idle => {}
                }
                let frame = news.borrow_and_update().frame();
                self.frames.send_replace(Some(frame));
                tokio::time::sleep(Duration::from_millis(FRAME_EVERY_MS_MIN)).await;
            }
        };
        tokio::select! {
            () = relay => {}
            () = shutdown.begun() => {}
        }
        self.frames.send_replace(None);
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

    /// Begins with the newest state at once, and ends with the server.
    fn stream(&self, place: OwnedSemaphorePermit) -> Body {
        let mut frames = self.frames.subscribe();
        let first = frames.borrow_and_update().is_some().then(|| {
            let frame = self.news.borrow().frame();
            Bytes::from([format!("retry: {RETRY_MS}\n\n").as_bytes(), &frame].concat())
        });
        let ended = first.is_none();
        let state = (frames, place, first, ended);
        Body::from_stream(stream::unfold(state, |(mut frames, place, first, ended)| async move {
            let frame = match first {
                Some(first) => Some(first),
                None if ended || frames.changed().await.is_err() => None,
                None => frames.borrow_and_update().clone(),
            };
            frame.map(|frame| (Ok::<_, Infallible>(frame), (frames, place, None, false)))
        }))
    }
}
