//! `holdfast snapshot post`: the last resort. With no node alive, a person with a node's key and the cluster key takes the
//! last snapshot, adds a signed update, and publishes the site rendered anew.

use super::verify::reader;
use crate::{
    cli::{arguments::Global, client::Client, failure::Failure, incident, maintenance, output, postmortem, running},
    clock::SystemClock,
    snapshot::{
        Report, STAGING,
        post::{PostError, Standin},
        target::{Bucket, Directory},
    },
    store::{Identity, identity::CLUSTER_KEY_FILE},
};
use clap::{Args, Subcommand};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// Begin of a target that is a directory, as in `[[mirror]]`.
const FILE: &str = "file://";

const EXAMPLE: &str = "Example:
  holdfast snapshot post --key usb/node.key --from https://status-mirror.example.com \\
    --to s3://status-mirror --to /srv/status \\
    incident update p31zjtct2jer --text 'Every region is down; we are on it.'";

/// Add an update to a snapshot and publish it, with no node alive.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub struct Post {
    /// The key of a node that the others trust, its file `node.key`.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The cluster's key; by default `cluster.key` beside the node's.
    #[arg(long, value_name = "FILE")]
    cluster_key: Option<PathBuf>,
    /// The snapshot to go on from: a directory, or the address of a mirror.
    #[arg(long, value_name = "DIR|URL")]
    from: String,
    /// Where the new one goes, as `target` of a mirror; may be given several times.
    #[arg(long, value_name = "TARGET", required = true)]
    to: Vec<String>,
    /// A PEM file with the certificates of the authorities to trust instead of the built-in ones.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    #[command(subcommand)]
    what: What,
}

/// What is posted.
#[derive(Debug, Subcommand)]
enum What {
    /// Open, update, edit or resolve an incident.
    #[command(subcommand)]
    Incident(incident::Command),
    /// Schedule, start, complete or cancel a maintenance.
    #[command(subcommand)]
    Maintenance(maintenance::Command),
    /// Publish the account of an incident.
    #[command(subcommand)]
    Postmortem(postmortem::Command),
    /// Post nothing: bring targets that failed up to the snapshot gone on from.
    Nothing,
}

/// Makes the node, posts, and publishes to each target; what one target refuses keeps no other from it.
pub async fn run(global: &Global, post: Post) -> Result<(), Failure> {
    let unavailable = |error: &dyn std::fmt::Display| Failure::unavailable(error.to_string());
    let refused = |field: &'static str, error: &dyn std::fmt::Display, right: &'static str| {
        Failure::refused(field, error.to_string(), right)
    };
    let cluster_key = post.cluster_key.clone().unwrap_or_else(|| post.key.with_file_name(CLUSTER_KEY_FILE));
    let identity = Identity::load(&post.key, &cluster_key)
        .map_err(|error| refused("--key", &error, "the files `node.key` and `cluster.key` of a data directory"))?;
    let reader = reader(&post.from, post.ca.as_deref())?;
    let scratch = tempfile::tempdir().map_err(|error| unavailable(&error))?;
    let data = scratch.path().join("data");
    running::prepare_directory(&data)?;
    let standin = Standin::of(reader.as_ref(), &data, identity, Arc::new(SystemClock));
    let standin = standin.await.map_err(|error| refused("--from", &error, "a snapshot that carries the events"))?;
    let client = Client::of(Arc::clone(&standin.node), global, "snapshot");
    let is_nothing = matches!(post.what, What::Nothing);
    match post.what {
        What::Incident(command) => incident::run(global, &client, command).await?,
        What::Maintenance(command) => maintenance::run(global, &client, command).await?,
        What::Postmortem(command) => postmortem::run(global, &client, command).await?,
        What::Nothing => {}
    }
    if !is_nothing && !standin.has_posted() {
        return Ok(());
    }
    let mut failed = Vec::new();
    for to in &post.to {
        match publish(&standin, to, &scratch.path().join(STAGING)).await {
            Ok(report) => output::say(&format!("Published to {to}: {} of {} files.\n", report.written, report.files)),
            Err(error) => failed.push(format!("{to}: {error}")),
        }
    }
    match failed.is_empty() {
        true => Ok(()),
        false => Err(Failure::unavailable(failed.join("\n"))),
    }
}

async fn publish(standin: &Standin, to: &str, staging: &Path) -> Result<Report, PostError> {
    if to.contains("://") && !to.starts_with(FILE) {
        return standin.publish(&Bucket::open(to, &[])?, staging).await;
    }
    let root = PathBuf::from(to.strip_prefix(FILE).unwrap_or(to));
    let report = standin.publish(&Directory::writer(&root)?, &root.join(STAGING)).await?;
    // Empty by now; a next update would empty it too.
    let _left = std::fs::remove_dir_all(root.join(STAGING));
    Ok(report)
}
