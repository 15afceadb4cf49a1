//! Licences, bans, sources and advisories of all dependencies, by cargo-deny, which is installed when it is missing.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::Outcome;
use crate::progress;
use crate::workspace::Workspace;

/// The version that is installed: its findings change from one to the next.
const VERSION: &str = "0.20.2";
/// Once for a target folder. It takes three minutes of processor time: measured on two cores that had other work, 3 min
/// 46 s, and 17 min when they had ten times as much to do.
const DURATION: &str = "some minutes, once";

/// Checks what the dependencies may be, then whether one of them is known to be unsafe.
///
/// # Errors
/// What cargo-deny finds. What cannot be checked on this machine is said loudly instead.
pub fn run(workspace: &Workspace) -> anyhow::Result<Outcome> {
    let program = match find(workspace) {
        Some(program) => program,
        None => match install(workspace) {
            Ok(program) => program,
            Err(error) => {
                progress::not_run(
                    "licences, bans, sources and advisories of the dependencies",
                    &format!("cargo-deny is not on this machine and could not be installed: {error:#}"),
                    "cargo install --locked cargo-deny, then cargo xtask test --only deny",
                );
                return Ok(Outcome::NotRun);
            }
        },
    };
    let deny = |arguments: &[&str]| {
        let mut command = Command::new(&program);
        command.args(arguments).current_dir(&workspace.root);
        command
    };
    progress::step("licences, bans and sources (cargo-deny)", || {
        progress::run(&mut deny(&["--locked", "check", "licenses", "bans", "sources"]))
    })?;
    let fetched = deny(&["fetch", "db"]).output().is_ok_and(|output| output.status.success());
    if !fetched {
        progress::not_run(
            "advisories: whether a dependency is known to be unsafe",
            "Their database (https://github.com/RustSec/advisory-db) cannot be reached from this machine.",
            "cargo xtask test --only deny, where it can be",
        );
        return Ok(Outcome::NotRun);
    }
    progress::step("advisories (cargo-deny)", || {
        progress::run(&mut deny(&["--locked", "--offline", "check", "advisories"]))
    })?;
    Ok(Outcome::Passed)
}

/// One that the contributor has, else one that an earlier run installed.
fn find(workspace: &Workspace) -> Option<PathBuf> {
    let works =
        |program: &Path| Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success());
    [PathBuf::from("cargo-deny"), installed(workspace)].into_iter().find(|program| works(program))
}

fn install(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let build = workspace.tools().join("build");
    progress::step(&format!("installing cargo-deny {VERSION} ({DURATION})"), || {
        let mut install = workspace.cargo();
        install.args(["install", "--locked", "cargo-deny", "--version", VERSION]);
        progress::run(install.arg("--root").arg(workspace.tools()).arg("--target-dir").arg(&build))
    })?;
    // Several hundred megabytes that nothing reads again.
    std::fs::remove_dir_all(&build)?;
    Ok(installed(workspace))
}

fn installed(workspace: &Workspace) -> PathBuf {
    workspace.tools().join("bin").join("cargo-deny")
}
