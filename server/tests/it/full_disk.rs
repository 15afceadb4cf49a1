//! A disk that fills up under a running node: posts are refused and say why, reads go on, and with space again posts
//! work without a restart. Before it is full, events of other nodes are left out, so that posts made here still go
//! through. The disk is a small tmpfs in a mount namespace of the test's own.

use crate::{
    cluster::{self, Cluster, titles, until},
    process::{CATALOG, Serving, asked, exchange, json, refused, said},
};
use serde_json::json;
use std::{
    io::{self, Write},
    path::Path,
    process::Command,
};

const INSIDE: &str = "HOLDFAST_TEST_SMALL_DISK";
const DISK_BYTES: u64 = 6 << 20;
/// More than the disk takes of posts of [`POST_BYTES`].
const POSTS_MAX: usize = 400;
const POST_BYTES: usize = 48_000;
/// What is kept of the disk for posts made here.
const KEEP_FREE_MIB: u64 = 8;
/// A disk with more than that.
const ROOMY_DISK_BYTES: u64 = 24 << 20;

/// The ways to a mount namespace: as root, and for those who are not, where the system lets them.
const NAMESPACES: [&[&str]; 2] = [&["--mount"], &["--user", "--map-root-user", "--mount"]];

fn mounted(namespace: &[&str], directory: &Path) -> bool {
    let mount = Command::new("unshare").args(namespace).args(["mount", "-t", "tmpfs", "tmpfs"]).arg(directory).output();
    mount.is_ok_and(|output| output.status.success())
}

#[test]
fn on_a_full_disk_posts_are_refused_reads_go_on_and_posts_come_back_without_a_restart() {
    let name = "full_disk::on_a_full_disk_posts_are_refused_reads_go_on_and_posts_come_back_without_a_restart";
    with_mounts(name, on_a_small_disk);
}

#[test]
fn what_other_nodes_write_leaves_room_on_the_disk_for_what_is_posted_here() {
    let name = "full_disk::what_other_nodes_write_leaves_room_on_the_disk_for_what_is_posted_here";
    with_mounts(name, beside_a_peer);
}

/// Runs the test of this name once more, in a mount namespace of its own; that one does the work.
fn with_mounts(name: &str, work: fn()) {
    if std::env::var_os(INSIDE).is_some() {
        return work();
    }
    let probe = tempfile::tempdir().expect("a directory");
    let Some(namespace) = NAMESPACES.into_iter().find(|namespace| mounted(namespace, probe.path())) else {
        // Past the test harness, which keeps what a passing test prints.
        let loud =
            b"\n!!! NOT RUN: a full disk under a running node; this machine lets nobody mount a tmpfs (unshare)\n\n";
        return io::stderr().write_all(loud).expect("standard error");
    };
    let inside = Command::new("unshare")
        .args(namespace)
        .arg(std::env::current_exe().expect("this program"))
        .args(["--exact", name, "--nocapture"])
        .env(INSIDE, "1")
        .output()
        .expect("unshare");
    let (out, error) = (String::from_utf8_lossy(&inside.stdout), String::from_utf8_lossy(&inside.stderr));
    assert!(inside.status.success() && out.contains("1 passed"), "{out}{error}");
}

fn mount(directory: &Path, bytes: u64) {
    let size = format!("size={bytes}");
    let mount = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(directory).status();
    assert!(mount.expect("mount").success());
}

fn on_a_small_disk() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path();
    let disk = path.join("disk");
    std::fs::create_dir(&disk).expect("a directory");
    mount(&disk, DISK_BYTES);
    let config = "data = \"disk/data\"\n[public]\nlisten = \"127.0.0.1:0\"\n[operators]\nlisten = \"127.0.0.1:0\"\n";
    std::fs::write(path.join("holdfast.toml"), config).expect("a configuration");
    std::fs::write(path.join("catalog.toml"), CATALOG).expect("a catalog");
    let serving = Serving::start(path);
    said(path, &["catalog", "apply", "catalog.toml"]);
    let secret =
        json(&said(path, &["token", "create", "pipeline", "--json"]))["secret"].as_str().expect("it").to_owned();
    let opened =
        said(path, &["incident", "open", "--title", "Too much to tell", "--impact", "major", "--text", "A", "--json"]);
    let id = json(&opened)["incident"].as_str().expect("an id").to_owned();

    let post = |number: usize| {
        let body = json!({"text": format!("{number} {}", "x".repeat(POST_BYTES))}).to_string();
        let head = format!(
            "POST /api/v1/incidents/{id}/updates HTTP/1.1\r\nAuthorization: Bearer {secret}\r\nIdempotency-Key: {number}\r\n\
             Content-Type: application/json\r\nContent-Length: {}",
            body.len()
        );
        exchange(&serving.address, &head, &body)
    };
    let updates =
        || json(&said(path, &["incident", "show", &id, "--json"]))["updates"].as_array().expect("a list").len();
    let filler = disk.join("filler");
    fill(&filler);
    let (taken, answer) = (0..POSTS_MAX)
        .map(|number| (number, post(number)))
        .find(|(_, answer)| !answer.starts_with("HTTP/1.1 201"))
        .expect("the disk never filled up");
    let is_clear = |answer: &str| {
        answer.starts_with("HTTP/1.1 503")
            && answer.contains("application/problem+json")
            && answer.contains("retry-after")
            && answer
                .contains("nothing was saved: the disk is full: free space where the data directory is; no restart")
    };
    assert!(is_clear(&answer), "{answer}");

    // Still full: refused again in every way in, and everything is read.
    for _ in 0..3 {
        let again = post(taken);
        assert!(is_clear(&again), "{again}");
        let text = "y".repeat(POST_BYTES);
        let (code, error) = refused(path, &["incident", "update", &id, "--text", &text]);
        assert!(code == 3 && error.contains("the disk is full"), "{code} {error}");
        let home = asked(&serving.address, "GET / HTTP/1.1");
        assert!(home.starts_with("HTTP/1.1 200") && home.contains("Too much to tell"), "{home}");
        assert!(!home.contains("holdfast-fault"), "{home}");
        for page in [format!("/incidents/{id}"), "/history".to_owned(), "/api/v2/summary.json".to_owned()] {
            let answer = asked(&serving.address, &format!("GET {page} HTTP/1.1"));
            assert!(answer.starts_with("HTTP/1.1 200"), "{page}: {answer}");
        }
        assert_eq!(updates(), taken + 1, "what was refused is not half there");
    }

    std::fs::remove_file(&filler).expect("removed");
    let answer = post(taken);
    assert!(answer.starts_with("HTTP/1.1 201") && !answer.contains("idempotency-replayed"), "{answer}");
    said(path, &["incident", "resolve", &id, "--text", "There is room again"]);
    assert!(asked(&serving.address, &format!("GET /incidents/{id} HTTP/1.1")).contains("There is room again"));
    assert_eq!(updates(), taken + 3);
    assert_eq!(serving.end(), 0);
    let again = Serving::start(path);
    assert_eq!(updates(), taken + 3, "after a restart all that was acknowledged is there");
    assert_eq!(again.end(), 0);
}

