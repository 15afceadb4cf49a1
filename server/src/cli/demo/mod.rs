//! `holdfast demo`.
//!
//! - here: one node, with the replay
//! - `regions`: several, each a process of its own, told and ended by this one
//! - `region`: such a process

mod region;
mod regions;

use super::{arguments::Global, failure::Failure, logging, output, running};
use crate::{
    config::{Config, Log, Public},
    demo::{Demonstration, Moment, Start},
};
use clap::Args;
use std::{net::SocketAddr, path::PathBuf, sync::Arc};

/// Most nodes of a demonstration.
const REGIONS_MAX: u8 = 9;

/// The replay of 8 April 2024, reconstructed from the published review.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  holdfast demo --play 60\n  holdfast demo --regions 3")]
pub struct Demo {
    /// The time of that day (UTC+8) that it starts at; by default 16:06.
    #[arg(long, value_name = "HH:MM")]
    at: Option<Moment>,
    /// Let so many seconds pass in each second, from 15:22.
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "60")]
    play: Option<u32>,
    /// Where readers connect; port 0 takes any free one. With several regions, where those of the first one do.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Keep its data in this directory; by default in a temporary one.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Run so many nodes, each for a region and in a process of its own, linked as in production. On a loopback address
    /// each gets the next address and the same port (127.0.0.1, 127.0.0.2, ...), elsewhere the next port.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=i64::from(REGIONS_MAX)))]
    regions: u8,
    /// What `regions` tells the process of one region.
    #[command(flatten)]
    region: region::Told,
}

pub async fn run(_global: &Global, demo: Demo) -> Result<(), Failure> {
    logging::for_node(&Log { level: "warn".to_owned(), ..Log::default() });
    let start = Start::new(demo.at, demo.play);
    if let Some(config) = &demo.region.as_region {
        return region::run(&demo.region, config, start).await;
    }
    let temporary = tempfile::Builder::new().prefix("holdfast-demo-").tempdir().map_err(|error| failed(&error))?;
    let data = demo.dir.clone().unwrap_or_else(|| temporary.path().to_owned());
    if demo.regions > 1 {
        return regions::run(&demo, &data).await;
    }
    let public = Public { listen: demo.listen, ..Public::default() };
    let config = Config { data, public, ..Config::default() };
    let demonstration = Demonstration::start(Some(&config.data), start, running::site(&config))
        .await
        .map_err(|error| failed(&error))?;
    let running = running::Running::bind(&config, Arc::clone(&demonstration.node), false).await?;
    output::say(&format!("The demonstration is at {}\n", running.url));
    if let Some(link) = &running.first_administrator {
        output::say(&console_link(link));
    }
    output::say(&format!("Try `holdfast --data {} incident list` beside it. Ctrl-C ends it.\n", config.data.display()));
    running.serve(&config, play(demonstration)).await
}

fn console_link(link: &str) -> String {
    format!("Work in its console by this link, once:\n  {link}\n")
}

fn failed(error: &dyn std::fmt::Display) -> Failure {
    Failure::unavailable(error.to_string())
}

async fn play(demonstration: Demonstration) {
    if let Err(error) = demonstration.play().await {
        tracing::error!(%error, "the replay stopped");
    }
}
