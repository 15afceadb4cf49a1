//! Whether a snapshot is whole, whose it is and as of when: everything that its manifest claims, checked.
//!
//! | module | what is there |
//! |---|---|
//! | [`finding`] | what can be wrong, each with its exit code and its sentence |
//! | [`reader`] | where a snapshot is read from: a directory, or any web server |
//!
//! This part changes nothing, and needs no store and no key of its own.

mod finding;
mod reader;

pub use finding::{EXPIRED, Finding, GOOD, UPDATING, Verdict};
pub use reader::{Reader, Web, WebError};

use super::{
    FILE_BYTES_MAX,
    manifest::{CURRENT, Hash, NEXT, PREVIOUS, ROOT_BYTES_MAX, SHARD_BYTES_MAX, SHARDS, Shard, Signed},
    target::{Answer, TargetError},
};
use domain::{Instant, id::NodeKey};
use futures_util::{StreamExt, TryStreamExt};
use std::collections::{BTreeMap, BTreeSet};

/// Files that are read at once, at most.
const READS_MAX: usize = 16;
/// Files of a snapshot, at most: anybody can sign a manifest with a key of their own.
const FILES_MAX: u64 = 4 << 20;
/// Attempts at a snapshot whose manifest changes while it is read.
const ATTEMPTS_MAX: usize = 3;

/// What a snapshot is checked against.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    /// `None`: any key will do, and the verdict names it.
    pub keys: Option<Vec<NodeKey>>,
    /// A manifest that was seen before: nothing older is taken.
    pub after: Option<Signed>,
}

/// Checks a snapshot.
///
/// # Errors
/// When it cannot be read.
pub async fn verify(reader: &dyn Reader, expected: &Expected, now: Instant) -> Result<Verdict, TargetError> {
    let mut verdict = attempt(reader, expected, now).await?;
    for _ in 1..ATTEMPTS_MAX {
        if verdict.is_good() || roots(reader).await? == verdict.roots {
            break;
        }
        // An update began or ended while we read.
        verdict = attempt(reader, expected, now).await?;
    }
    Ok(verdict)
}

/// The hashes of the root manifests.
async fn roots(reader: &dyn Reader) -> Result<[Option<Hash>; 2], TargetError> {
    let hash = async |path| {
        let bytes = reader.get(path, ROOT_BYTES_MAX as u64).await?;
        Ok::<_, TargetError>(bytes.map(|bytes| Hash::of(&bytes)))
    };
    Ok([hash(CURRENT).await?, hash(NEXT).await?])
}

async fn attempt(reader: &dyn Reader, expected: &Expected, now: Instant) -> Result<Verdict, TargetError> {
    let mut check = Check { reader, expected, verdict: Verdict::new(reader.can_list()) };
    check.run(now).await?;
    Ok(check.verdict)
}

struct Check<'a> {
    reader: &'a dyn Reader,
    expected: &'a Expected,
    verdict: Verdict,
}

/// As what files may stand, and which must.
#[derive(Default)]
struct Listed {
    must: BTreeSet<String>,
    may: BTreeMap<String, BTreeSet<Hash>>,
}

impl Listed {
    fn allow(&mut self, shard: &Shard, must: bool) {
        for (path, hash) in shard.iter() {
            self.may.entry(path.to_owned()).or_default().insert(hash);
            if must {
                self.must.insert(path.to_owned());
            }
        }
    }
}

