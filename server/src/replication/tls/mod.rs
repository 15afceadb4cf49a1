//! Links between nodes in production: TLS 1.3 on a port of its own, each side proved by its pinned Ed25519 node key.
//!
//! | module | what is there |
//! |---|---|
//! | `identity` | the node's key in the forms that TLS wants, and a peer's key out of them |
//! | `pinned` | who may be at the other end, asked in the handshake |
//! | `dialer` | the way to a peer |
//! | `listener` | the way from peers: handshakes side by side, and the queue of links that are ready |
//! | `reason` | why a handshake failed, in words for operators |
//! | `refusals` | the log of failed handshakes, which a port scan cannot flood |
//! | `socket` | what every TCP connection between nodes is set to |
//!
//! A key travels as a raw public key (RFC 7250): there is no certificate, so no authority, no name and no expiry. There
//! are no session tickets and no early data: each connection proves the keys anew, so a removed key is out at once.
//!
//! In TLS 1.3 the dialer's handshake is done before the listener has judged the dialer's key. So the listener's first
//! byte is [`WELCOME`], written when it has; the dialer takes nobody for a peer before it is there, and a refusal
//! reaches whoever dialled. Neither side reads a byte of a peer that it does not know: keys are judged before any.

mod dialer;
pub mod identity;
mod listener;
mod pinned;
mod reason;
mod refusals;
mod socket;

use super::transport::{Known, LinkError, Transport};
use crate::store::Identity;
use dialer::Dialer;
use domain::id::NodeKey;
use listener::Listener;
use rustls::crypto::CryptoProvider;
use std::{io, net::SocketAddr, sync::Arc};
use tokio::net::TcpStream;
use tokio_rustls::TlsStream;

/// What the two sides agree to speak (ALPN); a later version of the protocol has another number.
pub const PROTOCOL: &[u8] = b"holdfast-peer/1";
/// The listener's first byte: it knows the dialer's key.
pub const WELCOME: u8 = 1;
/// Seconds until a handshake is done, welcome included.
pub const HANDSHAKE_SECONDS: u64 = 10;
/// Seconds until a name is looked up, and until one of its addresses answers.
pub const CONNECT_SECONDS: u64 = 5;
/// Addresses of one name that are tried.
pub const ADDRESSES_TRIED_MAX: usize = 4;
/// Handshakes at the same time. When one more comes, the oldest gives way: it is the likeliest to be a silent one.
pub const HANDSHAKES_MAX: usize = 128;
/// Links that are ready and not yet taken; more wait for their welcome.
pub const READY_LINKS_MAX: usize = 16;

/// Peers over TLS.
#[derive(Debug)]
pub struct TlsTransport {
    dialer: Dialer,
    listener: Listener,
}

impl TlsTransport {
    /// Listens on `listen` (port 0 takes any free one) as the node `identity`, for peers that are `known`. Needs a tokio
    /// runtime; dropping the transport closes the port.
    ///
    /// # Errors
    /// When the address cannot be listened on; the message names it.
    pub fn bind(listen: SocketAddr, identity: &Identity, known: Known) -> Result<Self, LinkError> {
        let key = identity::certified(identity).map_err(|error| LinkError::Listener(io::Error::other(error)))?;
        let provider: Arc<CryptoProvider> = Arc::new(rustls::crypto::ring::default_provider());
        let dialer = Dialer::new(Arc::clone(&provider), Arc::clone(&key), identity.node_key());
        let listener = Listener::bind(listen, provider, key, known).map_err(|error| {
            let text = format!("cannot listen for peers on {listen}: {error}");
            LinkError::Listener(io::Error::new(error.kind(), text))
        })?;
        Ok(TlsTransport { dialer, listener })
    }

    /// Where this node listens for peers.
    pub fn local_addr(&self) -> SocketAddr {
        self.listener.local_addr()
    }
}

impl Transport for TlsTransport {
    type Stream = TlsStream<TcpStream>;

    async fn dial(&self, address: &str, expected: NodeKey) -> Result<Self::Stream, LinkError> {
        self.dialer.dial(address, expected).await
    }

    async fn accept(&self) -> Result<(Self::Stream, NodeKey), LinkError> {
        self.listener.accept().await
    }
}
