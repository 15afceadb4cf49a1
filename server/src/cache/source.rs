//! What pages are made from.

use app::{
    address::{Address, Page},
    locale::Locale,
};
use domain::{Instant, board::Board, stamp::Stamp};
use std::sync::Arc;

/// A rendered resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    pub body: Vec<u8>,
    pub content_type: &'static str,
}

/// The running node, as the cache sees it. Every call may block, and [`Source::render`] may panic: the cache calls
/// them off the runtime and keeps the last good page.
pub trait Source: Send + Sync + 'static {
    fn board(&self) -> Arc<Board>;

    /// The newest stamp, without asking the store.
    fn stamp(&self) -> Arc<Stamp>;

    /// Asks the store and renews the stamp.
    fn renew_stamp(&self) -> Arc<Stamp>;

    fn now(&self) -> Instant;

    /// The address with the incidents that it shows.
    ///
    /// # Errors
    /// When the store cannot be read, for the log.
    fn page(&self, address: Address, board: &Board) -> Result<Page, String>;

    fn render(&self, board: &Board, page: &Page, locale: Locale, stamp: &Stamp) -> Rendered;
}
