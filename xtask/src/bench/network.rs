//! The network between two nodes: the relay of the server's tests, on a thread of its own.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use tokio::runtime::{Builder, Runtime};

// One relay for tests and measurements; what only tests need of it is not used here.
#[allow(dead_code)]
#[path = "../../../server/tests/it/relay.rs"]
mod relay;

use relay::{Direction, Relay};

/// A slow link to one node. It ends with this value.
pub struct Network {
    relay: Relay,
    /// Runs the relay; dropped after it.
    _runtime: Runtime,
}

impl Network {
    /// Leads to `target`, each way with this delay.
    ///
    /// # Errors
    /// When there is no free port.
    pub fn to(target: SocketAddr, delay: Duration) -> anyhow::Result<Self> {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let relay = runtime.block_on(Relay::start(target, delay)).context("cannot start a relay")?;
        Ok(Network { relay, _runtime: runtime })
    }

    /// Where to connect to instead of to the target.
    pub fn address(&self) -> SocketAddr {
        self.relay.address()
    }

    pub fn cut(&self) {
        self.relay.cut();
    }

    pub fn restore(&self) {
        self.relay.restore();
    }

    /// What has been carried so far.
    pub fn bytes(&self) -> Bytes {
        Bytes {
            to_target: self.relay.carried_bytes(Direction::ToTarget),
            from_target: self.relay.carried_bytes(Direction::FromTarget),
        }
    }
}

/// Bytes of TCP's payload, TLS included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bytes {
    pub to_target: u64,
    pub from_target: u64,
}

impl Bytes {
    pub fn all(self) -> u64 {
        self.to_target + self.from_target
    }

    pub fn since(self, before: Bytes) -> Bytes {
        Bytes { to_target: self.to_target - before.to_target, from_target: self.from_target - before.from_target }
    }
}
