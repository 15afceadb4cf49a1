//! A disk that fills up under a running node: posts are refused and say why, reads go on, and with space again posts
//! work without a restart. The disk is a small tmpfs in a mount namespace of the test's own.

use crate::process::{CATALOG, Serving, asked, exchange, json, refused, said};
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

/// The ways to a mount namespace: as root, and for those who are not, where the system lets them.
const NAMESPACES: [&[&str]; 2] = [&["--mount"], &["--user", "--map-root-user", "--mount"]];

fn mounted(namespace: &[&str], directory: &Path) -> bool {
    let mount = Command::new("unshare").args(namespace).args(["mount", "-t", "tmpfs", "tmpfs"]).arg(directory).output();
    mount.is_ok_and(|output| output.status.success())
}

#[test]
fn on_a_full_disk_posts_are_refused_reads_go_on_and_posts_come_back_without_a_restart() {
    if std::env::var_os(INSIDE).is_some() {
        return on_a_small_disk();
    }
    let probe = tempfile::tempdir().expect("a directory");
    let Some(namespace) = NAMESPACES.into_iter().find(|namespace| mounted(namespace, probe.path())) else {
        // Past the test harness, which keeps what a passing test prints.
        let loud =
            b"\n!!! NOT RUN: a full disk under a running node; this machine lets nobody mount a tmpfs (unshare)\n\n";
        return io::stderr().write_all(loud).expect("standard error");
    };
    let name = "full_disk::on_a_full_disk_posts_are_refused_reads_go_on_and_posts_come_back_without_a_restart";
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

fn on_a_small_disk() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path();
    let disk = path.join("disk");
    std::fs::create_dir(&disk).expect("a directory");
    let size = format!("size={DISK_BYTES}");
    let mount = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&disk).status().expect("mount");
    assert!(mount.success());
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
