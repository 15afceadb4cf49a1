//! The configuration file of a node, TOML.
//!
//! - [`Config`] (here): its sections, one struct each
//! - [`copies`]: the addresses at which readers find the page
//! - [`oidc`]: the sign-in provider of the console
//! - [`mirror`]: copies of the site elsewhere
//! - [`places`]: whether two copies would be written to one place
//! - [`load`]: reading it, with every mistake's line, column and remedy
//! - [`template`]: the commented file that a first run writes

mod copies;
mod load;
pub mod mirror;
mod oidc;
mod places;
mod template;

pub use load::{ConfigError, load, parse};
pub use mirror::Mirror;
pub use oidc::{Oidc, SECRET_VARIABLE};
pub use template::TEMPLATE;

use domain::id::NodeKey;
use serde::Deserialize;
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

/// The file's name, looked for in the working directory.
pub const FILE_NAME: &str = "holdfast.toml";
/// The socket's name in the data directory.
pub const SOCKET_NAME: &str = "holdfast.sock";

/// Room on the disk that other nodes do not take (default; a setting): thousands of posts made here.
pub const KEEP_FREE_MIB: u64 = 64;

/// Between two snapshots while nothing changes, in seconds (default; a setting).
pub const HEARTBEAT_SECONDS: u32 = 60;

/// Everything that a node is told. Paths are relative to the file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    pub page: Page,
    pub node: Node,
    /// The data directory.
    pub data: PathBuf,
    pub public: Public,
    pub operators: Operators,
    pub console: Console,
    pub log: Log,
    pub freshness: Freshness,
    pub snapshot: Snapshot,
    pub replication: Replication,
    /// The other nodes that this one trusts and links with from the start; the log may name more.
    #[serde(rename = "peer")]
    pub peers: Vec<Peer>,
    /// Copies of the site elsewhere.
    #[serde(rename = "mirror")]
    pub mirrors: Vec<Mirror>,
}

/// Where operators work in a browser.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Console {
    /// The parent domain of the regions' addresses, so that a session goes on in another region; this host alone when left
    /// out.
    pub cookie_domain: Option<String>,
    /// A provider by which operators may sign in too.
    pub oidc: Option<Oidc>,
}

/// The peers' listener.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Replication {
    /// Where other nodes connect; none for a node that stands alone.
    pub listen: Option<SocketAddr>,
    /// Host and port by which other nodes reach it, for a node that is trusted by an event.
    pub address: Option<String>,
    /// With less than this free on the disk, in MiB, events of other nodes are not taken in.
    pub keep_free_mib: u64,
}

/// Another node.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peer {
    pub name: String,
    /// The region that it serves from, as pages show it; by default the name.
    #[serde(default)]
    pub region: Option<String>,
    /// Host and port of its peers' listener; left out for one that only ever connects to this node.
    #[serde(default)]
    pub address: String,
    /// What `holdfast node key` prints there.
    pub key: NodeKey,
    /// Where readers find that region, without a slash at its end; left out where they are not told of it.
    #[serde(default)]
    pub url: Option<String>,
}

/// What the page is called while the catalog does not say.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Page {
    pub name: String,
    /// Without a slash at its end.
    pub url: String,
    /// An IANA name.
    pub time_zone: String,
}

/// This node among others.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Node {
    /// As pages show it.
    pub name: String,
    /// The region that it serves from, as pages show it; by default the name.
    pub region: Option<String>,
}

/// The readers' listener.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Public {
    pub listen: SocketAddr,
    pub tls: Option<Tls>,
    /// Addresses and networks of the proxies whose `X-Forwarded-*` headers are believed; nobody else's are.
    pub trusted_proxies: Vec<String>,
    /// Whether to send Strict-Transport-Security; for a page that is only ever served over HTTPS.
    pub hsts: bool,
}

/// Certificate files, PEM. They are read again when they change.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// The operators' listener: health and metrics.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Operators {
    pub listen: SocketAddr,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    #[default]
    Text,
    Json,
}

/// What is logged, to standard error.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    pub format: LogFormat,
    /// `error`, `warn`, `info`, `debug`, `trace`, or a filter such as `info,server::http=debug`.
    pub level: String,
}

/// When a page stops claiming that all is well.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Freshness {
    pub amber_seconds: i64,
    pub grey_seconds: i64,
}

/// The whole site as files.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Snapshot {
    /// Kept up to date while the node runs; served, marked and read-only, when the data file is damaged.
    pub directory: Option<PathBuf>,
    /// Snapshots are written anew after this time at the latest, also when nothing has changed.
    pub heartbeat_seconds: u32,
    /// Whether they carry the event log, sealed with the cluster key.
    pub events: bool,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            page: Page::default(),
            node: Node::default(),
            data: PathBuf::from("data"),
            public: Public::default(),
            operators: Operators::default(),
            console: Console::default(),
            log: Log::default(),
            freshness: Freshness::default(),
            snapshot: Snapshot::default(),
            replication: Replication::default(),
            peers: Vec::new(),
            mirrors: Vec::new(),
        }
    }
}

impl Default for Snapshot {
    fn default() -> Self {
        Snapshot { directory: None, heartbeat_seconds: HEARTBEAT_SECONDS, events: true }
    }
}

impl Default for Replication {
    fn default() -> Self {
        Replication { listen: None, address: None, keep_free_mib: KEEP_FREE_MIB }
    }
}

impl Default for Page {
    fn default() -> Self {
        Page { name: "Status".to_owned(), url: "http://localhost:8080".to_owned(), time_zone: "Etc/UTC".to_owned() }
    }
}

impl Default for Node {
    fn default() -> Self {
        Node { name: "node-1".to_owned(), region: None }
    }
}

impl Default for Public {
    fn default() -> Self {
        let listen = SocketAddr::from(([127, 0, 0, 1], 8080));
        Public { listen, tls: None, trusted_proxies: Vec::new(), hsts: false }
    }
}

impl Default for Operators {
    fn default() -> Self {
        Operators { listen: SocketAddr::from(([127, 0, 0, 1], 8081)) }
    }
}

impl Default for Log {
    fn default() -> Self {
        Log { format: LogFormat::Text, level: "info".to_owned() }
    }
}

impl Default for Freshness {
    fn default() -> Self {
        Freshness { amber_seconds: domain::stamp::AMBER_SECONDS, grey_seconds: domain::stamp::GREY_SECONDS }
    }
}

impl Config {
    /// The node's origin, as pages show it.
    pub fn origin(&self) -> &str {
        self.node.region.as_deref().unwrap_or(&self.node.name)
    }

    /// Where a running node takes its own user's requests.
    pub fn socket(&self) -> PathBuf {
        socket_in(&self.data)
    }
}

/// The socket of a data directory.
pub fn socket_in(data: &Path) -> PathBuf {
    data.join(SOCKET_NAME)
}
