//! `holdfast backup` and `holdfast restore`. A backup is the log as one file: it may be made while the node runs, holds no
//! key, and is checked before it is called one.

use super::{
    arguments::Global,
    client::Client,
    events,
    failure::Failure,
    output::{self, text},
    running,
};
use crate::{
    api::events::FILE,
    snapshot::{
        sealed_log::{self, SealedError},
        target::{Directory, Target},
    },
    store::{
        Identity, IdentityError,
        identity::CLUSTER_KEY_FILE,
        open::DATA_FILE,
        stream::{self, Records, StreamError},
    },
};
use axum::http::Method;
use clap::Args;
use serde_json::json;
use std::{
    fmt::Display,
    fs::{self, File},
    io::{self, BufReader, Write},
    path::{Path, PathBuf},
};

/// Copy the whole log into one file, while the node runs.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  holdfast backup holdfast-2026-11-24.events")]
pub struct Backup {
    /// A new file.
    file: PathBuf,
}

/// Make a data directory from a backup or a snapshot, under a new node key.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  holdfast restore holdfast-2026-11-24.events --data data --cluster-key cluster.key")]
pub struct Restore {
    /// What `holdfast backup` wrote, or the directory of a snapshot that carries the events.
    file: PathBuf,
    /// The cluster's key, which is never in a backup; left out when it lies in the data directory already.
    #[arg(long, value_name = "FILE")]
    cluster_key: Option<PathBuf>,
}

/// Writes the log and reads it back.
pub async fn backup(global: &Global, arguments: &Backup) -> Result<(), Failure> {
    let file = &arguments.file;
    if file.exists() {
        return Err(Failure::refused("file", format!("{} is there already", file.display()), "the name of a new file"));
    }
    let client = Client::connect(global).await?;
    let bytes = events::export(&client, file, 1).await?;
    let count = checked(file).map_err(|error| {
        Failure::unavailable(format!("{}: what was written does not read back whole: {error}", file.display()))
    })?;
    let answer = json!({ "file": file, "bytes": bytes, "events": count });
    output::print(global, &answer, |_| {
        format!(
            "Backed up: {count} events, {bytes} bytes in {}; every signature was checked.\n\
             Keep {CLUSTER_KEY_FILE} apart from it: a restore needs both.",
            file.display()
        )
    });
    Ok(())
}

/// Why a file is no whole backup.
#[derive(Debug, thiserror::Error)]
enum CheckError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Stream(#[from] StreamError),
    #[error("event {number}: {reason}")]
    Event { number: u64, reason: String },
}

/// Why a snapshot's events are not there to restore.
#[derive(Debug, thiserror::Error)]
enum SnapshotError {
    #[error(transparent)]
    Identity(#[from] IdentityError),
    #[error(transparent)]
    Sealed(#[from] SealedError),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Reads a whole file and checks every signature and body; how many events it holds.
fn checked(file: &Path) -> Result<u64, CheckError> {
    let mut count = 0;
    for record in Records::new(BufReader::new(File::open(file)?))? {
        count += 1;
        record?.verify().map_err(|error| CheckError::Event { number: count, reason: error.to_string() })?;
    }
    Ok(count)
}

/// Makes the data directory and takes the events in. The writers of the backup are trusted by an event of the new node.
pub async fn restore(global: &Global, arguments: &Restore) -> Result<(), Failure> {
    let file = &arguments.file;
    let right = "a file that `holdfast backup` wrote, or the directory of a snapshot that carries the events";
    let refused = |what: &dyn Display| Failure::refused("file", format!("{}: {what}", file.display()), right);
    if !file.is_dir() {
        checked(file).map_err(|error| refused(&error))?;
    }
    let data = super::client::configuration(global)?.data;
    if data.join(DATA_FILE).exists() {
        let what = format!("{} holds a log already", data.display());
        return Err(Failure::refused("--data", what, "an empty directory, or move that one away"));
    }
    running::prepare_directory(&data)?;
    place_cluster_key(&data, arguments.cluster_key.as_deref())?;
    let bytes = match file.is_dir() {
        true => events_of_snapshot(file, &data).await.map_err(|error| refused(&error))?,
        false => fs::read(file).map_err(|error| refused(&error))?,
    };
    let client = Client::connect(global).await?;
    let answer = client.call(Method::POST, "/events/import?trust_writers=true", FILE, bytes).await?;
    output::print(global, &answer, |answer| {
        let new = answer["events"].as_array().map_or(0, Vec::len);
        format!(
            "Restored: {new} events in {}, board {}.\n\
             This node has a key of its own now: tell the others of it (`holdfast node key`), and remove the old one there \
             (`holdfast node remove KEY`).",
            data.display(),
            text(answer, "board_digest")
        )
    });
    Ok(())
}

/// The sealed log of a snapshot as a file of events.
async fn events_of_snapshot(directory: &Path, data: &Path) -> Result<Vec<u8>, SnapshotError> {
    let identity = Identity::load_or_create(data)?;
    let copy = Directory::reader(directory);
    let get = async |path: &str, bytes_max: u64| Target::get(&copy, path, bytes_max).await;
    let (_, records) = sealed_log::read(&identity, get).await?;
    let mut bytes = Vec::new();
    stream::write(&records, &mut bytes)?;
    Ok(bytes)
}

/// Without the cluster's own key the events would be another cluster's, and the secrets among them lost.
fn place_cluster_key(data: &Path, given: Option<&Path>) -> Result<(), Failure> {
    use std::os::unix::fs::OpenOptionsExt;
    let place = data.join(CLUSTER_KEY_FILE);
    let Some(given) = given else {
        return match place.exists() {
            true => Ok(()),
            false => Err(Failure::refused(
                "--cluster-key",
                format!("{} is not there, and none was given", place.display()),
                "the file `cluster.key` of the node that was backed up",
            )),
        };
    };
    if place.exists() {
        let what = format!("{} is there already", place.display());
        return Err(Failure::refused("--cluster-key", what, "leave the option out, or move that file away"));
    }
    let failed = |error: io::Error| {
        Failure::refused("--cluster-key", format!("{}: {error}", given.display()), "a readable file")
    };
    let key = fs::read(given).map_err(failed)?;
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&place).map_err(failed)?;
    file.write_all(&key).and_then(|()| file.sync_all()).map_err(failed)
}
