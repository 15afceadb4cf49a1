//! The pinned pages: never evicted, rendered before the old ones are dropped.

use super::{Cached, bodies::Effort};
use app::{
    address::{Address, FeedFormat, Selection, V2},
    locale::Locale,
};
use domain::{board::Board, stamp::Stamp, status::Kind};
use std::{collections::HashMap, sync::Arc, time::Duration};

/// Open timelines that are pinned at most; the others are rendered when asked for.
pub const OPEN_PINNED_MAX: usize = 32;

/// A page: its address and language. What exists once for all languages stands under the default one.
pub type Key = (Address, Locale);

/// The pinned pages of one moment, swapped whole.
#[derive(Clone, Debug)]
pub struct Hot {
    pub board: Arc<Board>,
    pub stamp: Arc<Stamp>,
    /// When the stamp came here, before anything was rendered with it.
    pub stamped: std::time::Instant,
    pub pages: HashMap<Key, Arc<Cached>>,
}

impl Hot {
    /// How old the confirmation is at this moment, whatever the wall clock does since the stamp was made.
    pub fn age(&self) -> Duration {
        let on_arrival = (self.stamp.now - self.stamp.confirmed_at).to_std().unwrap_or_default();
        on_arrival + self.stamped.elapsed()
    }

    /// Whether a background pass has something left to compress better.
    pub fn is_coarse(&self) -> bool {
        self.pages.values().any(|page| page.bodies.effort == Effort::Swift)
    }
}

/// What is pinned on a board.
pub fn keys(board: &Board) -> Vec<Key> {
    let mut addresses = vec![Address::Home];
    let timelines = board.open_incidents().into_iter().map(|open| Address::of_timeline(Kind::Incident, open.id));
    let maintenances =
        board.open_maintenances().into_iter().map(|open| Address::of_timeline(Kind::Maintenance, open.id));
    addresses.extend(timelines.chain(maintenances).take(OPEN_PINNED_MAX));
    addresses.extend([
        Address::Status,
        Address::Copies,
        Address::V2(V2::Summary),
        Address::V2(V2::Status),
        Address::NotFound,
    ]);
    addresses.extend(FeedFormat::ALL.iter().map(|format| Address::Feed(*format, Selection::Whole)));
    addresses.into_iter().flat_map(of_address).collect()
}

/// Whether a page follows a write instead of being part of it. A feed holds the whole texts of fifty timelines; its
/// readers come every few minutes, and the operator who posts does not wait for it.
pub fn follows(address: Address) -> bool {
    matches!(address, Address::Feed(..))
}

fn of_address(address: Address) -> impl Iterator<Item = Key> {
    let locales = if address.is_translated() { Locale::ALL } else { &Locale::ALL[..1] };
    locales.iter().map(move |locale| (address, *locale))
}
