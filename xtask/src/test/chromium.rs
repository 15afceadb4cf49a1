//! Finds a Chromium, or installs the system's package.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail, ensure};

use crate::progress;

/// Where the caller names a browser of its own.
const VARIABLE: &str = "CHROMIUM";
/// Program names, in the order of preference.
const PROGRAMS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const INSTALL_BY_HAND: &str = "install Chromium by hand, or name one: CHROMIUM=/path/to/chromium";

/// The path of a Chromium.
///
/// # Errors
/// When `CHROMIUM` names no file, or none is found and the system's package cannot be installed.
pub fn find_or_install() -> anyhow::Result<PathBuf> {
    if let Some(named) = std::env::var_os(VARIABLE) {
        let named = PathBuf::from(named);
        ensure!(named.is_file(), "CHROMIUM names {}, which is not a file", named.display());
        return Ok(named);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    if let Some(found) = find(&path) {
        return Ok(found);
    }
    progress::step("installing Chromium from the system's packages", install)?;
    find(&path).with_context(|| format!("the package chromium brought no program; {INSTALL_BY_HAND}"))
}

fn find(path: &OsStr) -> Option<PathBuf> {
    PROGRAMS
        .iter()
        .find_map(|program| std::env::split_paths(path).map(|folder| folder.join(program)).find(|file| file.is_file()))
}

fn install() -> anyhow::Result<()> {
    if !Path::new("/usr/bin/apt-get").is_file() {
        bail!("no Chromium was found and this system has no apt-get; {INSTALL_BY_HAND}");
    }
    let install = ["apt-get", "install", "-y", "--no-install-recommends", "chromium"];
    for command in [&["apt-get", "update"][..], &install[..]] {
        let mut child = as_administrator(command)?;
        progress::run(child.env("DEBIAN_FRONTEND", "noninteractive")).context(INSTALL_BY_HAND)?;
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
        "no Chromium was found, and installing it needs root or a sudo that does not ask; {INSTALL_BY_HAND}"
    );
    let mut child = Command::new("sudo");
    child.arg("-n").args(command);
    Ok(child)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_found_on_an_empty_path() {
        assert_eq!(find(OsStr::new("")), None);
    }
}
