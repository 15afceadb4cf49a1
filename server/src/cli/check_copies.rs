//! What `holdfast check` says of the places where copies of the site are kept: whether each is there, and lets this machine
//! read, write and remove a file.

use super::copies;
use crate::{
    config::{Config, mirror::DIRECTORY_NAME},
    render::lifetime,
    snapshot::{
        CHECK, left_by_earlier_version,
        manifest::{CURRENT, ROOT_BYTES_MAX, Signed},
        publisher::site::Place,
        target::{Attributes, Content, Directory, Target, TargetError},
    },
};
use domain::command::Refusal;
use rustix::fs::{Access, access};
use std::{future::Future, io, path::Path, time::Duration};

/// For one place; all are asked at once.
const TIME_MAX: Duration = Duration::from_secs(20);
/// What is written for a moment.
const WRITTEN: &[u8] = b"holdfast check\n";

const OWN_DIRECTORY: &str = "a directory that the node's user may read and write";

/// What is found, or what is wrong and would be right.
type Found = Result<String, (String, String)>;

/// A line for each place.
pub async fn check(config: &Config) -> Vec<Result<String, Refusal>> {
    let mut tasks = Vec::new();
    if let Some(directory) = &config.snapshot.directory {
        let place = Ok(Some(Place::Directory(directory.clone())));
        tasks.push(("snapshot.directory".to_owned(), DIRECTORY_NAME.to_owned(), place));
    }
    for (index, mirror) in config.mirrors.iter().enumerate() {
        tasks.push((format!("mirror[{index}].target"), mirror.name.clone(), copies::place(config, mirror)));
    }
    let asked = tasks.into_iter().map(|(field, name, place)| match place {
        Ok(place) => (field, name, Ok(place.map(|place| tokio::spawn(within_time(asked(place)))))),
        Err(error) => (field, name, Err(error)),
    });
    let mut results = Vec::new();
    for (field, name, task) in asked.collect::<Vec<_>>() {
        let found = match task {
            // Another node writes it.
            Ok(None) => continue,
            Ok(Some(task)) => match task.await {
                Ok(found) => found,
                Err(error) => Err((error.to_string(), "a report of this fault to Holdfast".to_owned())),
            },
            Err(error) => Err((error.to_string(), "options that its storage takes".to_owned())),
        };
        results.push(match found {
            Ok(line) => Ok(format!("copy `{name}`: {line}")),
            Err((what, right)) => Err(Refusal::new(field, what, right)),
        });
    }
    results
}

async fn within_time(asked: impl Future<Output = Found>) -> Found {
    tokio::time::timeout(TIME_MAX, asked).await.unwrap_or_else(|_| {
        let what = format!("its place does not answer within {} s", TIME_MAX.as_secs());
        Err((what, "an address that this machine reaches".to_owned()))
    })
}

async fn asked(place: Place) -> Found {
    match &place {
        Place::Directory(root) => {
            if let Some(line) = foreign(root)? {
                return Ok(line);
            }
            // Not by the target itself, which numbers its unfinished files: a node may be writing there.
            let file = root.join(CHECK);
            let written = std::fs::write(&file, WRITTEN).and_then(|()| std::fs::remove_file(&file));
            written.map_err(|error| (format!("writing {}: {error}", file.display()), OWN_DIRECTORY.to_owned()))?;
            standing(&Directory::reader(root), &|_| OWN_DIRECTORY).await
        }
        Place::Bucket(bucket, _) => {
            let right = |error: &TargetError| bucket.remedy(error.trouble);
            let failed = |error: TargetError| (error.to_string(), right(&error).to_owned());
            let found = standing(bucket, &right).await?;
            let attributes = Attributes {
                content_type: "text/plain; charset=utf-8",
                content_language: None,
                cache_control: lifetime::COPY,
            };
            bucket.put(CHECK, Content::Bytes(WRITTEN), attributes).await.map_err(failed)?;
            bucket.delete(CHECK).await.map_err(failed)?;
            Ok(found)
        }
    }
}

/// What stands there.
async fn standing(target: &dyn Target, right: &(dyn Fn(&TargetError) -> &'static str + Sync)) -> Found {
    let failed = |error: TargetError| (error.to_string(), right(&error).to_owned());
    let name = target.name();
    let Some(bytes) = target.get(CURRENT, ROOT_BYTES_MAX as u64).await.map_err(failed)? else {
        return Ok(format!("{name} can be written; nothing stands there yet"));
    };
    match Signed::parse(&bytes) {
        Ok(held) => Ok(format!(
            "{name} can be written; what stands there was written at {} by node {}",
            held.root.written_at.to_rfc3339(),
            held.root.writer
        )),
        Err(error) => {
            let right = "a place for this copy alone, or without the file `manifest`";
            Err((format!("reading `{CURRENT}` in {name}: {error}"), right.to_owned()))
        }
    }
}

/// A line about a directory that is not made yet; nothing for one that can be tried.
fn foreign(root: &Path) -> Result<Option<String>, (String, String)> {
    let shown = root.display();
    match std::fs::metadata(root) {
        Ok(found) if !found.is_dir() => Err((format!("{shown} is no directory"), "a directory".to_owned())),
        Ok(_) => match left_by_earlier_version(root) {
            Ok(_) => Ok(None),
            Err(error) => Err((error.to_string(), "a directory for this copy alone".to_owned())),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let parent = root.ancestors().skip(1).find(|parent| parent.exists()).unwrap_or(Path::new("."));
            match access(parent, Access::WRITE_OK | Access::EXEC_OK) {
                Ok(()) => Ok(Some(format!("{shown} will be made by the first update"))),
                Err(error) => {
                    let what = format!("{shown} cannot be made in {}: {error}", parent.display());
                    Err((what, "a directory that the node's user may make".to_owned()))
                }
            }
        }
        Err(error) => Err((format!("{shown}: {error}"), OWN_DIRECTORY.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_place_that_never_answers_is_left_after_a_while() {
        let (what, right) = within_time(std::future::pending()).await.expect_err("nothing was found");
        assert_eq!(what, "its place does not answer within 20 s");
        assert_eq!(right, "an address that this machine reaches");
    }
}
