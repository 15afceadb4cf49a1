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
    snapshot::{
        take_in,
        target::{Directory, Target},
    },
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
/// What anybody may read of why posts are refused. The damage itself names paths, so only the log tells it.
const UNREADABLE: &str = "this node's own log cannot be read";
const REFILLING: &str = "this node's own log was lost and is being filled again from the other regions";
/// Lies beside a log that is being filled again and is not whole yet: after a crash it must not pass for the truth.
const REFILLING_FILE: &str = "refilling";

/// Whether the data file is where it was: a node that had a key and a log, and now has only the key, has lost it; so has one
/// that has neither, and a copy of its page. It must not begin an empty log and show that as the truth, nor go on with one
/// that it had begun to fill again.
///
/// # Errors
/// The loss, when there is a way to go on without the file: peers, or a snapshot.
pub fn data_file_is_there(config: &Config) -> Result<(), Failure> {
    let (key, data) = (config.data.join(NODE_KEY_FILE), config.data.join(DATA_FILE));
    let is_unfinished = config.data.join(REFILLING_FILE).exists();
    let is_lost = is_unfinished || key.exists() && !data.exists();
    if let Some(copy) = snapshot(config)
        && !key.exists()
        && !data.exists()
    {
        let (data, copy) = (config.data.display(), copy.display());
        let what = format!(
            "`{data}` holds neither this node's key nor its log, and `{copy}` holds a copy of a page, which an empty page is \
             not to take the place of; bring the data back by `holdfast restore`, or move the copy away to begin a new page"
        );
        return Err(Failure::damaged(Damage::Unreadable, what));
    }
    let has_way_on = refills(config) || snapshot(config).is_some();
    if !is_lost || !has_way_on {
        return Ok(());
    }
    let what = if is_unfinished { "is not filled again yet" } else { "is gone" };
    Err(Failure::damaged(Damage::Lost, format!("the data file `{}` {what}", data.display())))
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
    serve_files(config, fallback::router(directory.clone(), UNREADABLE.to_owned(), &config.copies())).await
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
    let node = match begun(config)? {
        Some(node) => node,
        None => begin(config, damage)?,
    };
    node.close_to_posts(REFILLING);
    let is_whole = Arc::new(AtomicBool::new(false));
    let running = Running::bind_as(config, Arc::clone(&node), true, |public| Service::Refilling {
        copy: copy(config),
        public,
        is_whole: Arc::clone(&is_whole),
    })
    .await?;
    output::say(&format!("Filling the log again from the other regions; the last snapshot is at {}\n", running.url));
    running.serve(config, watch(config.clone(), node, is_whole)).await
}

/// What an earlier start began to fill, where it can be gone on with.
fn begun(config: &Config) -> Result<Option<Arc<Node>>, Failure> {
    if !(config.data.join(REFILLING_FILE).exists() && config.data.join(DATA_FILE).exists()) {
        return Ok(None);
    }
    match running::open(config) {
        Ok(node) => {
            let events = node.board().version.total();
            tracing::warn!(events, "the log goes on being filled again from the other regions");
            Ok(Some(node))
        }
        Err(failure) if matches!(failure.damage(), Some(Damage::Lost)) => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// An empty log in the place of the lost one.
fn begin(config: &Config, damage: &Failure) -> Result<Arc<Node>, Failure> {
    let failed = |error: io::Error| {
        Failure::unavailable(format!("{damage}; and what is left of it cannot be moved aside: {error}"))
    };
    // A crash after the first step finds a key without a log, and after the second one the note.
    let aside = set_aside(&config.data).map_err(failed)?;
    fs::write(config.data.join(REFILLING_FILE), []).and_then(|()| sync(&config.data)).map_err(failed)?;
    tracing::error!(
        reason = %damage,
        kept = %aside.as_deref().unwrap_or(Path::new("")).display(),
        "the log is filled again from the other regions; until then the last snapshot is served, read-only"
    );
    running::open(config)
}

fn copy(config: &Config) -> Router {
    // Without a snapshot every page is answered "unavailable".
    let directory = config.snapshot.directory.clone().unwrap_or_else(|| config.data.join("no snapshot"));
    fallback::router(directory, REFILLING.to_owned(), &config.copies())
}

/// Takes in what this node's own snapshot holds, then waits until a peer has shown that everything which it has is here. A
/// log that may have gone back must not sign as if it had not, so the key is replaced then.
async fn watch(config: Config, node: Arc<Node>, is_whole: Arc<AtomicBool>) {
    let begun = tokio::time::Instant::now();
    if let Some(directory) = snapshot(&config) {
        match take_in_copy(directory.clone(), Arc::clone(&node)).await {
            Ok(events) => tracing::warn!(events, "events of the last snapshot are in the log again"),
            Err(error) => tracing::error!(
                reason = %error,
                "the last snapshot gives nothing to the log: posts that only this region held are in the file set aside"
            ),
        }
    }
    // Two regions that have both lost everything agree, and have nothing to show.
    while !node.has_all_news_since(begun) || node.board().version.total() == 0 {
        tokio::time::sleep(Duration::from_millis(LOOK_EVERY_MS)).await;
    }
    // The first pages that readers get say so, too: what was rendered until now is as old as the copy.
    let stale = node.stamp();
    node.renewal_due().notify_one();
    while Arc::ptr_eq(&stale, &node.stamp()) {
        tokio::time::sleep(Duration::from_millis(LOOK_EVERY_MS)).await;
    }
    node.open_to_posts();
    is_whole.store(true, Ordering::Release);
    tracing::warn!(
        events = node.board().version.total(),
        "the log is whole again, as far as the other regions and the last snapshot have it"
    );
    let author = Author { name: "holdfast".to_owned(), way: "refill".to_owned() };
    match node.rotate_key(author).await {
        Ok((key, _)) => tracing::warn!(%key, "this node has a new key, which it signs with from its next start on"),
        Err(error) => tracing::error!(%error, "this node's key is not replaced; do it by `holdfast node rotate`"),
    }
    if let Err(error) = fs::remove_file(config.data.join(REFILLING_FILE)).and_then(|()| sync(&config.data)) {
        tracing::error!(%error, file = REFILLING_FILE, "the next start fills the log once more, because a note cannot be removed");
    }
}

/// The sealed log of a snapshot: it may hold posts that no other region has heard of. How many events were new.
async fn take_in_copy(directory: PathBuf, node: Arc<Node>) -> Result<usize, String> {
    // Disk and unsealing take their time, off the tasks of the network.
    let taken = tokio::task::spawn_blocking(move || {
        let copy = Directory::reader(&directory);
        let get = async |path: &str, bytes_max: u64| Target::get(&copy, path, bytes_max).await;
        tokio::runtime::Handle::current().block_on(take_in::events(&node, get))
    });
    let taken = taken.await.map_err(|error| error.to_string())?;
    taken.map_err(|error| error.to_string())
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
    sync(data)?;
    Ok(Some(aside))
}

fn sync(directory: &Path) -> io::Result<()> {
    fs::File::open(directory)?.sync_all()
}
