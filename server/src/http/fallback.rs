//! A node whose data file cannot be read serves the last snapshot, marked, and takes no posts.
//!
//! Nothing here needs a store, a board or a key: a request's path becomes a file below one directory.

use super::{Answer, negotiate::Accepted, page, problem::Problem, security};
use crate::{
    cache::{
        bodies::{Bodies, Effort},
        cached::Etags,
    },
    snapshot::{FILE_BYTES_MAX, candidates, copies, manifest, sealed_log, target::too_long},
};
use app::site::SiteCopy;
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    response::Response,
    routing::any,
};
use std::{
    path::{Component, Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::SystemTime,
};

/// What the files that are kept in memory may weigh together, in bytes.
pub const KEPT_BYTES_MAX: u64 = 16 << 20;
/// Marks every response of a node whose store is damaged: this is a copy.
const FAULT: (HeaderName, HeaderValue) = (HeaderName::from_static("holdfast-fault"), HeaderValue::from_static("store"));
/// Marks every response of whoever serves a snapshot and nothing else.
const COPY: (HeaderName, HeaderValue) =
    (HeaderName::from_static("holdfast-copy"), HeaderValue::from_static("snapshot"));
/// A copy is asked for again soon: the node may be whole by then.
const CACHING: HeaderValue = HeaderValue::from_static("no-cache");

/// Whether a directory holds a snapshot that can be served.
pub fn holds_snapshot(directory: &Path) -> bool {
    directory.join("index.html").is_file()
}

/// Serves `directory` in the place of a node whose store is damaged; `reason` is what a refused write is told, `copies`
/// are where else the page is.
pub fn router(directory: PathBuf, reason: String, copies: &[SiteCopy]) -> Router {
    marked(directory, reason, FAULT, Policy::Fixed(security::policy_with(copies)))
}

/// Serves `directory` as the copy that it is. Where else the page is, its own list says.
pub fn copy(directory: PathBuf) -> Router {
    let reason = "a snapshot is served here, and no node runs".to_owned();
    marked(directory, reason, COPY, Policy::Told(Mutex::default()))
}

fn marked(directory: PathBuf, reason: String, mark: (HeaderName, HeaderValue), policy: Policy) -> Router {
    let weigh = |name: &String, file: &Arc<File>| u32::try_from(name.len() + file.bodies.bytes()).unwrap_or(u32::MAX);
    let files = moka::sync::Cache::builder().max_capacity(KEPT_BYTES_MAX).weigher(weigh).build();
    let copy = Copy { directory, reason, mark, files, has_told: AtomicBool::new(false), policy };
    Router::new().fallback(any(answer)).with_state(Arc::new(copy))
}

struct Copy {
    directory: PathBuf,
    reason: String,
    mark: (HeaderName, HeaderValue),
    policy: Policy,
    /// By name; good as long as the file on the disk is as old and as long.
    files: moka::sync::Cache<String, Arc<File>>,
    /// It was told already of a file that is too long: whoever asks again writes no second line.
    has_told: AtomicBool,
}

/// Which origins pages and their worker may ask. `None` where the policy of [`security::secure`] says it all.
enum Policy {
    Fixed(Option<HeaderValue>),
    /// By the snapshot's own list, read again when its file changes.
    Told(Mutex<Told>),
}

/// A policy, and the age and length of the file that it was read from.
#[derive(Default)]
struct Told {
    file: Option<(SystemTime, u64)>,
    policy: Option<HeaderValue>,
}

impl Policy {
    /// That of now; the disk is asked.
    fn of(&self, directory: &Path) -> Option<HeaderValue> {
        let told = match self {
            Policy::Fixed(policy) => return policy.clone(),
            Policy::Told(told) => told,
        };
        let path = directory.join(copies::FILE);
        let found = std::fs::metadata(&path).ok().filter(|found| found.is_file() && found.len() <= copies::BYTES_MAX);
        let file = found.and_then(|found| Some((found.modified().ok()?, found.len())));
        let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.file != file {
            let bytes = file.and_then(|_| std::fs::read(&path).ok());
            let copies = bytes.and_then(|bytes| copies::read(&bytes)).unwrap_or_default();
            *told = Told { file, policy: security::policy_with(&copies) };
        }
        told.policy.clone()
    }
}

/// What a name comes to.
enum Found {
    File(Arc<File>),
    TooLong,
    Nothing,
}

/// A file that was read and compressed.
struct File {
    written: Option<SystemTime>,
    bodies: Bodies,
    etags: Etags,
}

async fn answer(State(copy): State<Arc<Copy>>, request: Request) -> Response {
    let (method, path, held) = (request.method().clone(), request.uri().path().to_owned(), request.headers().clone());
    let mark = copy.mark.clone();
    let (mut response, policy) = match method {
        Method::GET | Method::HEAD => {
            // The disk is asked, and may be slow.
            let read = move || (copy.read(&path, &method, &held), copy.policy.of(&copy.directory));
            let read = tokio::task::spawn_blocking(read).await;
            let (answer, policy) = read.unwrap_or_else(|_| (Problem::Unavailable.answer(), None));
            (answer.map(Body::new), policy)
        }
        _ => (copy.refuse(), None),
    };
    let headers = response.headers_mut();
    security::secure(headers);
    headers.insert(mark.0, mark.1);
    if let Some(policy) = policy {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(header::CACHE_CONTROL, CACHING);
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, page::ANY_ORIGIN);
    response
}

impl Copy {
    fn read(&self, path: &str, method: &Method, request: &HeaderMap) -> Answer {
        // Only plain names: no parent, no root, no hidden file leads out of the directory or to its list.
        let is_plain = |name: &str| {
            // One file has one name, or each of its names would be kept by itself.
            let is_odd = name.split('/').any(|part| part.is_empty() || part == ".");
            let mut parts = Path::new(name).components();
            !is_odd
                && parts
                    .all(|part| matches!(part, Component::Normal(part) if !part.as_encoded_bytes().starts_with(b".")))
        };
        for name in candidates(path).into_iter().filter(|name| is_plain(name)) {
            match self.file(&name) {
                Found::File(file) => return file.answer(&name, StatusCode::OK, method, request),
                Found::TooLong => return Problem::Unavailable.answer(),
                Found::Nothing => {}
            }
        }
        let missing = "404.html";
        match self.file(missing) {
            Found::File(file) => file.answer(missing, StatusCode::NOT_FOUND, method, request),
            // A snapshot has that page; so there is none.
            Found::TooLong | Found::Nothing => Problem::Unavailable.answer(),
        }
    }

    fn file(&self, name: &str) -> Found {
        let path = self.directory.join(name);
        let Some(found) = std::fs::metadata(&path).ok().filter(std::fs::Metadata::is_file) else {
            return Found::Nothing;
        };
        if found.len() > FILE_BYTES_MAX {
            if !self.has_told.swap(true, Ordering::Relaxed) {
                let file = path.display();
                tracing::error!(%file, bytes = found.len(), "a file is not served: it {}", too_long(FILE_BYTES_MAX));
            }
            return Found::TooLong;
        }
        let written = found.modified().ok();
        let is_good = |file: &Arc<File>| file.written == written && file.bodies.identity.len() as u64 == found.len();
        if let Some(kept) = self.files.get(name).filter(is_good) {
            return Found::File(kept);
        }
        let Ok(bytes) = std::fs::read(&path) else { return Found::Nothing };
        let make = || {
            let etags = Etags::of(&bytes, Effort::Thorough);
            let bodies = match name.starts_with(sealed_log::FOLDER) {
                true => Bodies::incompressible(bytes),
                false => Bodies::of(bytes, Effort::Thorough),
            };
            Arc::new(File { written, bodies, etags })
        };
        // However many ask for it at once, one makes it.
        Found::File(self.files.entry_by_ref(name).or_insert_with_if(make, |kept| !is_good(kept)).into_value())
    }

    fn refuse(&self) -> Response {
        let problem = serde_json::json!({
            "type": "about:blank",
            "title": "Service Unavailable",
            "status": StatusCode::SERVICE_UNAVAILABLE.as_u16(),
            "detail": format!("This is a copy and takes no posts: {}", self.reason),
        });
        let mut response = Response::new(Body::from(problem.to_string()));
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response
    }
}

impl File {
    fn answer(&self, name: &str, status: StatusCode, method: &Method, request: &HeaderMap) -> Answer {
        let encoding = Accepted::of(request).choose(&self.bodies);
        let body = encoding.body(&self.bodies).unwrap_or(&self.bodies.identity);
        let etag = encoding.etag(&self.etags);
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
        if let Some(value) = encoding.value() {
            headers.insert(header::CONTENT_ENCODING, value);
        }
        headers.insert(header::VARY, page::VARY);
        if status == StatusCode::OK {
            headers.insert(header::ETAG, etag.clone());
        }
        page::respond(method, request, status, headers, body, etag)
    }
}

/// The media type of a snapshot's file.
fn content_type(name: &str) -> &'static str {
    if name.starts_with(sealed_log::FOLDER) {
        return "application/octet-stream";
    }
    if name.starts_with("manifest") && !name.contains('.') || [manifest::NEXT, manifest::PREVIOUS].contains(&name) {
        return "text/plain; charset=utf-8";
    }
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
