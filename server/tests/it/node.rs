//! A node on a directory of its own, with a clock that the test sets.

use app::site::Site;
use domain::{Instant, catalog::PageSettings, change::Author, stamp};
use server::{
    clock::ManualClock,
    publish::{Node, NodeOptions},
    store::{Identity, Store},
};
use std::{path::Path, sync::Arc};

pub struct TestNode {
    pub node: Arc<Node>,
    /// The node's clock.
    pub clock: Arc<ManualClock>,
    _directory: tempfile::TempDir,
}

/// A moment, in RFC 3339.
pub fn at(text: &str) -> Instant {
    chrono::DateTime::parse_from_rfc3339(text).expect("a moment").to_utc()
}

pub fn author(way: &str) -> Author {
    Author { name: "test".to_owned(), way: way.to_owned() }
}

impl TestNode {
    pub fn at(now: &str) -> TestNode {
        TestNode::number(1, now)
    }

    /// Node number `number` of one cluster.
    pub fn number(number: u8, now: &str) -> TestNode {
        const CLUSTER_KEY: [u8; 32] = [9; 32];
        let directory = tempfile::tempdir().expect("a temporary directory");
        let identity = Identity::new([number; 32], CLUSTER_KEY);
        let (node, clock) = on_store(Store::open(directory.path(), identity).expect("a store"), now);
        TestNode { node, clock, _directory: directory }
    }

    /// Takes over every event that the other one holds.
    pub async fn pull(&self, other: &TestNode) {
        let mut from = 1;
        loop {
            let page = other.node.store().records(from).expect("records");
            let Some((last, _)) = page.last() else { return };
            from = last + 1;
            let records = page.into_iter().map(|(_, record)| record).collect();
            self.node.insert(records).await.expect("taken in");
        }
    }
}

/// A node on a directory that outlasts it.
pub fn in_directory(directory: &Path, now: &str) -> (Arc<Node>, Arc<ManualClock>) {
    let identity = Identity::load_or_create(directory).expect("an identity");
    on_store(Store::open(directory, identity).expect("a store"), now)
}

pub fn on_store(store: Store, now: &str) -> (Arc<Node>, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new(at(now)));
    let options = NodeOptions {
        clock: clock.clone(),
        site: Site::default(),
        origin: "test".to_owned(),
        default_page: PageSettings::default(),
        amber_seconds: stamp::AMBER_SECONDS,
        grey_seconds: stamp::GREY_SECONDS,
        seeds: (1..=4).map(crate::store::member).collect(),
        keep_free_mib: 0,
    };
    (Node::start(store, options).expect("a node"), clock)
}
