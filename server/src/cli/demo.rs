//! `holdfast demo`.

use super::{arguments::Global, failure::Failure, logging, output, running};
use crate::{
    clock::SharedClock,
    config::{self, Config, Log, Public, Replication},
    demo::{Demonstration, Moment, Replay, Start, load::Place, load::node},
    store::{Identity, identity::CLUSTER_KEY_FILE},
};
use clap::Args;
use domain::trust::Member;
use futures_util::future::{join_all, try_join_all};
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    sync::Arc,
};

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
    /// Where readers connect; port 0 takes any free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Keep its data in this directory; by default in a temporary one.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Run so many nodes, each for a region and on a loopback address of its own, linked as in production.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=i64::from(REGIONS_MAX)))]
    regions: u8,
}

pub async fn run(_global: &Global, demo: Demo) -> Result<(), Failure> {
    logging::for_node(&Log { level: "warn".to_owned(), ..Log::default() });
    let temporary = tempfile::Builder::new().prefix("holdfast-demo-").tempdir().map_err(|error| failed(&error))?;
    let data = demo.dir.clone().unwrap_or_else(|| temporary.path().to_owned());
    if demo.regions > 1 {
        return several(&demo, &data).await;
    }
    let start = Start::new(demo.at, demo.play);
    let demonstration =
        Demonstration::start(Some(&data), start, running::site()).await.map_err(|error| failed(&error))?;
    let public = Public { listen: demo.listen, ..Public::default() };
    let config = Config { data, public, ..Config::default() };
    let running = running::Running::bind(&config, Arc::clone(&demonstration.node), false).await?;
    output::say(&format!("The demonstration is at {}\n", running.url));
    if let Some(link) = &running.first_administrator {
        output::say(&format!("Work in its console by this link, once:\n  {link}\n"));
    }
    output::say(&format!("Try `holdfast --data {} incident list` beside it. Ctrl-C ends it.\n", config.data.display()));
    running.serve(&config, play(demonstration)).await
}

fn failed(error: &dyn std::fmt::Display) -> Failure {
    Failure::unavailable(error.to_string())
}

async fn play(demonstration: Demonstration) {
    if let Err(error) = demonstration.play().await {
        tracing::error!(%error, "the replay stopped");
    }
}

/// One region of several.
struct Region {
    config: Config,
    member: Member,
}

/// Several nodes in one process, linked over TLS. The first one has the replay; the others have what replication brings.
async fn several(demo: &Demo, data: &Path) -> Result<(), Failure> {
    let start = Start::new(demo.at, demo.play);
    let clock: SharedClock = Arc::new(start.clock());
    let codes: Vec<String> = Replay::parsed()
        .map_err(|error| failed(&error))?
        .catalog
        .regions
        .iter()
        .map(|region| region.code.clone())
        .take(demo.regions.into())
        .collect();
    let regions = codes
        .iter()
        .enumerate()
        .map(|(number, code)| region(demo, data, number, code))
        .collect::<Result<Vec<_>, _>>()?;
    let seeds: Vec<Member> = regions.iter().map(|region| region.member.clone()).collect();
    let place = |origin: &str| Place { origin: origin.to_owned(), seeds: seeds.clone(), clock: Arc::clone(&clock) };
    let mut bound = Vec::new();
    let mut demonstration = None;
    for (region, code) in regions.iter().zip(&codes) {
        let node = match &demonstration {
            Some(_) => {
                node(&region.config.data, start, running::site(), place(code)).map_err(|error| failed(&error))?
            }
            None => {
                let started =
                    Demonstration::start_at(Some(&region.config.data), start, running::site(), place(code)).await;
                let started = started.map_err(|error| failed(&error))?;
                let node = Arc::clone(&started.node);
                demonstration = Some(started);
                node
            }
        };
        bound.push(running::Running::bind(&region.config, node, false));
    }
    let running = try_join_all(bound).await?;
    for (running, code) in running.iter().zip(&codes) {
        output::say(&format!("The demonstration in {code} is at {}\n", running.url));
    }
    let first = regions.first().map(|region| region.config.data.display().to_string()).unwrap_or_default();
    output::say(&format!("Try `holdfast --data {first} peers --watch` beside it. Ctrl-C ends it.\n"));
    let mut demonstration = demonstration;
    let serving = running.into_iter().zip(&regions).map(|(running, region)| {
        let playing = demonstration.take();
        running.serve(&region.config, async move {
            if let Some(demonstration) = playing {
                play(demonstration).await;
            }
        })
    });
    join_all(serving).await.into_iter().collect()
}

/// A region's directory, with the cluster's key in it, and its addresses.
fn region(demo: &Demo, data: &Path, number: usize, code: &str) -> Result<Region, Failure> {
    let place = |number: usize| data.join(format!("region-{}", number + 1));
    let directory = place(number);
    std::fs::create_dir_all(&directory).map_err(|error| failed(&error))?;
    let key = directory.join(CLUSTER_KEY_FILE);
    if number > 0 && !key.exists() {
        // The copy keeps the mode: only its owner may read it.
        std::fs::copy(place(0).join(CLUSTER_KEY_FILE), key).map_err(|error| failed(&error))?;
    }
    let identity = Identity::load_or_create(&directory).map_err(|error| failed(&error))?;
    let host = loopback(number);
    // A port that was free a moment ago: nobody else looks for one on these addresses.
    let free =
        TcpListener::bind((host, 0)).and_then(|listener| listener.local_addr()).map_err(|error| failed(&error))?;
    let config = Config {
        data: directory,
        public: Public { listen: SocketAddr::new(host, demo.listen.port()), ..Public::default() },
        node: config::Node { name: code.to_owned(), region: None },
        replication: Replication { listen: Some(free), address: Some(free.to_string()), ..Replication::default() },
        ..Config::default()
    };
    let member = running::own_member(&config, identity.node_key());
    Ok(Region { config, member })
}

/// 127.0.0.1, 127.0.0.2 and so on.
fn loopback(number: usize) -> IpAddr {
    Ipv4Addr::new(127, 0, 0, u8::try_from(number + 1).unwrap_or(u8::MAX)).into()
}
