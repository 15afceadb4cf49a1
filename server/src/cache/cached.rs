//! One rendered page, ready to be sent.

use super::bodies::{Bodies, Effort};
use crate::render::Rendered;
use app::{address::Address, locale::Locale};
use axum::http::HeaderValue;
use bytes::Bytes;
use domain::{board::Version, stamp::Stamp};
use std::sync::Arc;

/// Hexadecimal digits of the identity bytes' BLAKE3 in an ETag: 96 bits.
const ETAG_DIGITS: usize = 24;

/// A board, by its version, and as of when it was confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub version: Version,
    pub stamp: Arc<Stamp>,
}

/// A page in one language. Cheap to clone: the bytes are shared.
#[derive(Clone, Debug)]
pub struct Cached {
    pub address: Address,
    pub locale: Locale,
    pub content_type: &'static str,
    /// [`Address::states_the_present`] on the board that it was rendered from.
    pub states_the_present: bool,
    pub bodies: Arc<Bodies>,
    pub etags: Etags,
    /// What it was rendered from.
    pub standing: Arc<Standing>,
    /// The newest board that it is true of, while a newer one touches it and it is not rendered again yet.
    pub behind: Option<Arc<Standing>>,
    /// The last good page, served because a newer one could not be rendered.
    pub fault: bool,
}

/// Strong validators, one for each encoding, quotes included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Etags {
    pub identity: HeaderValue,
    pub br: HeaderValue,
    pub gzip: HeaderValue,
}

impl Etags {
    pub fn of(identity: &[u8], effort: Effort) -> Self {
        let digits = &blake3::hash(identity).to_hex()[..ETAG_DIGITS];
        let value = |suffix: &str| {
            // Hexadecimal digits and a suffix of ours are always a header value.
            HeaderValue::from_str(&format!("\"{digits}{suffix}\"")).unwrap_or(HeaderValue::from_static("\"\""))
        };
        let mark = effort.mark();
        Etags { identity: value(""), br: value(&format!("-br{mark}")), gzip: value(&format!("-gz{mark}")) }
    }
}

impl Cached {
    /// A page from what was rendered. Bytes that are those of `previous` keep its compressed bodies and ETags.
    pub fn new(
        (address, locale): (Address, Locale),
        rendered: Rendered,
        standing: Arc<Standing>,
        previous: Option<&Cached>,
        effort: Effort,
    ) -> Self {
        let Rendered { content_type, states_the_present, .. } = rendered;
        let (bodies, etags) = match previous {
            Some(previous) if previous.bodies.identity == rendered.body => {
                (Arc::clone(&previous.bodies), previous.etags.clone())
            }
            _ => {
                let etags = Etags::of(&rendered.body, effort);
                (Arc::new(Bodies::of(rendered.body, effort)), etags)
            }
        };
        Cached {
            address,
            locale,
            content_type,
            states_the_present,
            bodies,
            etags,
            standing,
            behind: None,
            fault: false,
        }
    }

    /// The same page, compressed as well as it may be.
    pub fn refined(&self) -> Self {
        let bodies = Bodies::compressed(Bytes::clone(&self.bodies.identity), Effort::Thorough);
        let etags = Etags::of(&bodies.identity, Effort::Thorough);
        Cached { bodies: Arc::new(bodies), etags, ..self.clone() }
    }

    /// The same page as the last good one.
    pub fn marked_as_fault(&self) -> Self {
        Cached { fault: true, ..self.clone() }
    }
}
