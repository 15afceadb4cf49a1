//! A region whose log is lost, of several: it serves its last snapshot, marked and read-only, fills its log again from the
//! others and comes back by itself; what was left of the old file is kept.

use crate::{
    cluster::{Cluster, open, titles, until},
    process::{CATALOG, Serving, asked, refused, run, said},
};
use std::path::Path;

const FIRST: &str = "Before the copy";
const SECOND: &str = "After the copy";

fn home(serving: &Serving) -> String {
    asked(&serving.address, "GET /en/ HTTP/1.1")
}

/// Two regions that hold both incidents; the snapshot of the first region has only one of them, and both are stopped.
fn stopped() -> Cluster {
    let cluster = Cluster::of(2);
    let config = cluster.place(0).join("holdfast.toml");
    let text = std::fs::read_to_string(&config).expect("a configuration");
    std::fs::write(&config, format!("{text}[snapshot]\ndirectory = \"copy\"\n")).expect("a configuration");
    let serving = [cluster.start(0), cluster.start(1)];
    cluster.until_linked(0, 1);
    std::fs::write(cluster.place(0).join("catalog.toml"), CATALOG).expect("a catalog");
    said(&cluster.place(0), &["catalog", "apply", "catalog.toml"]);
    open(&cluster.place(0), FIRST);
    // The node itself may be at it, and then asks to try again.
    until("the copy is written", || run(&cluster.place(0), &["snapshot", "write", "copy"]).status.success());
    open(&cluster.place(0), SECOND);
    cluster.until_equal(&[0, 1]);
    for serving in serving {
        serving.end();
    }
    cluster
}

/// What strangers are told names nothing of this machine.
fn tells_no_path(answer: &str, place: &Path) {
    let place = place.display().to_string();
    for path in [place.as_str(), "holdfast.redb", "data/"] {
        assert!(!answer.contains(path), "{path} in {answer}");
    }
}

fn comes_back(lose: impl FnOnce(&Path), aside: bool) {
    let cluster = stopped();
    let data = cluster.place(0).join("data");
    lose(&data);

    let lost = cluster.start(0);
    let copy = home(&lost);
    assert!(
        copy.starts_with("HTTP/1.1 200") && copy.contains("holdfast-fault: store") && copy.contains(FIRST),
        "{copy}"
    );
    let post = asked(&lost.address, "POST /api/v1/incidents HTTP/1.1");
    assert!(post.starts_with("HTTP/1.1 503") && post.contains("filled again from the other regions"), "{post}");
    tells_no_path(&post, &cluster.place(0));
    // Nor by the way that needs no sign-in.
    let opening = ["incident", "open", "--title", "Too early", "--impact", "minor", "--text", "We look."];
    let (_, refusal) = refused(&cluster.place(0), &opening);
    assert!(refusal.contains("filled again from the other regions"), "{refusal}");
    assert!(lost.log().contains("holdfast.redb"), "operators learn where: {}", lost.log());

    // Ended before anybody could fill its log, it does not take the empty one for its own.
    lost.end();
    let lost = cluster.start(0);
    let copy = home(&lost);
    assert!(copy.contains("holdfast-fault: store") && copy.contains(FIRST), "{copy}");

    let _other = cluster.start(1);
    until("the region's own pages are back, with all that the other one holds", || {
        let page = home(&lost);
        !page.contains("holdfast-fault") && page.contains(FIRST) && page.contains(SECOND)
    });
    cluster.until_equal(&[0, 1]);
    open(&cluster.place(0), "After the return");
    cluster.until_equal(&[0, 1]);

    // A log that may have gone back gets a new key, used from the next start on.
    until("the key is replaced", || data.join("node.key.old").exists());
    lost.end();
    let _again = cluster.start(0);
    cluster.until_linked(0, 1);
    open(&cluster.place(0), "Under the new key");
    cluster.until_equal(&[0, 1]);
    assert_eq!(titles(&cluster.place(1)).len(), 4);
    assert_eq!(titles(&cluster.place(1)), titles(&cluster.place(0)));
    let kept = std::fs::read(data.join("holdfast.redb.damaged-1"));
    assert_eq!(kept.ok().as_deref(), aside.then_some(b"no database".as_slice()));
}

#[test]
fn a_region_with_a_damaged_log_fills_it_again_from_the_others() {
    comes_back(|data| std::fs::write(data.join("holdfast.redb"), b"no database").expect("damaged"), true);
}

#[test]
fn a_region_whose_log_is_gone_does_not_begin_an_empty_one() {
    comes_back(|data| std::fs::remove_file(data.join("holdfast.redb")).expect("gone"), false);
}

/// A lone node's place, with a copy of its page.
fn copied() -> tempfile::TempDir {
    let directory = crate::process::prepared();
    let config = directory.path().join("holdfast.toml");
    let text = std::fs::read_to_string(&config).expect("a configuration");
    std::fs::write(&config, format!("{text}[snapshot]\ndirectory = \"copy\"\n")).expect("a configuration");
    said(directory.path(), &["catalog", "apply", "catalog.toml"]);
    open(directory.path(), FIRST);
    said(directory.path(), &["snapshot", "write", "copy"]);
    directory
}

#[test]
fn a_lone_node_whose_log_is_gone_serves_the_snapshot_and_begins_no_empty_log() {
    let directory = copied();
    std::fs::remove_file(directory.path().join("data/holdfast.redb")).expect("gone");
    let serving = Serving::start(directory.path());
    let page = home(&serving);
    assert!(page.contains("holdfast-fault: store") && page.contains(FIRST), "{page}");
    let post = asked(&serving.address, "POST /api/v1/incidents HTTP/1.1");
    assert!(post.starts_with("HTTP/1.1 503") && post.contains("this node's own log cannot be read"), "{post}");
    tells_no_path(&post, directory.path());
    assert!(!directory.path().join("data/holdfast.redb").exists());
}

#[test]
fn a_node_whose_data_directory_is_gone_serves_the_snapshot_and_begins_no_new_page() {
    let directory = copied();
    let data = directory.path().join("data");
    std::fs::remove_dir_all(&data).expect("gone");
    let serving = Serving::start(directory.path());
    let page = home(&serving);
    assert!(page.contains("holdfast-fault: store") && page.contains(FIRST), "{page}");
    assert!(!data.join("node.key").exists(), "no new node was made");
    assert!(serving.log().contains("holdfast restore"), "what to do is told: {}", serving.log());
}
