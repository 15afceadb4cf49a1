//! What a snapshot is made from: a running node, or whoever holds a board and a key.

use super::{
    files,
    sealed_log::{self, SealedLog},
};
use crate::{
    publish::Node,
    render::touch::touches,
    store::{ReadError, SetDigest, envelope::ClusterId},
};
use app::{
    address::{Address, Page},
    site::Site,
};
use domain::{
    board::{Board, Touched},
    id::{IncidentId, NodeKey},
    stamp::Stamp,
    status::Kind,
};
use ed25519_dalek::SigningKey;

/// Gives the files beside the pages that belong to a scope.
pub type Extras<'a> = Box<dyn Fn(&Scope) -> Vec<Extra<'a>> + Sync + 'a>;
pub type Timelines = Vec<(Kind, IncidentId)>;

/// The content of a snapshot.
pub struct Source<'a> {
    /// Without a stream: no server answers on a mirror, its pages poll.
    pub site: Site,
    pub board: &'a Board,
    pub stamp: &'a Stamp,
    /// What the sealed log that goes along holds.
    pub events: Option<SetDigest>,
    /// Every incident and maintenance.
    pub timelines: Box<dyn Fn() -> Result<Timelines, ReadError> + Sync + 'a>,
    /// An address with what it shows.
    pub page: Box<dyn Fn(Address) -> Result<Page, ReadError> + Sync + 'a>,
    /// Those that a whole update does not name are removed; any other update leaves them.
    pub extra: Extras<'a>,
}

/// A listed file that is neither a page nor the browser's, such as `events/tail`.
pub struct Extra<'a> {
    pub path: String,
    /// Made when its turn comes, so that few of them are in memory at once.
    pub bytes: Box<dyn Fn() -> Result<Vec<u8>, ReadError> + Send + Sync + 'a>,
}

/// In whose name a snapshot is written.
#[derive(Clone, Copy)]
pub struct Writer<'a> {
    pub cluster: ClusterId,
    /// Signs.
    pub key: &'a SigningKey,
    /// The node that owns the target.
    pub owner: NodeKey,
    /// Write although another node owns the target; recorded in the manifest.
    pub takes_over: bool,
}

/// What is rendered and compared with what stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    Everything,
    /// What these changes touch, all since the last update that succeeded, and whatever states the present.
    Changes(Touched),
}

impl<'a> Writer<'a> {
    /// A node that writes in its own name.
    pub fn of(node: &'a Node) -> Writer<'a> {
        let identity = node.store().identity();
        Writer { cluster: identity.cluster, key: &identity.node, owner: identity.node_key(), takes_over: false }
    }
}

impl<'a> Source<'a> {
    /// The pages of a node as files below `base_path`, and nothing beside them.
    pub fn of(node: &'a Node, board: &'a Board, stamp: &'a Stamp, base_path: String) -> Source<'a> {
        Source {
            site: Site { stream: None, base_path, ..node.site().clone() },
            board,
            stamp,
            events: None,
            timelines: Box::new(|| node.timelines(board)),
            page: Box::new(|address| node.page(address, board)),
            extra: Box::new(|_| Vec::new()),
        }
    }

    /// With the sealed log; `earlier` is what the last update left of it.
    pub fn with(self, log: &'a SealedLog<'a>, earlier: Option<sealed_log::Written>) -> Source<'a> {
        let extra: Extras<'a> = Box::new(move |scope| log.files(scope, earlier.as_ref()));
        Source { events: Some(log.digest()), extra, ..self }
    }
}

impl Source<'_> {
    /// The addresses of a scope.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn addresses(&self, scope: &Scope) -> Result<Vec<Address>, ReadError> {
        let touched = match scope {
            Scope::Changes(touched) if !touched.catalog => touched,
            _ => return Ok(Address::all(self.board, (self.timelines)()?)),
        };
        let mut timelines: Vec<(Kind, IncidentId)> =
            self.board.all_newest().filter(|summary| summary.is_open()).map(|open| (open.kind, open.id)).collect();
        let open: std::collections::BTreeSet<IncidentId> = timelines.iter().map(|(_, id)| *id).collect();
        for id in touched.incidents.iter().filter(|id| !open.contains(id)) {
            let page = (self.page)(Address::Incident(*id))?;
            timelines.extend(page.incidents.first().map(|incident| (incident.kind, *id)));
        }
        let is_due =
            |address: &Address| touches(touched, *address, self.board) || address.states_the_present(self.board);
        Ok(Address::all(self.board, timelines).into_iter().filter(is_due).collect())
    }

    /// Files of addresses that the changes took from the board.
    pub fn gone(&self, touched: &Touched) -> Vec<String> {
        let months = touched.months.iter().filter(|month| !self.board.has_months(**month..=**month));
        let of_month = |month| files::files(Address::History(Some(month)), &self.board.catalog);
        months.flat_map(|month| of_month(*month)).flat_map(|(_, files)| files).collect()
    }
}
