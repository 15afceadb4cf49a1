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
        target::{Attributes, Content, Target, directory::is_absent},
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
    pub staged: Option<Staged>,
    pub attributes: Attributes,
    /// In which order it is put: what a page names before the page.
    pub rank: u8,
}

/// A file that waits to be put.
#[derive(Debug)]
pub enum Staged {
    /// In the staging directory.
    Place(PathBuf),
    /// In memory, so that a full disk of this machine keeps no small update from a target elsewhere.
    Bytes(Vec<u8>),
}

impl Staged {
    pub fn content(&self) -> Content<'_> {
        match self {
            Staged::Place(place) => Content::Staged(place),
            Staged::Bytes(bytes) => Content::Bytes(bytes),
        }
    }
}

/// What may wait in memory in all, in bytes: more than a change and a heartbeat need.
const WAITING_BYTES_MAX: usize = 16 << 20;

/// Files that pages name: the browser's, and the sealed log.
const RANK_FIRST: u8 = 0;
const RANK_TIMELINE: u8 = 1;
const RANK_PAGE: u8 = 2;
/// What readers and programs ask for first comes last: it names the others.
const RANK_HOME: u8 = 3;

/// What an update that was broken off left there goes. The directory is made when something has to wait in it: a full
/// disk may have no room for one.
pub fn empty(staging: &Path) -> Result<(), UpdateError> {
    match fs::remove_dir_all(staging) {
        Err(error) if !is_absent(&error) => Err(UpdateError::Staging(staging.to_owned(), error)),
        _ => Ok(()),
    }
}

fn keep(staging: &Path, name: &str, body: &[u8]) -> io::Result<PathBuf> {
    let place = staging.join(name);
    match fs::write(&place, body) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(staging)?;
            fs::write(&place, body)?;
        }
        done => done?,
    }
    Ok(place)
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
        room: AtomicUsize::new(if target.is_elsewhere() { WAITING_BYTES_MAX } else { 0 }),
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
    /// For bytes that wait in memory.
    room: AtomicUsize,
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
        let stands = self.standing.certain(&path) == Some(hash) && (!self.is_whole || self.target.holds(&path, hash));
        let fits = |room: usize| room.checked_sub(body.len());
        let staged = match stands {
            true => None,
            false if self.room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_ok() => {
                Some(Staged::Bytes(body.to_vec()))
            }
            false => {
                let number = self.number.fetch_add(1, Ordering::Relaxed);
                let kept = keep(self.staging, &number.to_string(), body);
                Some(Staged::Place(kept.map_err(|error| UpdateError::Staging(self.staging.to_owned(), error))?))
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
