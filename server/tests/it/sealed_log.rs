//! The event log inside a snapshot: whole again wherever it is opened with the cluster key, closed to everybody else, and
//! of one more post little is written anew.

use crate::{
    board_builder,
    node::{TestNode, at, author},
};
use domain::{
    command::Command,
    id::IncidentId,
    status::{Impact, Status},
};
use server::{
    demo,
    snapshot::sealed_log::{self, SealedError, SealedLog, TAIL, Written},
    store::{Identity, Record, Store},
};
use std::collections::BTreeMap;

type Files = BTreeMap<String, Vec<u8>>;

/// Brings the files to what the node holds; how many had to be made, and what the next time begins with.
fn written(node: &server::publish::Node, files: &mut Files, earlier: Option<&Written>) -> (usize, Written) {
    let log = SealedLog::of(node).expect("a log");
    let changed = log.changed_since(earlier);
    for segment in &changed {
        files.insert(log.path(*segment), log.bytes(*segment).expect("sealed"));
    }
    let all: Vec<String> = log.segments().into_iter().map(|segment| log.path(segment)).collect();
    files.retain(|path, _| all.contains(path));
    (changed.len(), log.written())
}

async fn opened(files: &Files, store: &Store) -> Result<Vec<Record>, SealedError> {
    let (about, records) = sealed_log::read(store.identity(), async |path: &str| Ok(files.get(path).cloned())).await?;
    assert_eq!(about.events, records.len() as u64);
    Ok(records)
}

const NOW: &str = "2024-04-08T16:06:00+08:00";

async fn post(node: &server::publish::Node, number: usize) {
    let id: IncidentId = format!("{number:0>12}").parse().expect("an id");
    let first = board_builder::update(at(NOW), Some(Status::Investigating), "We are looking");
    let opened = board_builder::incident(&format!("Incident {number}"), Impact::Minor, first);
    node.publish(Command::Open { id, opened }, author("api")).await.expect("published");
}

async fn replayed() -> TestNode {
    let test = TestNode::at(NOW);
    demo::load(&test.node, test.node.clock().now()).await.expect("loaded");
    test
}

/// More events than fill a file of 64.
async fn long() -> TestNode {
    let test = replayed().await;
    for number in 0..40 {
        post(&test.node, number).await;
    }
    test
}

#[tokio::test]
async fn the_log_of_a_snapshot_is_whole_and_one_post_rewrites_little() {
    const POSTS: usize = 130;
    let test = replayed().await;
    let mut files = Files::new();
    let (_, mut earlier) = written(&test.node, &mut files, None);
    let mut made = 0;
    for number in 0..POSTS {
        post(&test.node, number).await;
        let (changed, now) = written(&test.node, &mut files, Some(&earlier));
        assert!((1..=2).contains(&changed), "post {number} makes {changed} files anew");
        (made, earlier) = (made + changed, now);
    }
    // Each writes the tail; two or three times 64 events are full.
    assert!((POSTS + 2..=POSTS + 3).contains(&made), "{made}");

    let mut anew = Files::new();
    written(&test.node, &mut anew, None);
    assert_eq!(files, anew, "kept up to date or written at once, the files are the same");

    let other = TestNode::number(2, NOW);
    for batch in opened(&files, other.node.store()).await.expect("opened").chunks(server::store::INSERT_MAX) {
        other.node.insert(batch.to_vec()).await.expect("taken in");
    }
    assert_eq!(other.node.store().digest(), test.node.store().digest());
    assert_eq!(other.node.board().version, test.node.board().version);
}

#[tokio::test]
async fn a_body_that_is_erased_leaves_the_sealed_log_too() {
    let test = long().await;
    let mut files = Files::new();
    let (_, earlier) = written(&test.node, &mut files, None);
    let event = test.node.store().records(1).expect("records")[40].1.id();
    let before = opened(&files, test.node.store()).await.expect("opened");
    assert!(before.iter().any(|record| record.id() == event && record.body.is_some()));
    test.node.redact(event, None, author("api")).await.expect("redacted");
    written(&test.node, &mut files, Some(&earlier));
    let after = opened(&files, test.node.store()).await.expect("opened");
    assert!(after.iter().any(|record| record.id() == event && record.body.is_none()));
}

#[tokio::test]
async fn what_is_not_whole_or_not_ours_is_told_apart() {
    let test = long().await;
    let mut files = Files::new();
    written(&test.node, &mut files, None);
    let store = test.node.store();
    let segment = files.keys().find(|path| *path != TAIL).expect("a full file").clone();
    for bytes in files.values() {
        let text = b"Many customers";
        assert!(!bytes.windows(text.len()).any(|window| window == text), "nothing is readable");
    }

    let directory = tempfile::tempdir().expect("a directory");
    let stranger = Store::open(directory.path(), Identity::new([2; 32], [8; 32])).expect("a store");
    assert!(matches!(opened(&files, &stranger).await, Err(SealedError::Sealed(path)) if path == TAIL));

    let mut altered = files.clone();
    *altered.get_mut(&segment).and_then(|bytes| bytes.last_mut()).expect("a byte") ^= 1;
    assert!(matches!(opened(&altered, store).await, Err(SealedError::Sealed(path)) if path == segment));

    let mut lacking = files.clone();
    lacking.remove(&segment);
    assert!(matches!(opened(&lacking, store).await, Err(SealedError::Missing(path)) if path == segment));

    let mut foreign = files;
    foreign.insert(TAIL.to_owned(), b"<html>".to_vec());
    assert!(matches!(opened(&foreign, store).await, Err(SealedError::Foreign(_))));
}
