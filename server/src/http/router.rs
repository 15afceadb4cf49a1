//! The whole map of URLs of the public listener.
//!
//! | path | what answers | methods |
//! |---|---|---|
//! | `/`, `/en/`, `/zh/` | the home page | GET, HEAD |
//! | `/incidents/ID`, `/maintenance/ID`, `/history`, `/history/YYYY-MM` | timelines, history | GET, HEAD |
//! | `/regions/CODE`, `/components/CODE` | one region, one component | GET, HEAD |
//! | `…/history.rss`, `.atom`, `.json`, `/maintenance.ics`, `…/badge.svg` | feeds, calendar, badges | GET, HEAD |
//! | `/api/v2/…` | the Statuspage shape | GET, HEAD |
//! | `/api/v1/status` | our own document | GET, HEAD |
//! | `/api/v1/copies.json` | the other addresses of the page, and the board shown here | GET, HEAD |
//! | `/api/v1/…` | the write API | its own |
//! | `/admin/…` | the operators' console | its own |
//! | `/live` | the stream of board versions | GET, HEAD |
//! | `/pkg/…`, `/favicon.svg`, `/robots.txt` … | the browser's files | GET, HEAD |
//!
//! The pages' part of the map is [`Address::parse`], so that links, feeds, routes and the snapshot cannot differ.
//! OPTIONS answers what cross-origin readers ask first. The operators' listener has a map of its own, in
//! [`super::operators`].

use crate::assets::{self, Asset};
use app::{address::Address, locale::Locale};
use domain::board::Board;

/// What answers a path.
#[derive(Clone, Copy, Debug)]
pub enum Route {
    /// A page, and the language that the path fixes.
    Page(Address, Option<Locale>),
    File(&'static Asset),
    Live,
    /// The write API and the console: their router has the rest of the map.
    Operators,
    /// Nothing, and whether a program rather than a person asks.
    Missing {
        machine: bool,
    },
}

/// The map.
pub fn route(path: &str, board: &Board) -> Route {
    if path == "/live" {
        return Route::Live;
    }
    if let Some((address, locale)) = Address::parse(path, board) {
        return Route::Page(address, locale);
    }
    if ["/api/v1", "/admin"]
        .iter()
        .any(|base| path.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
    {
        return Route::Operators;
    }
    if let Some(file) = path.strip_prefix('/').and_then(assets::get) {
        return Route::File(file);
    }
    Route::Missing { machine: path.starts_with("/api/") }
}

/// The language that a path fixes, also where there is no page.
pub fn language_of(path: &str) -> Option<Locale> {
    Locale::from_segment(path.split('/').nth(1).unwrap_or_default())
}
