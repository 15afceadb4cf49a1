//! Packages of a Debian system, installed when a step needs them and the machine lets it.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail, ensure};

use crate::progress;

/// Installs `package` unless its program can be started.
///
/// # Errors
/// When it is missing and cannot be installed.
pub fn ensure(program: &str, package: &str) -> anyhow::Result<()> {
    if Command::new(program).arg("-v").output().is_ok() {
        return Ok(());
    }
    progress::step(&format!("installing {package} from the system's packages"), || {
        install(&[package]).with_context(|| format!("`{program}` is missing; install it by hand"))
    })
}

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
        // RUNLEVEL=1: a package that is a service does not start it.
        progress::run(child.env("DEBIAN_FRONTEND", "noninteractive").env("RUNLEVEL", "1"))?;
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
