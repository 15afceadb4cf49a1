//! The new manifest, and what is to be put and deleted: a pure function of what stands and what was rendered.

use super::{stage::File, standing::Standing};
use crate::snapshot::{
    manifest::{Hash, Root, Shard, shard_of},
    source::{Scope, Source, Writer},
};
use domain::Instant;
use std::collections::{BTreeMap, BTreeSet};

/// What an update does at its target, beside the files.
#[derive(Debug)]
pub struct Plan {
    pub root: Root,
    /// The signed root.
    pub bytes: Vec<u8>,
    /// New shards.
    pub shards: Vec<(Hash, Vec<u8>)>,
    pub also: Option<(Hash, Vec<u8>)>,
    /// Files that are to be deleted.
    pub stale: BTreeSet<String>,
    pub stale_shards: BTreeSet<Hash>,
}

/// What a root is made from, beside the source and the writer.
pub struct Base<'a> {
    standing: &'a Standing,
    shards: BTreeMap<String, Hash>,
    also: Option<Hash>,
    files: u64,
}

impl Plan {
    /// `gone`: files that the scope's changes took away. `root` makes the signed root.
    pub fn new(
        standing: &Standing,
        scope: &Scope,
        files: &[File],
        gone: &[String],
        root: impl Fn(Base<'_>) -> (Root, Vec<u8>),
    ) -> Plan {
        let before = standing.current.as_ref().map(|held| &held.signed.root);
        let old = before.map(|root| root.shards.clone()).unwrap_or_default();
        let mut listed: BTreeMap<String, BTreeMap<String, Hash>> = BTreeMap::new();
        if *scope != Scope::Everything {
            listed.clone_from(&standing.listed);
        }
        for path in gone {
            listed.entry(shard_of(path)).or_default().remove(path);
        }
        for file in files {
            listed.entry(shard_of(&file.path)).or_default().insert(file.path.clone(), file.hash);
        }
        let is_new = |path: &str| listed.get(&shard_of(path)).is_some_and(|files| files.contains_key(path));

        let removed = standing.listed.values().flatten().filter(|(path, _)| !is_new(path));
        let mut also: BTreeSet<(String, Hash)> = removed.map(|(path, hash)| (path.clone(), *hash)).collect();
        let mut stale: BTreeSet<String> = also.iter().map(|(path, _)| path.clone()).collect();
        for (path, hashes) in &standing.uncertain {
            let known = [standing.hash(path), listed.get(&shard_of(path)).and_then(|files| files.get(path)).copied()];
            let others = hashes.iter().filter(|hash| !known.contains(&Some(**hash)));
            also.extend(others.map(|hash| (path.clone(), *hash)));
            if !is_new(path) {
                stale.insert(path.clone());
                also.extend(hashes.iter().map(|hash| (path.clone(), *hash)));
            }
        }

        let count_before: usize = standing.listed.values().map(BTreeMap::len).sum();
        let count_after: usize = listed.values().map(BTreeMap::len).sum();
        let files = match scope {
            Scope::Everything => count_after as u64,
            // Of the shards that were not read, none changed.
            Scope::Changes(_) => {
                before.map_or(0, |root| root.files).saturating_sub(count_before as u64) + count_after as u64
            }
        };
        let mut names = if *scope == Scope::Everything { BTreeMap::new() } else { old.clone() };
        let mut shards = Vec::new();
        for (name, files) in listed {
            if files.is_empty() {
                names.remove(&name);
                continue;
            }
            let bytes = Shard(files.into_iter().collect()).write();
            let hash = Hash::of(&bytes);
            if old.get(&name) != Some(&hash) {
                shards.push((hash, bytes));
            }
            names.insert(name, hash);
        }
        let also = (!also.is_empty()).then(|| Shard(also.into_iter().collect()).write());
        let also = also.map(|bytes| (Hash::of(&bytes), bytes));
        let also_hash = also.as_ref().map(|(hash, _)| *hash);
        let (root, bytes) = root(Base { standing, shards: names, also: also_hash, files });

        let held = [&standing.current, &standing.next].into_iter().flatten().map(|held| &held.signed.root);
        let mut stale_shards: BTreeSet<Hash> =
            held.flat_map(|root| root.shards.values().copied().chain(root.also)).chain(also_hash).collect();
        stale_shards.retain(|hash| !root.shards.values().any(|kept| kept == hash));
        Plan { root, bytes, shards, also, stale, stale_shards }
    }
}

impl Base<'_> {
    /// The signed root of an update that is written at `now`.
    pub fn root(self, source: &Source<'_>, writer: &Writer<'_>, now: Instant) -> (Root, Vec<u8>) {
        let before = self.standing.current.as_ref().map(|held| &held.signed);
        let before_writer = before.map(|signed| signed.root.writer);
        let root = Root {
            cluster: writer.cluster,
            writer: writer.owner,
            sequence: before.map_or(0, |signed| signed.root.sequence) + 1,
            previous: before.map(|signed| signed.hash),
            taken_over_from: before_writer.filter(|before| *before != writer.owner),
            board: source.board.version.clone(),
            events: source.events,
            confirmed_at: source.stamp.confirmed_at,
            trust_until: source.stamp.trust_until(),
            written_at: now,
            base_path: source.site.base_path.clone(),
            files: self.files,
            shards: self.shards,
            also: self.also,
        };
        let bytes = root.sign(writer.key);
        (root, bytes)
    }
}
