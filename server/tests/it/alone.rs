//! A node that hears of nobody: it is alone by right, or it trusts others and says that it does not hear them.

use crate::{
    cluster::{json, until},
    node::{at, author, in_directory},
    process::{CATALOG, CONFIG, Serving, asked, run, said},
};
use chrono::TimeDelta;
use domain::{Instant, stamp::Freshness, trust::Member};
use serde_json::Value;
use server::{publish::Node, store::open::DATA_FILE};
use std::{fs, path::Path};

const NOW: &str = "2026-11-24T12:00:00Z";

/// The JSON of the page's present.
fn status(serving: &Serving) -> Value {
    let answer = asked(&serving.address, "GET /api/v1/status HTTP/1.1");
    let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
    serde_json::from_str(body).expect("JSON")
}

fn silent(status: &Value) -> Vec<&str> {
    let silent = status["silent"].as_array().expect("a list").iter();
    silent.map(|silent| silent["region"].as_str().expect("a name")).collect()
}

#[test]
fn a_node_that_links_with_nobody_counts_whom_its_log_trusts_and_claims_nothing_without_them() {
    let (directory, other) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
    let place = directory.path();
    // No section [replication], no peers.
    fs::write(place.join("holdfast.toml"), CONFIG).expect("a configuration");
    fs::write(place.join("catalog.toml"), CATALOG).expect("a catalog");
    said(place, &["catalog", "apply", "catalog.toml"]);
    let post = ["incident", "open", "--title", "T", "--impact", "minor", "--status", "investigating", "--text", "x"];
    let alone = json(place, &post);
    assert_eq!((alone["saved_in"].as_u64(), alone["regions"].as_u64()), (Some(1), Some(1)), "{alone}");

    let key = said(other.path(), &["--data", "data", "node", "key"]).trim().to_owned();
    let trust = ["node", "trust", &key, "--name", "tokyo-1", "--region", "ap-tokyo", "--address", "127.0.0.1:1"];
    said(place, &trust);
    // From a shell, while no node runs.
    let posted = json(place, &post);
    assert_eq!((posted["saved_in"].as_u64(), posted["regions"].as_u64()), (Some(1), Some(2)), "{posted}");
    assert!(said(place, &post).contains("Saved in 1 of 2 regions: held by this region only"));
    let serving = Serving::start(place);
    let present = status(&serving);
    assert_eq!(present["freshness"]["state"], "grey", "{present}");
    assert_eq!((silent(&present), present["peers"].as_u64()), (vec!["ap-tokyo"], Some(1)));
    let home = asked(&serving.address, "GET /en/ HTTP/1.1");
    assert!(home.contains("Cut off from the other region since this server started."), "{home}");
    assert!(!home.contains("operating"), "{home}");
    let peers = said(place, &["peers"]);
    assert!(peers.contains("tokyo-1") && peers.contains("this process links with nobody"), "{peers}");
    let posted = json(place, &post);
    assert_eq!((posted["saved_in"].as_u64(), posted["regions"].as_u64()), (Some(1), Some(2)), "{posted}");

    // Removed, it is missed no longer.
    said(place, &["node", "remove", &key]);
    until("it is alone and fresh", || status(&serving)["freshness"]["state"] == "fresh");
    let present = status(&serving);
    assert_eq!((silent(&present), present["peers"].as_u64()), (vec![], Some(0)));
    let posted = json(place, &post);
    assert_eq!((posted["saved_in"].as_u64(), posted["regions"].as_u64()), (Some(1), Some(1)), "{posted}");
    assert_eq!(serving.end(), 0);
}

#[test]
fn a_restored_backup_of_a_lone_node_is_alone() {
    let directory = tempfile::tempdir().expect("a directory");
    let place = directory.path();
    fs::write(place.join("holdfast.toml"), CONFIG).expect("a configuration");
    fs::write(place.join("catalog.toml"), CATALOG).expect("a catalog");
    said(place, &["catalog", "apply", "catalog.toml"]);
    said(place, &["backup", "copy.events"]);
    fs::rename(place.join("data"), place.join("lost")).expect("moved");
    let restored = run(place, &["restore", "copy.events", "--cluster-key", "lost/cluster.key"]);
    assert!(restored.status.success(), "{restored:?}");
    let serving = Serving::start(place);
    let present = status(&serving);
    assert_eq!((&present["freshness"]["state"], present["peers"].as_u64()), (&Value::from("fresh"), Some(0)));
    assert_eq!(serving.end(), 0);
}

