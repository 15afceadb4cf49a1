//! Builds the program `holdfast` and becomes it.

use std::convert::Infallible;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Context as _;

use crate::progress;
use crate::workspace::Workspace;

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

/// Becomes the program: signals and the terminal are its own, and nothing of this tool stays in memory.
///
/// # Errors
/// When it cannot be started; it never returns otherwise.
pub fn become_it(mut command: Command) -> anyhow::Result<Infallible> {
    let program = command.get_program().to_string_lossy().into_owned();
    Err(command.exec()).with_context(|| format!("cannot start `{program}`"))
}
