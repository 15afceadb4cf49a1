//! A post with no node alive: the last snapshot, a node's key and the cluster's make a node for a moment, the post is
//! published on it as on any other, and the site is rendered anew into the targets.

use super::{
    Report, Scope, Source, Update, UpdateError, Writer, copies,
    manifest::{CURRENT, Hash, ManifestError, NEXT, ROOT_BYTES_MAX, SHARD_BYTES_MAX, SHARDS, Shard, Signed, shard_of},
    recover::{self, Appearance, RecoverError},
    sealed_log::{self, SealedError, SealedLog},
    take_in::{may_lack, place},
    target::{Target, TargetError, bucket},
    verify::Reader,
    write::THREADS_MAX,
};
use crate::{
    assets,
    clock::SharedClock,
    publish::Node,
    store::{Identity, ReadError, Record},
};
use app::site::{Site, SiteCopy};
use domain::{
    board::Touched,
    id::{EventId, NodeKey},
};
use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

/// Why a snapshot cannot be posted to.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    #[error("there is no manifest: this is no snapshot, or one that an earlier version wrote")]
    NoSnapshot,
    #[error("the manifest: {0}")]
    Manifest(ManifestError),
    #[error("the snapshot belongs to another cluster than the cluster key")]
    AnotherCluster,
    #[error("the snapshot was written by node {0}, which its own log does not trust")]
    Stranger(NodeKey),
    #[error("{0} holds news that the snapshot gone on from lacks; go on from there: `--from {0}`")]
    Newer(String),
    #[error(transparent)]
    Bucket(#[from] bucket::OpenError),
    #[error(transparent)]
    Recover(#[from] RecoverError),
    #[error(transparent)]
    Target(#[from] TargetError),
    #[error(transparent)]
    Update(#[from] UpdateError),
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// A node made from a snapshot, for as long as it takes to post.
pub struct Standin {
    pub node: Arc<Node>,
    identity: Identity,
    /// The manifest gone on from.
    from: Signed,
    /// Whether its log was that of its pages, and no later one.
    is_exact: bool,
    touched: Arc<Mutex<Touched>>,
}

impl Standin {
    /// Makes the node in an empty `directory`.
    ///
    /// # Errors
    /// When the snapshot is none, holds no log, or belongs to another cluster; or the key is not one that counts there.
    pub async fn of(
        reader: &dyn Reader,
        directory: &Path,
        identity: Identity,
        clock: SharedClock,
    ) -> Result<Standin, PostError> {
        let from = standing(reader).await?.ok_or(PostError::NoSnapshot)?;
        if from.root.cluster != identity.cluster {
            return Err(PostError::AnotherCluster);
        }
        let base_path = from.root.base_path.clone();
        let copies = copies_of(reader, &from).await?;
        let site = Site { files: assets::names().clone(), base_path, copies, ..Site::default() };
        let appearance = Appearance { clock, site, confirmed_at: from.root.confirmed_at };
        let get = async |path: &str, bytes_max: u64| reader.get(path, bytes_max).await;
        let node = recover::node(directory, identity.clone(), appearance, get).await?;
        // A copy with a false log is no copy: the log says whose word counts.
        if !is_of_a_member(&node, &from.signer) {
            return Err(PostError::Stranger(from.signer));
        }
        let is_exact = node.board().version == from.root.board;
        let touched = Arc::new(Mutex::new(Touched::default()));
        let told = Arc::clone(&touched);
        node.listen(Box::new(move |_, touched| {
            told.lock().unwrap_or_else(PoisonError::into_inner).merge(touched.clone());
        }));
        Ok(Standin { node, identity, from, is_exact, touched })
    }

    /// Whether something was posted.
    pub fn has_posted(&self) -> bool {
        !self.touched.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Publishes the site rendered anew. The target stays its node's, which goes on with it when it returns.
    ///
    /// # Errors
    /// When the target has news that are not here, belongs to another cluster, or cannot be written.
    pub async fn publish(&self, target: &dyn Target, staging: &Path) -> Result<Report, PostError> {
        let node = &self.node;
        let held = async |path: &str| {
            let bytes = target.get(path, ROOT_BYTES_MAX as u64).await?;
            bytes.map(|bytes| Signed::parse(&bytes)).transpose().map_err(PostError::Manifest)
        };
        let (held, next) = (held(CURRENT).await?, held(NEXT).await?);
        let (board, stamp) = (node.board(), node.stamp());
        for (name, held) in [(CURRENT, &held), (NEXT, &next)] {
            let Some(held) = held.as_ref().filter(|held| held.root.cluster == self.identity.cluster) else { continue };
            if may_lack(node, &held.root)? && self.has_news(target, name).await? {
                return Err(PostError::Newer(target.name()));
            }
        }
        let is_same = held.as_ref().is_some_and(|held| held.hash == self.from.hash);
        let touched = self.touched.lock().unwrap_or_else(PoisonError::into_inner).clone();
        // Whoever began the last update is the target's writer; its place is its own.
        let before = next.as_ref().or(held.as_ref()).map_or(&self.from.root, |held| &held.root);
        let (owner, base_path) = (before.writer, before.base_path.clone());
        let log = SealedLog::of(node)?;
        let source = Source::of(node, &board, &stamp, base_path).with(&log, None);
        let update = Update {
            target,
            staging,
            source: &source,
            writer: Writer { owner, ..Writer::of(node) },
            scope: if is_same && self.is_exact { Scope::Changes(touched) } else { Scope::Everything },
            now: node.clock().now(),
            threads: THREADS_MAX,
            left: Vec::new(),
            distrusts: false,
        };
        Ok(update.run().await?)
    }

    /// Whether the log of a target holds what is not here. What cannot be read counts as news.
    async fn has_news(&self, target: &dyn Target, manifest: &str) -> Result<bool, PostError> {
        let get = async |path: &str, bytes_max: u64| target.get(path, bytes_max).await;
        match sealed_log::read(&self.identity, get).await {
            Ok((_, records)) => {
                let ids: Vec<EventId> = records.iter().map(Record::id).collect();
                Ok(!self.node.store().holds_all(&ids)?)
            }
            Err(SealedError::Get(error)) => Err(error.into()),
            // Of an update that was broken off before its log was there.
            Err(SealedError::Missing(_)) => Ok(manifest == CURRENT),
            Err(error) => {
                tracing::error!(target = target.name(), %error, "its log cannot be read");
                Ok(true)
            }
        }
    }
}

/// A key that is trusted, or a former one of a node that is: until its next start a node signs with the key that it has
/// replaced.
fn is_of_a_member(node: &Node, key: &NodeKey) -> bool {
    let trust = node.trust();
    let of = place(node, key);
    of.is_some() && trust.members().any(|member| member.key == *key || place(node, &member.key) == of)
}

/// The manifest of what stands.
async fn standing(reader: &dyn Reader) -> Result<Option<Signed>, PostError> {
    for name in [CURRENT, NEXT] {
        if let Some(bytes) = reader.get(name, ROOT_BYTES_MAX as u64).await? {
            return Signed::parse(&bytes).map(Some).map_err(PostError::Manifest);
        }
    }
    Ok(None)
}

/// The copies that the snapshot tells of, as far as they are signed. An update that was broken off may have replaced the list
/// before its manifest.
async fn copies_of(reader: &dyn Reader, from: &Signed) -> Result<Vec<SiteCopy>, TargetError> {
    let next = reader.get(NEXT, ROOT_BYTES_MAX as u64).await?.and_then(|bytes| Signed::parse(&bytes).ok());
    let next = next.filter(|next| next.signer == from.signer);
    let Some(bytes) = reader.get(copies::FILE, copies::BYTES_MAX).await? else { return Ok(Vec::new()) };
    let hash = Hash::of(&bytes);
    for signed in [Some(from), next.as_ref()].into_iter().flatten() {
        let Some(list) = signed.root.shards.get(&shard_of(copies::FILE)) else { continue };
        let shard = reader.get(&format!("{SHARDS}{list}"), SHARD_BYTES_MAX as u64).await?;
        let shard = shard.filter(|bytes| Hash::of(bytes) == *list).and_then(|bytes| Shard::parse(&bytes).ok());
        if shard.is_some_and(|shard| shard.iter().any(|listed| listed == (copies::FILE, hash))) {
            return Ok(copies::read(&bytes).unwrap_or_default());
        }
    }
    tracing::warn!("the list of copies is not the one that was signed; the new pages tell of none");
    Ok(Vec::new())
}
