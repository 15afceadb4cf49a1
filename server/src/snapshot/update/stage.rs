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

/// The media type of the sealed log.
const SEALED: &str = "application/octet-stream";
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

/// A second name of the bytes at `alike` costs a third of a second file; a file system without such names gets one.
fn keep(place: &Path, body: &[u8], alike: Option<&Path>) -> io::Result<PathBuf> {
    let is_linked = alike.is_some_and(|alike| fs::hard_link(alike, place).is_ok());
    if !is_linked {
        match fs::write(place, body) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                place.parent().map_or(Ok(()), fs::create_dir_all)?;
                fs::write(place, body)?;
            }
            done => done?,
        }
    }
    Ok(place.to_owned())
}

/// Renders the scope.
pub fn stage(
    ((target, staging), threads): ((&dyn Target, &Path), usize),
    source: &Source<'_>,
    scope: &Scope,
    (addresses, extra): (&[Address], &[Extra<'_>]),
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
            let attributes = Attributes { content_type: asset.content_type, content_language: None, cache_control };
            let hash = Hash::of(&asset.identity);
            first.push(stage.file((path.to_owned(), &asset.identity), hash, attributes, RANK_FIRST, None)?);
        }
    }
    let jobs: Vec<Job<'_>> = extra.iter().map(Job::Extra).chain(addresses.iter().copied().map(Job::Page)).collect();
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(threads).min(jobs.len());
    let results: Vec<Result<(), UpdateError>> = thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(|| stage.run(&jobs))).collect();
        let joined = running.into_iter().map(|thread| thread.join());
        joined.map(|done| done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    });
    results.into_iter().collect::<Result<(), _>>()?;
    let mut files = stage.done.into_inner().unwrap_or_else(PoisonError::into_inner);
    files.extend(first);
    Ok(files)
}

/// What a thread takes at once.
enum Job<'a> {
    Page(Address),
    Extra(&'a Extra<'a>),
}

/// What the rendering threads share.
struct Stage<'a, 's> {
    target: &'a dyn Target,
    staging: &'a Path,
    source: &'a Source<'s>,
    is_whole: bool,
    standing: &'a Standing,
    /// The first job that nobody has taken yet.
    next: AtomicUsize,
    /// Numbers the staged files.
    number: AtomicUsize,
    /// For bytes that wait in memory.
    room: AtomicUsize,
    done: Mutex<Vec<File>>,
}

impl Stage<'_, '_> {
    /// Takes jobs until none is left or one fails.
    fn run(&self, jobs: &[Job<'_>]) -> Result<(), UpdateError> {
        let mut files = Vec::new();
        while let Some(job) = jobs.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            match job {
                Job::Page(address) => self.page(*address, &mut files)?,
                Job::Extra(extra) => files.push(self.extra(extra)?),
            }
        }
        self.done.lock().unwrap_or_else(PoisonError::into_inner).extend(files);
        Ok(())
    }

    fn extra(&self, Extra { path, bytes }: &Extra<'_>) -> Result<File, UpdateError> {
        let bytes = bytes()?;
        let attributes = Attributes { content_type: SEALED, content_language: None, cache_control: lifetime::COPY };
        // The tail speaks of the other files of the log.
        let rank = if path == sealed_log::TAIL { RANK_TIMELINE } else { RANK_FIRST };
        self.file((path.clone(), &bytes), Hash::of(&bytes), attributes, rank, None)
    }

    fn page(&self, address: Address, files: &mut Vec<File>) -> Result<(), UpdateError> {
        let Source { site, board, stamp, .. } = self.source;
        let page = (self.source.page)(address)?;
        for (locale, paths) in files::files(address, &board.catalog) {
            let rendered = render::render(site, board, &page, locale, stamp);
            let hash = Hash::of(&rendered.body);
            let content_language = address.is_translated().then(|| locale.tag());
            let cache_control = lifetime::of(address, rendered.states_the_present);
            let attributes = Attributes { content_type: rendered.content_type, content_language, cache_control };
            let mut place: Option<PathBuf> = None;
            for path in paths {
                let file = self.file((path, &rendered.body), hash, attributes, rank(address), place.as_deref())?;
                if let Some(Staged::Place(staged)) = &file.staged {
                    place.get_or_insert_with(|| staged.clone());
                }
                files.push(file);
            }
        }
        Ok(())
    }

    /// `alike`: where the same bytes wait already, for another path.
    fn file(
        &self,
        (path, body): (String, &[u8]),
        hash: Hash,
        attributes: Attributes,
        rank: u8,
        alike: Option<&Path>,
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
                let kept = keep(&self.staging.join(number.to_string()), body, alike);
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
