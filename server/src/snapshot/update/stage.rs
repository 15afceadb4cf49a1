//! Rendering what is in an update's scope, on every core, into files beside the snapshot. What is listed as the same is
//! dropped at once: a page is in memory for as long as it is rendered.

use super::{UpdateError, standing::Standing};
use crate::{
    assets,
    render::{self, lifetime},
    snapshot::{
        files,
        manifest::Hash,
        sealed_log,
        source::{Extra, Scope, Source},
        target::{Attributes, Target},
    },
};
use app::address::Address;
use std::{
    fs, io,
    num::NonZero,
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// A file of the new snapshot.
#[derive(Debug)]
pub struct File {
    pub path: String,
    pub hash: Hash,
    pub bytes: u64,
    /// Where it waits; `None`: what stands is the same.
    pub staged: Option<PathBuf>,
    pub attributes: Attributes,
    /// In which order it is put: what a page names before the page.
    pub rank: u8,
}

/// Files that pages name: the browser's, and the sealed log.
const RANK_FIRST: u8 = 0;
const RANK_TIMELINE: u8 = 1;
const RANK_PAGE: u8 = 2;
/// What readers and programs ask for first comes last: it names the others.
const RANK_HOME: u8 = 3;

/// An empty directory for the files of one update; what an update that was broken off left there goes.
pub fn empty(staging: &Path) -> Result<(), UpdateError> {
    let failed = |error| UpdateError::Staging(staging.to_owned(), error);
    match fs::remove_dir_all(staging) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    fs::create_dir_all(staging).map_err(failed)
}

/// Renders the scope.
pub fn stage(
    ((target, staging), threads): ((&dyn Target, &Path), usize),
    source: &Source<'_>,
    scope: &Scope,
    (addresses, extra): (&[Address], &[Extra]),
    standing: &Standing,
) -> Result<Vec<File>, UpdateError> {
    let is_whole = *scope == Scope::Everything;
    let stage = Stage {
        target,
        staging,
        source,
        is_whole,
        standing,
        next: AtomicUsize::new(0),
        number: AtomicUsize::new(0),
        done: Mutex::default(),
    };
    let mut first = Vec::new();
    if is_whole {
        for (path, asset) in assets::all() {
            let cache_control = lifetime::of_file(asset.lifetime);
            let attributes = Attributes { content_type: asset.content_type, cache_control };
            first.push(stage.file(
                path.to_owned(),
                &asset.identity,
                Hash::of(&asset.identity),
                attributes,
                RANK_FIRST,
            )?);
        }
    }
    for (path, bytes) in extra {
        let attributes = Attributes { content_type: "application/octet-stream", cache_control: lifetime::COPY };
        // The tail speaks of the other files of the log.
        let rank = if path == sealed_log::TAIL { RANK_TIMELINE } else { RANK_FIRST };
        first.push(stage.file(path.clone(), bytes, Hash::of(bytes), attributes, rank)?);
    }
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(threads).min(addresses.len());
    let results: Vec<Result<(), UpdateError>> = thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(|| stage.pages(addresses))).collect();
        let joined = running.into_iter().map(|thread| thread.join());
        joined.map(|done| done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    });
    results.into_iter().collect::<Result<(), _>>()?;
    let mut files = stage.done.into_inner().unwrap_or_else(PoisonError::into_inner);
    files.extend(first);
    Ok(files)
}

/// What the rendering threads share.
struct Stage<'a> {
    target: &'a dyn Target,
    staging: &'a Path,
    source: &'a Source<'a>,
    is_whole: bool,
    standing: &'a Standing,
    /// The first address that nobody has taken yet.
    next: AtomicUsize,
    /// Numbers the staged files.
    number: AtomicUsize,
    done: Mutex<Vec<File>>,
}

impl Stage<'_> {
    /// Takes addresses until none is left or one fails.
    fn pages(&self, addresses: &[Address]) -> Result<(), UpdateError> {
        let Source { site, board, stamp, .. } = self.source;
        let mut files = Vec::new();
        while let Some(address) = addresses.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            let page = (self.source.page)(*address)?;
            for (locale, paths) in files::files(*address, &board.catalog) {
                let rendered = render::render(site, board, &page, locale, stamp);
                let hash = Hash::of(&rendered.body);
                let cache_control = lifetime::of(*address, rendered.states_the_present);
                let attributes = Attributes { content_type: rendered.content_type, cache_control };
                for path in paths {
                    files.push(self.file(path, &rendered.body, hash, attributes, rank(*address))?);
                }
            }
        }
        self.done.lock().unwrap_or_else(PoisonError::into_inner).extend(files);
        Ok(())
    }

    fn file(
        &self,
        path: String,
        body: &[u8],
        hash: Hash,
        attributes: Attributes,
        rank: u8,
    ) -> Result<File, UpdateError> {
        let bytes = body.len() as u64;
        let stands =
            self.standing.certain(&path) == Some(hash) && (!self.is_whole || self.target.seems_whole(&path, bytes));
        let staged = match stands {
            true => None,
            false => {
                let number = self.number.fetch_add(1, Ordering::Relaxed);
                let place = self.staging.join(number.to_string());
                fs::write(&place, body).map_err(|error| UpdateError::Staging(place.clone(), error))?;
                Some(place)
            }
        };
        Ok(File { path, hash, bytes, staged, attributes, rank })
    }
}

fn rank(address: Address) -> u8 {
    match address {
        Address::Incident(_) | Address::Maintenance(_) => RANK_TIMELINE,
        Address::Home | Address::Status => RANK_HOME,
        _ => RANK_PAGE,
    }
}
