//! A snapshot served with nothing else there, and checked over HTTP; and a writer that is killed at any moment.

use crate::process::{asked, exchange, header, prepared, program, run, said};
use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Stdio},
};

/// `holdfast snapshot serve`, and where it listens.
pub struct Served(Child, pub String);

impl Served {
    pub fn start(nowhere: &Path, copy: &str) -> Served {
        let mut command = program(nowhere, &["snapshot", "serve", copy, "--listen", "127.0.0.1:0"]);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("started");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
        let address = line.trim().rsplit("//").next().expect("an address").to_owned();
        Served(child, address)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ended = self.0.kill().and_then(|()| self.0.wait());
    }
}

#[test]
fn a_snapshot_is_served_alone_and_checked_over_http() {
    let directory = prepared();
    said(directory.path(), &["snapshot", "write", "copy"]);
    let key = said(directory.path(), &["node", "key"]).trim().to_owned();
    let copy = directory.path().join("copy").display().to_string();
    let nowhere = tempfile::tempdir().expect("a directory");
    let served = Served::start(nowhere.path(), &copy);
    let address = &served.1;

    let home = asked(address, "GET / HTTP/1.1");
    assert!(home.starts_with("HTTP/1.1 200"), "{home}");
    assert_eq!(header(&home, "holdfast-copy"), "snapshot");
    assert!(!home.to_ascii_lowercase().contains("holdfast-fault"), "{home}");
    let manifest = asked(address, "GET /manifest HTTP/1.1");
    assert_eq!(header(&manifest, "content-type"), "text/plain; charset=utf-8");
    assert_eq!(header(&manifest, "cache-control"), "no-cache");
    assert!(asked(address, "GET /.holdfast-lock HTTP/1.1").starts_with("HTTP/1.1 404"));
    let refused = exchange(address, "POST /api/v1/incidents HTTP/1.1", "{}");
    assert!(refused.starts_with("HTTP/1.1 503") && refused.contains("takes no posts"), "{refused}");
    assert_eq!(fs::read_dir(nowhere.path()).expect("a directory").count(), 0, "it needs nothing and makes nothing");

    let url = format!("http://{address}");
    let verdict = run(nowhere.path(), &["snapshot", "verify", &url, "--key", &key]);
    let told = String::from_utf8_lossy(&verdict.stdout).into_owned();
    assert_eq!(verdict.status.code(), Some(0), "{told}");
    assert!(told.starts_with("Good: ") && told.contains(&key) && told.contains("cannot be asked for files"), "{told}");
    fs::write(Path::new(&copy).join("history.atom"), "x").expect("written");
    let verdict = run(nowhere.path(), &["snapshot", "verify", &url, "--any-key", "--json"]);
    let told: serde_json::Value = serde_json::from_slice(&verdict.stdout).expect("JSON");
    assert_eq!((verdict.status.code(), &told["code"]), (Some(12), &serde_json::json!(12)), "{told}");
    let verdict = run(nowhere.path(), &["snapshot", "verify", &copy]);
    assert_eq!(verdict.status.code(), Some(2), "without a node one must say whose key is trusted");
}