impl Check<'_> {
    async fn run(&mut self, now: Instant) -> Result<(), TargetError> {
        let bytes = self.reader.get(CURRENT, ROOT_BYTES_MAX as u64).await?;
        let next_bytes = self.reader.get(NEXT, ROOT_BYTES_MAX as u64).await?;
        self.verdict.roots = [bytes.as_deref(), next_bytes.as_deref()].map(|bytes| bytes.map(Hash::of));
        let current = self.root(CURRENT, bytes.as_deref());
        let next = self.root(NEXT, next_bytes.as_deref());
        if bytes.is_none() && next_bytes.is_none() {
            self.verdict.find(Finding::Nothing);
        }
        self.verdict.is_updating = next.is_some();
        let Some(told) = current.clone().or_else(|| next.clone()) else { return Ok(()) };
        if self.verdict.has_faults() {
            // What a stranger lists is not read.
            self.verdict.told = Some(told);
            return Ok(());
        }
        // Only the very first update has nothing that it goes on from.
        if bytes.is_none() && (told.root.sequence != 1 || told.root.previous.is_some()) {
            self.verdict.find(Finding::Missing(CURRENT.to_owned()));
        }
        self.chain(current.as_ref(), next.as_ref()).await?;
        if now >= told.root.trust_until {
            self.verdict.find(Finding::Expired(told.root.trust_until));
        }
        let mut listed = Listed::default();
        let mut shards = BTreeSet::new();
        if let Some(current) = &current {
            for hash in current.root.shards.values() {
                shards.insert(*hash);
                match self.shard(*hash).await? {
                    Some(shard) => listed.allow(&shard, true),
                    None => self.verdict.find(Finding::Missing(format!("{SHARDS}{hash}"))),
                }
                if listed.must.len() as u64 > current.root.files.min(FILES_MAX) {
                    break;
                }
            }
            let count = listed.must.len() as u64;
            if count != current.root.files && !self.verdict.has_faults() {
                self.verdict.find(Finding::Manifest(
                    CURRENT.to_owned(),
                    format!("it tells of {} files and lists {count}", current.root.files),
                ));
            }
        }
        if let Some(next) = &next {
            // One that is not there: its files were not begun, or are gone by now.
            for hash in next.root.shards.values().copied().chain(next.root.also) {
                if shards.insert(hash)
                    && let Some(shard) = self.shard(hash).await?
                {
                    listed.allow(&shard, false);
                }
                if listed.may.len() as u64 > 2 * FILES_MAX {
                    break;
                }
            }
        }
        self.verdict.told = Some(told);
        self.files(&listed).await?;
        self.extra(&listed).await
    }

    fn root(&mut self, name: &str, bytes: Option<&[u8]>) -> Option<Signed> {
        match Signed::parse(bytes?) {
            Ok(signed) => {
                let is_trusted = |key: &NodeKey| self.expected.keys.as_ref().is_none_or(|keys| keys.contains(key));
                if !is_trusted(&signed.signer) {
                    self.verdict.find(Finding::UnknownKey(signed.signer));
                }
                Some(signed)
            }
            Err(error) => {
                self.verdict.find(Finding::Manifest(name.to_owned(), error.to_string()));
                None
            }
        }
    }

    async fn chain(&mut self, current: Option<&Signed>, next: Option<&Signed>) -> Result<(), TargetError> {
        let broken = |what: String| Finding::Chain(what);
        if let Some(current) = current {
            let before = self.reader.get(PREVIOUS, ROOT_BYTES_MAX as u64).await?.map(|bytes| Hash::of(&bytes));
            // Just before `manifest` is replaced, both are the same.
            let is_replacing = next.is_some() && before == Some(current.hash);
            // Put before `manifest` is: only one that may not be listed can hide it.
            if before.is_none() && current.root.sequence > 1 && self.reader.can_list() {
                self.verdict.find(Finding::Missing(PREVIOUS.to_owned()));
            }
            if before.is_some() && before != current.root.previous && !is_replacing {
                self.verdict.find(broken("`manifest` does not follow `manifest.previous`".to_owned()));
            }
            if (current.root.sequence == 1) != current.root.previous.is_none() {
                self.verdict.find(broken("its number and the manifest before it do not go together".to_owned()));
            }
        }
        if let (Some(current), Some(next)) = (current, next)
            && next.hash != current.hash
            && (next.root.previous != Some(current.hash) || next.root.sequence != current.root.sequence + 1)
        {
            self.verdict.find(broken("`manifest.next` does not follow `manifest`".to_owned()));
        }
        if let (Some(after), Some(told)) = (&self.expected.after, current.or(next)) {
            let seen = &after.root;
            if told.root.cluster != seen.cluster {
                self.verdict.find(broken("it is of another cluster than the one that was seen".to_owned()));
            } else if told.root.sequence < seen.sequence || told.root.board.is_older_than(&seen.board) {
                let (found, seen) = (told.root.sequence, seen.sequence);
                self.verdict.find(broken(format!("it is number {found}, older than number {seen} that was seen")));
            } else if told.root.sequence == seen.sequence && told.hash != after.hash
                || told.root.sequence == seen.sequence + 1 && told.root.previous != Some(after.hash)
            {
                self.verdict.find(broken("it does not follow the manifest that was seen".to_owned()));
            }
        }
        Ok(())
    }

    async fn shard(&mut self, hash: Hash) -> Result<Option<Shard>, TargetError> {
        let path = format!("{SHARDS}{hash}");
        let Some(bytes) = self.reader.get(&path, SHARD_BYTES_MAX as u64).await? else { return Ok(None) };
        if Hash::of(&bytes) != hash {
            self.verdict.find(Finding::Changed(path));
            return Ok(Some(Shard::default()));
        }
        match Shard::parse(&bytes) {
            Ok(shard) => Ok(Some(shard)),
            Err(error) => {
                self.verdict.find(Finding::Manifest(path, error.to_string()));
                Ok(Some(Shard::default()))
            }
        }
    }

    /// Every file that must stand, and every other that may.
    async fn files(&mut self, listed: &Listed) -> Result<(), TargetError> {
        let read = |path: &String| -> Answer<'_, (String, Option<Hash>)> {
            let (reader, path) = (self.reader, path.clone());
            Box::pin(async move {
                let bytes = reader.get(&path, FILE_BYTES_MAX).await?;
                Ok((path, bytes.map(|bytes| Hash::of(&bytes))))
            })
        };
        let reads: Vec<_> = listed.may.keys().map(read).collect();
        let found: Vec<_> = futures_util::stream::iter(reads).buffer_unordered(READS_MAX).try_collect().await?;
        for (path, hash) in found {
            match hash {
                None if listed.must.contains(&path) => self.verdict.find(Finding::Missing(path)),
                None => {}
                Some(hash) if listed.may[&path].contains(&hash) => self.verdict.files += 1,
                Some(_) => self.verdict.find(Finding::Changed(path)),
            }
        }
        Ok(())
    }

    /// Files that nothing lists. A shard that an update left before it was broken off names itself, and is one.
    async fn extra(&mut self, listed: &Listed) -> Result<(), TargetError> {
        for path in self.reader.list()? {
            if let Some(name) = path.strip_prefix(SHARDS) {
                let bytes = self.reader.get(&path, SHARD_BYTES_MAX as u64).await?;
                let is_left = |bytes: &Vec<u8>| name == Hash::of(bytes).to_string() && Shard::parse(bytes).is_ok();
                if !bytes.as_ref().is_none_or(is_left) {
                    self.verdict.find(Finding::Extra(path));
                }
            } else if !listed.may.contains_key(&path) && ![CURRENT, NEXT, PREVIOUS].contains(&path.as_str()) {
                self.verdict.find(Finding::Extra(path));
            }
        }
        Ok(())
    }
}
