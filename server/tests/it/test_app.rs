//! A whole node on a free port: temporary event log, a clock that stands still until it is set, and switches for the
//! failures that a test makes happen.

use app::{
    address::{Address, Page},
    locale::Locale,
    site::Site,
};
use axum::{
    Extension, Router,
    http::{HeaderMap, Request, StatusCode},
    routing::{get, post},
};
use bytes::Bytes;
use domain::{
    Instant,
    board::Board,
    catalog::PageSettings,
    change::Author,
    command::Command,
    stamp::{AMBER_SECONDS, GREY_SECONDS, Heard, Silent, Stamp},
};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use server::{
    cache::{Pages, Source, pages::board_listener, upkeep::Renewal},
    client::Client,
    clock::ManualClock,
    demo::Replay,
    http::{
        Listener, Public, Settings, Shutdown,
        listen::{self, Service, Socket},
        operators, serve,
    },
    publish::{Node, NodeOptions, Receipt, Renewed},
    render::Rendered,
    store::{Identity, Store},
};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{net::TcpStream, task::JoinHandle};

/// What `Stamp::with_peers` takes.
pub type Regions = (u32, Vec<Silent>, Option<Heard>);

/// A node whose parts can be made to fail.
#[derive(Default)]
pub struct Switches {
    /// Rendering panics.
    pub render_panics: AtomicBool,
    /// The store's check does not succeed, so that nothing new is confirmed.
    pub store_is_gone: AtomicBool,
    /// The store's check does not return while this is held.
    pub store_hangs: std::sync::Mutex<()>,
    /// Renders so far.
    pub renders: AtomicUsize,
    /// What replication says of other regions; by default the node is alone.
    pub regions: std::sync::Mutex<Option<Regions>>,
}

struct Breakable {
    node: Arc<Node>,
    switches: Arc<Switches>,
}

impl Breakable {
    fn with_regions(&self, stamp: Arc<Stamp>) -> Arc<Stamp> {
        match self.switches.regions.lock().expect("no panic").clone() {
            Some((peers, silent, heard)) => Arc::new(Stamp::clone(&stamp).with_peers(peers, silent, heard)),
            None => stamp,
        }
    }
}

impl Source for Breakable {
    fn board(&self) -> Arc<Board> {
        self.node.board()
    }

    fn stamp(&self) -> Arc<Stamp> {
        self.with_regions(self.node.stamp())
    }

    fn renew_stamp(&self) -> Renewed {
        let _held = self.switches.store_hangs.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if self.switches.store_is_gone.load(Ordering::SeqCst) {
            let last = self.node.stamp();
            let stamp = Arc::new(Stamp::new(last.confirmed_at, self.now(), last.origin.clone()));
            return Renewed { stamp: self.with_regions(stamp), is_checked: false };
        }
        let renewed = self.node.renew_stamp();
        Renewed { stamp: self.with_regions(renewed.stamp), ..renewed }
    }

    fn now(&self) -> Instant {
        self.node.clock().now()
    }

    fn page(&self, address: Address, board: &Board) -> Result<Page, String> {
        Source::page(&*self.node, address, board)
    }

    fn render(&self, board: &Board, page: &Page, locale: Locale, stamp: &Stamp) -> Rendered {
        self.switches.renders.fetch_add(1, Ordering::SeqCst);
        assert!(!self.switches.render_panics.load(Ordering::SeqCst), "the test makes rendering fail");
        self.node.render(board, page, locale, stamp)
    }
}

pub struct TestApp {
    pub address: SocketAddr,
    pub operators: SocketAddr,
    pub node: Arc<Node>,
    pub pages: Arc<Pages>,
    pub public: Arc<Public>,
    pub clock: Arc<ManualClock>,
    pub switches: Arc<Switches>,
    pub shutdown: Shutdown,
    pub replay: Replay,
    serving: JoinHandle<()>,
    _directory: tempfile::TempDir,
}

pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Reply {
    /// A header's value, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a readable header"))
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("UTF-8")
    }
}

/// Stands in for the write API: says who asks, and how much arrived.
fn echo() -> Router {
    Router::new()
        .route(
            "/api/v1/client",
            get(|Extension(client): Extension<Client>| async move {
                format!("{} {}", client.address.map(|address| address.to_string()).unwrap_or_default(), client.secure)
            }),
        )
        .route("/api/v1/length", post(|body: Bytes| async move { body.len().to_string() }))
}

impl TestApp {
    /// The replay's catalog and nothing else, at 15:00 (UTC+8) on 8 April 2024.
    pub async fn start() -> Self {
        Self::with(Settings::default()).await
    }

