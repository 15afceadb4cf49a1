//! A node on a directory of its own, with a clock that the test sets.

use app::site::Site;
use domain::{Instant, catalog::PageSettings, change::Author, stamp};
use server::{
    clock::ManualClock,
    publish::{Node, NodeOptions},
    store::{Identity, Store},
};
use std::sync::Arc;

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
        let directory = tempfile::tempdir().expect("a temporary directory");
        let identity = Identity::load_or_create(directory.path()).expect("an identity");
        let store = Store::open(directory.path(), identity).expect("a store");
        let clock = Arc::new(ManualClock::new(at(now)));
        let options = NodeOptions { clock: clock.clone(), ..TestNode::options(now) };
        TestNode { node: Node::start(store, options).expect("a node"), clock, _directory: directory }
    }

    /// How a test's node is started, with a clock that stands still.
    pub fn options(now: &str) -> NodeOptions {
        NodeOptions {
            clock: Arc::new(ManualClock::new(at(now))),
            site: Site::default(),
            origin: "test".to_owned(),
            default_page: PageSettings::default(),
            amber_seconds: stamp::AMBER_SECONDS,
            grey_seconds: stamp::GREY_SECONDS,
            seeds: Vec::new(),
        }
    }
}
