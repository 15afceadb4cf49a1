//! A node with the whole of its public service, the console included, and operators to work in it.

use crate::{
    board_builder::{maintenance, update},
    store::{all_records, identity, member},
    test_app::{Reply, collected, open},
};
use app::site::Site;
use domain::{
    catalog::PageSettings,
    change::{Author, Bytes, OperatorInvited, OperatorSet, PasswordSet},
    command::{Command, operators::Wish},
    id::{Id, IncidentId, OperatorId},
    operator::Role,
    status::Status,
};
use server::{
    access::{Access, oidc::Provider},
    api,
    cache::{Pages, pages::board_listener},
    clock::ManualClock,
    console,
    demo::Replay,
    http::{
        Listener, Public, Settings, Shutdown, listen,
        listen::{Service, Socket},
        serve,
    },
    publish::{Node, NodeOptions},
    snapshot::publisher::{Kept, Publishers},
    store::Store,
};
use std::{net::SocketAddr, sync::Arc, time::Duration};

pub const PASSWORD: &str = "correct horse battery staple";

pub struct ConsoleApp {
    pub address: SocketAddr,
    pub access: Arc<Access>,
    pub replay: Replay,
    pub clock: Arc<ManualClock>,
    publishers: Arc<Publishers>,
    shutdown: Shutdown,
    _directory: tempfile::TempDir,
}

impl ConsoleApp {
    /// The replay's catalog, at 15:23 (UTC+8) on 8 April 2024.
    pub async fn start() -> Self {
        let app = Self::number(1).await;
        app.publish(Command::ApplyCatalog(app.replay.catalog.clone())).await;
        app
    }

    /// Node number `number` of the test cluster, with an empty log.
    pub async fn number(number: u8) -> Self {
        Self::with_provider(number, None).await
    }

    /// The same, with a sign-in provider.
    pub async fn with_provider(number: u8, provider: Option<Provider>) -> Self {
        Self::of(number, provider, Duration::from_secs(60), Vec::new()).await
    }

    /// With copies elsewhere that are written at each heartbeat.
    pub async fn with_copies(heartbeat: Duration, copies: Vec<Kept>) -> Self {
        Self::of(1, None, heartbeat, copies).await
    }

    /// Node number 1 on another kind of storage.
    pub async fn on(store: Store) -> Self {
        Self::of_store(store, tempfile::tempdir().expect("a directory"), None, Duration::from_secs(60), Vec::new())
            .await
    }

