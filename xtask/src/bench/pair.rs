//! Two nodes of one cluster, each with a key and a log of its own, and the network between them.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};

use super::{
    network::{Bytes, Network},
    node::{Directory, Node},
    ports,
};

/// Until the two are linked, know of a cut, or hold the same events; longer means that the run is broken.
const PATIENCE: Duration = Duration::from_secs(300);
/// Between two looks at what they say: each costs them a little.
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// In the data directory.
const NODE_KEY: &str = "node.key";
pub const CLUSTER_KEY: &str = "cluster.key";

/// `near` listens for peers behind the network; `far` dials it.
pub struct Pair {
    pub near: Node,
    pub far: Node,
    pub network: Network,
}

/// The names of the nodes and of their regions.
const NEAR: &str = "ap-shanghai";
const FAR: &str = "eu-frankfurt";

impl Pair {
    /// Starts both and waits for their pages, not for their link. `far` gets a node key of its own: its directory may be
    /// a copy of the other one.
    ///
    /// # Errors
    /// When one of them does not start.
    pub fn start(near: &Directory, far: &Directory, delay: Duration) -> anyhow::Result<Pair> {
        let pair = Pair::start_parted(near, far, delay)?;
        pair.network.restore();
        Ok(pair)
    }

    /// The same with the network cut from the start, until [`Pair::meet`].
    ///
    /// # Errors
    /// When one of them does not start.
    pub fn start_parted(near: &Directory, far: &Directory, delay: Duration) -> anyhow::Result<Pair> {
        let copied = far.data.join(NODE_KEY);
        if copied.exists() {
            fs::remove_file(copied)?;
        }
        let (near_key, far_key) = (near.said(&["node", "key"])?, far.said(&["node", "key"])?);
        let (near_address, far_address) = (ports::free()?, ports::free()?);
        let network = Network::to(near_address, delay)?;
        network.cut();
        let of = |name: &str, listen| {
            format!("[node]\nname = {name:?}\nregion = {name:?}\n[replication]\nlisten = \"{listen}\"\n")
        };
        let peer = |name: &str, address: &str, key: &str| {
            format!("[[peer]]\nname = {name:?}\nregion = {name:?}\naddress = {address:?}\nkey = {key:?}\n")
        };
        // No address: every link goes through the network.
        let near = near.serve_with(&(of(NEAR, near_address) + &peer(FAR, "", &far_key)))?;
        let through = network.address().to_string();
        let far = far.serve_with(&(of(FAR, far_address) + &peer(NEAR, &through, &near_key)))?;
        Ok(Pair { near, far, network })
    }

    /// Cuts the network, and waits until both know.
    ///
    /// # Errors
    /// When they do not notice.
    pub fn part(&self) -> anyhow::Result<()> {
        self.network.cut();
        for node in [&self.near, &self.far] {
            let mut seen = Seen::of(node)?;
            until("a cut link is noticed", || Ok(!seen.look()?.is_linked))?;
        }
        Ok(())
    }

    /// Waits until both have heard of the other and hold the same number of events.
    ///
    /// # Errors
    /// When it takes too long.
    pub fn until_settled(&self) -> anyhow::Result<u64> {
        let (mut near, mut far) = (Seen::of(&self.near)?, Seen::of(&self.far)?);
        let mut events = 0;
        until("both nodes hold the same events and say so", || {
            let (near, far) = (near.look()?, far.look()?);
            events = near.events;
            let agree =
                |one: &Look, other: &Look| one.is_heard && one.events == other.events && one.of_peer == other.events;
            Ok(agree(&near, &far) && agree(&far, &near))
        })?;
        Ok(events)
    }

    /// Restores the network, and measures from the first byte of the new link until each node holds `events`.
    ///
    /// # Errors
    /// When it takes too long.
    pub fn meet(&self, events: u64) -> anyhow::Result<Met> {
        let (mut near, mut far) = (Seen::of(&self.near)?, Seen::of(&self.far)?);
        let before = self.network.bytes();
        self.network.restore();
        until("a new link", || Ok(self.network.bytes() != before))?;
        let begun = Instant::now();
        until(&format!("both nodes hold {events} events"), || {
            // Both are asked each time: a connection that is idle for long is closed.
            let (near, far) = (near.look()?, far.look()?);
            Ok(near.events >= events && far.events >= events)
        })?;
        Ok(Met { took: begun.elapsed(), bytes: self.network.bytes().since(before) })
    }

    /// Ends both.
    ///
    /// # Errors
    /// When one does not end well.
    pub fn stop(self) -> anyhow::Result<()> {
        self.far.stop()?;
        self.near.stop()
    }
}

/// How two nodes became equal.
pub struct Met {
    pub took: Duration,
    pub bytes: Bytes,
}

/// Looks at what a node says of itself and of its one peer.
pub struct Seen {
    connection: super::http_client::Connection<std::os::unix::net::UnixStream>,
}

/// What it said.
pub struct Look {
    /// Events that it holds, and that its peer held as it last said.
    pub events: u64,
    of_peer: u64,
    is_linked: bool,
    /// It has all that the peer had at some moment since the start.
    is_heard: bool,
}

impl Seen {
    /// # Errors
    /// When the node is gone.
    pub fn of(node: &Node) -> anyhow::Result<Self> {
        Ok(Seen { connection: node.operate()? })
    }

    /// # Errors
    /// When the node does not answer.
    pub fn look(&mut self) -> anyhow::Result<Look> {
        let answer = self.connection.get("/api/v1/peers", &[])?.expect(200)?;
        let said: serde_json::Value = serde_json::from_slice(&answer.body)?;
        let peer = &said["peers"][0];
        let count = |value: &serde_json::Value| value.as_u64().context("a number of events");
        Ok(Look {
            events: count(&said["events"])?,
            of_peer: count(&peer["events"])?,
            is_linked: ["opened", "accepted"].iter().any(|link| peer["link"] == *link),
            is_heard: peer["age_ms"].is_u64(),
        })
    }
}

fn until(what: &str, mut holds: impl FnMut() -> anyhow::Result<bool>) -> anyhow::Result<()> {
    let begun = Instant::now();
    while !holds()? {
        ensure!(begun.elapsed() < PATIENCE, "never in {} s: {what}", PATIENCE.as_secs());
        std::thread::sleep(LOOK_EVERY);
    }
    Ok(())
}
