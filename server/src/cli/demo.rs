//! `holdfast demo`.

use super::{arguments::Global, failure::Failure, logging, output, running};
use crate::{
    config::{Config, Log, Public},
    demo::{Demonstration, Moment, Start},
};
use clap::Args;
use std::{net::SocketAddr, path::PathBuf, sync::Arc};

/// The replay of 8 April 2024, reconstructed from the published review.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  holdfast demo --play 60")]
pub struct Demo {
    /// The time of that day (UTC+8) that it starts at; by default 16:06.
    #[arg(long, value_name = "HH:MM")]
    at: Option<Moment>,
    /// Let so many seconds pass in each second, from 15:22.
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "60")]
    play: Option<u32>,
    /// Where readers connect; port 0 takes any free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Keep its data in this directory; by default in a temporary one.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

pub async fn run(_global: &Global, demo: Demo) -> Result<(), Failure> {
    logging::for_node(&Log { level: "warn".to_owned(), ..Log::default() });
    let failed = |error: &dyn std::fmt::Display| Failure::unavailable(error.to_string());
    let temporary = tempfile::Builder::new().prefix("holdfast-demo-").tempdir().map_err(|error| failed(&error))?;
    let data = demo.dir.unwrap_or_else(|| temporary.path().to_owned());
    let start = Start::new(demo.at, demo.play);
    let demonstration =
        Demonstration::start(Some(&data), start, running::site()).await.map_err(|error| failed(&error))?;
    let public = Public { listen: demo.listen, ..Public::default() };
    let config = Config { data, public, ..Config::default() };
    let running = running::Running::bind(&config, Arc::clone(&demonstration.node), false).await?;
    output::say(&format!("The demonstration is at {}\n", running.url));
    output::say(&format!("Try `holdfast --data {} incident list` beside it. Ctrl-C ends it.\n", config.data.display()));
    let play = async move {
        if let Err(error) = demonstration.play().await {
            tracing::error!(%error, "the replay stopped");
        }
    };
    running.serve(&config, play).await
}
