//! The process of one region of several. The first one has the replay; the others have what replication brings.

use super::{failed, play};
use crate::{
    cli::{failure::Failure, output, running},
    clock::{SharedClock, ShiftedClock},
    config,
    demo::{Demonstration, Start, load::Place, load::node},
    store::Identity,
};
use clap::Args;
use domain::Instant;
use rustix::process::{Signal, getpid, kill_process};
use std::{
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// What it is told by the process that starts it; nobody else gives these.
#[derive(Debug, Args)]
pub struct Told {
    /// Be the region of this configuration.
    #[arg(long, hide = true, value_name = "FILE")]
    pub as_region: Option<PathBuf>,
    /// When the demonstration's clock started, in milliseconds since 1970: all regions share it.
    #[arg(long, hide = true, value_name = "MS", default_value_t = 0)]
    pub begun_ms: u64,
    /// Post the replay.
    #[arg(long, hide = true)]
    pub plays: bool,
}

pub async fn run(told: &Told, file: &Path, start: Start) -> Result<(), Failure> {
    end_with_the_starter();
    let config = config::load(file).map_err(|error| failed(&error))?;
    let identity = Identity::load_or_create(&config.data).map_err(|error| failed(&error))?;
    let place = Place {
        origin: config.origin().to_owned(),
        seeds: running::seeds(&config, identity.node_key()),
        clock: shared_clock(start, Duration::from_millis(told.begun_ms)),
    };
    let demonstration = match told.plays {
        true => Some(
            Demonstration::start_at(Some(&config.data), start, running::site(&config), place.clone())
                .await
                .map_err(|error| failed(&error))?,
        ),
        false => None,
    };
    let node = match &demonstration {
        Some(demonstration) => Arc::clone(&demonstration.node),
        None => node(&config.data, start, running::site(&config), place).map_err(|error| failed(&error))?,
    };
    let running = running::Running::bind(&config, node, false).await?;
    // For `regions`, which tells it.
    output::say(&format!("{} {}\n", running.url, running.first_administrator.as_deref().unwrap_or_default()));
    let playing = async move {
        if let Some(demonstration) = demonstration {
            play(demonstration).await;
        }
    };
    running.serve(&config, playing).await
}

/// The clock of all regions, of which so much has passed since it was begun.
fn shared_clock(start: Start, begun: Duration) -> SharedClock {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let passed = now.saturating_sub(begun).saturating_mul(start.speed);
    let at = chrono::TimeDelta::from_std(passed).ok().and_then(|passed| start.at.checked_add_signed(passed));
    Arc::new(ShiftedClock::new(at.unwrap_or(Instant::MAX_UTC), start.speed))
}

/// Whoever started this process holds the other end of its input, and is gone when that is closed, however it ended.
fn end_with_the_starter() {
    std::thread::spawn(|| {
        let _closed = std::io::stdin().read_to_end(&mut Vec::new());
        let _gone = kill_process(getpid(), Signal::TERM);
    });
}
