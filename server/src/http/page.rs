//! The headers of a page or a document, and its response.

use super::{
    Answer,
    negotiate::{self, Encoding},
    present::{FAULT, Present},
    security,
};
use crate::{cache::Cached, render::lifetime};
use app::address::Address;
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use bytes::Bytes;

/// What a page in either language is chosen by, when its path does not fix the language.
pub const VARY_LANGUAGE: HeaderValue = HeaderValue::from_static("Accept-Encoding, Accept-Language");
/// What every other page and file is chosen by.
pub const VARY: HeaderValue = HeaderValue::from_static("Accept-Encoding");
/// Reads are for everybody (DESIGN section 7: other regions and mirrors, other people's pages).
pub const ANY_ORIGIN: HeaderValue = HeaderValue::from_static("*");
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "Content-Language, ETag, Holdfast-As-Of, Holdfast-Board, Holdfast-Fault, Holdfast-Freshness, Holdfast-Region",
);

/// Every header of a page in one encoding.
pub fn headers(page: &Cached, encoding: Encoding, negotiated: bool, present: &Present) -> HeaderMap {
    const HEADERS_ABOUT: usize = 24;
    let mut headers = HeaderMap::with_capacity(HEADERS_ABOUT);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(page.content_type));
    if page.address.is_translated() {
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(page.locale.tag()));
    }
    if let Some(value) = encoding.value() {
        headers.insert(header::CONTENT_ENCODING, value);
    }
    headers
        .insert(header::CACHE_CONTROL, HeaderValue::from_static(lifetime::of(page.address, page.states_the_present)));
    headers.insert(header::VARY, if negotiated && page.address.is_translated() { VARY_LANGUAGE } else { VARY });
    if page.address != Address::NotFound {
        headers.insert(header::ETAG, encoding.etag(&page.etags).clone());
    }
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY_ORIGIN);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    present.write(&mut headers);
    match (&page.behind, page.fault) {
        (Some(behind), _) => present.write_behind(&mut headers, behind),
        (None, true) => present.write_behind(&mut headers, &page.standing),
        (None, false) if page.states_the_present => {
            present.write_own(&mut headers, &page.standing.stamp);
        }
        (None, false) => {}
    }
    if page.fault {
        headers.insert(FAULT, HeaderValue::from_static("render"));
    }
    security::secure(&mut headers);
    headers
}

/// The status that a page is sent with. A last good page that states the present and is past its bound is no longer an
/// answer for a machine, while a reader still sees it with its age (DESIGN section 2, invariants 6 and 9).
pub fn status(page: &Cached, present: &Present) -> StatusCode {
    if page.address == Address::NotFound {
        StatusCode::NOT_FOUND
    } else if page.fault && page.states_the_present && present.is_past_trust(&page.standing.stamp) {
        StatusCode::SERVICE_UNAVAILABLE
    } else {
        StatusCode::OK
    }
}

/// A response from prepared headers: the page, its head alone, or that the reader holds it already.
pub fn respond(
    method: &Method,
    request: &HeaderMap,
    status: StatusCode,
    mut headers: HeaderMap,
    body: &Bytes,
    etag: &HeaderValue,
) -> Answer {
    let (status, body) = if status == StatusCode::OK && negotiate::holds(request, etag) {
        for name in [header::CONTENT_TYPE, header::CONTENT_ENCODING, header::CONTENT_LANGUAGE] {
            headers.remove(name);
        }
        (StatusCode::NOT_MODIFIED, Bytes::new())
    } else if method == Method::HEAD {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
        (status, Bytes::new())
    } else {
        (status, Bytes::clone(body))
    };
    let mut response = Response::new(super::full(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// The response for a page that is not prepared.
pub fn answer(page: &Cached, method: &Method, request: &HeaderMap, negotiated: bool, present: &Present) -> Answer {
    let (encoding, body, etag) = negotiate::select(page, request);
    respond(method, request, status(page, present), headers(page, encoding, negotiated, present), body, etag)
}
