//! A node whose log is lost: its data file is damaged or gone. It serves the last snapshot, marked, and takes no posts. When
//! the configuration names peers, what is left of the file is moved aside, the log is filled again from them, and the
//! node's own pages come back by themselves.

use super::{
    failure::{Damage, Failure},
    open_files, output,
    running::{self, Running},
};
use crate::{
    config::Config,
    http::{self, Listener, Shutdown, fallback, listen::Service},
    publish::Node,
    store::{INDEX_FILE, identity::NODE_KEY_FILE, open::DATA_FILE},
};
use axum::Router;
use domain::change::Author;
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// Between two looks at whether the log is whole again, in milliseconds.
const LOOK_EVERY_MS: u64 = 500;
/// Damaged files that are kept under one name at most.
const KEPT_MAX: usize = 100;

/// Whether the data file is where it was: a node that had a key and a log, and now has only the key, has lost it. It must
/// not begin an empty log and show that as the truth.
///
/// # Errors
/// The loss, when there is a way to go on without the file: peers, or a snapshot.
pub fn data_file_is_there(config: &Config) -> Result<(), Failure> {
    let (key, data) = (config.data.join(NODE_KEY_FILE), config.data.join(DATA_FILE));
    let has_way_on = refills(config) || snapshot(config).is_some();
    if data.exists() || !key.exists() || !has_way_on {
        return Ok(());
    }
    let what = format!("the data file `{}` is gone", data.display());
    Err(Failure::damaged(Damage::Lost, what))
}

/// Serves without the log, as well as it goes.
///
/// # Errors
/// The failure itself when there is neither a snapshot nor a peer to go on with, or it is no damage.
pub async fn serve(config: &Config, failure: Failure) -> Result<(), Failure> {
    match failure.damage() {
        Some(Damage::Lost) if refills(config) => refill(config, &failure).await,
        Some(_) => serve_snapshot(config, failure).await,
        None => Err(failure),
    }
}

/// Only peers of the configuration help: those that the log named are lost with it.
fn refills(config: &Config) -> bool {
    config.replication.listen.is_some() && !config.peers.is_empty()
}

/// The configured snapshot, if there is one.
fn snapshot(config: &Config) -> Option<&PathBuf> {
    config.snapshot.directory.as_ref().filter(|directory| fallback::holds_snapshot(directory))
}

/// Serves the configured snapshot directory, marked and read-only.
async fn serve_snapshot(config: &Config, damage: Failure) -> Result<(), Failure> {
    let Some(directory) = snapshot(config) else { return Err(damage) };
    tracing::error!(reason = %damage, snapshot = %directory.display(), "serving the last snapshot, read-only");
    serve_files(config, fallback::router(directory.clone(), damage.to_string(), &config.copies())).await
}

/// Serves what a router makes of a snapshot, until it is told to end.
///
/// # Errors
/// When the address cannot be bound.
pub async fn serve_files(config: &Config, router: axum::Router) -> Result<(), Failure> {
    let settings = running::settings(config)?;
    let (socket, address) = running::public_socket(config).await?;
    let service = Service::Router(router);
    let shutdown = Shutdown::default();
    running::hear_signals(shutdown.clone(), config)?;
    output::say(&format!("Serving the snapshot at {}\n", running::url(config, address)));
    open_files::raise(settings.limits.connections_max);
    http::serve(vec![Listener { socket, service }], &settings, shutdown).await;
    Ok(())
}

/// Begins a new log under the same key, has the peers fill it, and serves the snapshot until one of them confirms that
/// everything is here.
async fn refill(config: &Config, damage: &Failure) -> Result<(), Failure> {
    let aside = set_aside(&config.data).map_err(|error| {
        Failure::unavailable(format!("{damage}; and what is left of it cannot be moved aside: {error}"))
    })?;
    tracing::error!(
        reason = %damage,
        kept = %aside.as_deref().unwrap_or(Path::new("")).display(),
        "the log is filled again from the other regions; until then the last snapshot is served, read-only"
    );
    let node = running::open(config)?;
    let is_whole = Arc::new(AtomicBool::new(false));
    let running = Running::bind_as(config, Arc::clone(&node), true, |public| Service::Refilling {
        copy: copy(config, damage),
        public,
        is_whole: Arc::clone(&is_whole),
    })
    .await?;
    output::say(&format!("Filling the log again from the other regions; the last snapshot is at {}\n", running.url));
    running.serve(config, watch(node, is_whole)).await
}

fn copy(config: &Config, damage: &Failure) -> Router {
    // Without a snapshot every page is answered "unavailable".
    let directory = config.snapshot.directory.clone().unwrap_or_else(|| config.data.join("no snapshot"));
    fallback::router(
        directory,
        format!("{damage}; the log is being filled again from the other regions"),
        &config.copies(),
    )
}

/// Until a peer has shown that everything which it has is here. A log that may have gone back must not sign as if it had
/// not, so the key is replaced then.
async fn watch(node: Arc<Node>, is_whole: Arc<AtomicBool>) {
    let begun = node.clock().now();
    // Two regions that have both lost everything agree, and have nothing to show.
    while node.stamp().confirmed_at < begun || node.board().version.total() == 0 {
        tokio::time::sleep(Duration::from_millis(LOOK_EVERY_MS)).await;
    }
    is_whole.store(true, Ordering::Release);
    tracing::warn!(
        events = node.board().version.total(),
        "the log is whole again, as far as the other regions have it; posts that only this region held are in the file set aside"
    );
    let author = Author { name: "holdfast".to_owned(), way: "refill".to_owned() };
    match node.rotate_key(author).await {
        Ok((key, _)) => tracing::warn!(%key, "this node has a new key, which it signs with from its next start on"),
        Err(error) => tracing::error!(%error, "this node's key is not replaced; do it by `holdfast node rotate`"),
    }
}

/// Moves what is left of the data file to a name of its own, and deletes its index; where it is now.
fn set_aside(data: &Path) -> io::Result<Option<PathBuf>> {
    match fs::remove_file(data.join(INDEX_FILE)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let lost = data.join(DATA_FILE);
    if !lost.try_exists()? {
        return Ok(None);
    }
    let names = (1..=KEPT_MAX).map(|number| data.join(format!("{DATA_FILE}.damaged-{number}")));
    let free = names.into_iter().find(|name| !name.exists());
    let aside =
        free.ok_or_else(|| io::Error::other(format!("{KEPT_MAX} damaged files are kept already; delete some")))?;
    fs::rename(&lost, &aside)?;
    fs::File::open(data)?.sync_all()?;
    Ok(Some(aside))
}
