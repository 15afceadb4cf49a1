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
    /// The shards of `current` that were read, by name.
    pub listed: BTreeMap<String, BTreeMap<String, Hash>>,
    /// Files of which it is not known whether they stand as `current` lists them, and as what else they may.
    pub uncertain: BTreeMap<String, BTreeSet<Hash>>,
}

impl Standing {
    /// Reads the root manifests, and what an update that was broken off may have left.
    pub async fn read(target: &dyn Target) -> Result<Standing, UpdateError> {
        let mut standing =
            Standing { current: held(target, CURRENT).await?, next: held(target, NEXT).await?, ..Standing::default() };
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
        self.hash(path).filter(|_| !self.uncertain.contains_key(path))
    }
}

async fn held(target: &dyn Target, path: &str) -> Result<Option<Held>, UpdateError> {
    let Some(bytes) = target.get(path, ROOT_BYTES_MAX as u64).await? else { return Ok(None) };
    let place = || format!("{}/{path}", target.name());
    let signed = Signed::parse(&bytes).map_err(|error| UpdateError::Manifest(place(), error))?;
    Ok(Some(Held { signed, bytes }))
}

/// A shard as its root names it; `None` when it is not there, or is another: then it is written anew.
async fn shard(target: &dyn Target, hash: Hash) -> Result<Option<Shard>, UpdateError> {
    let path = format!("{SHARDS}{hash}");
    let bytes = target.get(&path, SHARD_BYTES_MAX as u64).await?;
    Ok(bytes.filter(|bytes| Hash::of(bytes) == hash).and_then(|bytes| Shard::parse(&bytes).ok()))
}
