//! A node on its data directory, and the same with its listeners until it is told to end.

use super::{
    failure::{Damage, Failure},
    oidc, open_files,
};
use crate::{
    access::Access,
    api, assets,
    cache::Pages,
    clock::SystemClock,
    config::Config,
    console,
    http::{
        self, Listener, Public, Settings, Shutdown,
        forwarded::{Network, Networks},
        listen,
        listen::{Service, Socket},
        operators,
        settings::CertificateFiles,
        tls::Certificates,
    },
    publish::{Node, NodeOptions},
    replication::{Engine, pace::Jitter, tls::TlsTransport, transport::Known},
    store::{Identity, OpenError, ReadError, Store, fault::Fault},
};
use app::site::Site;
use domain::{id::NodeKey, trust::Member};
use std::{net::SocketAddr, path::Path, sync::Arc};
use tokio::signal::unix::{SignalKind, signal};

/// How long browsers remember to use HTTPS only, in seconds: a year.
const HSTS_SECONDS: u64 = 31_536_000;

/// Makes the data directory where it is missing; only its owner may look into it.
pub fn prepare_directory(directory: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::DirBuilderExt;
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(directory);
    made.map_err(|error| Failure::unavailable(format!("the data directory {}: {error}", directory.display())))
}

/// Opens the data directory of a configuration.
pub fn open(config: &Config) -> Result<Arc<Node>, Failure> {
    prepare_directory(&config.data)?;
    let unavailable = |error: &dyn std::fmt::Display| Failure::unavailable(error.to_string());
    let identity = Identity::load_or_create(&config.data).map_err(|error| unavailable(&error))?;
    let store = Store::open(&config.data, identity).map_err(|error| match error {
        OpenError::InUse { .. } | OpenError::OtherCluster { .. } => unavailable(&error),
        OpenError::Damaged { .. } => Failure::damaged(Damage::Lost, error.to_string()),
        OpenError::Format { .. } | OpenError::Fault { .. } => Failure::damaged(Damage::Unreadable, error.to_string()),
    })?;
    let options = NodeOptions {
        clock: Arc::new(SystemClock),
        site: site(config),
        origin: config.origin().to_owned(),
        default_page: config.page_settings(),
        amber_seconds: config.freshness.amber_seconds,
        grey_seconds: config.freshness.grey_seconds,
        seeds: seeds(config, store.identity().node_key()),
        keep_free_mib: config.replication.keep_free_mib,
    };
    Node::start(store, options).map_err(|error| Failure::damaged(of_reading(&error), error.to_string()))
}

/// Whether a log that opens and cannot be read is lost.
fn of_reading(error: &ReadError) -> Damage {
    match error {
        ReadError::Fault(Fault::Damaged(_)) | ReadError::Envelope { .. } => Damage::Lost,
        _ => Damage::Unreadable,
    }
}

/// This node as others know it.
pub fn own_member(config: &Config, key: NodeKey) -> Member {
    Member {
        key,
        name: config.node.name.clone(),
        region: config.origin().to_owned(),
        address: config.replication.address.clone().unwrap_or_default(),
    }
}

/// Whom the configuration trusts: this node, and each peer that it names.
pub fn seeds(config: &Config, own: NodeKey) -> Vec<Member> {
    let peers = config.peers.iter().map(|peer| Member {
        key: peer.key,
        name: peer.name.clone(),
        region: peer.region.clone().unwrap_or_else(|| peer.name.clone()),
        address: peer.address.clone(),
    });
    [own_member(config, own)].into_iter().chain(peers).collect()
}

/// What pages of a server need to know.
pub fn site(config: &Config) -> Site {
    Site {
        files: assets::names().clone(),
        stream: Some("/live".to_owned()),
        copies: config.copies(),
        sign_in_provider: config.console.oidc.as_ref().map(|oidc| oidc.name.clone()),
        ..Site::default()
    }
}

