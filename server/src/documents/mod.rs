//! JSON documents of the board, as pure functions to text.
//!
//! | module | what is there |
//! |---|---|
//! | [`v2`] | the Statuspage v2 shape, which status clients already speak |
//! | [`status`] | our own `/api/v1/status`: cells, regions, planes, freshness, board version |
//! | [`copies`] | `/api/v1/copies.json`: where else the page is, and which board is here |
//!
//! This part never reads a clock: the present enters through the stamp alone, and the v2 documents do not get one.

pub mod copies;
pub mod status;
pub mod v2;

use app::{address::V2, site::Site};
use domain::{Instant, board::Board, stamp::Stamp};
use serde::Serialize;

/// One document of the Statuspage v2 shape. Freshness is told in headers, so that equal boards give equal bytes.
pub fn v2(document: V2, board: &Board) -> String {
    to_json(&v2::document(document, board, None))
}

/// The same for a page past its freshness bound: it claims no "operating", and its description says since when nothing
/// is confirmed. The bytes stay the same for as long as `confirmed_at` does.
pub fn v2_unconfirmed(document: V2, board: &Board, confirmed_at: Instant) -> String {
    to_json(&v2::document(document, board, Some(confirmed_at)))
}

/// `/api/v1/status`.
pub fn status(board: &Board, stamp: &Stamp) -> String {
    to_json(&status::document(board, stamp))
}

/// `/api/v1/copies.json`.
pub fn copies(site: &Site, board: &Board, stamp: &Stamp) -> String {
    to_json(&copies::document(site, board, stamp))
}

/// Every shape here has text keys only, so that writing it cannot fail.
fn to_json<T: Serialize>(document: &T) -> String {
    serde_json::to_string(document).unwrap_or_default()
}
