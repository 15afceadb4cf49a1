//! `holdfast serve`.

use super::{arguments::Global, client, failure::Failure, logging, lost, output, running};
use crate::config;
use clap::Args;
use std::path::PathBuf;

/// Without a configuration, a commented holdfast.toml is written and used.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  holdfast serve --config /etc/holdfast/holdfast.toml")]
pub struct Serve {}

pub async fn run(global: &Global, _serve: &Serve) -> Result<(), Failure> {
    let path = global.config.clone().unwrap_or_else(|| PathBuf::from(config::FILE_NAME));
    if !path.exists() {
        std::fs::write(&path, config::TEMPLATE)
            .map_err(|error| Failure::unavailable(format!("{}: {error}", path.display())))?;
        eprintln!("Wrote {}: every setting with its default.", path.display());
    }
    let config = client::configuration(&Global { config: Some(path), ..global.clone() })?;
    logging::for_node(&config.log);
    let opened = lost::data_file_is_there(&config).and_then(|()| running::open(&config));
    let node = match opened {
        Ok(node) => node,
        Err(failure) => return lost::serve(&config, failure).await,
    };
    let running = running::Running::bind(&config, node, true).await?;
    tracing::info!(
        page = %running.url,
        operators = %running.operators.map(|address| address.to_string()).unwrap_or_default(),
        data = %config.data.display(),
        "serving"
    );
    output::say(&format!("The page is at {}\n", running.url));
    if let Some(link) = &running.first_administrator {
        output::say(&format!("There is no administrator yet. This link makes the first one, once:\n  {link}\n"));
    }
    running.serve(&config, async {}).await
}