/// How a configuration wants the page served.
pub fn settings(config: &Config) -> Result<Settings, Failure> {
    let proxies = config.public.trusted_proxies.iter().map(|proxy| proxy.parse::<Network>());
    let trusted_proxies = proxies.collect::<Result<_, _>>().map_err(|error| Failure::unavailable(error.to_string()))?;
    Ok(Settings {
        trusted_proxies: Networks(trusted_proxies),
        hsts_seconds: if config.public.hsts { HSTS_SECONDS } else { 0 },
        copies: config.copies(),
        ..Settings::default()
    })
}

/// Binds where readers connect.
pub async fn public_socket(config: &Config) -> Result<(Socket, SocketAddr), Failure> {
    let unavailable = |error: &dyn std::fmt::Display| Failure::unavailable(error.to_string());
    let bound = listen::tcp(config.public.listen).await.map_err(|error| unavailable(&error))?;
    let address = bound.local_addr().map_err(|error| unavailable(&error))?;
    let socket = match &config.public.tls {
        None => Socket::Plain(bound),
        Some(tls) => {
            let files = CertificateFiles { certificates: tls.certificate.clone(), key: tls.key.clone() };
            Socket::Tls(bound, Certificates::load(files).map_err(|error| unavailable(&error))?)
        }
    };
    Ok((socket, address))
}

/// Where a reader on this machine finds what is bound at `address`.
pub fn url(config: &Config, address: SocketAddr) -> String {
    format!("{}://{address}", if config.public.tls.is_some() { "https" } else { "http" })
}

/// Announces the end on SIGTERM or SIGINT. SIGHUP, which would end a process that does not hear it, makes the listener
/// read its certificate files again (`http::tls`).
pub fn hear_signals(shutdown: Shutdown, config: &Config) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::unavailable(format!("signals cannot be heard: {error}"));
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let mut hangup = signal(SignalKind::hangup()).map_err(failed)?;
    if config.public.tls.is_none() {
        tokio::spawn(async move {
            while hangup.recv().await.is_some() {
                tracing::info!("SIGHUP: there are no certificate files to read again");
            }
        });
    }
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("told to end; requests under way are still answered");
        shutdown.begin();
    });
    Ok(())
}

/// The links to other nodes, before they are begun.
struct Replicating {
    engine: Engine<TlsTransport, Node>,
    node: Arc<Node>,
}

impl Replicating {
    /// Binds the peers' listener, where the configuration has one.
    fn bind(config: &Config, node: &Arc<Node>) -> Result<Option<Self>, Failure> {
        let Some(listen) = config.replication.listen else { return Ok(None) };
        let identity = node.store().identity();
        let peers = Arc::clone(node.peers());
        let known: Known = {
            let peers = Arc::clone(&peers);
            Arc::new(move |key| peers.is_member(key))
        };
        let failed = |error: &dyn std::fmt::Display| Failure::unavailable(error.to_string());
        let transport = TlsTransport::bind(listen, identity, known).map_err(|error| failed(&error))?;
        tracing::info!(address = %transport.local_addr(), "listening for peers");
        node.replicate();
        let mut seed = [0; 8];
        getrandom::fill(&mut seed).map_err(|error| failed(&error))?;
        let engine = Engine {
            peers,
            replica: Arc::clone(node),
            transport: Arc::new(transport),
            jitter: Jitter::new(u64::from_be_bytes(seed)),
        };
        Ok(Some(Replicating { engine, node: Arc::clone(node) }))
    }

    async fn run(self) {
        tokio::join!(self.engine.run(), self.node.follow_peers());
    }
}

/// The path of the link that makes the first administrator; `None` once there is one.
fn first_administrator(access: &Access) -> Result<Option<String>, getrandom::Error> {
    match access.node.board().operators.values().any(|operator| operator.is_administrator()) {
        true => Ok(None),
        false => access.first.make().map(Some),
    }
}

