//! Errors of the public listener: as problem details (RFC 9457). A missing page is a page of its own.

use super::{Answer, page, security};
use axum::http::{HeaderValue, Response, StatusCode, header};

/// What is wrong with a request, or with us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    NotFound,
    MethodNotAllowed,
    TargetTooLong,
    BodyTooLarge,
    TooSlow,
    /// No page, and none from before.
    Unavailable,
    /// As many live streams as fit.
    StreamsExhausted,
}

/// Seconds after which to come again.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("10");
/// Methods of everything that is only read.
pub const READ_METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS");

impl Problem {
    fn status(self) -> StatusCode {
        match self {
            Problem::NotFound => StatusCode::NOT_FOUND,
            Problem::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Problem::TargetTooLong => StatusCode::URI_TOO_LONG,
            Problem::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Problem::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Problem::Unavailable | Problem::StreamsExhausted => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn detail(self) -> String {
        match self {
            Problem::NotFound => "There is nothing at this address; see /api/v1/openapi.json.".to_owned(),
            Problem::MethodNotAllowed => "This can only be read: use GET or HEAD.".to_owned(),
            Problem::TargetTooLong => {
                format!("The address is longer than {} bytes.", super::settings::TARGET_BYTES_MAX)
            }
            Problem::BodyTooLarge => format!("The body is larger than {} bytes.", super::settings::BODY_BYTES_MAX),
            Problem::TooSlow => "The request did not arrive in time.".to_owned(),
            Problem::Unavailable => "The page cannot be shown just now. Come again in a few seconds.".to_owned(),
            Problem::StreamsExhausted => {
                "As many live streams as fit are open. Come again in a few seconds.".to_owned()
            }
        }
    }

    /// The response, head included.
    pub fn answer(self) -> Answer {
        let status = self.status();
        let body = serde_json::json!({
            "type": "about:blank",
            "title": status.canonical_reason().unwrap_or_default(),
            "status": status.as_u16(),
            "detail": self.detail(),
        });
        let mut answer = Response::new(super::full(body.to_string()));
        *answer.status_mut() = status;
        let headers = answer.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, page::ANY_ORIGIN);
        security::secure(headers);
        match self {
            Problem::MethodNotAllowed => {
                headers.insert(header::ALLOW, READ_METHODS);
            }
            Problem::Unavailable | Problem::StreamsExhausted => {
                headers.insert(header::RETRY_AFTER, RETRY_AFTER);
            }
            // What is left of the request is not read.
            Problem::TooSlow | Problem::BodyTooLarge => {
                headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            _ => {}
        }
        answer
    }
}

/// What a cross-origin reader is told before it reads.
pub fn preflight() -> Answer {
    let mut answer = Response::new(super::full(""));
    *answer.status_mut() = StatusCode::NO_CONTENT;
    let headers = answer.headers_mut();
    headers.insert(header::ALLOW, READ_METHODS);
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, page::ANY_ORIGIN);
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, READ_METHODS);
    let allowed = HeaderValue::from_static("Cache-Control, If-None-Match, Last-Event-ID");
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    security::secure(headers);
    answer
}
