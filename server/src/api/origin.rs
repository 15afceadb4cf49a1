//! Unsafe methods from foreign pages are refused: a browser that an operator uses must not write for another site.

use super::problem::Problem;
use crate::publish::Node;
use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::sync::Arc;

/// Answers 403 to an unsafe method whose `Sec-Fetch-Site` or `Origin` names another site.
pub async fn refuse_foreign(State(node): State<Arc<Node>>, request: Request, next: Next) -> Response {
    let is_safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if is_safe || !is_foreign(request.headers(), &node.board().catalog.page.url) {
        return next.run(request).await;
    }
    Problem::new(StatusCode::FORBIDDEN, "the request comes from a page of another site; nothing was changed")
        .into_response()
}

/// Whether a browser says that the request is of another site than the page's.
pub(crate) fn is_foreign(headers: &HeaderMap, page_url: &str) -> bool {
    let text = |name| headers.get(name).map(|value: &axum::http::HeaderValue| value.to_str().unwrap_or("null"));
    if text(header::HeaderName::from_static("sec-fetch-site"))
        .is_some_and(|site| !matches!(site, "same-origin" | "none"))
    {
        return true;
    }
    let Some(origin) = text(header::ORIGIN) else { return false };
    let host = text(header::HOST);
    let of_host = host
        .is_some_and(|host| origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://")) == Some(host));
    !of_host && origin != page_url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_page_itself_and_clients_without_an_origin_may_write() {
        let cases: [(&[(&str, &str)], bool); 8] = [
            (&[], false),
            (&[("sec-fetch-site", "same-origin")], false),
            (&[("sec-fetch-site", "none")], false),
            (&[("sec-fetch-site", "same-site")], true),
            (&[("sec-fetch-site", "cross-site")], true),
            (&[("origin", "https://evil.example"), ("host", "status.example.com")], true),
            (&[("origin", "https://status.example.com"), ("host", "127.0.0.1:8080")], false),
            (&[("origin", "null"), ("host", "status.example.com")], true),
        ];
        for (pairs, expected) in cases {
            let headers = pairs
                .iter()
                .map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value")))
                .collect();
            assert_eq!(is_foreign(&headers, "https://status.example.com"), expected, "{pairs:?}");
        }
    }
}
