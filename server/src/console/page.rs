//! A page of the console as a response: never kept by anyone.

use super::fields::Fields;
use crate::{access::session::SignedIn, publish::Node};
use app::{
    console::{Inputs, Saved, Signed},
    locale::Locale,
};
use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{board::Board, command::Refusal, id::EventId, stamp::Stamp};
use std::sync::Arc;

/// What every page of the console is made from.
pub struct Desk {
    board: Arc<Board>,
    stamp: Stamp,
    locale: Locale,
    signed: Option<Signed>,
    node: Arc<Node>,
}

impl Desk {
    pub fn new(node: &Arc<Node>, headers: &HeaderMap, signed: Option<&SignedIn>) -> Self {
        let language = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        Desk {
            board: node.board(),
            // The stamp is renewed every ten seconds; what is due is told to the second.
            stamp: Stamp { now: node.clock().now(), ..Stamp::clone(&node.stamp()) },
            locale: language.map_or(Locale::default(), Locale::negotiate),
            signed: signed.map(|signed| Signed {
                name: signed.name.clone(),
                role: signed.role,
                account: signed.account.clone(),
                form_key: signed.form_key.clone(),
            }),
            node: Arc::clone(node),
        }
    }

    pub fn board(&self) -> &Board {
        &self.board
    }

    pub fn stamp(&self) -> &Stamp {
        &self.stamp
    }

    pub fn inputs<'a>(&'a self, refusals: &'a [Refusal]) -> Inputs<'a> {
        Inputs {
            site: self.node.site(),
            board: &self.board,
            stamp: &self.stamp,
            locale: self.locale,
            signed: self.signed.as_ref(),
            refusals,
        }
    }
}

/// The address of a page that says that a form of it was saved: [`saved`] reads it there.
pub fn saved_at(path: &str, event: Option<&EventId>, form: &str) -> String {
    let Some(event) = event else { return path.to_owned() };
    let form: String = form_urlencoded::byte_serialize(form.as_bytes()).collect();
    format!("{path}?saved={event}&form={form}")
}

/// The form that was just saved, when this page says so of one that `is_of` it.
pub fn saved(node: &Node, asked: &Fields, is_of: impl Fn(&str) -> bool) -> Option<Saved> {
    let event = asked.get("saved").parse::<EventId>().ok()?;
    let form = Some(asked.get("form")).filter(|form| is_of(form))?.to_owned();
    let (regions, of) = node.saved_in(&event);
    Some(Saved { regions, of, form })
}

/// The response of a page.
pub fn page(status: StatusCode, html: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (status, headers, html).into_response()
}

/// Goes on with another page, as after every form that did what it should.
pub fn go_to(path: &str) -> Response {
    let to = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/admin"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, to), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))])
        .into_response()
}