/// Trusts a node of another region, by an event.
async fn trust_region(node: &Node, number: u8) {
    let key = crate::store::member(number).key;
    let (name, region) = (format!("node {number}"), format!("Region {number}"));
    let member = Member { key, name, region, address: String::new() };
    node.trust_nodes(vec![member], author("cli")).await.expect("trusted");
}

#[tokio::test]
async fn a_lone_node_that_is_told_of_another_ages_from_that_moment() {
    let directory = tempfile::tempdir().expect("a directory");
    let (node, clock) = in_directory(directory.path(), NOW);
    assert_eq!((node.stamp().freshness, node.stamp().peers), (Freshness::Fresh, 0));
    let later = at(NOW) + TimeDelta::days(3);
    clock.set(later);
    node.renew_stamp();
    trust_region(&node, 7).await;
    let stamp = node.stamp();
    assert_eq!((stamp.freshness, stamp.peers), (Freshness::Fresh, 1), "it had all the news a moment ago");
    clock.set(later + TimeDelta::minutes(2));
    let renewed = node.renew_stamp();
    assert!(renewed.is_checked, "that nobody is heard is no fault of its store");
    let stamp = renewed.stamp;
    assert_eq!((stamp.freshness, stamp.confirmed_at), (Freshness::Amber, later));
    assert!(stamp.is_cut_off());
}

#[tokio::test]
async fn a_node_that_keeps_links_and_trusts_nobody_yet_claims_nothing() {
    let directory = tempfile::tempdir().expect("a directory");
    let (node, _) = in_directory(directory.path(), NOW);
    node.replicate();
    assert_eq!((node.stamp().freshness, node.stamp().confirmed_at), (Freshness::Grey, Instant::UNIX_EPOCH));
}

/// A node's data as they are when its process ends.
fn copied(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for file in fs::read_dir(from).expect("a directory") {
        let file = file.expect("a file");
        fs::copy(file.path(), to.join(file.file_name())).expect("copied");
    }
}

#[tokio::test]
async fn what_was_confirmed_of_a_newer_log_is_not_believed_of_an_older_data_file() {
    let (earlier, place) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
    let later = at(NOW) + TimeDelta::minutes(1);
    let begun_as_of = |directory: &Path| {
        let (node, _) = in_directory(directory, "2026-11-24T12:01:30Z");
        assert!(node.stamp().peers > 0, "it is one of several");
        node.stamp().confirmed_at
    };
    {
        let (node, _) = in_directory(place.path(), NOW);
        trust_region(&node, 7).await;
        node.store().note_confirmed_at(at(NOW)).expect("noted");
    }
    copied(place.path(), earlier.path());
    {
        let (node, _) = in_directory(place.path(), NOW);
        trust_region(&node, 8).await;
        node.store().note_confirmed_at(later).expect("noted");
    }
    assert_eq!(begun_as_of(place.path()), later, "the log is as it was noted");
    assert_eq!(begun_as_of(earlier.path()), at(NOW), "a whole copy is true of its own time");
    fs::copy(earlier.path().join(DATA_FILE), place.path().join(DATA_FILE)).expect("copied back");
    assert_eq!(begun_as_of(place.path()), Instant::UNIX_EPOCH, "the data file is older than the note beside it");
    // Also once it holds as many events again: they are others.
    trust_region(&in_directory(place.path(), NOW).0, 9).await;
    assert_eq!(begun_as_of(place.path()), Instant::UNIX_EPOCH);
    // A note of an earlier version says nothing of the log.
    fs::write(place.path().join("confirmed"), "2026-11-24T12:01:00+00:00\n").expect("written");
    assert_eq!(begun_as_of(place.path()), Instant::UNIX_EPOCH);
}
