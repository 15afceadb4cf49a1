//! A mirror in a bucket of a real S3-compatible server, which is killed in the middle of an upload: what stands verifies as
//! an update in progress, posts go on, and the copy is completed by itself once the server is back.

use crate::{
    cluster::{json, open, until},
    process::{CATALOG, Serving, run, said},
};
use std::{
    io::Write,
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
};

/// Names the program of the server, `s3s-fs`.
const PROGRAM: &str = "HOLDFAST_S3S_FS";
const BUCKET: &str = "status";
const ACCESS_KEY: &str = "operator";
const SECRET_KEY: &str = "a secret of the test";
/// Incidents of the page, each some files of the copy; and at how many files the server is killed.
const INCIDENTS: usize = 40;
const FILES_AT_KILL: usize = 12;

struct BucketServer(Child);

impl BucketServer {
    fn start(program: &str, root: &Path, port: u16) -> BucketServer {
        let port = port.to_string();
        let mut command = Command::new(program);
        command.args(["--host", "127.0.0.1", "--port", &port, "--access-key", ACCESS_KEY, "--secret-key", SECRET_KEY]);
        BucketServer(command.arg(root).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a server"))
    }
}

impl Drop for BucketServer {
    fn drop(&mut self) {
        self.0.kill().expect("killed");
        self.0.wait().expect("its end");
    }
}

fn files(directory: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(directory) else { return 0 };
    let entries = entries.filter_map(Result::ok);
    entries.map(|entry| if entry.path().is_dir() { files(&entry.path()) } else { 1 }).sum()
}

fn state(place: &Path) -> String {
    json(place, &["mirrors"])["mirrors"][0]["state"].as_str().expect("a state").to_owned()
}

fn verified(place: &Path, copy: &str) -> i32 {
    run(place, &["snapshot", "verify", copy]).status.code().expect("a code")
}

#[test]
fn a_bucket_whose_server_dies_in_the_middle_stays_readable_and_is_completed() {
    let Ok(program) = std::env::var(PROGRAM) else {
        let loud = b"\n!!! NOT RUN: a mirror in a real S3-compatible server; HOLDFAST_S3S_FS names none\n\n";
        std::io::stderr().write_all(loud).expect("standard error");
        return;
    };
    let directory = tempfile::tempdir().expect("a directory");
    let (place, root) = (directory.path(), directory.path().join("root"));
    let copy = format!("root/{BUCKET}/page");
    std::fs::create_dir_all(root.join(BUCKET)).expect("a bucket");
    let port = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("its address").port();
    let config = format!(
        "data = \"data\"\n[public]\nlisten = \"127.0.0.1:0\"\n[operators]\nlisten = \"127.0.0.1:0\"\n\
         [[mirror]]\nname = \"bucket\"\ntarget = \"s3://{BUCKET}/page\"\n[mirror.options]\n\
         aws_endpoint = \"http://127.0.0.1:{port}\"\naws_allow_http = true\naws_region = \"test\"\n\
         aws_access_key_id = \"{ACCESS_KEY}\"\naws_secret_access_key = \"{SECRET_KEY}\"\n"
    );
    std::fs::write(place.join("holdfast.toml"), config).expect("a configuration");
    std::fs::write(place.join("catalog.toml"), CATALOG).expect("a catalog");
    said(place, &["catalog", "apply", "catalog.toml"]);
    for number in 1..=INCIDENTS {
        open(place, &format!("Incident {number}"));
    }

    let bucket = BucketServer::start(&program, &root, port);
    let serving = Serving::start(place);
    until("the upload is under way", || files(&root.join(BUCKET)) > FILES_AT_KILL);
    drop(bucket);
    open(place, "While the server was away");
    until("the node knows that it cannot write", || state(place) == "failing");
    assert_eq!(verified(place, &copy), 10, "an update in progress");

    let _bucket = BucketServer::start(&program, &root, port);
    until("the copy is complete", || state(place) == "complete");
    until("the copy verifies", || verified(place, &copy) == 0);
    let home = std::fs::read_to_string(place.join(&copy).join("index.html")).expect("the home page");
    assert!(home.contains(&format!("Incident {INCIDENTS}")) && home.contains("While the server was away"));
    assert!(!serving.log().contains(SECRET_KEY), "what opens a bucket is never shown");
}
