//! Limits around the write API: size and time of a request, and the headers that every response has.

use super::{Answer, problem::Problem, security, settings::BODY_BYTES_MAX};
use axum::{
    Router,
    body::{Body, HttpBody},
    http::{HeaderValue, Request, header},
};
use http_body_util::{Either, Limited};
use hyper::body::Incoming;
use std::time::Duration;
use tower::ServiceExt;

/// Hands a request to the router, within the limits.
pub async fn answer(router: Router, request: Request<Incoming>, timeout: Duration) -> Answer {
    if request.body().size_hint().lower() > BODY_BYTES_MAX as u64 {
        return Problem::BodyTooLarge.answer();
    }
    let is_console = request.uri().path().starts_with(app::console::BASE);
    let request = request.map(|body| Body::new(Limited::new(body, BODY_BYTES_MAX)));
    let Ok(Ok(response)) = tokio::time::timeout(timeout, router.oneshot(request)).await else {
        return Problem::TooSlow.answer();
    };
    let mut answer = response.map(Either::Right);
    let headers = answer.headers_mut();
    security::secure(headers);
    if is_console {
        security::keep_to_own_origin(headers);
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    answer
}
