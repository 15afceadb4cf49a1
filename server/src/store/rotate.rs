//! A new key for this node, in steps of which each may be the last before a crash:
//!
//! 1. the new key is written to `node.key.new`;
//! 2. an event signed with the old key trusts the new one;
//! 3. the old key is copied to `node.key.old`, and `node.key.new` takes the place of `node.key`;
//! 4. at the next start the node signs with the new key; it vouches for the old one and removes it, by events that let
//!    everything stand which the old one signed, and then deletes `node.key.old`.
//!
//! After a crash before the end of 3 the old key is in use and rotating again goes on with the same new one.

use super::{
    Store,
    fault::{AppendError, ReadError},
    identity::{self, IdentityError, NEW_KEY_FILE, NODE_KEY_FILE, OLD_KEY_FILE},
};
use domain::{
    Instant,
    change::{Author, Change, Event, NodeRemoved, NodeTrusted},
    id::{Hlc, NodeId, NodeKey, Subject},
};
use ed25519_dalek::SigningKey;
use std::{fs, io, path::Path};

/// Why a key was not rotated.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    #[error("a key was rotated already and this node has not started since: start it first")]
    UnderWay,
    #[error("this log is in no directory, and so is its key")]
    NoDirectory,
    #[error(transparent)]
    Identity(#[from] IdentityError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Append(#[from] AppendError),
}

impl Store {
    /// Step 1: the public key of the new one, made when there is none yet.
    ///
    /// # Errors
    /// When a rotation waits for this node's next start, or the file cannot be read or written.
    pub fn new_key(&self) -> Result<NodeKey, RotateError> {
        let directory = self.key_directory()?;
        if self.awaits_start()? {
            return Err(RotateError::UnderWay);
        }
        public(&directory.join(NEW_KEY_FILE))
    }

    /// Step 3. Step 2 must be durable by now.
    ///
    /// # Errors
    /// When the files cannot be written; the old key is then still in place.
    pub fn swap_keys(&self) -> Result<(), RotateError> {
        let directory = self.key_directory()?;
        let [new, current, old] = [NEW_KEY_FILE, NODE_KEY_FILE, OLD_KEY_FILE].map(|name| directory.join(name));
        let seed = identity::load_or_create_key(&current)?;
        // What lies there is the copy of an attempt that did not get further; else `new_key` would have refused.
        removed(&old)?;
        identity::write_key(&old, &seed)?;
        let failed = |source| IdentityError::Io { path: current.clone(), source };
        fs::rename(&new, &current).map_err(failed)?;
        fs::File::open(directory).and_then(|directory| directory.sync_all()).map_err(failed)?;
        Ok(())
    }

    /// Step 4, at the start and before anything is written; nothing when no rotation is to be finished.
    ///
    /// # Errors
    /// When the files or the log cannot be read or written; the next start tries again.
    pub fn finish_rotation(&self, now: Instant) -> Result<Option<Event>, RotateError> {
        let Ok(directory) = self.key_directory() else { return Ok(None) };
        let old = directory.join(OLD_KEY_FILE);
        if !self.awaits_start_of(&old)? {
            removed(&old)?;
            return Ok(None);
        }
        let (key, trust) = (public(&old)?, self.trust());
        let mut event = None;
        if trust.removed().all(|(removed, _)| *removed != key) {
            let subject = Subject::Node(NodeId::of_key(&key));
            let mut planned = Vec::new();
            if trust.known(&key).is_none() {
                // The old key was trusted because it was this node's own. Now the new one has to vouch for it.
                let own = trust.known(&self.identity().node_key()).cloned();
                let name = own.map(|own| own.name).filter(|name| !name.is_empty());
                let name = name.unwrap_or_else(|| NodeId::of_key(&key).to_string());
                let (region, address) = (String::new(), String::new());
                planned.push((subject, Change::NodeTrusted(NodeTrusted { key, name, region, address })));
            }
            let up_to = self.last_clock(key)?.unwrap_or(Hlc(0));
            planned.push((subject, Change::NodeRemoved(NodeRemoved { key, up_to })));
            let author = Author { name: "holdfast".to_owned(), way: "rotation".to_owned() };
            event = self.append(&planned, &author, now)?.pop();
        }
        removed(&old)?;
        Ok(event)
    }

    /// Whether the key in the file is another than the one in use.
    fn awaits_start(&self) -> Result<bool, RotateError> {
        Ok(public(&self.key_directory()?.join(NODE_KEY_FILE))? != self.identity().node_key())
    }

    /// Whether there is an old key, other than the one in use.
    fn awaits_start_of(&self, old: &Path) -> Result<bool, RotateError> {
        let there = old.try_exists().map_err(|source| IdentityError::Io { path: old.to_owned(), source })?;
        Ok(there && public(old)? != self.identity().node_key())
    }

    fn key_directory(&self) -> Result<&Path, RotateError> {
        self.0.directory.as_deref().ok_or(RotateError::NoDirectory)
    }
}

fn public(path: &Path) -> Result<NodeKey, RotateError> {
    let seed = identity::load_or_create_key(path)?;
    Ok(NodeKey(SigningKey::from_bytes(&seed).verifying_key().to_bytes()))
}

fn removed(path: &Path) -> Result<(), IdentityError> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(IdentityError::Io { path: path.to_owned(), source })
        }
        _ => Ok(()),
    }
}
