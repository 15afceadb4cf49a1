//! A running node's site to one of its targets. What stands there and the node lacks is taken in first; what stands there is
//! built upon only where it is what this node left.

use super::{
    Report, Scope, SnapshotError, Source, Update, Writer,
    manifest::Hash,
    sealed_log::{self, SealedLog},
    take_in,
    target::Target,
};
use crate::publish::Node;
use domain::{board::Touched, stamp::Stamp};
use std::{path::Path, sync::Arc};

/// One update of a target, by its node.
pub struct Bring<'a> {
    pub node: &'a Node,
    pub target: &'a dyn Target,
    /// See [`Update::staging`].
    pub staging: &'a Path,
    /// Below which it is served there; empty at the root.
    pub base_path: String,
    /// The sealed log goes along.
    pub with_events: bool,
    /// What changed since `last`; `None`: look at everything.
    pub touched: Option<Touched>,
    pub takes_over: bool,
    /// What this node brought there before.
    pub last: Option<&'a Brought>,
    /// See [`Update::threads`].
    pub threads: usize,
    /// See [`Update::left`].
    pub left: Vec<(String, Hash)>,
}

/// What an update left at a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Brought {
    /// Of the root manifest.
    manifest: Hash,
    /// Of the log; `None`: it does not go along.
    sealed: Option<sealed_log::Written>,
    /// Taken over from a node that was in the middle of an update, and may have gone on for a moment.
    was_contested: bool,
}

impl Bring<'_> {
    /// Renders on the thread that asks.
    ///
    /// # Errors
    /// When what stands there cannot be taken in, or the update fails; what stands then verifies.
    pub async fn run(self) -> Result<(Report, Brought), SnapshotError> {
        let Bring { node, target, takes_over, .. } = self;
        let found = take_in::news(node, target, takes_over).await?;
        // What went back, or was written by somebody else, is not what the changes came after.
        let last = self.last.filter(|last| found.manifest == Some(last.manifest));
        let is_known = last.is_some_and(|last| !last.was_contested) && !found.has_news;
        let touched = self.touched.filter(|_| is_known);
        let (board, mut stamp, now) = (node.board(), node.stamp(), node.clock().now());
        // What stands had all news as of then, and nothing of it is missing here: after a start that has heard nobody yet,
        // or a refill, a copy is not made to look older than it was.
        if let Some(confirmed_at) = found.confirmed_at.filter(|at| (stamp.confirmed_at..=now).contains(at)) {
            stamp = Arc::new(Stamp { confirmed_at, ..Stamp::clone(&stamp) }.told_at(now));
        }
        // After the board: what pages show is in the log beside them.
        let log = self.with_events.then(|| SealedLog::of(node)).transpose()?;
        let mut source = Source::of(node, &board, &stamp, self.base_path);
        if let Some(log) = &log {
            source = source.with(log, last.and_then(|last| last.sealed));
        }
        let update = Update {
            target,
            staging: self.staging,
            source: &source,
            writer: Writer { takes_over: takes_over || found.is_formerly_own, ..Writer::of(node) },
            scope: touched.map_or(Scope::Everything, Scope::Changes),
            now,
            threads: self.threads,
            left: self.left,
            distrusts: takes_over || last.is_some_and(|last| last.was_contested),
        };
        let report = update.run().await?;
        let sealed = log.as_ref().map(SealedLog::written);
        let was_contested = takes_over && found.is_begun_elsewhere;
        Ok((report, Brought { manifest: report.manifest, sealed, was_contested }))
    }
}
