//! `cargo xtask serve`: a real, empty page from a configuration file.

use std::path::PathBuf;
use std::process::Command;

use clap::Args;

use crate::workspace::Workspace;
use crate::{bundle, server_binary};

/// Example: `cargo xtask serve --config holdfast.toml`
#[derive(Args)]
pub struct ServeArguments {
    /// The configuration; a commented one is written when the file does not exist.
    #[arg(long, default_value = "holdfast.toml")]
    config: PathBuf,
    /// Build with optimisations.
    #[arg(long)]
    release: bool,
}

/// Bundles, builds, and becomes `holdfast serve`.
///
/// # Errors
/// When a step fails; the program's own errors are its own.
pub fn run(workspace: &Workspace, arguments: &ServeArguments) -> anyhow::Result<()> {
    bundle::run(workspace)?;
    let program = server_binary::build(workspace, arguments.release)?;
    let mut command = Command::new(program);
    command.arg("serve").arg("--config").arg(&arguments.config);
    match server_binary::become_it(command)? {}
}
