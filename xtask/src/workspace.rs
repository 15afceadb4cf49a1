//! Where things lie, and how a child `cargo` is started.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

/// The folders that every command needs.
pub struct Workspace {
    /// The folder of the workspace's `Cargo.toml`.
    pub root: PathBuf,
    /// Where cargo builds: `CARGO_TARGET_DIR`, or `target` in the workspace.
    pub target: PathBuf,
}

/// Variables that cargo sets for the program it runs. Some build scripts (ring's for one) ask to be rerun when these
/// change, so a child cargo that inherited them would rebuild half of the server after every plain `cargo build`.
const CARGO_RUN_PREFIXES: [&str; 3] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"];

impl Workspace {
    /// Finds the workspace that this tool was compiled in.
    ///
    /// # Errors
    /// When `CARGO_TARGET_DIR` is relative and the current folder cannot be read.
    pub fn locate() -> anyhow::Result<Workspace> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask lies in a workspace")?.to_path_buf();
        let target = match std::env::var_os("CARGO_TARGET_DIR") {
            Some(named) => std::path::absolute(named).context("CARGO_TARGET_DIR")?,
            None => root.join("target"),
        };
        Ok(Workspace { root, target })
    }

    /// The folder of the finished site. Always in the workspace, wherever cargo builds: `server` embeds it by a
    /// relative path.
    pub fn site(&self) -> PathBuf {
        self.root.join("target").join("site")
    }

    /// Where the browser code is compiled: apart, so that its flags never throw the server's own build away.
    pub fn browser_target(&self) -> PathBuf {
        self.target.join("wasm")
    }

    /// Where tools are installed that the machine lacks: beside what cargo builds, so that they are kept as long.
    pub fn tools(&self) -> PathBuf {
        self.target.join("tools")
    }

    /// A child cargo in the workspace, which builds where this tool was told to build.
    pub fn cargo(&self) -> Command {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.current_dir(&self.root);
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if CARGO_RUN_PREFIXES.iter().any(|prefix| text.starts_with(prefix)) {
                command.env_remove(&name);
            }
        }
        command
    }
}
