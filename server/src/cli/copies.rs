//! The copies that a running node keeps: `[snapshot] directory` and each `[[mirror]]` with a target.

use super::failure::Failure;
use crate::{
    config::{
        Config,
        mirror::{DIRECTORY_NAME, Mirror},
    },
    publish::Node,
    snapshot::{
        publisher::{
            Kept, Publishers,
            site::{Place, SiteWork},
        },
        target::{Bucket, bucket},
    },
};
use std::{path::PathBuf, sync::Arc, time::Duration};

/// Where files for buckets wait, in the data directory.
const STAGING: &str = "mirrors";

/// Begins to keep the copies.
///
/// # Errors
/// When a target's options do not fit, or a thread does not start.
pub fn start(config: &Config, node: &Arc<Node>) -> Result<Arc<Publishers>, Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::unavailable(format!("the copies of the site: {error}"));
    let mut targets = Vec::new();
    if let Some(directory) = &config.snapshot.directory {
        let base_path = node.site().base_path.clone();
        targets.push((DIRECTORY_NAME.to_owned(), None, Place::Directory(directory.clone()), base_path));
    }
    for mirror in &config.mirrors {
        let Some(place) = place(config, mirror).map_err(|error| failed(&error))? else { continue };
        targets.push((mirror.name.clone(), mirror.url.clone(), place, mirror.base_path.clone()));
    }
    let with_events = config.snapshot.events;
    let kept = targets.into_iter().map(|(name, url, place, base_path)| {
        let target = place.to_string();
        let work = Box::new(SiteWork::new(Arc::clone(node), place, base_path, with_events)?);
        Ok(Kept { name, target, url, work })
    });
    let kept = kept.collect::<std::io::Result<Vec<Kept>>>().map_err(|error| failed(&error))?;
    let heartbeat = Duration::from_secs(config.snapshot.heartbeat_seconds.into());
    Publishers::start(node, heartbeat, kept).map(Arc::new).map_err(|error| failed(&error))
}

/// Where a mirror is written, if this node writes it.
///
/// # Errors
/// When its options do not fit.
pub fn place(config: &Config, mirror: &Mirror) -> Result<Option<Place>, bucket::OpenError> {
    let Some(target) = &mirror.target else { return Ok(None) };
    if let Some(directory) = mirror.directory() {
        return Ok(Some(Place::Directory(directory)));
    }
    // A variable that the environment lacks was refused when the configuration was read.
    let options: Vec<(String, String)> =
        mirror.options.iter().filter_map(|(name, value)| Some((name.clone(), value.resolve()?))).collect();
    let staging: PathBuf = config.data.join(STAGING).join(&mirror.name);
    Ok(Some(Place::Bucket(Bucket::open(target, &options)?, staging)))
}
