//! What stands at a target before an update, as its manifests tell it.

use super::UpdateError;
use crate::snapshot::{
    manifest::{CURRENT, Hash, NEXT, ROOT_BYTES_MAX, SHARD_BYTES_MAX, SHARDS, Shard, Signed, shard_of},
    target::Target,
};
use std::collections::{BTreeMap, BTreeSet};

/// A root manifest with its bytes.
#[derive(Debug)]
pub struct Held {
    pub signed: Signed,
    pub bytes: Vec<u8>,
}

/// What stands.
#[derive(Debug, Default)]
pub struct Standing {
    pub current: Option<Held>,
    /// Of an update that was broken off.
    pub next: Option<Held>,
    /// Whether there is a `manifest.next` at all.
    pub has_next: bool,
    /// Nothing stands for certain.
    pub is_distrusted: bool,
    /// The shards of `current` that were read, by name.
    pub listed: BTreeMap<String, BTreeMap<String, Hash>>,
    /// Files of which it is not known whether they stand as `current` lists them, and as what else they may.
    pub uncertain: BTreeMap<String, BTreeSet<Hash>>,
}

impl Standing {
    /// Reads the root manifests, and what an update that was broken off may have left.
    /// One that is no manifest is none where it may be written over.
    ///
    /// # Errors
    /// When the target cannot be read, or `may_overwrite` is not so and there is something that is no manifest.
    pub async fn read(target: &dyn Target, may_overwrite: bool) -> Result<Standing, UpdateError> {
        let mut standing = Standing::default();
        let is_there = async |path: &str| target.get(path, ROOT_BYTES_MAX as u64).await;
        for path in [CURRENT, NEXT] {
            let Some(bytes) = is_there(path).await? else { continue };
            standing.has_next |= path == NEXT;
            let held = match Signed::parse(&bytes) {
                Ok(signed) => Some(Held { signed, bytes }),
                Err(error) if may_overwrite => {
                    tracing::error!(target = target.name(), path, %error, "no manifest; everything is written anew");
                    standing.is_distrusted = true;
                    None
                }
                Err(error) => return Err(UpdateError::Manifest(format!("{}/{path}", target.name()), error)),
            };
            *(if path == CURRENT { &mut standing.current } else { &mut standing.next }) = held;
        }
        let Some(next) = &standing.next else { return Ok(standing) };
        let of = |held: &Option<Held>| held.as_ref().map(|held| held.signed.root.shards.clone()).unwrap_or_default();
        let (before, after, also) = (of(&standing.current), next.signed.root.shards.clone(), next.signed.root.also);
        for (name, hash) in after.iter().filter(|(name, hash)| before.get(*name) != Some(*hash)) {
            // One that is not there: its files were not begun.
            let Some(shard) = shard(target, *hash).await? else { continue };
            standing.list(target, name).await?;
            let listed = &standing.listed[name];
            let changed = shard.0.into_iter().filter(|(path, hash)| listed.get(path) != Some(hash));
            for (path, hash) in changed {
                standing.uncertain.entry(path).or_default().insert(hash);
            }
        }
        let also = match also {
            Some(hash) => shard(target, hash).await?.unwrap_or_default(),
            None => Shard::default(),
        };
        for (path, hash) in also.0 {
            standing.uncertain.entry(path).or_default().insert(hash);
        }
        Ok(standing)
    }

    /// Reads one shard of what stands; tells whether it is known now. One that nobody lists holds nothing.
    pub async fn list(&mut self, target: &dyn Target, name: &str) -> Result<bool, UpdateError> {
        if self.listed.contains_key(name) {
            return Ok(true);
        }
        let hash = self.current.as_ref().and_then(|held| held.signed.root.shards.get(name)).copied();
        let (files, is_known) = match hash {
            None => (Shard::default(), true),
            Some(hash) => match shard(target, hash).await? {
                Some(shard) => (shard, true),
                None => (Shard::default(), false),
            },
        };
        self.listed.insert(name.to_owned(), files.0.into_iter().collect());
        Ok(is_known)
    }

    /// As what `current` lists a file.
    pub fn hash(&self, path: &str) -> Option<Hash> {
        self.listed.get(&shard_of(path))?.get(path).copied()
    }

    /// As what a file stands for certain.
    pub fn certain(&self, path: &str) -> Option<Hash> {
        self.hash(path).filter(|_| !self.is_distrusted && !self.uncertain.contains_key(path))
    }
}

/// A shard as its root names it; `None` when it is not there, or is another: then it is written anew.
async fn shard(target: &dyn Target, hash: Hash) -> Result<Option<Shard>, UpdateError> {
    let path = format!("{SHARDS}{hash}");
    let bytes = target.get(&path, SHARD_BYTES_MAX as u64).await?;
    Ok(bytes.filter(|bytes| Hash::of(bytes) == hash).and_then(|bytes| Shard::parse(&bytes).ok()))
}
