//! What replication needs of the network: streams of bytes between two nodes that have proved their keys to each other.

use domain::id::NodeKey;
use std::io;
use tokio::io::{AsyncRead, AsyncWrite};

/// Why there is no link to a peer.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    #[error("{address} cannot be reached: {error}")]
    Unreachable { address: String, error: io::Error },
    /// The handshake failed: another key answered, ours is not known there, or it was no node at all.
    #[error("no handshake with {address}: {reason}")]
    Handshake { address: String, reason: String },
    #[error("the peers' listener failed: {0}")]
    Listener(io::Error),
}

/// Which keys may link with this node, asked at each handshake: trust changes while the node runs.
pub type Known = std::sync::Arc<dyn Fn(&NodeKey) -> bool + Send + Sync>;

/// The way to peers and from them. Both sides of every stream that it hands out have proved their keys.
pub trait Transport: Send + Sync + 'static {
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// Connects to `address` (host and port), where the node with the key `expected` must answer.
    ///
    /// # Errors
    /// When nobody answers there, or somebody else.
    fn dial(&self, address: &str, expected: NodeKey) -> impl Future<Output = Result<Self::Stream, LinkError>> + Send;

    /// The next stream that a known peer has opened. Handshakes that fail are logged, not returned, and a slow one
    /// keeps nobody else waiting.
    ///
    /// # Errors
    /// When the listener itself has failed; calling again tries again.
    fn accept(&self) -> impl Future<Output = Result<(Self::Stream, NodeKey), LinkError>> + Send;
}
