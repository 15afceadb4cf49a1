//! When a log that was lost counts as whole again. The story: while it is being filled, somebody sets the clock of the node
//! back by an hour or ahead by one; neither puts the end off nor brings it about.

use crate::node::{at, author};
use chrono::TimeDelta;
use domain::{catalog::PageSettings, command::Command, id::IncidentId, status::Impact, trust::Member};
use server::{
    clock::ManualClock,
    publish::{Node, NodeOptions},
    replication::{Engine, pace::Jitter, tls::TlsTransport, transport::Known},
    store::{Identity, Store},
};
use std::{sync::Arc, time::Duration};

const NOW: &str = "2026-11-24T12:00:00Z";
/// Far longer than a link and its first beats take.
const LONG: Duration = Duration::from_secs(60);

struct Region {
    node: Arc<Node>,
    clock: Arc<ManualClock>,
    transport: Arc<TlsTransport>,
    _directory: tempfile::TempDir,
}

fn identity(number: u8) -> Identity {
    Identity::new([number; 32], [9; 32])
}

fn member(number: u8, address: String) -> Member {
    let name = format!("region {number}");
    Member { key: identity(number).node_key(), name: name.clone(), region: name, address }
}

impl Region {
    /// It dials whom it is given with an address.
    fn of(number: u8, other: Member) -> Region {
        let directory = tempfile::tempdir().expect("a directory");
        let known_key = other.key;
        let known: Known = Arc::new(move |key| *key == known_key);
        let transport = TlsTransport::bind("127.0.0.1:0".parse().expect("an address"), &identity(number), known);
        let transport = Arc::new(transport.expect("a port"));
        let own = member(number, transport.local_addr().to_string());
        let clock = Arc::new(ManualClock::new(at(NOW)));
        let options = NodeOptions {
            clock: clock.clone(),
            site: app::site::Site::default(),
            origin: own.region.clone(),
            default_page: PageSettings::default(),
            amber_seconds: domain::stamp::AMBER_SECONDS,
            grey_seconds: domain::stamp::GREY_SECONDS,
            seeds: vec![own, other],
            keep_free_mib: 0,
        };
        let store = Store::open(directory.path(), identity(number)).expect("a store");
        let node = Node::start(store, options).expect("a node");
        node.replicate();
        Region { node, clock, transport, _directory: directory }
    }

    fn link(&self) -> tokio::task::AbortHandle {
        let engine = Engine {
            peers: Arc::clone(self.node.peers()),
            replica: Arc::clone(&self.node),
            transport: Arc::clone(&self.transport),
            jitter: Jitter::new(1),
        };
        tokio::spawn(engine.run()).abort_handle()
    }
}

async fn until(what: &str, is_so: impl Fn() -> bool) {
    let begun = tokio::time::Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < LONG, "{what}: not within {LONG:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_set_neither_puts_off_nor_brings_about_that_a_log_is_whole() {
    let full = Region::of(1, member(2, String::new()));
    let id: IncidentId = "5jfkz8q1mlql".parse().expect("an id");
    let update = crate::board_builder::update(at(NOW), Some(domain::status::Status::Investigating), "We are looking");
    let opened = crate::board_builder::incident("T", Impact::Minor, update);
    full.node.publish(Command::Open { id, opened }, author("api")).await.expect("published");
    let address = full.transport.local_addr().to_string();
    let lost = Region::of(2, member(1, address));

    let begun = tokio::time::Instant::now();
    lost.clock.set(at(NOW) + TimeDelta::hours(1));
    lost.node.renew_stamp();
    assert!(!lost.node.has_all_news_since(begun), "an hour later by the clock, nobody was heard");
    lost.clock.set(at(NOW) - TimeDelta::hours(1));
    let links = [full.link(), lost.link()];
    until("all news, by a clock that went back", || lost.node.has_all_news_since(begun)).await;
    assert_eq!(lost.node.store().digest(), full.node.store().digest());
    assert!(lost.node.renew_stamp().stamp.confirmed_at < at(NOW), "though its pages show the clock as it is");
    for link in links {
        link.abort();
    }
    assert!(!lost.node.has_all_news_since(tokio::time::Instant::now()), "what was heard before says nothing of now");
}