    async fn of(number: u8, provider: Option<Provider>, heartbeat: Duration, copies: Vec<Kept>) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let store = Store::open(directory.path(), identity(number)).expect("a store");
        Self::of_store(store, directory, provider, heartbeat, copies).await
    }

    async fn of_store(
        store: Store,
        directory: tempfile::TempDir,
        provider: Option<Provider>,
        heartbeat: Duration,
        copies: Vec<Kept>,
    ) -> Self {
        let clock = Arc::new(ManualClock::new(crate::board_builder::april("15:23")));
        let options = NodeOptions {
            clock: Arc::clone(&clock) as _,
            site: Site { sign_in_provider: provider.as_ref().map(|_| "Example ID".to_owned()), ..Site::default() },
            origin: "ap-guangzhou".to_owned(),
            default_page: PageSettings::default(),
            amber_seconds: 60,
            grey_seconds: 300,
            keep_free_mib: 0,
            seeds: (1..=4).map(member).collect(),
        };
        let node = Node::start(store, options).expect("a node");
        let replay = Replay::parsed().expect("the replay");
        let access = Access::new(Arc::clone(&node), None, provider);
        let pages = Pages::new(Arc::clone(&node));
        node.listen(board_listener(&pages));
        let operated = api::router(Arc::clone(&node)).merge(console::router(Arc::clone(&access)));
        let publishers = Arc::new(Publishers::start(&node, heartbeat, copies).expect("threads"));
        let operated = operated.layer(axum::Extension(Arc::clone(&publishers)));
        let settings = Settings::default();
        let public = Public::new(pages, operated, settings.clone());
        let socket = listen::tcp("127.0.0.1:0".parse().expect("an address")).await.expect("a port");
        let address = socket.local_addr().expect("bound");
        let shutdown = Shutdown::default();
        let listeners = vec![Listener { socket: Socket::Plain(socket), service: Service::Public(public) }];
        let end = shutdown.clone();
        tokio::spawn(async move { serve(listeners, &settings, end).await });
        ConsoleApp { address, access, replay, clock, publishers, shutdown, _directory: directory }
    }

    pub fn node(&self) -> &Arc<Node> {
        &self.access.node
    }

    /// Takes over every event that the other one holds.
    pub async fn pull(&self, other: &ConsoleApp) {
        let records = all_records(other.node().store());
        self.node().insert(records).await.expect("taken in");
    }

    pub fn advance(&self, seconds: i64) {
        self.clock.set(self.node().clock().now() + chrono::TimeDelta::seconds(seconds));
    }

    /// An operator with [`PASSWORD`].
    pub async fn operator(&self, login: &str, role: Role) {
        let set = OperatorSet { login: login.to_owned(), name: format!("Name of {login}"), role, active: true };
        let invited = OperatorInvited {
            sealed_hash: Bytes(self.node().store().seal(b"nobody has it").expect("randomness")),
            expires_at: crate::board_builder::april("23:00"),
        };
        self.publish(Command::Operator(Wish::Add { set, invited })).await;
        let hash = self.access.hashing.hash(PASSWORD.to_owned()).await.expect("a turn");
        let set = PasswordSet {
            sealed_hash: Bytes(self.node().store().seal(hash.as_bytes()).expect("randomness")),
            invitation: None,
        };
        self.publish(Command::Operator(Wish::SetPassword { operator: OperatorId::of_login(login), set })).await;
    }

    pub async fn publish(&self, command: Command) {
        self.node().publish(command, author()).await.expect("published");
    }

    /// The replay's incident, as it was opened.
    pub async fn open_incident(&self) -> IncidentId {
        let opening = self.replay.until(crate::board_builder::april("15:23")).next().expect("a first step");
        self.publish(opening.command.clone()).await;
        self.replay.incident
    }

    /// A maintenance of the next night.
    pub async fn plan_maintenance(&self) -> IncidentId {
        let id = IncidentId(Id::derived(&[b"maintenance"]));
        let at = |time: &str| format!("2024-04-09T{time}:00+08:00").parse().expect("a time");
        let first = update(self.node().clock().now(), Some(Status::Scheduled), "We upgrade");
        let opened = maintenance("Upgrade", at("02:00"), at("04:00"), first);
        self.publish(Command::Open { id, opened }).await;
        id
    }

    pub async fn post_update(&self, incident: IncidentId, text: &str) {
        let update = crate::store::post(0, domain::status::Status::Investigating, text);
        let update = domain::change::UpdatePosted { at: self.node().clock().now(), ..update };
        self.publish(Command::Post { incident, update }).await;
    }

    /// The cookies of a session.
    pub async fn sign_in(&self, login: &str) -> String {
        let password = PASSWORD.replace(' ', "+");
        let reply = self.post("/admin/sign-in", "", &format!("login={login}&password={password}")).await;
        assert_eq!(reply.status, 303, "{}", reply.text());
        Self::cookie(&reply)
    }

    /// What a browser would send back.
    pub fn cookie(reply: &Reply) -> String {
        let set = reply.headers.get_all("set-cookie").iter().map(|value| value.to_str().expect("text"));
        let pairs: Vec<&str> = set
            .inspect(|cookie| {
                for attribute in ["HttpOnly", "Secure", "SameSite=Strict", "Path=/admin"] {
                    assert!(cookie.contains(attribute), "{attribute}: {cookie}");
                }
            })
            .filter_map(|cookie| cookie.split(';').next())
            .collect();
        pairs.join("; ")
    }

    pub fn hidden(reply: &Reply, name: &str) -> String {
        let text = reply.text();
        let field = text.split(&format!("name=\"{name}\" value=\"")).nth(1);
        field.and_then(|rest| rest.split('"').next()).unwrap_or_else(|| panic!("no field {name}: {text}")).to_owned()
    }

    pub fn form_key(reply: &Reply) -> String {
        Self::hidden(reply, "form_key")
    }

    pub async fn get(&self, path: &str, cookie: &str) -> Reply {
        self.send("GET", path, &[("cookie", cookie)], "").await
    }

    pub async fn post(&self, path: &str, cookie: &str, form: &str) -> Reply {
        let headers = [("cookie", cookie), ("content-type", "application/x-www-form-urlencoded")];
        self.send("POST", path, &headers, form).await
    }

    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        collected(open(self.address, method, path, headers, body).await).await
    }
}

impl Drop for ConsoleApp {
    fn drop(&mut self) {
        self.shutdown.begin();
        self.publishers.end();
    }
}

fn author() -> Author {
    Author { name: "test".to_owned(), way: "test".to_owned() }
}
