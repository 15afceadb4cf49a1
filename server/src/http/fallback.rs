//! A node whose data file cannot be read serves the last snapshot, marked, and takes no posts.
//!
//! Nothing here needs a store, a board or a key: a request's path becomes a file below one directory.

use super::{page, security};
use crate::snapshot::candidates;
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    response::Response,
    routing::any,
};
use std::{
    path::{Component, Path, PathBuf},
    sync::Arc,
};

/// Marks every response: the store is damaged, and this is a copy.
const FAULT: (HeaderName, HeaderValue) = (HeaderName::from_static("holdfast-fault"), HeaderValue::from_static("store"));
/// A copy is asked for again soon: the node may be whole by then.
const CACHING: HeaderValue = HeaderValue::from_static("no-cache");

/// Whether a directory holds a snapshot that can be served.
pub fn holds_snapshot(directory: &Path) -> bool {
    directory.join("index.html").is_file()
}

/// Serves `directory`; `reason` is what a refused write is told.
pub fn router(directory: PathBuf, reason: String) -> Router {
    Router::new().fallback(any(answer)).with_state(Arc::new(Copy { directory, reason }))
}

struct Copy {
    directory: PathBuf,
    reason: String,
}

async fn answer(State(copy): State<Arc<Copy>>, request: Request) -> Response {
    let mut response = match *request.method() {
        Method::GET | Method::HEAD => copy.read(request.uri().path()).await,
        _ => copy.refuse(),
    };
    let headers = response.headers_mut();
    security::secure(headers);
    headers.insert(FAULT.0, FAULT.1);
    headers.insert(header::CACHE_CONTROL, CACHING);
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, page::ANY_ORIGIN);
    if request.method() == Method::HEAD {
        *response.body_mut() = Body::empty();
    }
    response
}

impl Copy {
    async fn read(&self, path: &str) -> Response {
        // Only plain names: no parent, no root, no hidden file leads out of the directory or to its list.
        let is_plain = |name: &str| {
            let mut parts = Path::new(name).components();
            parts.all(|part| matches!(part, Component::Normal(part) if !part.as_encoded_bytes().starts_with(b".")))
        };
        for name in candidates(path).into_iter().filter(|name| is_plain(name)) {
            if let Ok(bytes) = tokio::fs::read(self.directory.join(&name)).await {
                return found(&name, bytes, StatusCode::OK);
            }
        }
        let page = tokio::fs::read(self.directory.join("404.html")).await.unwrap_or_default();
        found("404.html", page, StatusCode::NOT_FOUND)
    }

    fn refuse(&self) -> Response {
        let problem = serde_json::json!({
            "type": "about:blank",
            "title": "Service Unavailable",
            "status": StatusCode::SERVICE_UNAVAILABLE.as_u16(),
            "detail": format!("This node serves a copy and takes no posts: {}", self.reason),
        });
        let mut response = Response::new(Body::from(problem.to_string()));
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response
    }
}

fn found(name: &str, bytes: Vec<u8>, status: StatusCode) -> Response {
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
    response
}

/// The media type of a snapshot's file.
fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml; charset=utf-8",
        Some("rss") => "application/rss+xml; charset=utf-8",
        Some("atom") => "application/atom+xml; charset=utf-8",
        Some("ics") => "text/calendar; charset=utf-8",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/json; charset=utf-8",
    }
}
