//! Finds a Chromium, or installs the system's package.

use std::ffi::OsStr;
use std::path::PathBuf;

use anyhow::{Context as _, ensure};

use super::system_packages;
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
    progress::step("installing Chromium from the system's packages", || {
        system_packages::install(&["chromium"]).with_context(|| format!("no Chromium was found; {INSTALL_BY_HAND}"))
    })?;
    find(&path).with_context(|| format!("the package chromium brought no program; {INSTALL_BY_HAND}"))
}

fn find(path: &OsStr) -> Option<PathBuf> {
    PROGRAMS
        .iter()
        .find_map(|program| std::env::split_paths(path).map(|folder| folder.join(program)).find(|file| file.is_file()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_found_on_an_empty_path() {
        assert_eq!(find(OsStr::new("")), None);
    }
}
