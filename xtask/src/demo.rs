//! `cargo xtask demo`: the incident of 8 April 2024, on its own clock.

use std::path::PathBuf;
use std::process::Command;

use clap::Args;

use crate::workspace::Workspace;
use crate::{bundle, server_binary};

/// Example: `cargo xtask demo --play 60`
#[derive(Args)]
pub struct DemoArguments {
    /// The moment of 8 April 2024 (UTC+8) at which the demonstration's clock starts.
    #[arg(long, value_name = "HH:MM")]
    at: Option<String>,
    /// Let this many seconds of the incident pass in each real second, from 15:22.
    #[arg(long, value_name = "SECONDS")]
    play: Option<u32>,
    /// The port to listen on, on this machine only.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Run so many nodes, on 127.0.0.1, 127.0.0.2 and so on, linked as in production.
    #[arg(long, value_name = "N")]
    regions: Option<u8>,
    /// Keep the data in this folder instead of a temporary one.
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Build with optimisations: slower to build, as fast as in production.
    #[arg(long)]
    release: bool,
}

/// Bundles, builds, and becomes `holdfast demo`.
///
/// # Errors
/// When a step fails; the program's own errors are its own.
pub fn run(workspace: &Workspace, arguments: &DemoArguments) -> anyhow::Result<()> {
    bundle::run(workspace)?;
    let program = server_binary::build(workspace, arguments.release)?;
    let mut command = Command::new(program);
    command.arg("demo").arg("--listen").arg(format!("127.0.0.1:{}", arguments.port));
    if let Some(at) = &arguments.at {
        command.arg("--at").arg(at);
    }
    if let Some(play) = arguments.play {
        command.arg("--play").arg(play.to_string());
    }
    if let Some(regions) = arguments.regions {
        command.arg("--regions").arg(regions.to_string());
    }
    if let Some(dir) = &arguments.dir {
        command.arg("--dir").arg(dir);
    }
    match server_binary::become_it(command)? {}
}
