//! What pages are made from.

use crate::{
    publish::{Node, Renewed},
    render::{self, Rendered},
};
use app::{
    address::{Address, Page},
    locale::Locale,
};
use chrono::TimeDelta;
use domain::{Instant, board::Board, stamp::Stamp};
use std::{sync::Arc, time::Duration};
use tokio::sync::Notify;

/// The running node, as the cache sees it. Every call may block, and [`Source::render`] may panic: the cache calls
/// them off the runtime and keeps the last good page.
pub trait Source: Send + Sync + 'static {
    fn board(&self) -> Arc<Board>;

    /// The newest stamp, without asking the store.
    fn stamp(&self) -> Arc<Stamp>;

    /// Asks the store and renews the stamp.
    fn renew_stamp(&self) -> Renewed;

    /// Told when the stamp should be renewed before its time.
    fn renewal_due(&self) -> Arc<Notify> {
        Arc::default()
    }

    fn now(&self) -> Instant;

    /// How much time passes on the pages' clock in each second.
    fn second(&self) -> TimeDelta {
        TimeDelta::seconds(1)
    }

    /// The address with the incidents that it shows.
    ///
    /// # Errors
    /// When the store cannot be read, for the log.
    fn page(&self, address: Address, board: &Board) -> Result<Page, String>;

    fn render(&self, board: &Board, page: &Page, locale: Locale, stamp: &Stamp) -> Rendered;
}

impl Source for Node {
    fn board(&self) -> Arc<Board> {
        Node::board(self)
    }

    fn stamp(&self) -> Arc<Stamp> {
        Node::stamp(self)
    }

    fn renew_stamp(&self) -> Renewed {
        Node::renew_stamp(self)
    }

    fn renewal_due(&self) -> Arc<Notify> {
        Node::renewal_due(self)
    }

    fn now(&self) -> Instant {
        self.clock().now()
    }

    fn second(&self) -> TimeDelta {
        self.clock().span(Duration::from_secs(1))
    }

    fn page(&self, address: Address, board: &Board) -> Result<Page, String> {
        Node::page(self, address, board).map_err(|error| error.to_string())
    }

    fn render(&self, board: &Board, page: &Page, locale: Locale, stamp: &Stamp) -> Rendered {
        render::render(self.site(), board, page, locale, stamp)
    }
}