/// A node with its listeners bound.
pub struct Running {
    node: Arc<Node>,
    replicating: Option<Replicating>,
    public: Arc<Public>,
    listeners: Vec<Listener>,
    shutdown: Shutdown,
    pub operators: Option<SocketAddr>,
    /// Where a reader on this machine finds the page.
    pub url: String,
    /// The link that makes the first administrator, while there is none.
    pub first_administrator: Option<String>,
}

impl Running {
    /// Binds everything that `config` names; the operators' listener only when `with_operators`.
    pub async fn bind(config: &Config, node: Arc<Node>, with_operators: bool) -> Result<Self, Failure> {
        Running::bind_as(config, node, with_operators, Service::Public).await
    }

    /// The same, where `public_service` says what answers readers.
    pub async fn bind_as(
        config: &Config,
        node: Arc<Node>,
        with_operators: bool,
        public_service: impl FnOnce(Arc<Public>) -> Service,
    ) -> Result<Self, Failure> {
        let unavailable = |error: &dyn std::fmt::Display| Failure::unavailable(error.to_string());
        let settings = settings(config)?;
        let (socket, address) = public_socket(config).await?;
        let shutdown = Shutdown::default();
        // Before anybody is told that it serves: who knows it may signal it.
        hear_signals(shutdown.clone(), config)?;
        let replicating = Replicating::bind(config, &node)?;
        let pages = Pages::new(Arc::clone(&node));
        let access = Access::new(Arc::clone(&node), config.console.cookie_domain.clone(), oidc::provider(config));
        let first_administrator = first_administrator(&access).map_err(|error| unavailable(&error))?;
        let operated = api::router(Arc::clone(&node)).merge(console::router(access));
        let public = Public::new(pages, operated, settings);
        let mut listeners = vec![Listener { socket, service: public_service(Arc::clone(&public)) }];
        let mut operators_address = None;
        if with_operators {
            let bound = listen::tcp(config.operators.listen).await.map_err(|error| unavailable(&error))?;
            operators_address = bound.local_addr().ok();
            let service = Service::Router(operators::router(Arc::clone(&public), shutdown.clone()));
            listeners.push(Listener { socket: Socket::Plain(bound), service });
        }
        let own_user = listen::unix(&config.socket()).map_err(|error| unavailable(&error))?;
        let service = Service::Router(api::trusted_router(Arc::clone(&node)));
        listeners.push(Listener { socket: Socket::Unix(own_user), service });
        let url = url(config, address);
        let first_administrator = first_administrator.map(|path| format!("{url}{path}"));
        let operators = operators_address;
        Ok(Running { node, replicating, public, listeners, shutdown, operators, url, first_administrator })
    }

    /// Serves until SIGTERM or SIGINT; requests under way are still answered. `beside` runs along.
    pub async fn serve(
        self,
        config: &Config,
        beside: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), Failure> {
        open_files::raise(self.public.settings.limits.connections_max);
        let beside = tokio::spawn(beside);
        let replicating = self.replicating.map(|replicating| tokio::spawn(replicating.run()));
        let upkeep = tokio::spawn({
            let (public, shutdown) = (Arc::clone(&self.public), self.shutdown.clone());
            async move { public.run(shutdown).await }
        });
        let settings = self.public.settings.clone();
        http::serve(self.listeners, &settings, self.shutdown).await;
        beside.abort();
        // A link that ends in the middle of a message loses nothing: what was not acknowledged comes again.
        if let Some(replicating) = replicating {
            replicating.abort();
        }
        // The upkeep ends with the same announcement; a panic in it has been told already.
        let _ended = upkeep.await;
        let node = self.node;
        let settled = tokio::task::spawn_blocking(move || node.settle()).await;
        if let Err(error) = settled {
            tracing::warn!(%error, "the files were not settled");
        }
        // A socket that is gone already is no loss.
        let _gone = std::fs::remove_file(config.socket());
        tracing::info!("ended");
        Ok(())
    }
}
