//! A node made from a snapshot alone: its log is the sealed one of the snapshot, its key the one that is given.

use super::{
    sealed_log::{self, About, SealedError},
    target::TargetError,
};
use crate::{
    clock::SharedClock,
    publish::{Node, NodeOptions},
    store::{INSERT_MAX, Identity, InsertError, OpenError, ReadError, Store, fault::Fault},
};
use app::site::Site;
use domain::{Instant, id::NodeKey};
use std::{path::Path, sync::Arc};

/// Why a snapshot cannot be gone on with.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    #[error(transparent)]
    Sealed(#[from] SealedError),
    #[error(
        "the key {0} is not trusted by the nodes of this page, so nobody would believe what it signs; trusted are {1}"
    )]
    Stranger(NodeKey, String),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Insert(#[from] InsertError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Note(#[from] Fault),
}

/// How the node is to show itself.
#[derive(Debug)]
pub struct Appearance {
    pub clock: SharedClock,
    pub site: Site,
    /// As of when the snapshot had all news: no news have come since.
    pub confirmed_at: Instant,
}

/// Makes the log anew in an empty `directory` and starts a node on it that links with nobody. `get` gives the bytes of a
/// file of the snapshot, if it is there.
///
/// # Errors
/// When the snapshot holds no log, or one of another cluster, or the key is not one that counts there.
pub async fn node(
    directory: &Path,
    identity: Identity,
    appearance: Appearance,
    get: impl AsyncFn(&str, u64) -> Result<Option<Vec<u8>>, TargetError>,
) -> Result<Arc<Node>, RecoverError> {
    let key = identity.node_key();
    let (about, records) = sealed_log::read(&identity, get).await?;
    let origin = origin(&about, key)?;
    let store = Store::open(directory, identity)?;
    for batch in records.chunks(INSERT_MAX) {
        store.insert(batch, appearance.clock.now())?;
    }
    store.note_confirmed_at(appearance.confirmed_at)?;
    let options = NodeOptions {
        clock: appearance.clock,
        site: appearance.site,
        origin,
        default_page: about.page,
        amber_seconds: about.amber_seconds,
        grey_seconds: about.grey_seconds,
        seeds: about.trusted,
        keep_free_mib: 0,
    };
    let node = Node::start(store, options)?;
    // It hears from nobody, also where it is the only one: no news have come since.
    node.replicate();
    Ok(node)
}

/// The region of the key's node, as pages show it.
fn origin(about: &About, key: NodeKey) -> Result<String, RecoverError> {
    if let Some(member) = about.trusted.iter().find(|member| member.key == key) {
        let is_named = !member.region.is_empty();
        return Ok(if is_named { member.region.clone() } else { member.name.clone() });
    }
    let known: Vec<String> = about.trusted.iter().map(|member| format!("{} ({})", member.key, member.name)).collect();
    Err(RecoverError::Stranger(key, known.join(", ")))
}
