//! The browser's files: hashed ones for ever, the worker never unchecked, the others for a while.

use super::{
    Answer,
    negotiate::{Accepted, Encoding},
    page, security,
};
use crate::{
    assets::Asset,
    cache::bodies::{Bodies, Effort},
    render::lifetime,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};

/// The response for a file.
pub fn answer(file: &Asset, method: &Method, request: &HeaderMap) -> Answer {
    let bodies = Bodies {
        identity: file.identity.clone(),
        br: file.br.clone(),
        gzip: file.gz.clone(),
        effort: Effort::Thorough,
    };
    let encoding = Accepted::of(request).choose(&bodies);
    let body = encoding.body(&bodies).unwrap_or(&bodies.identity);
    let etag = etag(file, encoding);
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.content_type));
    if let Some(value) = encoding.value() {
        headers.insert(header::CONTENT_ENCODING, value);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(lifetime::of_file(file.lifetime)));
    if bodies.br.is_some() || bodies.gzip.is_some() {
        headers.insert(header::VARY, page::VARY);
    }
    headers.insert(header::ETAG, etag.clone());
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, page::ANY_ORIGIN);
    security::secure(&mut headers);
    page::respond(method, request, StatusCode::OK, headers, body, &etag)
}

fn etag(file: &Asset, encoding: Encoding) -> HeaderValue {
    let digits = file.etag.trim_matches('"');
    let suffix = match encoding {
        Encoding::Identity => "",
        Encoding::Brotli => "-br",
        Encoding::Gzip => "-gz",
    };
    HeaderValue::from_str(&format!("\"{digits}{suffix}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}
