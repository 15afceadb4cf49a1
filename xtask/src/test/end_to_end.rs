//! The built server in a real browser: `npm test` in `end2end`.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, ensure};

use super::{chromium, system_packages};
use crate::workspace::Workspace;
use crate::{bundle, progress, server_binary};

/// A copy of the lock file that `node_modules` was installed from.
const INSTALLED: &str = "node_modules/.installed-package-lock.json";

/// Bundles, builds, installs what is missing, runs the browser tests.
///
/// # Errors
/// When anything is missing that cannot be installed, or a test fails.
pub fn run(workspace: &Workspace) -> anyhow::Result<()> {
    let folder = workspace.root.join("end2end");
    bundle::run(workspace)?;
    let program = server_binary::build(workspace, false)?;
    let browser = chromium::find_or_install()?;
    eprintln!("    browser: {}", browser.display());
    // The public address of the disaster test, as `server/docs/public-address.conf` has it.
    system_packages::ensure("nginx", "nginx")?;
    install_packages(&folder)?;
    progress::step("end-to-end tests", || {
        progress::run(
            Command::new("npm")
                .arg("test")
                .current_dir(&folder)
                .env("HOLDFAST_BIN", &program)
                .env("CHROMIUM", &browser),
        )
    })
}

fn install_packages(folder: &Path) -> anyhow::Result<()> {
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
    progress::step("npm packages", || {
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
