//! `Idempotency-Key`: a request sent twice is done once. The store keeps the key in the very commit of its events and
//! the answer afterwards, in a bounded table; the answer is given again, and the same key with another body is refused.
//!
//! Imports are not committed under their key, because they take several commits; they change nothing when repeated.

use super::{caller::Caller, problem::Problem, receipt};
use crate::{
    publish::Node,
    store::requests::{Remembered, RequestKey},
};
use axum::{
    body::{Body, to_bytes},
    extract::{Extension, Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::command::Refusal;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tokio::sync::Mutex;

pub const HEADER: &str = "idempotency-key";
/// Says that the answer was given before.
pub const REPLAYED_HEADER: &str = "idempotency-replayed";
const KEY_BYTES_MAX: usize = 200;
/// Requests with keys that run beside each other; two with one key never do.
const LANES: usize = 64;

/// Marks an answer that is not to be kept: it holds a secret, or texts, which a redaction would have to find here.
#[derive(Clone, Copy, Debug)]
pub struct Secret;

/// One lock for each lane of keys.
#[derive(Debug)]
pub struct Lanes([Mutex<()>; LANES]);

impl Default for Lanes {
    fn default() -> Self {
        Lanes(std::array::from_fn(|_| Mutex::new(())))
    }
}

/// An answer as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    status: u16,
    body: String,
}

#[derive(Clone)]
pub struct Guard {
    pub node: Arc<Node>,
    pub lanes: Arc<Lanes>,
}

/// Does a request with a key once.
pub async fn once(
    State(guard): State<Guard>,
    Extension(caller): Extension<Caller>,
    request: Request,
    next: Next,
) -> Response {
    let is_safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let Some(given) = request.headers().get(HEADER).filter(|_| !is_safe).cloned() else {
        return next.run(request).await;
    };
    match keyed(&guard, &caller, &given, request, next).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

async fn keyed(
    guard: &Guard,
    caller: &Caller,
    given: &HeaderValue,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let given = given.to_str().ok().filter(|key| (1..=KEY_BYTES_MAX).contains(&key.len()));
    let given = given.ok_or_else(|| refusal("is empty, too long or not text", "1 to 200 visible ASCII characters"))?;
    let (mut parts, body) = request.into_parts();
    let bytes = to_bytes(body, super::body::FILE_BYTES_MAX)
        .await
        .map_err(|_| Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "the body is too long"))?;
    let hash = digest(&[caller.realm.as_bytes(), given.as_bytes()]);
    let path = parts.uri.path_and_query().map(|path| path.as_str()).unwrap_or_default();
    let fingerprint = digest(&[parts.method.as_str().as_bytes(), path.as_bytes(), &bytes]);
    let key = RequestKey { key: hash.to_hex().to_string(), digest: *fingerprint.as_bytes() };
    let status = if parts.method == Method::POST { StatusCode::CREATED } else { StatusCode::OK };
    let _lane = guard.lanes.0[usize::from(hash.as_bytes()[0]) % LANES].lock().await;
    if let Some(held) = remembered(guard, &key).await? {
        return repeated(guard, &key, held, status).await;
    }
    parts.extensions.insert(Caller { request: Some(key.clone()), ..caller.clone() });
    let response = next.run(Request::from_parts(parts, Body::from(bytes))).await;
    // A client that left, and came back before its request's turn: both are in the writer's queue, and one is done.
    if response.status() == StatusCode::CONFLICT
        && let Some(held) = remembered(guard, &key).await?
    {
        return repeated(guard, &key, held, status).await;
    }
    // A refused request changed nothing, so it may be sent again under its key.
    if !response.status().is_success() || response.extensions().get::<Secret>().is_some() {
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(|error| Problem::unavailable(&error))?;
    let kept = Kept { status: parts.status.as_u16(), body: String::from_utf8_lossy(&body).into_owned() };
    remember(guard, key, &kept).await;
    Ok(Response::from_parts(parts, Body::from(body)))
}

/// The answer to a request that was done before; `status` where its own was lost.
async fn repeated(guard: &Guard, key: &RequestKey, held: Remembered, status: StatusCode) -> Result<Response, Problem> {
    if held.digest != key.digest {
        return Err(refusal("was used for another request", "a new key for each new request"));
    }
    let kept: Kept = match held.answer {
        Some(answer) => serde_json::from_str(&answer).map_err(|error| Problem::unavailable(&error))?,
        None => {
            let receipt = receipt::of_events(&guard.node, held.events).await?;
            let body = serde_json::to_string(&receipt).map_err(|error| Problem::unavailable(&error))?;
            let kept = Kept { status: status.as_u16(), body };
            remember(guard, key.clone(), &kept).await;
            kept
        }
    };
    let status = StatusCode::from_u16(kept.status).unwrap_or(StatusCode::OK);
    let headers = [(header::CONTENT_TYPE.as_str(), "application/json"), (REPLAYED_HEADER, "true")];
    Ok((status, headers, kept.body).into_response())
}

fn refusal(what: &str, right: &str) -> Problem {
    Problem::refused([Refusal::new("Idempotency-Key", what, right)])
}

fn digest(parts: &[&[u8]]) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_be_bytes()).update(part);
    }
    hasher.finalize()
}

async fn remembered(guard: &Guard, key: &RequestKey) -> Result<Option<Remembered>, Problem> {
    let (store, key, now) = (guard.node.store().clone(), key.key.clone(), guard.node.clock().now());
    let found = tokio::task::spawn_blocking(move || store.request(&key, now)).await;
    found.map_err(|error| Problem::unavailable(&error))?.map_err(|error| Problem::unavailable(&error))
}

/// The events are durable already, and so is the key: an answer that could not be kept is told to operators, not to the
/// client.
async fn remember(guard: &Guard, key: RequestKey, kept: &Kept) {
    let (store, now) = (guard.node.store().clone(), guard.node.clock().now());
    let Ok(answer) = serde_json::to_string(kept) else { return };
    let done = tokio::task::spawn_blocking(move || store.remember_request(&key, &answer, now)).await;
    if let Ok(Err(error)) = done {
        tracing::warn!(%error, "an answer could not be kept for its idempotency key");
    }
}
