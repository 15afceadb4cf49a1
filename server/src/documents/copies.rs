//! `/api/v1/copies.json`: where else the page is, and which board is shown here. The worker in readers' browsers
//! (`public/worker.js`) keeps the list, and asks a copy for this before it shows anything of it.

use app::site::{CopyKind, Site};
use domain::{Instant, board::Board, stamp::Stamp};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Other addresses of this page, and what is shown at this one. Fields may be added, none changes its meaning.
#[derive(Debug, Serialize, ToSchema)]
pub struct CopiesDocument {
    /// The region or node that this comes from, or whose files these are.
    pub origin: String,
    pub board: Shown,
    /// The newest moment as of which the node knew to have all news.
    #[schema(value_type = String, format = DateTime)]
    pub confirmed_at: Instant,
    /// The newest moment as of which it had all news of every region; nothing where it does not know.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub whole_at: Option<Instant>,
    /// After it what stands here is out of date.
    #[schema(value_type = String, format = DateTime)]
    pub trust_until: Instant,
    /// In the order in which a reader's browser tries them.
    pub copies: Vec<Copied>,
}

/// The board's version in full, so that two can be compared.
#[derive(Debug, Serialize, ToSchema)]
pub struct Shown {
    /// The sum of the counts.
    pub total: u64,
    /// Tells versions with the same total apart.
    pub digest: String,
    /// For each node key, in hexadecimal, the count of its events. A version is older than another only if every count is
    /// at most the other's and one is less.
    pub held: BTreeMap<String, u64>,
}

/// One address of this page.
#[derive(Debug, Serialize, ToSchema)]
pub struct Copied {
    pub kind: Kind,
    pub name: String,
    /// Without a slash at its end, with the path below which it is served.
    pub url: String,
}

/// What stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A node of a serving region.
    Region,
    /// Files, written by a node.
    Mirror,
}

/// The whole document.
pub(super) fn document(site: &Site, board: &Board, stamp: &Stamp) -> CopiesDocument {
    let copied = |copy: &app::site::SiteCopy| Copied {
        kind: match copy.kind {
            CopyKind::Region => Kind::Region,
            CopyKind::Mirror => Kind::Mirror,
        },
        name: copy.name.clone(),
        url: copy.url.clone(),
    };
    CopiesDocument {
        origin: stamp.origin.clone(),
        board: Shown {
            total: board.version.total(),
            digest: board.version.digest(),
            held: board.version.0.iter().map(|(node, count)| (node.to_string(), *count)).collect(),
        },
        confirmed_at: stamp.confirmed_at,
        whole_at: stamp.whole_at(),
        trust_until: stamp.trust_until(),
        copies: site.copies.iter().map(copied).collect(),
    }
}