    pub async fn with(settings: Settings) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let identity = Identity::load_or_create(directory.path()).expect("an identity");
        let store = Store::open(directory.path(), identity).expect("a store");
        let clock = Arc::new(ManualClock::new(crate::board_builder::april("15:00")));
        let options = NodeOptions {
            clock: Arc::clone(&clock) as _,
            site: Site::default(),
            origin: "ap-guangzhou".to_owned(),
            default_page: PageSettings::default(),
            amber_seconds: AMBER_SECONDS,
            grey_seconds: GREY_SECONDS,
            seeds: Vec::new(),
            keep_free_mib: 0,
        };
        let node = Node::start(store, options).expect("a node");
        let replay = Replay::parsed().expect("the replay");
        let author = Author { name: "test".to_owned(), way: "test".to_owned() };
        node.publish(Command::ApplyCatalog(replay.catalog.clone()), author).await.expect("the catalog");

        let switches = Arc::new(Switches::default());
        let source = Breakable { node: Arc::clone(&node), switches: Arc::clone(&switches) };
        let pages = Pages::of(Arc::new(source));
        node.listen(board_listener(&pages));
        let public = Public::new(Arc::clone(&pages), echo(), settings.clone());
        let shutdown = Shutdown::default();
        let free = "127.0.0.1:0".parse().expect("an address");
        let socket = listen::tcp(free).await.expect("a port");
        let operators = listen::tcp(free).await.expect("a port");
        let addresses = (socket.local_addr().expect("bound"), operators.local_addr().expect("bound"));
        let listeners = vec![
            Listener { socket: Socket::Plain(socket), service: Service::Public(Arc::clone(&public)) },
            Listener {
                socket: Socket::Plain(operators),
                service: Service::Router(operators::router(Arc::clone(&public), shutdown.clone())),
            },
        ];
        let (end, live) = (shutdown.clone(), Arc::clone(&public.live));
        let serving = tokio::spawn(async move {
            // Stamps are renewed by the tests themselves, so the cache's own upkeep does not run.
            tokio::join!(serve(listeners, &settings, end.clone()), live.run(end.clone()));
        });
        TestApp {
            address: addresses.0,
            operators: addresses.1,
            node,
            pages,
            public,
            clock,
            switches,
            shutdown,
            replay,
            serving,
            _directory: directory,
        }
    }

    /// Plays the replay on to a moment such as `15:58`.
    pub async fn play_until(&self, time: &str) -> Option<Receipt> {
        let mut receipt = None;
        for step in self.replay.until(crate::board_builder::april(time)) {
            if step.at > self.node.clock().now() {
                self.clock.set(step.at);
                receipt = Some(self.publish(step.command.clone()).await);
            }
        }
        self.clock.set(crate::board_builder::april(time));
        receipt
    }

    pub async fn publish(&self, command: Command) -> Receipt {
        let author = Author { name: "test".to_owned(), way: "test".to_owned() };
        self.node.publish(command, author).await.expect("published")
    }

    pub fn advance(&self, seconds: i64) {
        self.clock.set(self.node.clock().now() + chrono::TimeDelta::seconds(seconds));
    }

    /// What happens every ten seconds.
    pub async fn renew(&self) {
        Renewal::new(Arc::clone(&self.pages)).renew(Duration::from_secs(5)).await;
    }

    /// The path of the replay's incident.
    pub fn incident(&self) -> String {
        format!("/incidents/{}", self.replay.incident)
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.ask("GET", path, &[]).await
    }

    pub async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Reply {
        self.send(method, path, headers, "").await
    }

    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        collected(open(self.address, method, path, headers, body).await).await
    }

    pub async fn operated(&self, path: &str) -> Reply {
        collected(open(self.operators, "GET", path, &[], "").await).await
    }

    /// Announces the end and waits for it.
    pub async fn end(self) {
        self.shutdown.begin();
        self.serving.await.expect("served to the end");
    }
}

pub async fn collected(response: axum::http::Response<Incoming>) -> Reply {
    let (parts, body) = response.into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    Reply { status: parts.status, headers: parts.headers, body }
}

/// One request on a connection of its own; the body may go on.
pub async fn open(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> axum::http::Response<Incoming> {
    let stream = TcpStream::connect(address).await.expect("a connection");
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("HTTP");
    tokio::spawn(connection);
    let mut request = Request::builder().method(method).uri(path).header("host", "status.example.com");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::new(Bytes::from(body.to_owned()))).expect("a request");
    sender.send_request(request).await.expect("a response")
}
