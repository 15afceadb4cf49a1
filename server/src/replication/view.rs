//! A peer as operators see it.

use domain::id::NodeKey;
use serde::Serialize;
use std::collections::BTreeMap;

/// Whether there is a link, and whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    /// This node has opened it.
    Opened,
    /// The peer has.
    Accepted,
    Down,
    /// Linked, and its events differ from ours though their sums agree: somebody has to look.
    Diverged,
}

/// One peer, at this moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PeerView {
    pub key: NodeKey,
    pub name: String,
    pub region: String,
    pub address: String,
    pub link: LinkState,
    /// Milliseconds since the moment as of which this node has all of its news; `None`: not since this node started.
    pub age_ms: Option<u64>,
    /// How many events it holds, as it last said.
    pub events: u64,
    /// Its clock less ours, as well as the round trip lets one tell.
    pub clock_offset_ms: Option<i64>,
    pub round_trip_ms: Option<u64>,
    /// Of its program.
    pub version: Option<String>,
    /// What it says of itself for as long as the link stands.
    pub values: BTreeMap<String, String>,
    /// Why there is no link, or why it does not store what it is sent.
    pub trouble: Option<String>,
}
