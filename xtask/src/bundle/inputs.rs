//! What the bundle is made of. A run in which none of it changed does nothing.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::site;
use crate::workspace::Workspace;

/// Files and folders whose content decides the bundle, from the workspace's root.
const SOURCES: [&str; 8] = [
    "Cargo.lock",
    "Cargo.toml",
    "rust-toolchain.toml",
    ".cargo/config.toml",
    "app",
    "public",
    "style",
    "xtask/src/bundle",
];

/// A digest over the names and contents of all inputs.
pub struct Inputs {
    digest: String,
}

impl Inputs {
    /// Reads every input; a few hundred small files.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn read(workspace: &Workspace) -> anyhow::Result<Inputs> {
        let mut hasher = blake3::Hasher::new();
        for source in SOURCES {
            let path = workspace.root.join(source);
            for file in files_under(&path)? {
                let content = fs::read(&file).with_context(|| file.display().to_string())?;
                hasher.update(file.as_os_str().as_encoded_bytes());
                hasher.update(&content.len().to_le_bytes());
                hasher.update(&content);
            }
        }
        Ok(Inputs { digest: hasher.finalize().to_hex().to_string() })
    }

    /// Whether the site folder was made from exactly these inputs and is still whole.
    pub fn are_built(&self, workspace: &Workspace) -> bool {
        fs::read_to_string(record(workspace)).is_ok_and(|built| built == self.digest)
            && site::is_whole(&workspace.site())
    }

    /// Notes that the site folder now holds what these inputs give.
    ///
    /// # Errors
    /// When the note cannot be written.
    pub fn remember(&self, workspace: &Workspace) -> anyhow::Result<()> {
        let file = record(workspace);
        fs::write(&file, &self.digest).with_context(|| file.display().to_string())
    }
}

/// Beside the site, not in it: what the server embeds must not change when the output did not.
fn record(workspace: &Workspace) -> PathBuf {
    workspace.site().with_extension("inputs")
}

/// Every file under `path` in a stable order; a missing path has none.
///
/// # Errors
/// When a folder cannot be read.
pub fn files_under(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut waiting = vec![path.to_path_buf()];
    while let Some(next) = waiting.pop() {
        if next.is_dir() {
            for entry in fs::read_dir(&next).with_context(|| next.display().to_string())? {
                waiting.push(entry?.path());
            }
        } else if next.is_file() {
            files.push(next);
        }
    }
    files.sort();
    Ok(files)
}
