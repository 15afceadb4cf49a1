//! The site as files: complete, every link answered, unchanged files untouched, foreign files left alone.

use crate::node::{TestNode, author};
use server::{
    demo,
    import::{self, Options},
    snapshot::{self, LIST, SnapshotError, files, manifest},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

async fn replayed() -> TestNode {
    let test = TestNode::at("2024-04-08T16:06:00+08:00");
    demo::load(&test.node, test.node.clock().now()).await.expect("loaded");
    test
}

fn tree(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut directories = vec![root.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(&directory).expect("a directory") {
            let path: PathBuf = entry.expect("an entry").path();
            if path.is_dir() {
                directories.push(path);
            } else {
                let name = path.strip_prefix(root).expect("below").to_string_lossy().into_owned();
                files.insert(name, fs::read(&path).expect("a file"));
            }
        }
    }
    let manifests = [manifest::CURRENT, manifest::NEXT, manifest::PREVIOUS];
    let is_content = |name: &String| !name.starts_with(manifest::SHARDS) && !manifests.contains(&name.as_str());
    files.retain(|name, _| !name.starts_with(".holdfast") && is_content(name));
    files
}

/// The values of `href` and `src` in a page.
fn links(html: &str) -> BTreeSet<&str> {
    let of = |attribute: &str| -> Vec<&str> {
        html.split(attribute).skip(1).filter_map(|rest| rest.split('"').next()).collect()
    };
    of(" href=\"").into_iter().chain(of(" src=\"")).collect()
}

fn assert_links_resolve(files: &BTreeMap<String, Vec<u8>>) {
    // A build without the browser bundle has no public files; the pages name this one all the same.
    let is_unbuilt = |link: &str| link == "/favicon.svg" && server::assets::get(link).is_none();
    let mut followed = 0;
    let mut missing = BTreeSet::new();
    for (name, body) in files.iter().filter(|(name, _)| name.ends_with(".html")) {
        let html = std::str::from_utf8(body).expect("UTF-8");
        for link in links(html).into_iter().filter(|link| link.starts_with('/') && !link.starts_with("//")) {
            let path = link.split(['#', '?']).next().unwrap_or_default();
            followed += 1;
            if !is_unbuilt(path) && !files::candidates(path).iter().any(|candidate| files.contains_key(candidate)) {
                missing.insert(format!("{name} -> {link}"));
            }
        }
    }
    assert!(followed > files.len(), "pages link to pages: {followed}");
    assert!(
        missing.is_empty(),
        "{} links lead nowhere: {:#?}",
        missing.len(),
        missing.iter().take(20).collect::<Vec<_>>()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_address_is_a_file_and_every_link_leads_to_one() {
    let (test, target) = (replayed().await, tempfile::tempdir().expect("a directory"));
    let report = snapshot::write(test.node.clone(), target.path().to_owned(), false).await.expect("written");
    let files = tree(target.path());
    assert_eq!((report.files, report.written, report.removed), (files.len(), files.len(), 0));
    assert_eq!(report.bytes, files.values().map(|body| body.len() as u64).sum::<u64>());
    for name in [
        "index.html",
        "en/index.html",
        "zh/index.html",
        "404.html",
        "zh/404.html",
        "history/index.html",
        "history/2024-04/index.html",
        "incidents/cloudapi0408/index.html",
        "zh/regions/ap-shanghai/index.html",
        "components/cloud-api/index.html",
        "history.atom",
        "zh/history.rss",
        "regions/ap-shanghai/history.json",
        "maintenance.ics",
        "badge.svg",
        "api/v2/summary.json",
        "api/v2/incidents/unresolved.json",
        "api/v1/status",
        "api/v1/status.json",
        "api/v1/copies.json",
        "worker.js",
    ] {
        assert!(files.get(name).is_some_and(|body| !body.is_empty()), "{name}");
    }
    assert_eq!(files["index.html"], files["en/index.html"]);
    assert_ne!(files["index.html"], files["zh/index.html"]);
    assert_links_resolve(&files);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_the_same_is_not_touched_and_what_is_stale_is_removed() {
    let (test, target) = (replayed().await, tempfile::tempdir().expect("a directory"));
    let first = snapshot::write(test.node.clone(), target.path().to_owned(), false).await.expect("written");
    let again = snapshot::write(test.node.clone(), target.path().to_owned(), false).await.expect("written");
    assert_eq!((again.written, again.unchanged, again.removed), (0, first.files, 0));

    // Damage by hand is mended; a file that is not ours stays.
    fs::write(target.path().join("ours.txt"), "kept").unwrap();
    // A new file: two names of the same page may be one.
    fs::remove_file(target.path().join("index.html")).unwrap();
    fs::write(target.path().join("index.html"), "half").unwrap();
    fs::remove_file(target.path().join("history.atom")).unwrap();
    let third = snapshot::write(test.node.clone(), target.path().to_owned(), false).await.expect("written");
    assert_eq!((third.written, third.removed), (2, 0));
    assert_eq!(fs::read_to_string(target.path().join("ours.txt")).unwrap(), "kept");
    assert_ne!(fs::read_to_string(target.path().join("index.html")).unwrap(), "half");
    assert!(target.path().join("history.atom").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_earlier_version_listed_is_taken_over() {
    let (test, target) = (replayed().await, tempfile::tempdir().expect("a directory"));
    fs::create_dir_all(target.path().join("incidents/gone")).unwrap();
    fs::write(target.path().join("incidents/gone/index.html"), "old").unwrap();
    fs::write(target.path().join("index.html"), "old").unwrap();
    fs::write(target.path().join("ours.txt"), "kept").unwrap();
    let list = target.path().join(LIST);
    fs::write(&list, "incidents/gone/index.html\nindex.html\nnever-there.html\n").unwrap();
    let report = snapshot::write(test.node.clone(), target.path().to_owned(), false).await.expect("written");
    assert_eq!((report.removed, report.sequence), (1, 1));
    assert!(!target.path().join("incidents/gone").exists());
    assert!(!list.exists());
    assert_eq!(fs::read_to_string(target.path().join("ours.txt")).unwrap(), "kept");
    assert_ne!(fs::read_to_string(target.path().join("index.html")).unwrap(), "old");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_is_not_a_snapshot_is_left_alone() {
    let (test, target) = (replayed().await, tempfile::tempdir().expect("a directory"));
    fs::write(target.path().join("letter.txt"), "dear").unwrap();
    match snapshot::write(test.node.clone(), target.path().to_owned(), false).await {
        Err(SnapshotError::Foreign(_, name)) => assert_eq!(name, "letter.txt"),
        other => panic!("{other:?}"),
    }
    assert_eq!(fs::read_dir(target.path()).unwrap().count(), 1, "nothing was written");
    for line in ["../letter.txt", "/etc/hosts", "a//b", "a/../b", ".holdfast-lock", "a\\b"] {
        fs::write(target.path().join(LIST), format!("index.html\n{line}\n")).unwrap();
        match snapshot::write(test.node.clone(), target.path().to_owned(), false).await {
            Err(SnapshotError::List(_, named)) => assert_eq!(named, line),
            other => panic!("{line}: {other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_imported_history_is_written_and_every_link_of_it_leads_somewhere() {
    const EXCERPT: &str = include_str!("../data/github-status-excerpt.jsonl");
    let (test, target) = (TestNode::at("2026-09-01T00:00:00Z"), tempfile::tempdir().expect("a directory"));
    let now = test.node.clock().now();
    let gathered = import::history::gather(EXCERPT.as_bytes(), &test.node.board().catalog, now).expect("readable");
    let options = Options { author: author("import"), keep_going: false };
    import::run(&test.node, gathered, &options, |_| {}).await.expect("imported");
    snapshot::write(test.node.clone(), target.path().to_owned(), false).await.expect("written");
    let files = tree(target.path());
    assert_links_resolve(&files);
    let page = |name: &str| String::from_utf8_lossy(&files[name]).into_owned();
    assert!(page("incidents/5jfkz8q1mlql/index.html").contains("Incident with Codespaces"), "the oldest");
    assert!(
        page("incidents/bhbcjn4n3jzp/index.html").contains("Intermittent failures creating agent tasks"),
        "the newest"
    );
}
