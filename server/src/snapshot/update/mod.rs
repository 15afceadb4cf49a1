//! One update of a snapshot, so that any web server may read meanwhile and a crash at any point leaves a copy that
//! verifies. The same steps for a directory and an object store:
//!
//! 1. what is in the scope is rendered beside the snapshot and hashed; what is listed as the same is dropped
//! 2. `also` (what may still stand from before), `manifest.next`, then the new shards
//! 3. changed files: what pages name before the pages, home last
//! 4. `manifest.previous`, then `manifest`
//! 5. deletions: stale files, then shards, and last `manifest.next`
//!
//! Shards that no manifest names are what earlier updates left when they were broken off. Those that stood before this
//! one began go with its deletions, where the target can tell of them: under a directory's lock nobody else writes, and
//! elsewhere the manifests are read once more, so that what another writer has just put is not taken from it.
//!
//! | module | what is there |
//! |---|---|
//! | [`standing`] | what stands before, also after an update that was broken off |
//! | [`stage`] | step 1, on every core |
//! | [`plan`] | the new manifest and what is to be put and deleted: a pure function |

mod plan;
mod stage;
mod standing;

use super::{
    manifest::{CURRENT, Hash, ManifestError, NEXT, PREVIOUS, ROOT_BYTES_MAX, SHARDS},
    source::{Scope, Source, Writer},
    target::{Answer, Attributes, Content, Target, TargetError},
};
use crate::{render::lifetime, store::ReadError};
use domain::{Instant, id::NodeKey};
use futures_util::{StreamExt, TryStreamExt};
use plan::Plan;
use standing::Standing;
use std::{
    collections::BTreeSet,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

/// Files that are put at once, at most.
const PUTS_MAX: usize = 16;
/// After so many puts, and before the update counts, it is looked whether another node has begun to write there.
const PUTS_PER_LOOK: usize = 256;

/// Shards that are looked at for what was left by others, at most: far more than one snapshot has.
const LEFT_SHARDS_MAX: usize = 1000;

/// What an update came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    /// Files of the snapshot.
    pub files: usize,
    /// Of those that were rendered, new or changed.
    pub written: usize,
    pub unchanged: usize,
    /// Stale files of an earlier snapshot.
    pub removed: usize,
    /// Of all that was rendered.
    pub bytes: u64,
    pub sequence: u64,
    /// Events that the board is made of.
    pub board: u64,
    /// Of the root manifest.
    #[serde(skip)]
    pub manifest: Hash,
    pub took: Duration,
}

