//! The protocol of an update. The story: a writer is stopped after any of its operations, and again while it goes on;
//! whoever reads the copy then finds it whole, or whole with an update in progress. The next update that comes to its
//! end leaves exactly what it should.

use crate::node::TestNode;
use domain::board::Touched;
use server::{
    demo,
    snapshot::{
        Extra, Report, Scope, Source, Update, UpdateError, Writer,
        manifest::Signed,
        target::{Answer, Attributes, Content, Directory, Target, TargetError},
        verify::{Expected, GOOD, Reader, UPDATING, verify},
    },
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

/// Files in memory, which takes so many changes and then no more.
#[derive(Default)]
struct Stopping {
    files: Mutex<BTreeMap<String, Vec<u8>>>,
    left: AtomicUsize,
    reads: AtomicUsize,
    changes: AtomicUsize,
}

impl Stopping {
    fn after(operations: usize, files: &BTreeMap<String, Vec<u8>>) -> Stopping {
        let (files, left) = (Mutex::new(files.clone()), AtomicUsize::new(operations));
        Stopping { files, left, ..Stopping::default() }
    }

    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        self.files.lock().expect("files").clone()
    }

    fn change(&self, path: &str, done: impl FnOnce(&mut BTreeMap<String, Vec<u8>>)) -> Result<(), TargetError> {
        let spent = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        spent.map_err(|_| TargetError::new("writing", path, self, "stopped"))?;
        self.changes.fetch_add(1, Ordering::Relaxed);
        done(&mut self.files.lock().expect("files"));
        Ok(())
    }
}

impl Target for Stopping {
    fn name(&self) -> String {
        "memory".to_owned()
    }

    fn get<'a>(&'a self, path: &'a str, _: u64) -> Answer<'a, Option<Vec<u8>>> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move { Ok(self.files.lock().expect("files").get(path).cloned()) })
    }

    fn put<'a>(&'a self, path: &'a str, content: Content<'a>, _: Attributes) -> Answer<'a, ()> {
        Box::pin(async move {
            let bytes = match content {
                Content::Bytes(bytes) => bytes.to_vec(),
                Content::Staged(staged) => fs::read(staged).expect("staged"),
            };
            self.change(path, |files| drop(files.insert(path.to_owned(), bytes)))
        })
    }

    fn delete<'a>(&'a self, path: &'a str) -> Answer<'a, ()> {
        Box::pin(async move { self.change(path, |files| drop(files.remove(path))) })
    }

    fn names<'a>(&'a self, folder: &'a str, count_max: usize) -> Answer<'a, Option<Vec<String>>> {
        let names = self.files().into_keys().filter_map(|path| path.strip_prefix(folder).map(str::to_owned));
        let names = names.take(count_max).collect();
        Box::pin(async { Ok(Some(names)) })
    }
}

impl Reader for Stopping {
    fn get<'a>(&'a self, path: &'a str, bytes_max: u64) -> Answer<'a, Option<Vec<u8>>> {
        Target::get(self, path, bytes_max)
    }

    fn can_list(&self) -> bool {
        true
    }

    fn list(&self) -> Result<Vec<String>, TargetError> {
        Ok(self.files().into_keys().collect())
    }
}

async fn update(
    test: &TestNode,
    target: &dyn Target,
    scope: Scope,
    extra: &[(String, Vec<u8>)],
) -> Result<Report, UpdateError> {
    taking(test, target, scope, extra, false).await
}

async fn taking(
    test: &TestNode,
    target: &dyn Target,
    scope: Scope,
    extra: &[(String, Vec<u8>)],
    takes_over: bool,
) -> Result<Report, UpdateError> {
    let (node, staging) = (&test.node, tempfile::tempdir().expect("a directory"));
    let (board, stamp) = (node.board(), node.stamp());
    let source = Source {
        extra: Box::new(|_| {
            let file = |(path, bytes): &'_ (String, Vec<u8>)| {
                let (path, bytes) = (path.clone(), bytes.clone());
                Extra { path, bytes: Box::new(move || Ok(bytes.clone())) }
            };
            extra.iter().map(file).collect()
        }),
        ..Source::of(node, &board, &stamp, node.site().base_path.clone())
    };
    let (writer, now) = (Writer { takes_over, ..Writer::of(node) }, node.clock().now());
    let (left, distrusts) = (Vec::new(), false);
    Update { target, staging: staging.path(), source: &source, writer, scope, now, threads: 2, left, distrusts }
        .run()
        .await
}

