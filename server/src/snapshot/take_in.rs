//! What a copy of the site holds and this node's log lacks, taken in: before the copy is written over, and after the log was
//! lost.

use super::{
    manifest::{CURRENT, Hash, NEXT, ROOT_BYTES_MAX, Root, Signed},
    sealed_log::{self, SealedError},
    target::{Target, TargetError},
};
use crate::{
    publish::{Node, PublishError},
    store::{INSERT_MAX, ReadError},
};
use domain::{Instant, id::NodeKey};

/// Why what a copy holds and this node lacks is not taken in yet; it is tried again with the next update.
#[derive(Debug, thiserror::Error)]
pub enum TakeInError {
    #[error(transparent)]
    Target(#[from] TargetError),
    #[error(
        "the copy holds news that this node lacks, and they cannot be read: {0}; where they are lost for good, `holdfast mirrors take` writes over them"
    )]
    Sealed(SealedError),
    #[error("the copy holds news that this node lacks, and they cannot be saved: {0}")]
    Publish(PublishError),
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// Why the events of a copy are not in this node's log.
#[derive(Debug, thiserror::Error)]
pub enum EventsError {
    #[error(transparent)]
    Sealed(#[from] SealedError),
    #[error("they cannot be saved: {0}")]
    Publish(#[from] PublishError),
}

impl From<EventsError> for TakeInError {
    fn from(error: EventsError) -> TakeInError {
        match error {
            EventsError::Sealed(error) => TakeInError::Sealed(error),
            EventsError::Publish(error) => TakeInError::Publish(error),
        }
    }
}

/// What stood at a target before an update.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Of the root manifest.
    pub manifest: Option<Hash>,
    /// Another node began an update and has not come to its end.
    pub is_begun_elsewhere: bool,
    /// Events were taken in from there.
    pub has_news: bool,
    /// It was written with a former key of this very node.
    pub is_formerly_own: bool,
    /// As of when it had all news, as a node that is trusted here has signed; the log holds all that it holds.
    pub confirmed_at: Option<Instant>,
}

/// Takes in what this node's copy holds and its log lacks: a post that was made with no node alive, or what was lost with a
/// data file, or what the node that this one takes over from alone had. So a copy is never written over with less than it
/// holds.
///
/// # Errors
/// When the target or its log cannot be read, or the node's own log takes no write. A log that is not there stops no
/// takeover, which somebody has asked for.
pub async fn news(node: &Node, target: &dyn Target, takes_over: bool) -> Result<Found, TakeInError> {
    let identity = node.store().identity();
    let own = identity.node_key();
    let current = target.get(CURRENT, ROOT_BYTES_MAX as u64).await?;
    let next = target.get(NEXT, ROOT_BYTES_MAX as u64).await?;
    let signed = |bytes: &Option<Vec<u8>>| bytes.as_deref().and_then(|bytes| Signed::parse(bytes).ok());
    let (held, next) = (signed(&current), signed(&next));
    let found = Found {
        manifest: current.as_deref().map(Hash::of),
        is_begun_elsewhere: next.as_ref().is_some_and(|next| next.root.writer != own),
        ..Found::default()
    };
    let is_damaged = current.is_some() && held.is_none();
    let Some(signed) = held.as_ref().or(next.as_ref()) else {
        // The update refuses, or writes over it where nobody else can have written: not before what opens is taken in.
        let has_news = is_damaged && (target.is_held() || takes_over) && salvaged(node, target).await?;
        return Ok(Found { has_news, ..found });
    };
    let root = &signed.root;
    let place = |key: &NodeKey| place(node, key);
    let is_formerly_own = root.writer != own && place(&root.writer).is_some_and(|of| Some(of) == place(&own));
    let is_member = node.trust().members().any(|member| member.key == signed.signer);
    let is_believed = is_member || is_formerly_own && signed.signer == root.writer;
    let is_whole = held.is_some() && root.cluster == identity.cluster;
    let confirmed_at = Some(root.confirmed_at).filter(|_| is_whole && is_believed);
    let found = Found { is_formerly_own, confirmed_at, ..found };
    let has_begun = next.as_ref().is_some_and(|next| next.root.writer == own);
    let is_ours = root.writer == own || has_begun || takes_over || is_formerly_own || signed.signer != root.writer;
    let lacks = |signed: &Option<Signed>| match signed {
        Some(signed) if signed.root.cluster == identity.cluster => may_lack(node, &signed.root),
        _ => Ok(false),
    };
    // An update that was broken off may have put its log, or not.
    let (lacks_held, lacks_next) = (lacks(&held)?, lacks(&next)?);
    if !is_ours || !(lacks_held || lacks_next || is_damaged) {
        return Ok(Found { confirmed_at: confirmed_at.filter(|_| !lacks_held), ..found });
    }
    if is_damaged {
        return Ok(Found { has_news: salvaged(node, target).await?, ..found });
    }
    let get = async |path: &str, bytes_max: u64| target.get(path, bytes_max).await;
    let new = match events(node, get).await {
        Err(EventsError::Sealed(error @ SealedError::Missing(_))) if takes_over || !lacks_held => {
            tracing::error!(target = target.name(), %error, "what stands there is written over; its news cannot be read");
            return Ok(Found { confirmed_at: None, ..found });
        }
        taken => taken?,
    };
    if new == 0 {
        return Ok(found);
    }
    tracing::warn!(target = target.name(), new, "took in what stood there and was not in this node's log");
    Ok(Found { has_news: true, ..found })
}

/// Whether a copy may hold events that are not in the node's log, as far as its manifest tells: what its log holds is asked
/// for, not how many events of each node the pages show. Two may have posted with one key.
///
/// # Errors
/// When the node's log cannot be read.
pub(super) fn may_lack(node: &Node, root: &Root) -> Result<bool, ReadError> {
    match &root.events {
        Some(events) => Ok(!node.store().covers(events)?),
        None => {
            let ours = node.board();
            let lacks = |(key, count): (&NodeKey, &u64)| ours.version.0.get(key).is_none_or(|ours| ours < count);
            Ok(root.board.0.iter().any(lacks))
        }
    }
}

/// Takes in what can be read beside a manifest that is none; whether there was news.
async fn salvaged(node: &Node, target: &dyn Target) -> Result<bool, TakeInError> {
    let get = async |path: &str, bytes_max: u64| target.get(path, bytes_max).await;
    match events(node, get).await {
        Ok(new) => Ok(new > 0),
        Err(EventsError::Sealed(SealedError::Get(error))) => Err(error.into()),
        Err(EventsError::Sealed(error)) => {
            tracing::error!(target = target.name(), %error, "its manifest is none, and its log cannot be read");
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}

/// Takes in every event of a copy's sealed log, whatever its manifest says; how many were new. `get` as in
/// [`sealed_log::read`].
///
/// # Errors
/// When the sealed log cannot be read, or the node's own log takes no write.
pub async fn events(
    node: &Node,
    get: impl AsyncFn(&str, u64) -> Result<Option<Vec<u8>>, TargetError>,
) -> Result<usize, EventsError> {
    let (_, records) = sealed_log::read(node.store().identity(), get).await?;
    let mut new = 0;
    for batch in records.chunks(INSERT_MAX) {
        new += node.insert(batch.to_vec()).await?.events.len();
    }
    Ok(new)
}

/// What tells a node from others, whatever its key.
pub(super) fn place(node: &Node, key: &NodeKey) -> Option<(String, String, String)> {
    node.trust().known(key).map(|of| (of.name.clone(), of.region.clone(), of.address.clone()))
}