/// Why a snapshot was not brought up to date. What stands verifies, and the next update goes on.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    #[error("{target} is written by node {writer}, which this node is not; it stands by until it is told to take over")]
    WrittenByAnother { target: String, writer: NodeKey },
    #[error("another node began to write {0} meanwhile, so this update stopped before it counted")]
    Overtaken(String),
    #[error("{0} holds the snapshot of another cluster; give another place")]
    AnotherCluster(String),
    #[error("`{0}` is no manifest: {1}; remove what stands there, and it is written anew")]
    Manifest(String, ManifestError),
    #[error("{path}: {1}", path = .0.display())]
    Staging(PathBuf, io::Error),
    #[error(transparent)]
    Target(#[from] TargetError),
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// A manifest or a shard, where the target can hold headers.
const MANIFEST: Attributes =
    Attributes { content_type: "text/plain; charset=utf-8", content_language: None, cache_control: lifetime::COPY };

/// One update of a target.
pub struct Update<'a, 's> {
    pub target: &'a dyn Target,
    /// A directory of this update alone; for a directory target on the same file system.
    pub staging: &'a Path,
    pub source: &'a Source<'s>,
    pub writer: Writer<'a>,
    pub scope: Scope,
    pub now: Instant,
    /// Threads that render at once, at most: one beside readers.
    pub threads: usize,
    /// Files that an earlier version wrote without a manifest.
    pub left: Vec<(String, Hash)>,
    /// Another writer was at it: what is listed may have been written over, so everything is put again.
    pub distrusts: bool,
}

impl Update<'_, '_> {
    /// Brings the target up to date. Renders on the thread that asks: give it one of its own.
    ///
    /// # Errors
    /// See [`UpdateError`].
    pub async fn run(self) -> Result<Report, UpdateError> {
        let begun = std::time::Instant::now();
        let Update { target, staging, source, writer, now, .. } = &self;
        let mut standing = Standing::read(*target, target.is_held() || writer.takes_over).await?;
        self.may_write(&standing)?;
        for (path, hash) in &self.left {
            standing.uncertain.entry(path.clone()).or_default().insert(*hash);
        }
        standing.is_distrusted |= self.distrusts;
        stage::empty(staging)?;
        let (scope, files) = self.staged(&mut standing).await?;
        let touched = match &scope {
            Scope::Changes(touched) => source.gone(touched),
            Scope::Everything => Vec::new(),
        };
        let plan = Plan::new(&standing, &scope, &files, &touched, |base| base.root(source, writer, *now));

        let left_shards = self.left_shards(&standing, &scope, &plan).await?;

        let put = async |path: &str, bytes: &[u8]| target.put(path, Content::Bytes(bytes), MANIFEST).await;
        if let Some((hash, bytes)) = &plan.also {
            put(&format!("{SHARDS}{hash}"), bytes).await?;
        }
        match standing.has_next {
            true => put(NEXT, &plan.bytes).await?,
            false if target.create(NEXT, &plan.bytes, MANIFEST).await? => {}
            false => return Err(UpdateError::Overtaken(target.name())),
        }
        for (hash, bytes) in &plan.shards {
            put(&format!("{SHARDS}{hash}"), bytes).await?;
        }
        for rank in files.iter().map(|file| file.rank).collect::<BTreeSet<_>>() {
            let of_rank = files.iter().filter(|file| file.rank == rank);
            let puts: Vec<Answer<'_, ()>> = of_rank
                .filter_map(|file| Some((file, file.staged.as_ref()?)))
                .map(|(file, staged)| target.put(&file.path, staged.content(), file.attributes))
                .collect();
            let mut puts = puts.into_iter().peekable();
            while puts.peek().is_some() {
                let some = puts.by_ref().take(PUTS_PER_LOOK);
                futures_util::stream::iter(some).buffer_unordered(PUTS_MAX).try_collect::<()>().await?;
                if puts.peek().is_some() {
                    self.is_alone(&standing, &plan).await?;
                }
            }
        }
        self.is_alone(&standing, &plan).await?;
        target.settle().await?;
        match &standing.current {
            Some(current) => put(PREVIOUS, &current.bytes).await?,
            None => target.delete(PREVIOUS).await?,
        }
        put(CURRENT, &plan.bytes).await?;
        target.settle().await?;
        let stale: Vec<Answer<'_, ()>> = plan.stale.iter().map(|path| target.delete(path)).collect();
        futures_util::stream::iter(stale).buffer_unordered(PUTS_MAX).try_collect::<()>().await?;
        for hash in &plan.stale_shards {
            target.delete(&format!("{SHARDS}{hash}")).await?;
        }
        if !left_shards.is_empty() && self.manifests_are(&plan.bytes, Some(&plan.bytes)).await? {
            for hash in &left_shards {
                target.delete(&format!("{SHARDS}{hash}")).await?;
            }
        }
        target.delete(NEXT).await?;

        let written = files.iter().filter(|file| file.staged.is_some()).count();
        Ok(Report {
            files: usize::try_from(plan.root.files).unwrap_or(usize::MAX),
            written,
            unchanged: files.len() - written,
            removed: plan.stale.len(),
            bytes: files.iter().map(|file| file.bytes).sum(),
            sequence: plan.root.sequence,
            board: plan.root.board.total(),
            manifest: Hash::of(&plan.bytes),
            took: begun.elapsed(),
        })
    }

    /// Whoever began the last update is the writer: also one that was taking over when it was broken off.
    fn may_write(&self, standing: &Standing) -> Result<(), UpdateError> {
        let Writer { cluster, owner, takes_over, .. } = self.writer;
        let held = [&standing.next, &standing.current].into_iter().flatten();
        if held.clone().any(|held| held.signed.root.cluster != cluster) {
            return Err(UpdateError::AnotherCluster(self.target.name()));
        }
        match held.map(|held| held.signed.root.writer).next() {
            Some(writer) if writer != owner && !takes_over => {
                Err(UpdateError::WrittenByAnother { target: self.target.name(), writer })
            }
            _ => Ok(()),
        }
    }

    /// Whether nobody else has written the manifests since this update began.
    ///
    /// # Errors
    /// When somebody has.
    async fn is_alone(&self, standing: &Standing, plan: &Plan) -> Result<(), UpdateError> {
        let before = standing.current.as_ref().map(|held| &held.bytes);
        let is_alone = self.manifests_are(&plan.bytes, before).await?;
        is_alone.then_some(()).ok_or_else(|| UpdateError::Overtaken(self.target.name()))
    }

    /// Whether the manifests are as this update has left them; asked where others can write.
    async fn manifests_are(&self, next: &Vec<u8>, current: Option<&Vec<u8>>) -> Result<bool, UpdateError> {
        let held = async |path: &str| self.target.get(path, ROOT_BYTES_MAX as u64).await;
        Ok(self.target.is_held()
            || held(NEXT).await?.as_ref() == Some(next) && held(CURRENT).await?.as_ref() == current)
    }

    /// Shards that stand before this update and that neither it nor a manifest there names. Looked for when there may be
    /// some: after an update that was broken off, and by a process that does not know what came before it.
    async fn left_shards(&self, standing: &Standing, scope: &Scope, plan: &Plan) -> Result<Vec<Hash>, UpdateError> {
        if !standing.has_next && *scope != Scope::Everything {
            return Ok(Vec::new());
        }
        let names = self.target.names(SHARDS, LEFT_SHARDS_MAX).await?.unwrap_or_default();
        let shards = names.iter().filter_map(|name| name.parse::<Hash>().ok());
        let is_named = |hash: &Hash| plan.root.shards.values().any(|named| named == hash);
        Ok(shards.filter(|hash| !is_named(hash) && !plan.stale_shards.contains(hash)).collect())
    }

    /// Renders the scope, or everything where what stands is not known well enough for less.
    async fn staged(&self, standing: &mut Standing) -> Result<(Scope, Vec<stage::File>), UpdateError> {
        let is_partial = standing.current.is_some()
            && !standing.is_distrusted
            && matches!(&self.scope, Scope::Changes(of) if !of.catalog);
        if is_partial {
            let addresses = self.source.addresses(&self.scope)?;
            let mut paths: BTreeSet<String> = super::files::of_all(&addresses, &self.source.board.catalog);
            let extra = (self.source.extra)(&self.scope);
            paths.extend(extra.iter().map(|extra| extra.path.clone()));
            let covers = standing.uncertain.keys().all(|path| paths.contains(path));
            if let Scope::Changes(touched) = &self.scope {
                paths.extend(self.source.gone(touched));
            }
            let names: BTreeSet<String> = paths.iter().map(|path| super::manifest::shard_of(path)).collect();
            let mut is_known = covers;
            for name in &names {
                is_known &= standing.list(self.target, name).await?;
            }
            if is_known {
                let place = (self.target, self.staging);
                let files =
                    stage::stage((place, self.threads), self.source, &self.scope, (&addresses, &extra), standing)?;
                return Ok((self.scope.clone(), files));
            }
        }
        let root = standing.current.as_ref().map(|held| held.signed.root.shards.clone()).unwrap_or_default();
        for name in root.keys() {
            standing.list(self.target, name).await?;
        }
        let addresses = self.source.addresses(&Scope::Everything)?;
        let place = (self.target, self.staging);
        let extra = (self.source.extra)(&Scope::Everything);
        let files =
            stage::stage((place, self.threads), self.source, &Scope::Everything, (&addresses, &extra), standing)?;
        Ok((Scope::Everything, files))
    }
}
