//! The headers that say as of when the data is, of which board, and from where.

use crate::cache::Standing;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use domain::{
    Instant,
    board::{Board, Version},
    stamp::{Freshness, Stamp},
};

/// The newest moment as of which the serving node knew to have all news, RFC 3339.
pub const AS_OF: HeaderName = HeaderName::from_static("holdfast-as-of");
/// `fresh`, `amber` or `grey`.
pub const FRESHNESS: HeaderName = HeaderName::from_static("holdfast-freshness");
/// The board's version: its total and its digest.
pub const BOARD: HeaderName = HeaderName::from_static("holdfast-board");
/// The serving region or node.
pub const REGION: HeaderName = HeaderName::from_static("holdfast-region");
/// Present when the page is the last good one: `render`.
pub const FAULT: HeaderName = HeaderName::from_static("holdfast-fault");

/// Their values for one board and stamp.
#[derive(Clone, Debug)]
pub struct Present {
    /// When the newest stamp was made.
    pub now: Instant,
    pub as_of: HeaderValue,
    pub freshness: HeaderValue,
    pub board: HeaderValue,
    pub region: HeaderValue,
}

impl Present {
    pub fn of(board: &Board, stamp: &Stamp) -> Self {
        Present {
            now: stamp.now,
            as_of: as_of(stamp),
            freshness: freshness(stamp),
            board: version(&board.version),
            region: region(stamp),
        }
    }

    pub fn write(&self, headers: &mut HeaderMap) {
        headers.insert(AS_OF, self.as_of.clone());
        headers.insert(FRESHNESS, self.freshness.clone());
        headers.insert(BOARD, self.board.clone());
        headers.insert(REGION, self.region.clone());
    }

    /// Of a page that states the present: as of its own stamp, which may be older than the newest.
    pub fn write_own(&self, headers: &mut HeaderMap, own: &Stamp) {
        let aged = own.told_at(self.now.max(own.now));
        headers.insert(AS_OF, as_of(&aged));
        headers.insert(FRESHNESS, freshness(&aged));
    }

    /// Of a page that the newest board is not in yet.
    pub fn write_behind(&self, headers: &mut HeaderMap, standing: &Standing) {
        self.write_own(headers, &standing.stamp);
        headers.insert(BOARD, version(&standing.version));
    }

    /// Whether a page with this stamp may no longer be taken for the present.
    pub fn is_past_trust(&self, own: &Stamp) -> bool {
        self.now >= own.trust_until()
    }
}

fn version(version: &Version) -> HeaderValue {
    let text = format!("{}-{}", version.total(), version.digest());
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("0"))
}

fn as_of(stamp: &Stamp) -> HeaderValue {
    let text = stamp.confirmed_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}

fn freshness(stamp: &Stamp) -> HeaderValue {
    HeaderValue::from_static(match stamp.freshness {
        Freshness::Fresh => "fresh",
        Freshness::Amber => "amber",
        Freshness::Grey => "grey",
    })
}

/// Names may be in any script; a header is ASCII, so the rest is percent-encoded.
fn region(stamp: &Stamp) -> HeaderValue {
    let mut text = String::with_capacity(stamp.origin.len());
    for byte in stamp.origin.bytes() {
        if (byte.is_ascii_graphic() || byte == b' ') && byte != b'%' {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    HeaderValue::from_str(text.trim()).unwrap_or(HeaderValue::from_static(""))
}
