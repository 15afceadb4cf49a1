//! The built program, with a running node and without.

use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Read},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Output, Stdio},
};

const CATALOG: &str = "[page]\nname = \"Example\"\nurl = \"https://status.example.com\"\ntime_zone = \"Asia/Shanghai\"\n\
    [[region]]\ncode = \"ap-shanghai\"\nname = \"Shanghai\"\n[[region]]\ncode = \"ap-tokyo\"\nname = \"Tokyo\"\n\
    [[component]]\ncode = \"cloud-api\"\nname = \"Cloud API\"\nplane = \"control\"\nregions = \"all\"\n";
const CONFIG: &str = "data = \"data\"\n[public]\nlisten = \"127.0.0.1:0\"\n[operators]\nlisten = \"127.0.0.1:0\"\n";

fn program(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast"));
    command.current_dir(directory).args(arguments).env_remove("HOLDFAST_CONFIG").env_remove("RUST_LOG");
    command.env("USER", "alice");
    command
}

fn run(directory: &Path, arguments: &[&str]) -> Output {
    program(directory, arguments).output().expect("the program")
}

/// Runs a command that must succeed, and gives what it says.
fn said(directory: &Path, arguments: &[&str]) -> String {
    let output = run(directory, arguments);
    let (out, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {out}{error}");
    out.into_owned()
}

/// Runs a command that must fail, and gives its exit code with what it says on standard error.
fn refused(directory: &Path, arguments: &[&str]) -> (i32, String) {
    let output = run(directory, arguments);
    (output.status.code().expect("an exit code"), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// A node that is told to end when the test is done with it.
struct Serving {
    child: Child,
    /// `127.0.0.1:PORT`.
    address: String,
}

impl Serving {
    fn start(directory: &Path) -> Serving {
        let mut child = program(directory, &["serve"])
            .env("RUST_LOG", "trace")
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(directory.join("log")).expect("a log"))
            .spawn()
            .expect("a node");
        let mut line = String::new();
        let out = child.stdout.take().expect("its output");
        BufReader::new(out).read_line(&mut line).expect("its first line");
        let address = line.trim().rsplit("//").next().expect("an address").to_owned();
        Serving { child, address }
    }

    /// Asks it to end, as an operator does, and waits for it.
    fn end(mut self) -> i32 {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status().expect("kill");
        assert!(asked.success());
        self.child.wait().expect("its end").code().expect("an exit code")
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It has ended already when the test went well.
        let _ended = self.child.kill();
    }
}

fn prepared() -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::write(directory.path().join("holdfast.toml"), CONFIG).expect("a configuration");
    std::fs::write(directory.path().join("catalog.toml"), CATALOG).expect("a catalog");
    directory
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// The same commands must do the same with a running node and without one.
fn replay(directory: &Path) {
    assert!(said(directory, &["catalog", "apply", "catalog.toml"]).contains("+ component cloud-api"));
    assert_eq!(said(directory, &["catalog", "plan", "catalog.toml"]), "Nothing differs.\n");
    let opened = said(
        directory,
        &[
            "incident",
            "open",
            "--title",
            "API fails",
            "--impact",
            "critical",
            "--text",
            "Broken.",
            "--scope",
            "cloud-api=major_outage",
            "--at",
            "2024-04-08T15:23+08:00",
            "--json",
        ],
    );
    let opened = json(&opened);
    let id = opened["incident"].as_str().expect("an id");
    assert_eq!(opened["page"], format!("https://status.example.com/incidents/{id}"));
    let human = said(
        directory,
        &[
            "incident",
            "update",
            id,
            "--status",
            "identified",
            "--text",
            "Found.",
            "--scope",
            "cloud-api@!ap-shanghai=operational",
            "--at",
            "2024-04-08T15:57+08:00",
        ],
    );
    assert!(human.contains("Saved in 1 of 1 region.") && human.contains("https://status.example.com"), "{human}");
    let (code, error) = refused(directory, &["incident", "update", id, "--text", "x", "--at", "yesterday"]);
    assert!(code == 1 && error.contains("at: `yesterday` is not a time") && error.contains("Nothing was changed"));
    let (code, error) =
        refused(directory, &["incident", "update", id, "--text", "x", "--scope", "nope=operational", "--json"]);
    assert_eq!((code, json(&error)["errors"][0]["field"].as_str()), (1, Some("scope[0].component")));
    let (code, _) = refused(directory, &["incident", "update", id, "--text", "x", "--scope", "cloud-api=down"]);
    assert_eq!(code, 2);
    said(directory, &["incident", "resolve", id, "--text", "Over.", "--at", "2024-04-08T17:45+08:00"]);
    said(directory, &["postmortem", "publish", id, "--text", "Why."]);
    let shown = said(directory, &["incident", "show", id]);
    assert!(shown.contains("2024-04-08T07:57:00Z  identified") && shown.contains("cloud-api@ap-tokyo=operational"));
    said(directory, &["events", "export", "all.events"]);
    assert!(said(directory, &["events", "import", "all.events"]).contains("Nothing differs"));
    assert!(said(directory, &["events", "list"]).contains("alice (cli)"));
}

#[test]
fn without_a_node_commands_work_on_the_data_directory() {
    let directory = prepared();
    replay(directory.path());
    // A socket file that nobody answers on is passed over.
    drop(std::os::unix::net::UnixListener::bind(directory.path().join("data/holdfast.sock")).expect("a socket"));
    assert!(said(directory.path(), &["incident", "list"]).contains("API fails"));
    said(directory.path(), &["check", "holdfast.toml"]);
}

#[test]
fn with_a_node_commands_go_over_its_socket_and_no_secret_is_logged() {
    use std::os::unix::fs::PermissionsExt;
    let directory = prepared();
    let serving = Serving::start(directory.path());
    let socket = directory.path().join("data/holdfast.sock");
    assert_eq!(std::fs::metadata(&socket).expect("a socket").permissions().mode() & 0o777, 0o600);
    replay(directory.path());
    let (code, error) = refused(directory.path(), &["serve"]);
    assert!(code == 3 && error.contains("in use by another process"), "{error}");

    let created = json(&said(directory.path(), &["token", "create", "pipeline", "--json"]));
    let secret = created["secret"].as_str().expect("a secret");
    let body = r#"{"title":"By token","impact":"minor","text":"x"}"#;
    let answer = post(&serving.address, secret, body);
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert!(said(directory.path(), &["incident", "list", "--status", "open"]).contains("By token"));

    assert_eq!(serving.end(), 0);
    assert!(!socket.exists());
    let log = std::fs::read_to_string(directory.path().join("log")).expect("the log");
    assert!(log.contains("published") && log.contains("author=pipeline way=api"), "{log}");
    for hidden in [secret, &secret[16..]] {
        assert!(!log.contains(hidden), "the log holds `{hidden}`");
    }
}

fn post(address: &str, secret: &str, body: &str) -> String {
    let length = body.len();
    let head = format!(
        "POST /api/v1/incidents HTTP/1.1\r\nAuthorization: Bearer {secret}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}"
    );
    exchange(address, &head, body)
}

/// The whole answer to a request of one line.
fn asked(address: &str, line: &str) -> String {
    exchange(address, line, "")
}

fn exchange(address: &str, head: &str, body: &str) -> String {
    use std::io::Write;
    let mut stream = std::net::TcpStream::connect(address).expect("a connection");
    write!(stream, "{head}\r\nHost: {address}\r\nConnection: close\r\n\r\n{body}").expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

#[test]
fn what_is_missing_or_taken_is_named_and_exits_with_3() {
    let directory = tempfile::tempdir().expect("a directory");
    let (code, error) = refused(directory.path(), &["incident", "list"]);
    assert!(code == 3 && error.contains("holdfast.toml") && error.contains("--data"), "{error}");

    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address");
    let config = CONFIG.replacen("127.0.0.1:0", &address.to_string(), 1);
    std::fs::write(directory.path().join("holdfast.toml"), config).expect("a configuration");
    let (code, error) = refused(directory.path(), &["serve"]);
    assert!(code == 3 && error.contains(&address.to_string()) && error.contains("uses this port already"), "{error}");

    std::fs::write(directory.path().join("data/holdfast.redb"), b"no database").expect("a damaged file");
    let (code, error) = refused(directory.path(), &["incident", "list"]);
    assert!(code == 3 && error.contains("holdfast.redb"), "{error}");
}

#[test]
fn a_node_with_a_damaged_data_file_serves_the_last_snapshot_and_takes_no_posts() {
    let directory = tempfile::tempdir().expect("a directory");
    let config = format!("{CONFIG}[snapshot]\ndirectory = \"copy\"\n");
    std::fs::write(directory.path().join("holdfast.toml"), config).expect("a configuration");
    std::fs::write(directory.path().join("catalog.toml"), CATALOG).expect("a catalog");
    said(directory.path(), &["catalog", "apply", "catalog.toml"]);
    said(directory.path(), &["snapshot", "write", "copy"]);
    std::fs::write(directory.path().join("data/holdfast.redb"), b"no database").expect("a damaged file");

    let serving = Serving::start(directory.path());
    let home = asked(&serving.address, "GET / HTTP/1.1");
    assert!(home.starts_with("HTTP/1.1 200") && home.contains("holdfast-fault: store"), "{home}");
    assert!(home.contains("All services are operating") && home.contains("treat this as out of date"), "{home}");
    let component = asked(&serving.address, "GET /zh/components/cloud-api HTTP/1.1");
    assert!(component.starts_with("HTTP/1.1 200") && component.contains("lang=\"zh-CN\""), "{component}");
    for path in ["/../holdfast.toml", "/.holdfast-files", "/%2e%2e/holdfast.toml", "/none"] {
        let answer = asked(&serving.address, &format!("GET {path} HTTP/1.1"));
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
    }
    let post = asked(&serving.address, "POST /api/v1/incidents HTTP/1.1");
    assert!(post.starts_with("HTTP/1.1 503") && post.contains("holdfast.redb"), "{post}");
    let log = std::fs::read_to_string(directory.path().join("log")).expect("a log");
    assert!(log.contains("serving the last snapshot, read-only"), "{log}");
}

#[test]
fn a_wrong_configuration_is_refused_with_its_line() {
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::write(directory.path().join("bad.toml"), "[page]\nname = \"x\"\nlogo = 1\n").expect("a file");
    let (code, error) = refused(directory.path(), &["check", "bad.toml"]);
    assert!(code == 1 && error.contains("line 3, column 1") && error.contains("unknown field `logo`"), "{error}");
    let tls = "[public]\ntls = { certificate = \"none.pem\", key = \"none.key\" }\n";
    std::fs::write(directory.path().join("tls.toml"), tls).expect("a file");
    let (code, error) = refused(directory.path(), &["check", "tls.toml"]);
    assert!(code == 1 && error.contains("public.tls") && error.contains("none.pem"), "{error}");
}

#[test]
fn completions_are_written_for_each_shell() {
    let directory = tempfile::tempdir().expect("a directory");
    for (shell, sign) in [("bash", "complete -F"), ("zsh", "#compdef holdfast"), ("fish", "complete -c holdfast")] {
        let script = said(directory.path(), &["completions", shell]);
        assert!(script.contains(sign) && script.contains("maintenance"), "{shell}");
    }
}

#[test]
fn nodes_are_trusted_removed_and_rotated_and_events_redacted_by_commands() {
    let directory = prepared();
    let directory = directory.path();
    let key = said(directory, &["node", "key"]).trim().to_owned();
    assert_eq!(key.len(), 64, "{key}");
    assert!(!directory.join("data/holdfast.redb").exists(), "a key is needed before there is a log");
    said(directory, &["catalog", "apply", "catalog.toml"]);
    let listed = said(directory, &["node", "list"]);
    assert!(listed.contains(&key) && listed.contains("(this node)"), "{listed}");

    let (code, error) = refused(directory, &["node", "trust", "12", "--name", "sh-1"]);
    assert_eq!(code, 1);
    assert!(error.contains("`12` is not 64 hexadecimal digits"), "{error}");
    let (code, error) = refused(directory, &["node", "trust", &format!("02{}", "00".repeat(31)), "--name", "x"]);
    assert!(code == 1 && error.contains("is no Ed25519 public key"), "{error}");
    let (code, error) = refused(directory, &["node", "remove", &key]);
    assert!(code == 1 && error.contains("is this node's own"), "{error}");

    // Another data directory of the same cluster writes, and its file is taken in.
    let other = prepared();
    let other = other.path();
    std::fs::create_dir(other.join("data")).expect("a directory");
    std::fs::copy(directory.join("data/cluster.key"), other.join("data/cluster.key")).expect("the cluster's key");
    let open = ["incident", "open", "--title", "Name", "--impact", "minor", "--text", "Of a person", "--json"];
    let opened = json(&said(other, &open));
    said(other, &["events", "export", "events"]);
    std::fs::rename(other.join("events"), directory.join("events")).expect("a file to carry");
    let taken = said(directory, &["events", "import", "events"]);
    let theirs = said(other, &["node", "key"]).trim().to_owned();
    assert!(taken.contains(&format!("Held: 1 events signed by node {theirs}, which is not trusted here")), "{taken}");
    assert!(said(directory, &["events", "list"]).contains("NOT SHOWN: signed by node"));
    assert!(!said(directory, &["incident", "list"]).contains("Name"));
    let taken = said(directory, &["events", "import", "events", "--trust-writers"]);
    assert!(!taken.contains("Held"), "{taken}");
    assert!(said(directory, &["incident", "list"]).contains("Name"));
    let trust =
        ["node", "trust", &theirs, "--name", "sh-1", "--region", "Shanghai", "--address", "sh.example.com:8443"];
    assert!(said(directory, &trust).contains("The node is trusted."));
    assert!(said(directory, &["node", "list"]).contains("sh.example.com:8443"));
    assert!(said(directory, &["node", "remove", &theirs]).contains("The node is removed."));
    assert!(said(directory, &["incident", "list"]).contains("Name"), "what it signed before stays");

    let event = opened["events"][0].as_str().expect("an event");
    let redacted = said(directory, &["events", "redact", event, "--reason", "a person"]);
    assert!(redacted.contains("each node writes its file anew at its next start"), "{redacted}");
    let id = opened["incident"].as_str().expect("an incident");
    let shown = said(directory, &["incident", "show", id]);
    assert!(shown.contains("Removed by the operators.") && !shown.contains("Of a person"), "{shown}");
    assert!(said(directory, &["events", "list"]).contains(&format!("redacts {event} (a person)")));

    let rotated = said(directory, &["node", "rotate"]);
    let new = said(directory, &["node", "key"]).trim().to_owned();
    assert!(new != key && rotated.contains(&new), "{rotated}");
    let listed = said(directory, &["node", "list"]);
    assert!(listed.contains(&format!("{key}  removed")), "{listed}");
    assert!(said(directory, &["incident", "list"]).contains("Removed by the operators."), "all of it still counts");
    said(directory, &["catalog", "plan", "catalog.toml"]);
}
