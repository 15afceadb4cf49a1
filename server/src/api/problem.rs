//! Every error of the API as `application/problem+json` (RFC 9457), and the one map from errors to HTTP codes.

use crate::publish::PublishError;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::command::Refusal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The media type of RFC 9457.
pub const CONTENT_TYPE: &str = "application/problem+json";
/// What a refused client is asked to wait, in seconds.
const RETRY_AFTER_SECONDS: &str = "1";
/// Refusals that one answer lists at most.
const ERRORS_MAX: usize = 50;

/// One thing that is wrong with a request: where, what, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// The field, such as `scope[2].region`; empty for the whole request.
    pub field: String,
    pub what: String,
    pub right: String,
}

impl From<Refusal> for FieldError {
    fn from(refusal: Refusal) -> Self {
        FieldError { field: refusal.field, what: refusal.what, right: refusal.right }
    }
}

/// The body of every answer that is not a success.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// `about:blank`: the status says what kind of problem it is.
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    pub detail: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

impl Problem {
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Problem {
            kind: "about:blank".to_owned(),
            title: status.canonical_reason().unwrap_or("Error").to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
            errors: Vec::new(),
        }
    }

    /// 422: the request was understood and its content is refused.
    pub fn refused(refusals: impl IntoIterator<Item = Refusal>) -> Self {
        Self::with_errors(StatusCode::UNPROCESSABLE_ENTITY, refusals)
    }

    /// 400: the request was not understood.
    pub fn malformed(refusal: Refusal) -> Self {
        Self::with_errors(StatusCode::BAD_REQUEST, [refusal])
    }

    fn with_errors(status: StatusCode, refusals: impl IntoIterator<Item = Refusal>) -> Self {
        let mut errors: Vec<FieldError> = refusals.into_iter().map(FieldError::from).collect();
        let detail = match errors.as_slice() {
            [one] => one.to_string(),
            many => format!("{} things are wrong; nothing was changed", many.len()),
        };
        errors.truncate(ERRORS_MAX);
        Problem { errors, ..Problem::new(status, detail) }
    }

    /// 404 for an id in the path.
    pub fn unknown(what: &str, id: &str) -> Self {
        let id: String = id.chars().take(40).collect();
        Self::not_found(Refusal::new(what, format!("there is no {what} `{id}`"), "an id that the list shows"))
    }

    /// 404 where it can be told what there is.
    pub fn not_found(refusal: Refusal) -> Self {
        Self::with_errors(StatusCode::NOT_FOUND, [refusal])
    }

    /// 503: the store did not answer. The cause is for operators and goes to the log.
    pub fn unavailable(error: &dyn std::fmt::Display) -> Self {
        tracing::error!(%error, "the store did not answer");
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, format!("the event log cannot be used: {error}"))
    }
}

impl std::fmt::Display for FieldError {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        if !self.field.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        write!(f, "{}; {}", self.what, self.right)
    }
}

impl From<Vec<Refusal>> for Problem {
    fn from(refusals: Vec<Refusal>) -> Self {
        Problem::refused(refusals)
    }
}

impl From<PublishError> for Problem {
    fn from(error: PublishError) -> Self {
        match error {
            PublishError::Refused(refusals) => Problem::refused(refusals),
            PublishError::KeyRemoved(refusal) => Problem::refused([refusal]),
            PublishError::Unavailable(cause) => Problem::unavailable(&cause),
            PublishError::NearlyFull { .. } => Problem::unavailable(&error),
            PublishError::Repeated => Problem::new(
                StatusCode::CONFLICT,
                "a request of this idempotency key was done before; send it again to get its answer",
            ),
            PublishError::Busy => Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "too many writes are waiting; nothing was changed, try again in a moment",
            ),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"holdfast\""));
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_SECONDS));
        }
        response
    }
}
