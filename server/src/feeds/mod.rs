//! What machines subscribe to, as pure functions to text.
//!
//! | module | what is there |
//! |---|---|
//! | [`entry`] | a feed as a value: what all three formats say |
//! | [`content`] | an entry's timeline as HTML, newest first |
//! | [`atom`], [`rss`], [`json`] | the value in each format |
//! | [`calendar`] | maintenances as iCalendar |
//! | [`badge`] | the status as a small SVG |
//!
//! A feed gets no stamp and makes no claim about the present: equal timelines give equal bytes, and `updated` moves
//! only on a real change. This is why no feed carries the headline.

pub mod atom;
pub mod badge;
pub mod calendar;
pub mod content;
pub mod entry;
pub mod json;
pub mod rss;

use app::{
    address::{FeedFormat, Selection},
    locale::Locale,
};
use domain::{board::Board, incident::Incident, stamp::Stamp};
use std::sync::Arc;

/// The feed of the whole page, of a component or of a region. `incidents` are those of `Address::needs`, in that order.
pub fn feed(format: FeedFormat, of: Selection, board: &Board, incidents: &[Arc<Incident>], locale: Locale) -> String {
    let feed = entry::Feed::new(format, of, board, incidents, locale);
    match format {
        FeedFormat::Rss => rss::write(&feed),
        FeedFormat::Atom => atom::write(&feed),
        FeedFormat::Json => json::write(&feed),
    }
}

/// Maintenances with a schedule, as iCalendar.
pub fn calendar(board: &Board) -> String {
    calendar::write(board)
}

/// The status as SVG.
pub fn badge(board: &Board, of: Selection, stamp: &Stamp) -> String {
    badge::write(board, of, stamp)
}