/// Two regions, the second on a disk that is nearly full for a while.
fn beside_a_peer() {
    let cluster = Cluster::of(2);
    let (roomy, tight) = (cluster.place(0), cluster.place(1));
    let disk = tight.join("data");
    std::fs::rename(&disk, tight.join("keys")).expect("moved");
    std::fs::create_dir(&disk).expect("a directory");
    mount(&disk, ROOMY_DISK_BYTES);
    for file in std::fs::read_dir(tight.join("keys")).expect("a directory") {
        let file = file.expect("a file");
        std::fs::copy(file.path(), disk.join(file.file_name())).expect("copied");
    }
    let config = std::fs::read_to_string(tight.join("holdfast.toml")).expect("a configuration");
    let kept = format!("[replication]\nkeep_free_mib = {KEEP_FREE_MIB}\n");
    std::fs::write(tight.join("holdfast.toml"), config.replacen("[replication]\n", &kept, 1)).expect("written");
    std::fs::write(roomy.join("catalog.toml"), CATALOG).expect("a catalog");
    let (there, here) = (cluster.start(0), cluster.start(1));
    cluster.until_linked(0, 1);
    cluster.until_linked(1, 1);
    said(&roomy, &["catalog", "apply", "catalog.toml"]);
    let saved = |receipt: &serde_json::Value| (receipt["saved_in"].as_u64(), receipt["regions"].as_u64());
    assert_eq!(saved(&cluster::open(&roomy, "While there is room")), (Some(2), Some(2)));

    // Something else takes the disk, all but a little less than what is kept.
    let filler = disk.join("filler");
    fill(&filler);
    let file = std::fs::File::options().write(true).open(&filler).expect("the filler");
    file.set_len(file.metadata().expect("its length").len() - (KEEP_FREE_MIB << 20) + (1 << 20)).expect("shorter");
    drop(file);
    assert_eq!(saved(&cluster::open(&roomy, "Not taken in")), (Some(1), Some(2)));
    let trouble = |number: usize| cluster.peers(number)["peers"][0]["trouble"].as_str().unwrap_or_default().to_owned();
    until("the one that wrote it is told", || {
        trouble(0).starts_with("it does not store events: the disk of its log is nearly full: ")
    });
    until("the one that leaves it out says so", || {
        trouble(1).starts_with("its events are not taken in here: the disk of its log is nearly full: ")
    });
    let table = said(&tight, &["peers"]);
    assert!(table.contains(&format!("and {KEEP_FREE_MIB} MiB are kept for posts made there")), "{table}");
    // What is posted here goes through and to the others, and everything is read.
    assert_eq!(saved(&cluster::open(&tight, "Posted here")), (Some(2), Some(2)));
    until("the other region shows it", || titles(&roomy) == ["Not taken in", "Posted here", "While there is room"]);
    assert_eq!(titles(&tight), ["Posted here", "While there is room"]);
    let home = asked(&here.address, "GET / HTTP/1.1");
    assert!(home.starts_with("HTTP/1.1 200") && home.contains("Posted here"), "{home}");

    std::fs::remove_file(&filler).expect("removed");
    until("with room again it takes in what it had left out", || {
        titles(&tight) == ["Not taken in", "Posted here", "While there is room"]
    });
    until("nobody is in trouble", || trouble(0).is_empty() && trouble(1).is_empty());
    for node in [there, here] {
        assert_eq!(node.end(), 0);
    }
}

/// Takes all the space that is left.
pub fn fill(path: &Path) {
    let mut file = std::fs::File::create(path).expect("a file");
    let mut bytes: &[u8] = &[0; 64 << 10];
    // Smaller and smaller pieces, down to the last page.
    while bytes.len() >= 512 {
        match file.write(bytes) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::StorageFull => bytes = &bytes[..bytes.len() / 2],
            Err(error) => panic!("{error}"),
        }
    }
}
