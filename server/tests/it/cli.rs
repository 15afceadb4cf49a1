//! The built program, with a running node and without.

use crate::process::{CATALOG, CONFIG, Serving, asked, header, json, post, prepared, refused, run, said};
use std::{fs, net::TcpListener, path::Path};

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
    let etag = header(&home, "etag").to_owned();
    assert_eq!((etag.starts_with('"'), header(&home, "vary")), (true, "Accept-Encoding"), "{home}");
    let held = asked(&serving.address, &format!("GET / HTTP/1.1\r\nIf-None-Match: {etag}"));
    assert!(held.starts_with("HTTP/1.1 304") && held.ends_with("\r\n\r\n"), "{held}");
    assert_eq!([header(&held, "etag"), header(&held, "holdfast-fault")], [etag.as_str(), "store"]);
    for encoding in ["br", "gzip"] {
        let head = asked(&serving.address, &format!("HEAD / HTTP/1.1\r\nAccept-Encoding: {encoding}"));
        assert_eq!(header(&head, "content-encoding"), encoding, "{head}");
        assert_ne!(header(&head, "etag"), etag, "each encoding has its own");
        let bytes = |answer: &str| header(answer, "content-length").parse::<usize>().expect("a length");
        assert!(bytes(&head) < bytes(&home) / 2, "{head}");
    }
    let copied = directory.path().join("copy/index.html");
    let page = std::fs::read_to_string(&copied).expect("the page").replace("All services", "All our services");
    std::fs::write(&copied, page).expect("a newer copy");
    let newer = asked(&serving.address, &format!("GET / HTTP/1.1\r\nIf-None-Match: {etag}"));
    assert!(newer.starts_with("HTTP/1.1 200") && newer.contains("All our services"), "{newer}");
    let component = asked(&serving.address, "GET /zh/components/cloud-api HTTP/1.1");
    assert!(component.starts_with("HTTP/1.1 200") && component.contains("lang=\"zh-CN\""), "{component}");
    for path in ["/../holdfast.toml", "/.holdfast-files", "/%2e%2e/holdfast.toml", "/none"] {
        let answer = asked(&serving.address, &format!("GET {path} HTTP/1.1"));
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
    }
    let post = asked(&serving.address, "POST /api/v1/incidents HTTP/1.1");
    assert!(post.starts_with("HTTP/1.1 503") && post.contains("this node's own log cannot be read"), "{post}");
    assert!(!post.contains("holdfast.redb"), "readers learn no path: {post}");
    let log = std::fs::read_to_string(directory.path().join("log")).expect("a log");
    assert!(log.contains("serving the last snapshot, read-only") && log.contains("holdfast.redb"), "{log}");
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
fn a_node_may_open_as_many_files_as_the_system_allows_and_says_when_they_are_few() {
    let directory = prepared();
    let serving = Serving::start_with_open_files(directory.path(), 200, 300);
    assert!(asked(&serving.address, "GET / HTTP/1.1").starts_with("HTTP/1.1 200"));
    assert_eq!(serving.open_files(), ("300".to_owned(), "300".to_owned()));
    let log = serving.log();
    assert!(log.contains("WARN") && log.contains("LimitNOFILE") && log.contains("open_files=300"), "{log}");
    assert_eq!(serving.end(), 0);
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

#[test]
fn a_command_without_the_configuration_says_that_it_takes_peers_for_strangers() {
    let (own, other, nowhere) = (prepared(), prepared(), tempfile::tempdir().expect("a directory"));
    let place = own.path();
    let key = |of: &Path| said(of, &["node", "key"]).trim().to_owned();
    said(place, &["incident", "list"]);
    fs::create_dir(other.path().join("data")).expect("a directory");
    fs::copy(place.join("data/cluster.key"), other.path().join("data/cluster.key")).expect("the key");
    said(other.path(), &["catalog", "apply", "catalog.toml"]);
    crate::cluster::open(other.path(), "Posted elsewhere");
    said(other.path(), &["events", "export", "all.events"]);
    let config = format!(
        "{CONFIG}[replication]\nlisten = \"127.0.0.1:0\"\n[[peer]]\nname = \"other\"\nkey = \"{}\"\n",
        key(other.path())
    );
    fs::write(place.join("holdfast.toml"), config).expect("a configuration");
    said(place, &["events", "import", &other.path().join("all.events").display().to_string()]);

    let (data, file) = (place.join("data").display().to_string(), place.join("holdfast.toml").display().to_string());
    let told = |arguments: &[&str]| {
        let output = run(nowhere.path(), &[arguments, &["incident", "list"]].concat());
        assert!(output.status.success(), "{output:?}");
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    };
    let [list, warning] = told(&["--config", &file]);
    assert!(list.contains("Posted elsewhere") && warning.is_empty(), "{list}{warning}");
    let [list, warning] = told(&["--data", &data]);
    assert!(!list.contains("Posted elsewhere"), "{list}");
    assert!(warning.starts_with("Warning: ") && warning.contains("--config FILE"), "{warning}");
    assert_eq!(warning.lines().count(), 1, "{warning}");
    // A log that trusts all of its writers is nothing to warn of.
    let data = other.path().join("data").display().to_string();
    let [list, warning] = told(&["--data", &data]);
    assert!(list.contains("Posted elsewhere") && warning.is_empty(), "{list}{warning}");
}
