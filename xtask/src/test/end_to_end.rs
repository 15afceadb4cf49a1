//! The built server in a real browser: `npm test` in `end2end`.

use std::process::Command;

use super::{chromium, npm_packages, system_packages};
use crate::workspace::Workspace;
use crate::{bundle, progress, server_binary};

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
    npm_packages::install(&folder)?;
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
