//! Packages of a folder with a `package.json` and its lock file, by `npm ci`.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, ensure};

use crate::progress;

/// A copy of the lock file that `node_modules` was installed from.
const INSTALLED: &str = "node_modules/.installed-package-lock.json";

/// Installs what the lock file of `folder` names, unless that is there.
///
/// # Errors
/// When npm is missing, or the packages cannot be had.
pub fn install(folder: &Path) -> anyhow::Result<()> {
    let npm = Command::new("npm").arg("--version").output();
    ensure!(
        npm.is_ok_and(|output| output.status.success()),
        "npm is missing: install Node.js (https://nodejs.org, or your system's packages nodejs and npm)"
    );
    let lock = folder.join("package-lock.json");
    let wanted = fs::read(&lock).with_context(|| lock.display().to_string())?;
    let installed = folder.join(INSTALLED);
    if fs::read(&installed).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    progress::step(&format!("npm packages of {}", folder.display()), || {
        progress::run(
            Command::new("npm")
                .args(["ci", "--no-audit", "--no-fund"])
                .current_dir(folder)
                // The browser is the system's.
                .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"),
        )
    })?;
    fs::write(&installed, wanted).with_context(|| installed.display().to_string())
}
