//! What can be wrong with a snapshot is told apart: one damage each, one code each.

use crate::node::TestNode;
use chrono::TimeDelta;
use domain::id::NodeKey;
use server::snapshot::{
    self,
    manifest::{CURRENT, Hash, NEXT, PREVIOUS, SHARDS, Signed},
    target::Directory,
    verify::{Expected, verify},
};
use std::{
    fs,
    path::{Path, PathBuf},
};

const NOW: &str = "2024-04-08T16:06:00+08:00";

async fn written(test: &TestNode, times: usize) -> tempfile::TempDir {
    let target = tempfile::tempdir().expect("a directory");
    for _ in 0..times {
        snapshot::write(test.node.clone(), target.path().to_owned(), false).await.expect("written");
    }
    target
}

fn change(path: PathBuf, with: impl FnOnce(String) -> String) {
    let text = fs::read_to_string(&path).expect("a file");
    let changed = with(text.clone());
    assert_ne!(text, changed);
    // A new file: two names of the same page may be one.
    fs::remove_file(&path).expect("gone");
    fs::write(path, changed).expect("written");
}

fn first_shard(root: &Path) -> PathBuf {
    let signed = Signed::parse(&fs::read(root.join(CURRENT)).expect("a manifest")).expect("a manifest");
    root.join(format!("{SHARDS}{}", signed.root.shards["site"]))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_damage_has_its_code() {
    type Damage = fn(&Path);
    let cases: &[(&str, u8, &str, Damage)] = &[
        ("whole", 0, "Good: ", |_| {}),
        ("a changed byte", 12, "Changed: `index.html`", |root| {
            change(root.join("index.html"), |text| text.replacen("html", "htmk", 1));
        }),
        ("a missing file", 13, "Missing: `zh/index.html`", |root| {
            fs::remove_file(root.join("zh/index.html")).expect("gone");
        }),
        ("a missing list", 13, "Missing: `manifests/", |root| fs::remove_file(first_shard(root)).expect("gone")),
        ("a changed list", 12, "Changed: `manifests/", |root| change(first_shard(root), |text| text + "\n")),
        ("an extra file", 14, "Extra: `extra.html`", |root| fs::write(root.join("extra.html"), "x").expect("written")),
        ("an extra list", 14, "Extra: `manifests/00`", |root| {
            fs::write(root.join("manifests/00"), "x").expect("written");
        }),
        ("a page that passes for a list", 14, "Extra: `manifests/", |root| {
            let page = b"<!DOCTYPE html>";
            fs::write(root.join(format!("manifests/{}", Hash::of(page))), page).expect("written");
        }),
        ("no manifest before it", 13, "Missing: `manifest.previous`", |root| {
            fs::remove_file(root.join(PREVIOUS)).expect("gone");
        }),
        ("an update in progress", 10, "Good, update in progress: ", |root| {
            fs::copy(root.join(CURRENT), root.join(NEXT)).map(drop).expect("copied");
        }),
        ("an older manifest before it", 15, "Re-ordered: ", |root| {
            fs::copy(root.join(CURRENT), root.join(PREVIOUS)).map(drop).expect("copied");
        }),
        ("an older manifest in its place", 15, "Re-ordered: ", |root| {
            fs::copy(root.join(PREVIOUS), root.join(CURRENT)).map(drop).expect("copied");
        }),
        ("a later time", 17, "Bad signature", |root| {
            change(root.join(CURRENT), |text| text.replace("trust-until 2024", "trust-until 2034"));
        }),
        ("half a manifest", 17, "Bad signature or unreadable manifest: `manifest`: it ends in the middle", |root| {
            change(root.join(CURRENT), |text| text[..text.len() / 2].trim_end().to_owned());
        }),
        ("an update of nothing", 13, "Missing: `manifest`", |root| {
            fs::rename(root.join(CURRENT), root.join(NEXT)).expect("renamed");
        }),
        ("no manifest", 3, "There is no `manifest`", |root| {
            for name in [CURRENT, PREVIOUS] {
                fs::remove_file(root.join(name)).expect("gone");
            }
        }),
        ("what is ours", 0, "Good: ", |root| fs::write(root.join(".holdfast-new-9"), "x").expect("written")),
    ];
    let test = TestNode::at(NOW);
    let now = test.node.clock().now();
    let expected = Expected { keys: Some(vec![test.node.store().identity().node_key()]), after: None };
    for (name, code, sentence, damage) in cases {
        let target = written(&test, 2).await;
        damage(target.path());
        let verdict = verify(&Directory::reader(target.path()), &expected, now).await.expect("read");
        assert_eq!(verdict.code(), *code, "{name}: {:?}", verdict.findings);
        assert!(verdict.sentence().starts_with(sentence), "{name}: {}", verdict.sentence());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_times_and_manifests_that_were_seen_are_held_against_it() {
    let test = TestNode::at(NOW);
    let now = test.node.clock().now();
    let target = written(&test, 2).await;
    let reader = Directory::reader(target.path());
    let read = |name| Signed::parse(&fs::read(target.path().join(name)).expect("a file")).expect("a manifest");
    let (before, current) = (read(PREVIOUS), read(CURRENT));
    let fresh = written(&test, 1).await;
    let other = Signed::parse(&fs::read(fresh.path().join(CURRENT)).expect("a file")).expect("a manifest");
    let later = Signed { root: snapshot::manifest::Root { sequence: 3, ..current.root.clone() }, ..current.clone() };
    let forked = Signed { hash: other.hash, ..current.clone() };
    let grey = TimeDelta::seconds(test.node.stamp().grey_seconds);
    for (name, keys, after, now, code) in [
        ("any key", None, None, now, 0),
        ("another key", Some(vec![NodeKey([1; 32])]), None, now, 16),
        ("no key", Some(Vec::new()), None, now, 16),
        ("the manifest before it", None, Some(before), now, 0),
        ("itself", None, Some(current.clone()), now, 0),
        ("a later one", None, Some(later), now, 15),
        ("another of the same number", None, Some(forked), now, 15),
        ("just before its bound", None, None, now + grey - TimeDelta::seconds(1), 0),
        ("at its bound", None, None, now + grey, 11),
        ("an unknown key weighs more", Some(Vec::new()), None, now + grey, 16),
    ] {
        let verdict = verify(&reader, &Expected { keys, after }, now).await.expect("read");
        assert_eq!(verdict.code(), code, "{name}: {:?}", verdict.findings);
    }
}
