//! The built program as a process: commands, and a node that serves.

use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

/// How long anything here may take before it counts as never.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks at whether a condition holds.
const LOOK_EVERY: Duration = Duration::from_millis(20);

pub const CATALOG: &str = "[page]\nname = \"Example\"\nurl = \"https://status.example.com\"\ntime_zone = \"Asia/Shanghai\"\n\
    [[region]]\ncode = \"ap-shanghai\"\nname = \"Shanghai\"\n[[region]]\ncode = \"ap-tokyo\"\nname = \"Tokyo\"\n\
    [[component]]\ncode = \"cloud-api\"\nname = \"Cloud API\"\nplane = \"control\"\nregions = \"all\"\n";
pub const CONFIG: &str = "data = \"data\"\n[public]\nlisten = \"127.0.0.1:0\"\n[operators]\nlisten = \"127.0.0.1:0\"\n";

pub fn program(directory: &Path, arguments: &[&str]) -> Command {
    build(Path::new(env!("CARGO_BIN_EXE_holdfast")), directory, arguments)
}

/// The same with another build of the program.
fn build(program: &Path, directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(directory)
        .args(arguments)
        .env_remove("HOLDFAST_CONFIG")
        .env_remove("RUST_LOG")
        .env_remove("SSL_CERT_FILE");
    command.env("USER", "alice");
    command
}

pub fn run(directory: &Path, arguments: &[&str]) -> Output {
    program(directory, arguments).output().expect("the program")
}

/// Runs a command that must succeed, and gives what it says.
pub fn said(directory: &Path, arguments: &[&str]) -> String {
    let output = run(directory, arguments);
    let (out, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {out}{error}");
    out.into_owned()
}

/// Runs a command that must fail, and gives its exit code with what it says on standard error.
pub fn refused(directory: &Path, arguments: &[&str]) -> (i32, String) {
    let output = run(directory, arguments);
    (output.status.code().expect("an exit code"), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// A node that is told to end when the test is done with it.
pub struct Serving {
    child: Child,
    /// `127.0.0.1:PORT`.
    pub address: String,
    /// Its first line.
    pub said: String,
    log: PathBuf,
}

impl Serving {
    pub fn start(directory: &Path) -> Serving {
        Serving::of(program(directory, &["serve"]), directory)
    }

    pub fn start_build(program: &Path, directory: &Path) -> Serving {
        Serving::of(build(program, directory, &["serve"]), directory)
    }

    /// With at most so many open files, and another bound that a process may raise itself to.
    pub fn start_with_open_files(directory: &Path, soft: u64, hard: u64) -> Serving {
        let script = format!("ulimit -S -n {soft} && ulimit -H -n {hard} && exec \"$0\" serve");
        let mut command = Command::new("sh");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_holdfast")]).current_dir(directory);
        Serving::of(command, directory)
    }

    fn of(mut command: Command, directory: &Path) -> Serving {
        let log = directory.join("log");
        let mut child = command
            .env("RUST_LOG", "trace")
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(&log).expect("a log"))
            .spawn()
            .expect("a node");
        let mut line = String::new();
        let out = child.stdout.take().expect("its output");
        BufReader::new(out).read_line(&mut line).expect("its first line");
        let address = line.trim().rsplit("//").next().expect("an address").to_owned();
        Serving { child, address, said: line.trim().to_owned(), log }
    }

    /// Sends it a signal, by its name.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().expect("kill");
        assert!(sent.success());
    }

    /// What the system says of its limit of open files: the soft and the hard one.
    pub fn open_files(&self) -> (String, String) {
        let limits = std::fs::read_to_string(format!("/proc/{}/limits", self.child.id())).expect("its limits");
        let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).expect("one of them");
        let mut words = line.split_whitespace().map(str::to_owned);
        (words.next().expect("the soft one"), words.next().expect("the hard one"))
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).expect("the log")
    }

    /// Asks it to end, as an operator does, and waits for it.
    pub fn end(mut self) -> i32 {
        self.signal("TERM");
        self.child.wait().expect("its end").code().expect("an exit code")
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It has ended already when the test went well.
        let _ended = self.child.kill();
    }
}

pub fn prepared() -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::write(directory.path().join("holdfast.toml"), CONFIG).expect("a configuration");
    std::fs::write(directory.path().join("catalog.toml"), CATALOG).expect("a catalog");
    directory
}

pub fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// Waits until `holds` gives something.
pub fn waited_for<T>(what: &str, mut holds: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(value) = holds() {
            return value;
        }
        assert!(begun.elapsed() < PATIENCE, "never came: {what}");
        std::thread::sleep(LOOK_EVERY);
    }
}

pub fn post(address: &str, secret: &str, body: &str) -> String {
    let length = body.len();
    let head = format!(
        "POST /api/v1/incidents HTTP/1.1\r\nAuthorization: Bearer {secret}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}"
    );
    exchange(address, &head, body)
}

/// The whole answer to a request of one line.
pub fn asked(address: &str, line: &str) -> String {
    exchange(address, line, "")
}

pub fn exchange(address: &str, head: &str, body: &str) -> String {
    use std::io::Write;
    let mut stream = std::net::TcpStream::connect(address).expect("a connection");
    write!(stream, "{head}\r\nHost: {address}\r\nConnection: close\r\n\r\n{body}").expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

/// The value of an answer's header, or nothing.
pub fn header<'a>(answer: &'a str, name: &str) -> &'a str {
    let head = answer.split("\r\n\r\n").next().unwrap_or_default();
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    lines.filter(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value).next().unwrap_or_default()
}
