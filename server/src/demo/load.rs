//! The replay through the one write path: the steps up to a moment at once, later ones when their time comes.

use super::{
    Replay,
    moment::Start,
    replay::{ReplayError, Step},
};
use crate::{
    clock::SharedClock,
    config::KEEP_FREE_MIB,
    publish::{Node, NodeOptions, PublishError},
    store::{Identity, IdentityError, OpenError, ReadError, Store},
};
use app::site::Site;
use chrono::TimeDelta;
use domain::{
    Instant,
    catalog::PageSettings,
    change::Author,
    command::Command,
    incident::Incident,
    stamp::{AMBER_SECONDS, GREY_SECONDS},
    trust::Member,
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// Longest single wait for the next step; the demonstration's clock is then looked at again.
const WAIT_MAX: Duration = Duration::from_secs(3600);
/// Shortest wait, so that a clock just short of a step is not asked over and over.
const WAIT_MIN: Duration = Duration::from_millis(1);

/// Why the demonstration does not run.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error(transparent)]
    Replay(#[from] ReplayError),
    #[error(transparent)]
    Publish(#[from] PublishError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Identity(#[from] IdentityError),
    #[error("no temporary directory could be made: {0}")]
    Directory(#[from] std::io::Error),
    #[error("`{}` holds another page; give the demonstration an empty directory", .0.display())]
    OtherPage(PathBuf),
    #[error("`{path}` holds the replay up to {1}; choose a later moment or an empty directory", path = .0.display())]
    Later(PathBuf, String),
}

fn author() -> Author {
    Author { name: "demonstration".to_owned(), way: "demo".to_owned() }
}

/// Publishes the catalog and every step up to `until` that the node does not hold yet; tells how many steps that were.
///
/// # Errors
/// When the replay is not in order or the node does not take it.
pub async fn load(node: &Node, until: Instant) -> Result<usize, DemoError> {
    let replay = Replay::parsed()?;
    node.publish(Command::ApplyCatalog(replay.catalog.clone()), author()).await?;
    let mut posted = 0;
    for step in replay.until(until) {
        posted += usize::from(post(node, &replay, step).await?);
    }
    Ok(posted)
}

/// Posts each later step when the node's clock reaches it; `speed` is how many seconds pass there in each second.
///
/// # Errors
/// When the node does not take a step.
pub async fn play(node: &Node, speed: u32) -> Result<(), DemoError> {
    let replay = Replay::parsed()?;
    for step in &replay.steps {
        loop {
            let left = (step.at - node.clock().now()).to_std().unwrap_or_default();
            if left.is_zero() {
                break;
            }
            tokio::time::sleep((left / speed.max(1)).clamp(WAIT_MIN, WAIT_MAX)).await;
        }
        post(node, &replay, step).await?;
    }
    Ok(())
}

async fn post(node: &Node, replay: &Replay, step: &Step) -> Result<bool, DemoError> {
    let held = node.incident(replay.incident).await?;
    if is_held(held.as_deref(), step) {
        return Ok(false);
    }
    node.publish(step.command.clone(), author()).await?;
    Ok(true)
}

fn is_held(held: Option<&Incident>, step: &Step) -> bool {
    held.is_some_and(|held| match &step.command {
        Command::PublishPostmortem { .. } => held.postmortem.is_some(),
        _ => held.updates.iter().any(|update| update.at == step.at),
    })
}

/// A node that shows the demonstration, loaded up to its clock. The temporary directory goes with it.
pub struct Demonstration {
    pub node: Arc<Node>,
    pub start: Start,
    _directory: Option<tempfile::TempDir>,
}

impl Demonstration {
    /// Starts a node in `directory`, or in a temporary one, on the demonstration's clock. `site` is what the server
    /// would pass to any node.
    ///
    /// # Errors
    /// When the directory cannot be used or holds something else.
    pub async fn start(directory: Option<&Path>, start: Start, site: Site) -> Result<Demonstration, DemoError> {
        let place = Place { origin: "demo".to_owned(), seeds: Vec::new(), clock: Arc::new(start.clock()) };
        Demonstration::start_at(directory, start, site, place).await
    }

    /// The same as one of several, which follow it.
    ///
    /// # Errors
    /// When the directory cannot be used or holds something else.
    pub async fn start_at(
        directory: Option<&Path>,
        start: Start,
        site: Site,
        place: Place,
    ) -> Result<Demonstration, DemoError> {
        let temporary = match directory {
            Some(_) => None,
            None => Some(tempfile::Builder::new().prefix("holdfast-demo-").tempdir()?),
        };
        let path = directory.or(temporary.as_ref().map(tempfile::TempDir::path)).unwrap_or(Path::new("."));
        let node = node(path, start, site, place)?;
        refuse_other(&node, path, start.at)?;
        load(&node, start.at).await?;
        Ok(Demonstration { node, start, _directory: temporary })
    }

    /// Goes on posting for as long as steps are left; to be spawned beside the server.
    ///
    /// # Errors
    /// When the node does not take a step.
    pub async fn play(&self) -> Result<(), DemoError> {
        play(&self.node, self.start.speed).await
    }
}

/// Where a node of the demonstration stands among the others.
#[derive(Clone, Debug)]
pub struct Place {
    /// The serving region, by name.
    pub origin: String,
    /// All nodes of the demonstration.
    pub seeds: Vec<Member>,
    /// The one that all of them share.
    pub clock: SharedClock,
}

/// A node on the demonstration's clock, with what its directory holds.
///
/// # Errors
/// When the directory cannot be used.
pub fn node(path: &Path, start: Start, site: Site, place: Place) -> Result<Arc<Node>, DemoError> {
    std::fs::create_dir_all(path)?;
    let store = Store::open(path, Identity::load_or_create(path)?)?;
    let options = NodeOptions {
        clock: place.clock,
        site: Site { demonstration_speed: Some(start.speed), ..site },
        origin: place.origin,
        default_page: PageSettings::default(),
        // The bounds are spans of the reader's time, and the stamp is renewed on it too.
        amber_seconds: AMBER_SECONDS * i64::from(start.speed),
        grey_seconds: GREY_SECONDS * i64::from(start.speed),
        seeds: place.seeds,
        keep_free_mib: KEEP_FREE_MIB,
    };
    Ok(Node::start(store, options)?)
}

/// A directory with another page, or with steps that have not happened yet at `start`, is left alone.
fn refuse_other(node: &Node, path: &Path, start: Instant) -> Result<(), DemoError> {
    let replay = Replay::parsed()?;
    let board = node.board();
    let other_page = board.page_is_set() && replay.catalog.page.as_ref() != Some(&board.catalog.page);
    if other_page || board.all_newest().any(|summary| summary.id != replay.incident) {
        return Err(DemoError::OtherPage(path.to_owned()));
    }
    match board.summary(replay.incident) {
        Some(held) if held.updated_at > start => {
            let shown = (held.updated_at + TimeDelta::hours(8)).format("%H:%M on %-d %B %Y (UTC+8)").to_string();
            Err(DemoError::Later(path.to_owned(), shown))
        }
        _ => Ok(()),
    }
}
