//! The last resort: with no node alive, somebody with a node's key and the cluster key posts to the copies, and the nodes
//! that return take the post in.

use crate::{
    cluster::{Cluster, open, titles, until},
    process::{CATALOG, refused, run, said},
};
use std::path::Path;

const MIRROR: &str = "https://status-mirror.example.com";
const POSTED: &str = "Every region is down; we are on it.";

fn verified(place: &Path, copy: &str) -> i32 {
    run(place, &["snapshot", "verify", copy]).status.code().expect("a code")
}

/// Two regions, of which the first keeps a mirror; both are stopped, and the mirror has the incident.
fn stopped() -> (Cluster, String) {
    let cluster = Cluster::of(2);
    let place = cluster.place(0);
    let config = place.join("holdfast.toml");
    let text = std::fs::read_to_string(&config).expect("a configuration");
    let mirror = place.join("mirror");
    // The second one is served below a path.
    let below = place.join("below");
    let of = |name: &str, more: &str, at: &Path| {
        format!("[[mirror]]\nname = \"{name}\"\n{more}\ntarget = \"file://{}\"\n", at.display())
    };
    let (url, base) = (format!("url = \"{MIRROR}\""), "base_path = \"/status\"");
    let section = format!("{}{}", of("disk", &url, &mirror), of("below", base, &below));
    std::fs::write(&config, format!("{text}{section}")).expect("a configuration");
    let serving = [cluster.start(0), cluster.start(1)];
    cluster.until_linked(0, 1);
    std::fs::write(place.join("catalog.toml"), CATALOG).expect("a catalog");
    said(&place, &["catalog", "apply", "catalog.toml"]);
    let opened = open(&place, "Cloud API is failing");
    cluster.until_equal(&[0, 1]);
    let id = opened["incident"].as_str().expect("an id").to_owned();
    for mirror in [mirror, below] {
        until("the mirror has the incident", || mirror.join(format!("incidents/{id}/index.html")).exists());
    }
    for serving in serving {
        serving.end();
    }
    (cluster, id)
}

#[test]
fn a_post_with_no_node_alive_reaches_readers_and_later_every_region() {
    let (cluster, id) = stopped();
    let place = cluster.place(0);
    assert_eq!(verified(&place, "mirror"), 0);
    let copied = std::process::Command::new("cp").args(["-r", "mirror", "before"]).current_dir(&place).status();
    assert!(copied.expect("cp").success());
    let post = [
        "snapshot",
        "post",
        "--key",
        "data/node.key",
        "--from",
        "mirror",
        "--to",
        "mirror",
        "--to",
        "second",
        "--to",
        "below",
    ];
    let update = ["incident", "update", &id, "--text", POSTED];
    let told = said(&place, &[&post[..], &update[..]].concat());
    assert!(told.contains("Published to mirror") && told.contains("Published to second"), "{told}");
    for copy in ["mirror", "second"] {
        assert_eq!(verified(&place, copy), 0, "{copy}");
        for page in ["index.html".to_owned(), format!("zh/incidents/{id}/index.html"), "history.atom".to_owned()] {
            let text = std::fs::read_to_string(place.join(copy).join(&page)).expect("a page");
            assert!(text.contains("Every region is down"), "{copy}/{page}");
        }
        for page in ["api/v1/copies.json", "verify/index.html"] {
            let text = std::fs::read_to_string(place.join(copy).join(page)).expect("a page");
            assert!(text.contains(MIRROR), "readers are still told where else the page is: {copy}/{page}");
        }
    }
    let post_nothing = ["snapshot", "post", "--key", "data/node.key", "--from", "second", "--to", "third", "nothing"];
    assert!(said(&place, &post_nothing).contains("Published to third"));
    assert_eq!(verified(&place, "third"), 0);
    assert!(std::fs::read_to_string(place.join("third/index.html")).expect("a page").contains("Every region is down"));
    let below = std::fs::read_to_string(place.join("below/en/index.html")).expect("a page");
    assert!(below.contains("Every region is down") && below.contains("href=\"/status/en/"), "its links stay its own");
    assert_eq!(verified(&place, "below"), 0);
    let by_hand = |from: &str| {
        let post = ["snapshot", "post", "--key", "data/node.key", "--from", from, "--to", "mirror"];
        refused(&place, &[&post[..], &update[..]].concat())
    };
    let (code, error) = by_hand("nowhere");
    assert!(code == 1 && error.contains("no manifest"), "{error}");
    // A copy that lacks the post is nothing to go on from any more, though as many events of the key are on both.
    let (_, error) = by_hand("before");
    assert!(error.contains("holds news that the snapshot gone on from lacks"), "{error}");
    assert!(std::fs::read_to_string(place.join("mirror/index.html")).expect("a page").contains("Every region is down"));

    let _serving = [cluster.start(0), cluster.start(1)];
    for number in [0, 1] {
        until("the region has the post", || said(&cluster.place(number), &["incident", "show", &id]).contains(POSTED));
    }
    cluster.until_equal(&[0, 1]);
    assert_eq!(titles(&cluster.place(1)), ["Cloud API is failing"]);
}

#[test]
fn a_key_of_nobody_and_a_copy_without_events_are_refused() {
    let (cluster, id) = stopped();
    let place = cluster.place(0);
    let update = ["incident", "update", &id, "--text", POSTED];
    std::fs::create_dir_all(place.join("stranger")).expect("a directory");
    std::fs::copy(place.join("data/cluster.key"), place.join("stranger/cluster.key")).expect("the cluster's key");
    said(&place, &["--data", "stranger", "node", "key"]);
    let stranger = ["snapshot", "post", "--key", "stranger/node.key", "--from", "mirror", "--to", "second"];
    let (code, error) = refused(&place, &[&stranger[..], &update[..]].concat());
    assert!(code == 1 && error.contains("is not trusted by the nodes of this page"), "{error}");
    assert!(!place.join("second").exists(), "nothing was written");

    said(&place, &["snapshot", "write", "--without-events", "bare"]);
    let bare = ["snapshot", "post", "--key", "data/node.key", "--from", "bare", "--to", "second"];
    let (code, error) = refused(&place, &[&bare[..], &update[..]].concat());
    assert!(code == 1 && error.contains("written without events"), "{error}");
}
