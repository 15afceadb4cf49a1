//! Request bodies: bounded, and JSON whose every mistake is told with its line, column and field.

use super::{caller::Caller, problem::Problem};
use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{Extension, FromRequest, Request},
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::command::Refusal;
use serde::de::DeserializeOwned;

/// Longest body of a request, in bytes: two texts of the longest kind with what surrounds them.
pub const REQUEST_BYTES_MAX: usize = 128 * 1024;
/// Longest catalog, in bytes.
pub const CATALOG_BYTES_MAX: usize = 1024 * 1024;
/// Longest file that the node's own user imports, in bytes.
pub const FILE_BYTES_MAX: usize = 512 * 1024 * 1024;

fn bytes_max(path: &str, is_trusted: bool) -> usize {
    match path {
        "/api/v1/events/import" | "/api/v1/import" if is_trusted => FILE_BYTES_MAX,
        "/api/v1/catalog" | "/api/v1/catalog/plan" => CATALOG_BYTES_MAX,
        _ => REQUEST_BYTES_MAX,
    }
}

/// Reads the whole body, so that everything behind this layer works on bytes in memory.
pub async fn bounded(Extension(caller): Extension<Caller>, request: Request, next: Next) -> Response {
    let bytes_max = bytes_max(request.uri().path(), caller.is_trusted);
    let (parts, body) = request.into_parts();
    match to_bytes(body, bytes_max).await {
        Ok(bytes) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Err(_) => {
            let detail = format!("the body was cut off, or is longer than {bytes_max} bytes; nothing was changed");
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail).into_response()
        }
    }
}

/// The body's media type without its parameters, in lower case; empty when none is given.
pub fn media_type(headers: &HeaderMap) -> String {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// A JSON body. Fields that are not known are refused by the types themselves.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let media_type = media_type(request.headers());
        if media_type != "application/json" {
            let detail = format!("the body is `{media_type}`; send `Content-Type: application/json`");
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
        }
        parse(&bytes(request).await?).map(Json)
    }
}

/// The whole body, which [`bounded`] has read already.
pub async fn bytes(request: Request) -> Result<Bytes, Problem> {
    let read = to_bytes(request.into_body(), FILE_BYTES_MAX).await;
    read.map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "the body could not be read; nothing was changed"))
}

/// Parses JSON.
///
/// # Errors
/// 400 for what is no JSON, 422 for a value that does not fit its field.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let field = error.path().to_string();
        problem(if field == "." { String::new() } else { field }, error.inner())
    })?;
    deserializer.end().map_err(|error| problem(String::new(), &error))?;
    Ok(value)
}

fn problem(field: String, error: &serde_json::Error) -> Problem {
    let message = error.to_string();
    let what = message.split(" at line ").next().unwrap_or_default();
    let what = format!("{what} (line {}, column {})", error.line(), error.column());
    if error.is_data() {
        Problem::refused([Refusal::new(field, what, "the fields and values that /api/v1/openapi.json describes")])
    } else {
        Problem::malformed(Refusal::new(field, what, "one complete JSON value"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        #[allow(dead_code)]
        scope: Vec<domain::status::Impact>,
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        let cases = [
            ("{\"scope\": [\"minor\",\n \"bad\"]}", 422, "scope[1]", "line 2"),
            ("{\"scope\": [], \"extra\": 1}", 422, "extra", "unknown field"),
            ("{\"scope\": [", 400, "scope", "line 1"),
            ("{}", 422, "", "missing field `scope`"),
            ("{\"scope\": []} x", 400, "", "trailing characters"),
        ];
        for (body, status, field, what) in cases {
            let problem = parse::<Sample>(body.as_bytes()).expect_err(body);
            assert_eq!(problem.status, status, "{body}");
            assert_eq!(problem.errors[0].field, field, "{body}");
            assert!(problem.errors[0].what.contains(what), "{body}: {}", problem.errors[0].what);
        }
    }
}
