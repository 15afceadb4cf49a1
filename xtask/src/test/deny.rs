//! Licences, bans, sources and advisories of all dependencies, by cargo-deny, which is installed when it is missing.

use std::process::Command;

use super::Outcome;
use super::cargo_tool::CargoTool;
use crate::progress;
use crate::workspace::Workspace;

const CARGO_DENY: CargoTool = CargoTool {
    name: "cargo-deny",
    version: "0.20.2",
    features: &[],
    // Three minutes of processor time: measured on two cores that had other work, 3 min 46 s, and 17 min when they had
    // ten times as much to do.
    duration: "some minutes, once",
};

/// Checks what the dependencies may be, then whether one of them is known to be unsafe.
///
/// # Errors
/// What cargo-deny finds. What cannot be checked on this machine is said loudly instead.
pub fn run(workspace: &Workspace) -> anyhow::Result<Outcome> {
    let program = match CARGO_DENY.find_or_install(workspace) {
        Ok(program) => program,
        Err(error) => {
            CARGO_DENY.not_run("licences, bans, sources and advisories of the dependencies", "deny", &error);
            return Ok(Outcome::NotRun);
        }
    };
    let deny = |arguments: &[&str]| {
        let mut command = Command::new(&program);
        command.args(arguments).current_dir(&workspace.root);
        command
    };
    // One list serves both workspaces, so in each of them some entries are of no use.
    for (what, manifest, unused) in [
        ("licences, bans and sources (cargo-deny)", "Cargo.toml", "license-exception-not-encountered"),
        ("the same of the fuzz targets (cargo-deny)", "server/fuzz/Cargo.toml", "license-not-encountered"),
    ] {
        let mut check = deny(&["--locked", "--manifest-path", manifest, "--config", "deny.toml"]);
        check.args(["check", "--allow", unused, "licenses", "bans", "sources"]);
        progress::step(what, || progress::run(&mut check))?;
    }
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
