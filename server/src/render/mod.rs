//! The one renderer: a board, a page, a language and a stamp to bytes. Equal inputs give equal bytes, on every node,
//! in HTTP and in the snapshot (DESIGN section 2, invariant 5).

pub mod lifetime;
pub mod touch;

use crate::{documents, feeds};
use app::{
    address::{Address, FeedFormat, Page},
    locale::Locale,
    site::Site,
};
use domain::{
    board::Board,
    stamp::{Freshness, Stamp},
};

/// A rendered resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    pub body: Vec<u8>,
    pub content_type: &'static str,
    /// [`Address::states_the_present`] on that board: the bytes are true of one stamp only.
    pub states_the_present: bool,
}

/// The media type of an address.
pub fn content_type(address: Address) -> &'static str {
    match address {
        Address::Feed(FeedFormat::Rss, _) => "application/rss+xml; charset=utf-8",
        Address::Feed(FeedFormat::Atom, _) => "application/atom+xml; charset=utf-8",
        Address::Feed(FeedFormat::Json, _) => "application/feed+json; charset=utf-8",
        Address::Calendar => "text/calendar; charset=utf-8",
        Address::Badge(_) => "image/svg+xml; charset=utf-8",
        Address::V2(_) | Address::Status | Address::Copies => "application/json; charset=utf-8",
        _ => "text/html; charset=utf-8",
    }
}

/// Renders one page. The stamp enters only what states the present ([`Address::states_the_present`]).
pub fn render(site: &Site, board: &Board, page: &Page, locale: Locale, stamp: &Stamp) -> Rendered {
    let body = match page.address {
        Address::Feed(format, of) => feeds::feed(format, of, board, &page.incidents, locale),
        Address::Calendar => feeds::calendar(board),
        Address::Badge(of) => feeds::badge(board, of, stamp),
        Address::V2(document) if stamp.freshness == Freshness::Grey => {
            documents::v2_unconfirmed(document, board, stamp.confirmed_at)
        }
        Address::V2(document) => documents::v2(document, board),
        Address::Status => documents::status(board, stamp),
        Address::Copies => documents::copies(site, board, stamp),
        _ => app::pages::html(site, board, page, locale, stamp),
    };
    Rendered {
        body: body.into_bytes(),
        content_type: content_type(page.address),
        states_the_present: page.address.states_the_present(board),
    }
}
