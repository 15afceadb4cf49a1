//! What a request accepts and what it holds already.

use crate::cache::{Cached, bodies::Bodies, cached::Etags};
use axum::http::{HeaderMap, HeaderValue, header};
use bytes::Bytes;

/// Entries of a list header that are looked at.
const ENTRIES_MAX: usize = 32;

/// A content coding that we send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Identity,
    Brotli,
    Gzip,
}

impl Encoding {
    pub const ALL: [Encoding; 3] = [Encoding::Identity, Encoding::Brotli, Encoding::Gzip];

    /// For a `Content-Encoding` header.
    pub fn value(self) -> Option<HeaderValue> {
        match self {
            Encoding::Identity => None,
            Encoding::Brotli => Some(HeaderValue::from_static("br")),
            Encoding::Gzip => Some(HeaderValue::from_static("gzip")),
        }
    }

    pub fn body(self, bodies: &Bodies) -> Option<&Bytes> {
        match self {
            Encoding::Identity => Some(&bodies.identity),
            Encoding::Brotli => bodies.br.as_ref(),
            Encoding::Gzip => bodies.gzip.as_ref(),
        }
    }

    pub fn etag(self, etags: &Etags) -> &HeaderValue {
        match self {
            Encoding::Identity => &etags.identity,
            Encoding::Brotli => &etags.br,
            Encoding::Gzip => &etags.gzip,
        }
    }
}

/// Qualities of the codings that we send, in thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    br: u16,
    gzip: u16,
    identity: u16,
}

impl Accepted {
    /// What the request accepts (RFC 9110 section 12.5.3). Without the header, no coding: such a client is a simple
    /// one.
    pub fn of(headers: &HeaderMap) -> Self {
        let Some(header) = headers.get(header::ACCEPT_ENCODING) else {
            return Accepted { br: 0, gzip: 0, identity: 1000 };
        };
        let (mut br, mut gzip, mut identity, mut any) = (None, None, None, None);
        for entry in header.as_bytes().split(|byte| *byte == b',').take(ENTRIES_MAX) {
            let mut parts = entry.split(|byte| *byte == b';');
            let coding = parts.next().unwrap_or_default().trim_ascii();
            let quality = parts.find_map(quality).unwrap_or(1000);
            let place = match coding {
                _ if coding.eq_ignore_ascii_case(b"br") => &mut br,
                _ if coding.eq_ignore_ascii_case(b"gzip") || coding.eq_ignore_ascii_case(b"x-gzip") => &mut gzip,
                _ if coding.eq_ignore_ascii_case(b"identity") => &mut identity,
                b"*" => &mut any,
                _ => continue,
            };
            *place = Some(quality);
        }
        let named = |quality: Option<u16>| quality.or(any).unwrap_or(0);
        // Identity is acceptable unless it is refused by name or by a star; unnamed, it is the last choice.
        let identity = identity.unwrap_or(if any == Some(0) { 0 } else { 1 });
        Accepted { br: named(br), gzip: named(gzip), identity }
    }

    /// The best coding that there is a body for: highest quality, then the smallest body. Identity when none is
    /// acceptable, rather than nothing at all.
    pub fn choose(self, bodies: &Bodies) -> Encoding {
        let br = if bodies.br.is_some() { self.br } else { 0 };
        let gzip = if bodies.gzip.is_some() { self.gzip } else { 0 };
        if br > 0 && br >= gzip && br >= self.identity {
            Encoding::Brotli
        } else if gzip > 0 && gzip >= self.identity {
            Encoding::Gzip
        } else {
            Encoding::Identity
        }
    }
}

/// A `q=` parameter in thousandths; malformed means refused.
fn quality(parameter: &[u8]) -> Option<u16> {
    let parameter = parameter.trim_ascii();
    let value = parameter.strip_prefix(b"q=").or_else(|| parameter.strip_prefix(b"Q="))?;
    let (whole, fraction) = match value {
        [whole] => (*whole, &[][..]),
        [whole, b'.', fraction @ ..] if fraction.len() <= 3 => (*whole, fraction),
        _ => return Some(0),
    };
    if !matches!(whole, b'0' | b'1') || !fraction.iter().all(u8::is_ascii_digit) {
        return Some(0);
    }
    let mut thousandths = u16::from(whole - b'0');
    for place in 0..3 {
        thousandths = thousandths * 10 + fraction.get(place).map_or(0, |digit| u16::from(digit - b'0'));
    }
    Some(thousandths.min(1000))
}

/// Whether the request holds this very representation already (`If-None-Match`, weak comparison).
pub fn holds(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    let etag = etag.as_bytes();
    headers.get_all(header::IF_NONE_MATCH).iter().any(|value| {
        value.as_bytes().split(|byte| *byte == b',').take(ENTRIES_MAX).any(|held| {
            let held = held.trim_ascii();
            held == b"*" || held.strip_prefix(b"W/").unwrap_or(held) == etag
        })
    })
}

/// The coding, body and validator for a request.
pub fn select<'page>(page: &'page Cached, headers: &HeaderMap) -> (Encoding, &'page Bytes, &'page HeaderValue) {
    let encoding = Accepted::of(headers).choose(&page.bodies);
    let body = encoding.body(&page.bodies).unwrap_or(&page.bodies.identity);
    (encoding, body, encoding.etag(&page.etags))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::bodies::Effort;

    #[test]
    fn the_coding_with_the_highest_quality_wins_and_brotli_breaks_ties() {
        let bodies = Bodies::of(vec![b'a'; 4096], Effort::Swift);
        let cases = [
            (None, Encoding::Identity),
            (Some(""), Encoding::Identity),
            (Some("gzip, deflate, br, zstd"), Encoding::Brotli),
            (Some("gzip"), Encoding::Gzip),
            (Some("GZip;Q=0.5"), Encoding::Gzip),
            (Some("br;q=0.5, gzip;q=0.8"), Encoding::Gzip),
            (Some("br;q=0, gzip;q=0"), Encoding::Identity),
            (Some("*"), Encoding::Brotli),
            (Some("br;q=0, *;q=0.1"), Encoding::Gzip),
            (Some("identity;q=1, br;q=0.5"), Encoding::Identity),
            (Some("deflate, zstd"), Encoding::Identity),
            (Some("br;q=x"), Encoding::Identity),
            (Some("br;q=1.0000, gzip;q=0.001"), Encoding::Gzip),
            (Some("*;q=0"), Encoding::Identity),
        ];
        for (header, expected) in cases {
            let mut headers = HeaderMap::new();
            if let Some(header) = header {
                headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(header));
            }
            assert_eq!(Accepted::of(&headers).choose(&bodies), expected, "{header:?}");
        }
        let small = Bodies::of(b"small".to_vec(), Effort::Swift);
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("br, gzip"));
        assert_eq!(Accepted::of(&headers).choose(&small), Encoding::Identity);
    }

    #[test]
    fn a_held_validator_is_found_in_any_list() {
        let etag = HeaderValue::from_static("\"abc-br\"");
        let cases = [
            (vec!["\"abc-br\""], true),
            (vec!["W/\"abc-br\""], true),
            (vec!["\"x\", \"abc-br\""], true),
            (vec!["\"x\"", "\"abc-br\""], true),
            (vec!["*"], true),
            (vec!["\"abc\""], false),
            (vec!["abc-br"], false),
            (vec![], false),
        ];
        for (values, expected) in cases {
            let mut headers = HeaderMap::new();
            for value in &values {
                headers.append(header::IF_NONE_MATCH, HeaderValue::from_static(value));
            }
            assert_eq!(holds(&headers, &etag), expected, "{values:?}");
        }
    }
}
