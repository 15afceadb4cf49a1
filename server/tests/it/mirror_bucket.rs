//! A mirror in a bucket of a real server that speaks S3, and in a container of one that speaks Azure Blob Storage. Each is
//! ended in the middle of an upload: what stands verifies as an update in progress, posts go on, and the copy is completed
//! by itself once the server is back.

use crate::{
    cluster::{free_port, json, open, until},
    process::{CATALOG, Serving, asked, exchange, header, refused, run, said},
};
use object_store::{
    azure::{AzureAccessKey, AzureAuthorizer, AzureCredential},
    client::HttpRequestBody,
};
use std::{
    fs::File,
    io::Write,
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

const BUCKET: &str = "status";
/// Incidents of the page, each some files of the copy; and at how many files of it the server is ended.
const INCIDENTS: usize = 40;
const FILES_AT_END: usize = 12;
const S3_KEY: &str = "operator";
const S3_SECRET: &str = "a secret of the test";
/// The account that azurite has, with the key that its documentation names.
const AZURE_ACCOUNT: &str = "devstoreaccount1";
const AZURE_KEY: &str = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

#[derive(Clone, Copy)]
enum Kind {
    S3,
    Azure,
}

impl Kind {
    /// The environment variable that names its program.
    fn variable(self) -> &'static str {
        match self {
            Kind::S3 => "HOLDFAST_S3S_FS",
            Kind::Azure => "HOLDFAST_AZURITE",
        }
    }

    /// What of the configuration is its own.
    fn mirror(self, port: u16) -> String {
        match self {
            Kind::S3 => format!(
                "target = \"s3://{BUCKET}/page\"\n[mirror.options]\naws_endpoint = \"http://127.0.0.1:{port}\"\n\
                 aws_allow_http = true\naws_region = \"test\"\naws_access_key_id = \"{S3_KEY}\"\n\
                 aws_secret_access_key = \"{S3_SECRET}\"\n"
            ),
            Kind::Azure => format!(
                "target = \"az://{BUCKET}/page\"\n[mirror.options]\n\
                 endpoint = \"http://127.0.0.1:{port}/{AZURE_ACCOUNT}\"\nallow_http = true\n\
                 account_name = \"{AZURE_ACCOUNT}\"\naccount_key = \"{AZURE_KEY}\"\n"
            ),
        }
    }

    fn secret(self) -> &'static str {
        match self {
            Kind::S3 => S3_SECRET,
            Kind::Azure => AZURE_KEY,
        }
    }
}

/// A running server with its files in `root`.
struct Storage {
    kind: Kind,
    child: Child,
    root: PathBuf,
    port: u16,
}

impl Storage {
    fn start(kind: Kind, program: &str, root: &Path, port: u16) -> Storage {
        std::fs::create_dir_all(root).expect("a place for its files");
        let said = File::options().create(true).append(true).open(root.with_extension("log")).expect("a log");
        let mut command = Command::new(program);
        let number = port.to_string();
        match kind {
            Kind::S3 => {
                std::fs::create_dir_all(root.join(BUCKET)).expect("a bucket");
                command.args(["--host", "127.0.0.1", "--port", &number, "--access-key", S3_KEY]);
                command.args(["--secret-key", S3_SECRET]).arg(root)
            }
            Kind::Azure => {
                command.args(["--blobHost", "127.0.0.1", "--blobPort", &number, "--skipApiVersionCheck", "--location"]);
                command.arg(root)
            }
        };
        let child = command.stdin(Stdio::null()).stdout(said).stderr(Stdio::null()).spawn().expect("a server");
        let storage = Storage { kind, child, root: root.to_owned(), port };
        until("the server listens", || TcpStream::connect(storage.address()).is_ok());
        storage
    }

    fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// A container whose files anybody may read. An S3 bucket is a directory that is there.
    fn create_container(&self) {
        if matches!(self.kind, Kind::S3) {
            return;
        }
        let target = format!("/{AZURE_ACCOUNT}/{BUCKET}?restype=container");
        let mut request = axum::http::Request::put(format!("http://{}{target}", self.address()))
            .header("x-ms-blob-public-access", "blob")
            .body(HttpRequestBody::empty())
            .expect("a request");
        let key = AzureCredential::AccessKey(AzureAccessKey::try_new(AZURE_KEY).expect("a key"));
        AzureAuthorizer::new(&key, AZURE_ACCOUNT).try_authorize(&mut request).expect("a signature");
        let headers = request.headers().iter();
        let lines: Vec<String> =
            headers.map(|(name, value)| format!("{name}: {}", value.to_str().expect("text"))).collect();
        let head = format!("PUT {target} HTTP/1.1\r\nContent-Length: 0\r\n{}", lines.join("\r\n"));
        let answer = exchange(&self.address(), &head, "");
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    }

    /// Files of the copy that were put.
    fn files(&self) -> usize {
        match self.kind {
            Kind::S3 => files(&self.root.join(BUCKET)),
            Kind::Azure => {
                let log = std::fs::read_to_string(self.root.with_extension("log")).expect("its log");
                log.lines().filter(|line| line.contains("\"PUT ") && line.contains("/page/")).count()
            }
        }
    }

