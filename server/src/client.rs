//! Who asks over the network: what the listener knows of a request, for whoever answers it.

use std::net::IpAddr;

/// Who asks, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    /// The nearest address that is no trusted proxy; `None` on a Unix socket.
    pub address: Option<IpAddr>,
    /// Over HTTPS, to us or to a trusted proxy.
    pub secure: bool,
}
