//! A snapshot served with nothing else there, and checked over HTTP; and a writer that is killed at any moment.

use crate::process::{CONFIG, asked, exchange, header, prepared, program, refused, run, said};
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
        Served::with(nowhere, copy, &[])
    }

    pub fn with(nowhere: &Path, copy: &str, arguments: &[&str]) -> Served {
        let mut command = program(nowhere, &["snapshot", "serve", copy, "--listen", "127.0.0.1:0"]);
        command.args(arguments);
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

/// One bound for all who read a copy; none of them takes a longer file for one that is not there.
#[test]
fn a_file_that_is_too_long_is_refused_by_whoever_reads_it() {
    let directory = prepared();
    said(directory.path(), &["snapshot", "write", "copy"]);
    let copy = directory.path().join("copy");
    let tail = fs::OpenOptions::new().write(true).open(copy.join("events/tail")).expect("the tail");
    tail.set_len(server::snapshot::FILE_BYTES_MAX + 1).expect("longer");
    let nowhere = tempfile::tempdir().expect("a directory");
    let served = Served::start(nowhere.path(), &copy.display().to_string());
    assert!(asked(&served.1, "GET /events/tail HTTP/1.1").starts_with("HTTP/1.1 503"));
    assert!(asked(&served.1, "GET / HTTP/1.1").starts_with("HTTP/1.1 200"));

    let post = ["incident", "update", "p31zjtct2jer", "--text", "x"];
    let standin = ["snapshot", "post", "--key", "data/node.key", "--from", "copy", "--to", "second"];
    let (post, verify) = ([&standin[..], &post].concat(), ["snapshot", "verify", "copy", "--any-key"]);
    let restore = ["--data", "other", "restore", "copy", "--cluster-key", "data/cluster.key"];
    for command in [&post[..], &verify, &restore] {
        let (_, error) = refused(directory.path(), command);
        assert!(
            error.contains("events/tail") && error.contains("is longer than 33554432 bytes"),
            "{command:?}: {error}"
        );
        assert!(error.contains("write the snapshot anew"), "{command:?}: {error}");
    }
}

#[test]
fn pages_of_a_served_snapshot_may_ask_the_copies_of_its_own_list() {
    let directory = prepared();
    let config = format!(
        "{CONFIG}[page]\nurl = \"https://gz.example.com\"\n\
         [[mirror]]\nname = \"bucket\"\nurl = \"https://bucket.example.com/status\"\n"
    );
    fs::write(directory.path().join("holdfast.toml"), config).expect("a configuration");
    said(directory.path(), &["snapshot", "write", "copy"]);
    let copy = directory.path().join("copy");
    let nowhere = tempfile::tempdir().expect("a directory");
    let served = Served::start(nowhere.path(), &copy.display().to_string());
    let policy = |path: &str| {
        let answer = asked(&served.1, &format!("GET {path} HTTP/1.1"));
        header(&answer, "content-security-policy").to_owned()
    };
    let plain = server::http::security::CONTENT_SECURITY_POLICY;
    let with = |origins: &str| plain.replace("connect-src 'self'", &format!("connect-src 'self'{origins}"));
    for path in ["/", "/zh/history", "/worker.js", "/nowhere"] {
        assert_eq!(policy(path), with(" https://bucket.example.com https://gz.example.com"), "{path}");
    }
    let list = copy.join("api/v1/copies.json");
    let told = fs::read_to_string(&list).expect("the list");
    fs::write(&list, told.replace("https://gz.", "https://sh-2.")).expect("written");
    assert_eq!(policy("/"), with(" https://bucket.example.com https://sh-2.example.com"), "read again");
    let wide = "x".repeat(1 << 20);
    for (what, text) in [
        ("a policy of somebody else's", told.replace("https://gz.example.com", "https://a.example; script-src *")),
        ("any origin", told.replace("https://gz.example.com", "https://*")),
        ("no JSON", told[1..].to_owned()),
        ("too long", told.replace("Example", &wide).replace("\"mirror\"", &format!("\"mirror\", \"x\": \"{wide}\""))),
    ] {
        assert_ne!(text, told, "{what}");
        fs::write(&list, text).expect("written");
        assert_eq!(policy("/"), plain, "{what}");
    }
    fs::remove_file(&list).expect("gone");
    assert_eq!(policy("/"), plain, "no list");
    fs::write(&list, &told).expect("written");
    assert!(policy("/").contains("https://gz.example.com"), "and there again");
}
