//! Settings of the listeners, and the bounds that are no settings.

use super::forwarded::Networks;
use app::site::SiteCopy;
use std::{path::PathBuf, time::Duration};

/// Longest request target, in bytes; a longer one is answered 414.
pub const TARGET_BYTES_MAX: usize = 2048;
/// A request's head, in bytes; a larger one is answered 431.
pub const HEAD_BYTES_MAX: usize = 16 << 10;
/// A request's body, in bytes; a larger one is answered 413.
pub const BODY_BYTES_MAX: usize = 1 << 20;
/// Streams that one HTTP/2 connection may have open.
pub const HTTP2_STREAMS_MAX: u32 = 64;

/// How the public page is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    pub trusted_proxies: Networks,
    pub limits: Limits,
    /// How long a browser remembers to use HTTPS only, in seconds; sent only over HTTPS, 0 for never.
    pub hsts_seconds: u64,
    /// Other addresses of the page, which its worker may ask.
    pub copies: Vec<SiteCopy>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            trusted_proxies: Networks::default(),
            limits: Limits::default(),
            hsts_seconds: 31_536_000,
            copies: Vec::new(),
        }
    }
}

/// Bounds of one listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at the same time; more wait in the system's queue.
    pub connections_max: usize,
    /// Live streams at the same time; one more is told to come again.
    pub streams_max: usize,
    /// Until a request's head must be there, counted from the connection's begin or the last response: so this is also
    /// how long an idle connection is kept.
    pub head_timeout: Duration,
    /// Until a request is answered, body included.
    pub request_timeout: Duration,
    /// Until a TLS handshake is done.
    pub handshake_timeout: Duration,
    /// How long requests under way may take after the end is announced.
    pub drain_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            connections_max: 16_384,
            streams_max: 12_000,
            head_timeout: Duration::from_secs(30),
            request_timeout: Duration::from_secs(30),
            handshake_timeout: Duration::from_secs(10),
            drain_timeout: Duration::from_secs(10),
        }
    }
}

/// PEM files of a certificate chain and its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFiles {
    pub certificates: PathBuf,
    pub key: PathBuf,
}