    /// The copy, for `snapshot verify`: who reads an S3 bucket without a key is a setting that this server lacks.
    fn copy(&self) -> String {
        match self.kind {
            Kind::S3 => self.root.join(BUCKET).join("page").display().to_string(),
            Kind::Azure => format!("http://{}/{AZURE_ACCOUNT}/{BUCKET}/page", self.address()),
        }
    }

    /// The home page of the copy; over HTTP its headers are those with which `node` answers.
    fn home(&self, node: &str) -> String {
        match self.kind {
            Kind::S3 => std::fs::read_to_string(format!("{}/index.html", self.copy())).expect("the home page"),
            Kind::Azure => {
                let line = format!("GET /{AZURE_ACCOUNT}/{BUCKET}/page/index.html HTTP/1.1");
                let answer = asked(&self.address(), &line);
                assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
                let own = asked(node, "GET / HTTP/1.1");
                for name in ["content-type", "content-language", "cache-control"] {
                    assert_eq!(header(&answer, name), header(&own, name));
                    assert!(!header(&own, name).is_empty(), "{own}");
                }
                answer
            }
        }
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        match self.kind {
            Kind::S3 => self.child.kill().expect("killed"),
            // It writes down every five seconds what it has acknowledged, and when it is told to end. Real storage forgets
            // nothing that it has acknowledged.
            Kind::Azure => {
                let told = Command::new("kill").args(["-s", "TERM", &self.child.id().to_string()]).status();
                assert!(told.expect("kill").success());
            }
        }
        self.child.wait().expect("its end");
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

fn stays_readable_and_is_completed(kind: Kind) {
    let Ok(program) = std::env::var(kind.variable()) else {
        let loud =
            format!("\n!!! NOT RUN: a mirror in a real bucket or container; {} names no program\n\n", kind.variable());
        std::io::stderr().write_all(loud.as_bytes()).expect("standard error");
        return;
    };
    let directory = tempfile::tempdir().expect("a directory");
    let (place, root) = (directory.path(), directory.path().join("root"));
    let (port, elsewhere) = (free_port(), free_port());
    let config = format!(
        "data = \"data\"\n[public]\nlisten = \"127.0.0.1:0\"\n[operators]\nlisten = \"127.0.0.1:0\"\n\
         [[mirror]]\nname = \"bucket\"\n{}",
        kind.mirror(port)
    );
    std::fs::write(place.join("holdfast.toml"), config).expect("a configuration");
    std::fs::write(place.join("catalog.toml"), CATALOG).expect("a catalog");
    said(place, &["catalog", "apply", "catalog.toml"]);
    for number in 1..=INCIDENTS {
        open(place, &format!("Incident {number}"));
    }

    let storage = Storage::start(kind, &program, &root, port);
    if matches!(kind, Kind::Azure) {
        let (code, answer) = refused(place, &["check", "holdfast.toml"]);
        assert!(
            code == 1 && answer.contains("mirror[0].target: writing `.holdfast-check` in az://status/page: "),
            "{answer}"
        );
        assert!(
            answer.contains("ContainerNotFound") && answer.contains("; a container of this name in the account"),
            "{answer}"
        );
    }
    storage.create_container();
    let found = said(place, &["check", "holdfast.toml"]);
    assert!(
        found.contains("copy `bucket`: ") && found.contains("/page can be written; nothing stands there yet"),
        "{found}"
    );
    let serving = Serving::start(place);
    until("the upload is under way", || storage.files() > FILES_AT_END);
    drop(storage);
    open(place, "While the server was away");
    until("the node knows that it cannot write", || state(place) == "failing");
    // The same files at an address that the node does not know.
    let storage = Storage::start(kind, &program, &root, elsewhere);
    assert_eq!(verified(place, &storage.copy()), 10, "an update in progress");
    // As an update before this one left it: a list of files that no manifest names.
    let left = root.join(BUCKET).join("page/manifests").join("5".repeat(64));
    if matches!(kind, Kind::S3) {
        std::fs::write(&left, "left").expect("written");
    }
    drop(storage);

    let storage = Storage::start(kind, &program, &root, port);
    until("the copy is complete", || state(place) == "complete");
    until("the copy verifies", || verified(place, &storage.copy()) == 0);
    assert!(!left.exists(), "what no manifest names is gone");
    let found = said(place, &["check", "holdfast.toml"]);
    assert!(found.contains("/page can be written; what stands there was written at "), "{found}");
    assert_eq!(verified(place, &storage.copy()), 0, "the check leaves nothing behind");
    let home = storage.home(&serving.address);
    assert!(home.contains(&format!("Incident {INCIDENTS}")) && home.contains("While the server was away"));
    assert!(!serving.log().contains(kind.secret()), "what opens a bucket is never shown");
}

#[test]
fn a_bucket_whose_server_dies_in_the_middle_stays_readable_and_is_completed() {
    stays_readable_and_is_completed(Kind::S3);
}

#[test]
fn a_container_whose_server_dies_in_the_middle_stays_readable_and_is_completed() {
    stays_readable_and_is_completed(Kind::Azure);
}
