//! The event log inside a snapshot: whole again wherever it is opened with the cluster key, closed to everybody else, and
//! of one more post little is written anew.

use crate::{
    board_builder,
    node::{TestNode, at, author},
};
use domain::{
    command::Command,
    id::{Hlc, IncidentId},
    status::{Impact, Status},
};
use flate2::{Compression, write::DeflateEncoder};
use server::{
    demo,
    snapshot::{
        FILE_BYTES_MAX,
        sealed_log::{self, SealedError, SealedLog, TAIL, Written},
    },
    store::{Identity, Record, Store, envelope::BODY_BYTES_MAX},
};
use std::{collections::BTreeMap, io::Write};

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
    let (about, records) =
        sealed_log::read(store.identity(), async |path: &str, _: u64| Ok(files.get(path).cloned())).await?;
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

/// As a version before the sizes stood in the tail wrote the log: files of 64 events, as long as there are fewer than 4096.
fn by_earlier_version(store: &Store) -> Files {
    let sealed = |about: &str, numbers: std::ops::RangeInclusive<u64>| {
        let mut plain = DeflateEncoder::new(Vec::new(), Compression::default());
        plain.write_all(about.as_bytes()).expect("written");
        store.export_range(numbers, &mut plain).expect("exported");
        let sealed = store.seal_alike(b"holdfast events of a snapshot", &plain.finish().expect("finished"));
        [b"holdfast sealed events 1\n".as_slice(), &sealed].concat()
    };
    let (node, events) = (store.identity().node_key(), store.digest().count);
    let full = events / 64;
    let folder = format!("events/{}/64", &node.to_string()[..8]);
    let about = serde_json::json!({
        "node": node, "events": events, "trusted": [], "page": domain::catalog::PageSettings::default(),
        "amber_seconds": 60, "grey_seconds": 300,
    });
    let mut files: Files = (0..full)
        .map(|number| (format!("{folder}/{number}"), sealed("", 64 * number + 1..=64 * (number + 1))))
        .collect();
    files.insert(TAIL.to_owned(), sealed(&format!("{about}\n"), 64 * full + 1..=events));
    files
}

#[tokio::test]
async fn the_log_of_an_earlier_version_is_read() {
    let test = replayed().await;
    for number in 0..260 {
        post(&test.node, number).await;
    }
    let store = test.node.store();
    let files = by_earlier_version(store);
    let events = opened(&files, store).await.expect("opened").len() as u64;
    assert_eq!(events, store.digest().count);
    let mut anew = Files::new();
    written(&test.node, &mut anew, None);
    assert!(anew.keys().any(|path| path.contains("/256/")) && anew.len() < files.len(), "{:?}", anew.keys());
}

/// The largest events that there can be, of bytes that nothing makes shorter.
#[tokio::test]
async fn no_file_is_longer_than_what_reads_and_serves_it_allows() {
    const EVENTS: u64 = 256 + 64 + 63;
    let test = TestNode::at(NOW);
    let records: Vec<Record> = (0..EVENTS)
        .map(|number| {
            let mut body = vec![0; BODY_BYTES_MAX];
            blake3::Hasher::new().update(&number.to_be_bytes()).finalize_xof().fill(&mut body);
            crate::store::record(1, 0, u16::MAX, 0, Hlc(number + 1), Vec::new(), &body)
        })
        .collect();
    for batch in records.chunks(server::store::INSERT_MAX) {
        test.node.insert(batch.to_vec()).await.expect("taken in");
    }
    let log = SealedLog::of(&test.node).expect("a log");
    let lengths: Vec<u64> =
        log.segments().into_iter().map(|segment| log.bytes(segment).expect("sealed").len() as u64).collect();
    assert_eq!(lengths.len(), 3, "a large file, a small one and the tail");
    for (length, events) in lengths.iter().zip([256, 64, 63]) {
        assert!(*length > events * BODY_BYTES_MAX as u64, "{length} bytes: nothing made them shorter");
        assert!(*length <= FILE_BYTES_MAX, "{length} bytes");
    }
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
