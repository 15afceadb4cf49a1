//! A page of the console as a response: never kept by anyone.

use crate::{access::session::SignedIn, publish::Node};
use app::{
    console::{Inputs, Signed},
    locale::Locale,
};
use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{board::Board, command::Refusal, stamp::Stamp};
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
