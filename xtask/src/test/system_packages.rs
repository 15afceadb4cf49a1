//! Packages of a Debian system, installed when a step needs them and the machine lets it.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail, ensure};

use crate::progress;

/// Installs packages by name.
///
/// # Errors
/// When this system has no apt-get, or lets nobody install anything.
pub fn install(packages: &[&str]) -> anyhow::Result<()> {
    if !Path::new("/usr/bin/apt-get").is_file() {
        bail!("this system has no apt-get");
    }
    let install = [&["apt-get", "install", "-y", "--no-install-recommends"], packages].concat();
    for command in [&["apt-get", "update"][..], &install] {
        let mut child = as_administrator(command)?;
        progress::run(child.env("DEBIAN_FRONTEND", "noninteractive"))?;
    }
    Ok(())
}

/// The command itself for root, else through sudo, which must not ask: nobody may be there to answer.
fn as_administrator(command: &[&str]) -> anyhow::Result<Command> {
    let user = Command::new("id").arg("-u").output().context("id -u")?;
    if user.stdout.trim_ascii() == b"0" {
        let mut child = Command::new(command[0]);
        child.args(&command[1..]);
        return Ok(child);
    }
    let sudo = Command::new("sudo").args(["-n", "true"]).output();
    ensure!(
        sudo.is_ok_and(|output| output.status.success()),
        "installing a package needs root or a sudo that does not ask"
    );
    let mut child = Command::new("sudo");
    child.arg("-n").args(command);
    Ok(child)
}
