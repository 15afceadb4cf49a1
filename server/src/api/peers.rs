//! `/api/v1/peers`: the other nodes, and where an event is saved.

use super::{problem::Problem, receipt::id_in_path};
use crate::{
    publish::Node,
    replication::view::{LinkState, PeerView as View},
};
use axum::{
    Json as Answer,
    extract::{Path, State},
};
use domain::id::EventId;
use serde::Serialize;
use std::{collections::BTreeMap, sync::Arc};
use utoipa::ToSchema;

/// Another node, as this one sees it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PeerView {
    pub name: String,
    pub region: String,
    pub key: String,
    /// Host and port of its peers' listener.
    pub address: String,
    /// `opened` here, `accepted` from it, `down`, or `diverged`.
    pub link: &'static str,
    /// Milliseconds since the moment as of which this node has all of its news; absent: not since this node started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_ms: Option<u64>,
    /// Events that it holds, as it last said.
    pub events: u64,
    /// Its clock less this node's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock_offset_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub round_trip_ms: Option<u64>,
    /// Of its program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What it says of itself while the link stands; never an event.
    pub values: BTreeMap<String, String>,
    /// Why there is no link, or why it does not store what it is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
}

/// This node among the others.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Peers {
    /// This node's own key.
    pub key: String,
    pub region: String,
    /// Events that it holds.
    pub events: u64,
    /// Of its program.
    pub version: &'static str,
    /// Regions that there are, this one included.
    pub regions: u32,
    pub peers: Vec<PeerView>,
}

/// Where an event is saved, as far as this node knows by now.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Saved {
    pub event: String,
    /// Regions that are known to hold it durably: never more than do.
    pub saved_in: u32,
    pub regions: u32,
}

impl From<View> for PeerView {
    fn from(view: View) -> Self {
        PeerView {
            name: view.name,
            region: view.region,
            key: view.key.to_string(),
            address: view.address,
            link: match view.link {
                LinkState::Opened => "opened",
                LinkState::Accepted => "accepted",
                LinkState::Down => "down",
                LinkState::Diverged => "diverged",
            },
            age_ms: view.age_ms,
            events: view.events,
            clock_offset_ms: view.clock_offset_ms,
            round_trip_ms: view.round_trip_ms,
            version: view.version,
            values: view.values,
            trouble: view.trouble,
        }
    }
}

/// The other nodes, as `node` sees them now.
pub fn seen(node: &Node) -> Peers {
    let (peers, now) = (node.peers(), tokio::time::Instant::now());
    Peers {
        key: node.store().identity().node_key().to_string(),
        region: node.origin().to_owned(),
        events: node.store().digest().count,
        version: crate::store::version::PROGRAM,
        regions: peers.regions(),
        peers: peers.view(now).into_iter().map(PeerView::from).collect(),
    }
}

#[utoipa::path(get, path = "/peers", tag = "peers", responses((status = 200, body = Peers)))]
pub async fn list(State(node): State<Arc<Node>>) -> Answer<Peers> {
    Answer(seen(&node))
}

/// The regions that hold an event: the figure of its receipt, as it is now.
#[utoipa::path(get, path = "/events/{id}/saved", tag = "peers", params(("id" = String, Path)),
    responses((status = 200, body = Saved), (status = 404, body = Problem)))]
pub async fn saved(State(node): State<Arc<Node>>, Path(id): Path<String>) -> Result<Answer<Saved>, Problem> {
    let event: EventId = id_in_path("event", &id)?;
    let store = node.store().clone();
    let read = tokio::task::spawn_blocking(move || store.records_of(&[event], 0)).await;
    let (held, _) =
        read.map_err(|error| Problem::unavailable(&error))?.map_err(|error| Problem::unavailable(&error))?;
    if held.is_empty() {
        return Err(Problem::unknown("event", &id));
    }
    let (saved_in, regions) = node.saved_in(&event);
    Ok(Answer(Saved { event: event.to_string(), saved_in, regions }))
}