async fn check(test: &TestNode, target: &Stopping, at: &str) -> u8 {
    let expected = Expected { keys: Some(vec![test.node.store().identity().node_key()]), after: None };
    let verdict = verify(target, &expected, test.node.clock().now()).await.expect("read");
    let code = verdict.code();
    let is_begun = !target.files().is_empty();
    assert!(code == GOOD || code == UPDATING || !is_begun, "{at}: {code} {:?}", verdict.findings);
    code
}

/// The shards that stand, and those that `manifest` names.
fn shards(files: &BTreeMap<String, Vec<u8>>) -> [BTreeSet<String>; 2] {
    let root = Signed::parse(&files["manifest"]).expect("a manifest").root;
    let stand = files.keys().filter_map(|path| path.strip_prefix("manifests/").map(str::to_owned));
    [stand.collect(), root.shards.values().map(ToString::to_string).collect()]
}

fn extra(of: &[(&str, &str)]) -> Vec<(String, Vec<u8>)> {
    of.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect()
}

/// A change of the files beside the pages makes an update small, with a new, a changed and a stale file.
#[tokio::test(flavor = "multi_thread")]
async fn a_writer_that_stops_anywhere_leaves_a_copy_that_verifies_and_the_next_one_goes_on() {
    let test = TestNode::at("2024-04-08T16:06:00+08:00");
    let all = usize::MAX;
    let before = extra(&[("events/1/0", "one"), ("events/1/1", "two")]);
    let after = extra(&[("events/1/0", "ONE"), ("events/2/0", "three")]);
    let later = extra(&[("events/1/1", "TWO"), ("events/2/0", "four")]);

    // The first copy.
    for stop in 0.. {
        let target = Stopping::after(stop, &BTreeMap::new());
        let done = update(&test, &target, Scope::Everything, &before).await;
        check(&test, &target, &format!("first, stopped after {stop}")).await;
        if done.is_ok() {
            break;
        }
        let again = Stopping::after(all, &target.files());
        update(&test, &again, Scope::Everything, &after).await.expect("done");
        assert_eq!(check(&test, &again, &format!("first again after {stop}")).await, GOOD);
        assert!(!again.files().contains_key("events/1/1"), "stale after {stop}");
        let [stand, named] = shards(&again.files());
        assert_eq!(stand, named, "first again after {stop}");
    }

    let start = Stopping::after(all, &BTreeMap::new());
    update(&test, &start, Scope::Everything, &before).await.expect("done");
    let start = start.files();
    for stop in 0.. {
        let first = Stopping::after(stop, &start);
        let done = update(&test, &first, Scope::Everything, &after).await;
        check(&test, &first, &format!("stopped after {stop}")).await;
        // And stopped again on the way, with other content.
        for second in 0.. {
            let target = Stopping::after(second, &first.files());
            let done = update(&test, &target, Scope::Everything, &later).await;
            check(&test, &target, &format!("stopped after {stop}, then after {second}")).await;
            if done.is_ok() {
                break;
            }
            let last = Stopping::after(all, &target.files());
            update(&test, &last, Scope::Everything, &before).await.expect("done");
            let at = format!("after {stop} and {second}");
            assert_eq!(check(&test, &last, &at).await, GOOD);
            let files = last.files();
            assert_eq!((files["events/1/0"].as_slice(), files["events/1/1"].as_slice()), (&b"one"[..], &b"two"[..]));
            assert!(!files.contains_key("events/2/0") && !files.contains_key("manifest.next"), "{at}");
            let [stand, named] = shards(&files);
            assert_eq!(stand, named, "{at}");
        }
        if done.is_ok() {
            break;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_reads_and_writes_what_it_touches_alone() {
    let test = TestNode::at("2024-04-08T16:06:00+08:00");
    demo::load(&test.node, test.node.clock().now()).await.expect("loaded");
    let target = Stopping::after(usize::MAX, &BTreeMap::new());
    let whole = update(&test, &target, Scope::Everything, &extra(&[("events/1/0", "one")])).await.expect("done");
    let untouched = target.files();
    target.changes.store(0, Ordering::Relaxed);
    target.reads.store(0, Ordering::Relaxed);
    let report = update(&test, &target, Scope::Changes(Touched::default()), &[]).await.expect("done");
    assert_eq!((report.files, report.written, report.sequence), (whole.files, 0, 2));
    // The new manifest, twice, and the one before; and `manifest.next` goes.
    assert_eq!(target.changes.load(Ordering::Relaxed), 4);
    assert!(report.unchanged < whole.files / 2, "{report:?} of {whole:?}");
    assert_eq!(check(&test, &target, "after nothing").await, GOOD);
    let of_content = |files: BTreeMap<String, Vec<u8>>| -> BTreeMap<String, Vec<u8>> {
        files.into_iter().filter(|(path, _)| !path.starts_with("manifest")).collect()
    };
    assert_eq!(of_content(untouched), of_content(target.files()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_node_writes_is_left_alone_until_it_is_taken() {
    let one = TestNode::number(1, "2024-04-08T16:06:00+08:00");
    let other = TestNode::number(2, "2024-04-08T16:06:00+08:00");
    let key = |test: &TestNode| test.node.store().identity().node_key();
    let target = Stopping::after(usize::MAX, &BTreeMap::new());
    update(&one, &target, Scope::Everything, &[]).await.expect("done");
    let files = target.files();
    match update(&other, &target, Scope::Everything, &[]).await {
        Err(UpdateError::WrittenByAnother { writer, .. }) => assert_eq!(writer, key(&one)),
        other => panic!("{other:?}"),
    }
    assert_eq!(files, target.files());

    taking(&other, &target, Scope::Everything, &[], true).await.expect("taken");
    assert_eq!(check(&other, &target, "taken").await, GOOD);
    let root = Signed::parse(&target.files()["manifest"]).expect("a manifest").root;
    assert_eq!((root.writer, root.taken_over_from, root.sequence), (key(&other), Some(key(&one)), 2));
    update(&other, &target, Scope::Everything, &[]).await.expect("done");
    let root = Signed::parse(&target.files()["manifest"]).expect("a manifest").root;
    assert_eq!((root.writer, root.taken_over_from, root.sequence), (key(&other), None, 3));
    assert!(update(&one, &target, Scope::Everything, &[]).await.is_err(), "the old writer stops");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_takeover_that_was_broken_off_goes_on_by_itself() {
    let one = TestNode::number(1, "2024-04-08T16:06:00+08:00");
    let other = TestNode::number(2, "2024-04-08T16:06:00+08:00");
    let start = Stopping::after(usize::MAX, &BTreeMap::new());
    update(&one, &start, Scope::Everything, &extra(&[("events/1/0", "one")])).await.expect("done");
    // `manifest.next` and what comes before it.
    let broken = Stopping::after(3, &start.files());
    taking(&other, &broken, Scope::Everything, &extra(&[("events/1/0", "two")]), true).await.expect_err("stopped");
    assert!(broken.files().contains_key("manifest.next"));
    let target = Stopping::after(usize::MAX, &broken.files());
    match update(&one, &target, Scope::Everything, &[]).await {
        Err(UpdateError::WrittenByAnother { .. }) => {}
        other => panic!("the former writer stands by: {other:?}"),
    }
    update(&other, &target, Scope::Everything, &[]).await.expect("done");
    let root = Signed::parse(&target.files()["manifest"]).expect("a manifest").root;
    let key = |test: &TestNode| test.node.store().identity().node_key();
    assert_eq!((root.writer, root.taken_over_from), (key(&other), Some(key(&one))));
    assert_eq!(check(&other, &target, "taken").await, GOOD);
}

/// A target in which another writer begins an update as soon as this one has put a file.
struct Shared<'a>(&'a Stopping, &'a str);

impl Target for Shared<'_> {
    fn name(&self) -> String {
        self.0.name()
    }

    fn get<'a>(&'a self, path: &'a str, bytes_max: u64) -> Answer<'a, Option<Vec<u8>>> {
        Target::get(self.0, path, bytes_max)
    }

    fn put<'a>(&'a self, path: &'a str, content: Content<'a>, attributes: Attributes) -> Answer<'a, ()> {
        Box::pin(async move {
            self.0.put(path, content, attributes).await?;
            if path == self.1 {
                self.0.files.lock().expect("files").insert("manifest.next".to_owned(), b"another's".to_vec());
            }
            Ok(())
        })
    }

    fn delete<'a>(&'a self, path: &'a str) -> Answer<'a, ()> {
        self.0.delete(path)
    }

    fn names<'a>(&'a self, folder: &'a str, count_max: usize) -> Answer<'a, Option<Vec<String>>> {
        self.0.names(folder, count_max)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_names_goes_unless_another_writer_has_begun_or_it_is_no_shard() {
    let test = TestNode::at("2024-04-08T16:06:00+08:00");
    let left = format!("manifests/{}", "5".repeat(64));
    let files = BTreeMap::from([(left.clone(), b"list".to_vec()), ("manifests/notes".to_owned(), b"mine".to_vec())]);
    for (begins_at, stays) in [("manifest", true), ("nothing", false)] {
        let target = Stopping::after(usize::MAX, &files);
        update(&test, &Shared(&target, begins_at), Scope::Everything, &[]).await.expect("done");
        let after = target.files();
        assert_eq!(after.contains_key(&left), stays, "another writer begins at {begins_at}");
        assert!(after.contains_key("manifests/notes"));
    }
    // A copy that is known to be whole is not searched with every change.
    let target = Stopping::after(usize::MAX, &BTreeMap::new());
    update(&test, &target, Scope::Everything, &[]).await.expect("done");
    target.files.lock().expect("files").insert(left.clone(), b"list".to_vec());
    update(&test, &target, Scope::Changes(Touched::default()), &[]).await.expect("done");
    assert!(target.files().contains_key(&left));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_that_another_writer_has_overtaken_does_not_count() {
    let test = TestNode::at("2024-04-08T16:06:00+08:00");
    let target = Stopping::after(usize::MAX, &BTreeMap::new());
    match update(&test, &Shared(&target, "index.html"), Scope::Everything, &[]).await {
        Err(UpdateError::Overtaken(_)) => {}
        other => panic!("{other:?}"),
    }
    let files = target.files();
    assert!(!files.contains_key("manifest") && files["manifest.next"] == b"another's");
}

#[tokio::test]
async fn a_file_that_is_there_is_not_created_in_a_directory() {
    let place = tempfile::tempdir().expect("a directory");
    let directory = Directory::writer(place.path()).expect("free");
    let attributes = Attributes { content_type: "text/plain", content_language: None, cache_control: "no-cache" };
    for (bytes, is_new) in [(b"one", true), (b"two", false)] {
        assert_eq!(directory.create("manifest.next", bytes, attributes).await.expect("asked"), is_new);
    }
    assert_eq!(fs::read(place.path().join("manifest.next")).expect("a file"), b"one");
}

/// A target elsewhere, such as a bucket.
struct Elsewhere<'a>(&'a Stopping);

impl Target for Elsewhere<'_> {
    fn name(&self) -> String {
        self.0.name()
    }

    fn get<'a>(&'a self, path: &'a str, bytes_max: u64) -> Answer<'a, Option<Vec<u8>>> {
        Target::get(self.0, path, bytes_max)
    }

    fn put<'a>(&'a self, path: &'a str, content: Content<'a>, attributes: Attributes) -> Answer<'a, ()> {
        self.0.put(path, content, attributes)
    }

    fn delete<'a>(&'a self, path: &'a str) -> Answer<'a, ()> {
        self.0.delete(path)
    }

    fn is_elsewhere(&self) -> bool {
        true
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_without_room_stops_no_small_update_of_a_bucket() {
    let test = TestNode::at("2024-04-08T16:06:00+08:00");
    let (node, no_folder) = (&test.node, tempfile::NamedTempFile::new().expect("a file"));
    let (board, stamp) = (node.board(), node.stamp());
    let source = Source::of(node, &board, &stamp, String::new());
    let staging = no_folder.path().join("waiting");
    let memory = Stopping::after(usize::MAX, &BTreeMap::new());
    let (bucket, own) = (Elsewhere(&memory), Stopping::after(usize::MAX, &BTreeMap::new()));
    for (target, fits) in [(&bucket as &dyn Target, true), (&own, false)] {
        let update = Update {
            target,
            staging: &staging,
            source: &source,
            writer: Writer::of(node),
            scope: Scope::Everything,
            now: node.clock().now(),
            threads: 1,
            left: Vec::new(),
            distrusts: false,
        };
        let done = update.run().await;
        assert_eq!(done.is_ok(), fits, "{done:?}");
    }
    assert_eq!(check(&test, &memory, "written").await, GOOD);
}
