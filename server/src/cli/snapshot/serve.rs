//! `holdfast snapshot serve`.

use crate::{
    cli::{failure::Failure, lost},
    config::{Config, Public, Tls},
    http::fallback,
};
use clap::Args;
use std::{net::SocketAddr, path::PathBuf};

/// Serve a snapshot, with no store, no key and no configuration.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  holdfast snapshot serve /srv/status --listen 0.0.0.0:8090\n  \
holdfast snapshot serve /srv/status --listen 0.0.0.0:443 --certificate fullchain.pem --key privkey.pem")]
pub struct Serve {
    directory: PathBuf,
    /// Where readers connect.
    #[arg(long, default_value = "127.0.0.1:8090", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// Serve HTTPS with this certificate chain (PEM); read again when it changes.
    #[arg(long, value_name = "FILE", requires = "key")]
    certificate: Option<PathBuf>,
    /// The certificate's private key (PEM).
    #[arg(long, value_name = "FILE", requires = "certificate")]
    key: Option<PathBuf>,
}

pub async fn run(arguments: Serve) -> Result<(), Failure> {
    let Serve { directory, listen, certificate, key } = arguments;
    if !fallback::holds_snapshot(&directory) {
        let what = format!("`{}` holds no `index.html`", directory.display());
        return Err(Failure::refused("directory", what, "a directory that a snapshot was written to"));
    }
    let tls = certificate.zip(key).map(|(certificate, key)| Tls { certificate, key });
    let config = Config { public: Public { listen, tls, ..Public::default() }, ..Config::default() };
    lost::serve_files(&config, fallback::copy(directory)).await
}
