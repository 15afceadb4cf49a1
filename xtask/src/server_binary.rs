//! Builds the program `holdfast` and becomes it.

use std::convert::Infallible;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Context as _;

use crate::progress;
use crate::workspace::Workspace;

const NEXT: &str = "holdfast-next";

/// Builds the server and says where the program lies.
///
/// # Errors
/// When it does not compile.
pub fn build(workspace: &Workspace, release: bool) -> anyhow::Result<PathBuf> {
    let (profile, folder) = if release { ("release", "release") } else { ("dev", "debug") };
    progress::step(&format!("server ({profile} profile)"), || {
        progress::run(workspace.cargo().args([
            "build",
            "--package",
            "server",
            "--bin",
            "holdfast",
            "--profile",
            profile,
        ]))
    })?;
    Ok(workspace.target.join(folder).join("holdfast"))
}

/// Builds the program that stands for a later version, for the tests of mixed versions, and says where it lies.
///
/// # Errors
/// When it does not compile.
pub fn build_next(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    progress::step("server as a later version, for the tests of mixed versions", || {
        let build = ["build", "--package", "server", "--bin", NEXT, "--features", "next-version"];
        progress::run(workspace.cargo().args(build))
    })?;
    Ok(workspace.target.join("debug").join(NEXT))
}

/// Becomes the program: signals and the terminal are its own, and nothing of this tool stays in memory.
///
/// # Errors
/// When it cannot be started; it never returns otherwise.
pub fn become_it(mut command: Command) -> anyhow::Result<Infallible> {
    let program = command.get_program().to_string_lossy().into_owned();
    Err(command.exec()).with_context(|| format!("cannot start `{program}`"))
}
