//! `holdfast snapshot serve`.

use crate::{
    cli::{failure::Failure, lost},
    config::{Config, Public},
    http::fallback,
};
use clap::Args;
use std::{net::SocketAddr, path::PathBuf};

/// Serve a snapshot, with no store, no key and no configuration.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  holdfast snapshot serve /srv/status --listen 0.0.0.0:8090")]
pub struct Serve {
    directory: PathBuf,
    /// Where readers connect.
    #[arg(long, default_value = "127.0.0.1:8090", value_name = "ADDRESS")]
    listen: SocketAddr,
}

pub async fn run(arguments: Serve) -> Result<(), Failure> {
    let Serve { directory, listen } = arguments;
    if !fallback::holds_snapshot(&directory) {
        let what = format!("`{}` holds no `index.html`", directory.display());
        return Err(Failure::refused("directory", what, "a directory that a snapshot was written to"));
    }
    let config = Config { public: Public { listen, ..Public::default() }, ..Config::default() };
    lost::serve_files(&config, fallback::copy(directory)).await
}
