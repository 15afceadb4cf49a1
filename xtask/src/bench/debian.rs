//! Programs that are not ours, from Debian's packages.

use std::process::Command;

use anyhow::{Context as _, bail};

use crate::progress;

/// Installs `package` unless its program can be started. Needs root; without it the error says what to install.
///
/// # Errors
/// When it is missing and cannot be installed.
pub fn ensure_installed(program: &str, package: &str) -> anyhow::Result<()> {
    if Command::new(program).arg("-v").output().is_ok() {
        return Ok(());
    }
    let remedy = format!("`{program}` is missing; install it: apt-get install {package}");
    progress::step(&format!("{package} (Debian package)"), || {
        // RUNLEVEL=1: a package that is a service does not start it.
        let install = ["install", "--yes", "--no-install-recommends", package];
        let environment = [("DEBIAN_FRONTEND", "noninteractive"), ("RUNLEVEL", "1")];
        progress::run(Command::new("apt-get").args(["update", "--quiet"]))?;
        progress::run(Command::new("apt-get").args(install).envs(environment))
    })
    .context(remedy.clone())?;
    if Command::new(program).arg("-v").output().is_err() {
        bail!(remedy);
    }
    Ok(())
}
