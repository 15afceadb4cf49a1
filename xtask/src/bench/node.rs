//! A running `holdfast serve`, and the command line on a data directory.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};

use super::http_client::{Answer, Connection};
use super::ports;

/// Until a started server must answer, or one that was told to stop must be gone.
const PATIENCE: Duration = Duration::from_secs(60);
/// The socket of the write API in the data directory.
const SOCKET: &str = "holdfast.sock";

/// The program and a data directory; not running.
#[derive(Clone, Debug)]
pub struct Directory {
    pub program: PathBuf,
    pub data: PathBuf,
}

/// One running server.
pub struct Node {
    process: Child,
    pub address: SocketAddr,
    data: PathBuf,
    /// From the program's start to its first page.
    pub started_in: Duration,
}

impl Directory {
    /// Runs a command of the program on the data directory.
    ///
    /// # Errors
    /// When it fails, with what it says.
    pub fn run(&self, arguments: &[&str]) -> anyhow::Result<()> {
        self.said(arguments).map(drop)
    }

    /// Runs a command of the program on the data directory, and gives what it prints.
    ///
    /// # Errors
    /// When it fails, with what it says.
    pub fn said(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let mut command = Command::new(&self.program);
        command.args(arguments).arg("--data").arg(&self.data).stdin(Stdio::null());
        let output = command.output().context("cannot start holdfast")?;
        let said = String::from_utf8_lossy(&output.stderr);
        let ending: Vec<&str> = said.lines().rev().take(10).collect();
        ensure!(output.status.success(), "`holdfast {}` failed: {}", arguments.join(" "), ending.join(" / "));
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Starts the server and waits for its first page.
    ///
    /// # Errors
    /// When it ends or does not answer in time.
    pub fn serve(&self) -> anyhow::Result<Node> {
        self.serve_with("")
    }

    /// Starts the server with more in its configuration, and waits for its first page.
    ///
    /// # Errors
    /// When it ends or does not answer in time.
    pub fn serve_with(&self, sections: &str) -> anyhow::Result<Node> {
        let address = ports::free()?;
        let data = &self.data;
        let config = data.with_extension("toml");
        let operators = ports::free()?;
        let listeners = format!("[public]\nlisten = \"{address}\"\n[operators]\nlisten = \"{operators}\"\n");
        fs::write(&config, format!("data = {data:?}\n{listeners}{sections}"))?;
        let log = File::create(data.with_extension("log"))?;
        let mut command = Command::new(&self.program);
        command.arg("serve").arg("--config").arg(&config);
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        Node::start(command, address, data.clone())
    }

    /// A copy in another folder, so that no measurement changes what the next one starts from.
    ///
    /// # Errors
    /// When it cannot be copied.
    pub fn copy(&self, data: PathBuf) -> anyhow::Result<Directory> {
        if data.exists() {
            fs::remove_dir_all(&data)?;
        }
        fs::create_dir_all(&data)?;
        for entry in fs::read_dir(&self.data)? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                fs::copy(entry.path(), data.join(entry.file_name()))?;
            }
        }
        Ok(Directory { program: self.program.clone(), data })
    }
}

impl Node {
    /// Starts a server that will listen on `address`, and waits for its first page.
    ///
    /// # Errors
    /// When it ends or does not answer in time.
    pub fn start(mut command: Command, address: SocketAddr, data: PathBuf) -> anyhow::Result<Node> {
        let begun = Instant::now();
        let mut process = command.spawn().context("cannot start holdfast")?;
        loop {
            if first_page(address) {
                return Ok(Node { process, address, data, started_in: begun.elapsed() });
            }
            if let Some(status) = process.try_wait()? {
                bail!("holdfast ended with {status}; see the log beside {}", log_place(&command));
            }
            if begun.elapsed() > PATIENCE {
                let _killed = process.kill();
                let _status = process.wait();
                bail!("holdfast does not answer on {address} after {} s", PATIENCE.as_secs());
            }
            std::thread::sleep(ports::ATTEMPT_EVERY);
        }
    }

    pub fn process(&self) -> u32 {
        self.process.id()
    }

    pub fn home(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// A connection for readers.
    ///
    /// # Errors
    /// When the server is gone.
    pub fn connect(&self) -> anyhow::Result<Connection<TcpStream>> {
        Connection::tcp(self.address)
    }

    /// A connection of the server's own user, for posts.
    ///
    /// # Errors
    /// When the server has no such socket.
    pub fn operate(&self) -> anyhow::Result<Connection<UnixStream>> {
        Connection::unix(&self.data.join(SOCKET))
    }

    /// One page on a connection of its own.
    ///
    /// # Errors
    /// When it is not there.
    pub fn get(&self, path: &str, headers: &[(&str, &str)]) -> anyhow::Result<Answer> {
        self.connect()?.get(path, headers)?.expect(200).with_context(|| path.to_owned())
    }

    /// Ends it as an operator would.
    ///
    /// # Errors
    /// When it does not end well.
    pub fn stop(mut self) -> anyhow::Result<()> {
        self.terminate()
    }

    /// Ends it as a power failure would: `kill -9`.
    ///
    /// # Errors
    /// When the system does not.
    pub fn kill(mut self) -> anyhow::Result<()> {
        self.process.kill()?;
        self.process.wait()?;
        Ok(())
    }

    fn terminate(&mut self) -> anyhow::Result<()> {
        let status = Command::new("kill").arg(self.process.id().to_string()).status().context("cannot start `kill`")?;
        ensure!(status.success(), "`kill {}` ended with {status}", self.process.id());
        let begun = Instant::now();
        loop {
            if let Some(status) = self.process.try_wait()? {
                ensure!(status.success(), "holdfast ended with {status}");
                return Ok(());
            }
            if begun.elapsed() > PATIENCE {
                self.process.kill()?;
                bail!("holdfast does not stop within {} s", PATIENCE.as_secs());
            }
            std::thread::sleep(ports::ATTEMPT_EVERY);
        }
    }
}

impl Drop for Node {
    /// For a run that broke off; a node that was stopped or killed is gone already.
    fn drop(&mut self) {
        if matches!(self.process.try_wait(), Ok(None)) {
            let _killed = self.process.kill();
            let _status = self.process.wait();
        }
    }
}

fn first_page(address: SocketAddr) -> bool {
    let answer = Connection::tcp(address).and_then(|mut connection| connection.get("/", &[]));
    answer.is_ok_and(|answer| answer.status == 200)
}

fn log_place(command: &Command) -> String {
    let config = command.get_args().last().unwrap_or_default();
    Path::new(config).with_extension("log").display().to_string()
}
