//! What a page needs to know of where it is served: the same for every page of a node or a snapshot.

use std::net::Ipv6Addr;

/// Addresses of one page at most: a browser tries one after the other.
pub const COPIES_MAX: usize = 16;
/// Longest of them, in bytes.
const URL_BYTES_MAX: usize = 256;

/// Addresses of the browser's files, hashed; each `None` in a build without the browser bundle.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    pub style: Option<String>,
    /// What only the console needs.
    pub console_style: Option<String>,
    /// The boot module, the wasm-bindgen glue and the WebAssembly itself.
    pub boot: Option<String>,
    pub glue: Option<String>,
    pub wasm: Option<String>,
}

/// What stands at an address of the same page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CopyKind {
    /// A node of a serving region.
    Region,
    /// Files, written by a node.
    Mirror,
}

/// Another address of the same page, to which a reader's browser may turn when the one that it knows does not answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SiteCopy {
    pub kind: CopyKind,
    pub name: String,
    /// Checked by whoever reads it ([`SiteCopy::is_address`]): scheme, host and path, without a slash at its end.
    pub url: String,
}

impl SiteCopy {
    /// Scheme, host and port.
    pub fn origin(&self) -> &str {
        let host = self.url.find("://").map_or(0, |end| end + 3);
        let end = self.url[host..].find('/').map_or(self.url.len(), |path| host + path);
        &self.url[..end]
    }

    /// Whether an address may be told: scheme, host, port and path of letters that mean nothing to a policy, a header or a
    /// page.
    pub fn is_address(url: &str) -> bool {
        let Some(rest) = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")) else { return false };
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let is_host = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((address, port)) => address.parse::<Ipv6Addr>().is_ok() && is_port(port),
            None => {
                let (name, port) = host.split_at(host.find(':').unwrap_or(host.len()));
                let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
                !name.is_empty() && name.bytes().all(is_letter) && is_port(port)
            }
        };
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/');
        let is_path =
            path.bytes().all(is_letter) && !path.ends_with('/') && !path.contains("//") && !path.contains("/.");
        url.len() <= URL_BYTES_MAX && is_host && is_path
    }
}

fn is_port(text: &str) -> bool {
    text.is_empty() || text.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok())
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Site {
    pub files: Files,
    /// Put before every path of a link: empty, or a bucket's prefix such as `/status`.
    pub base_path: String,
    /// The path of the stream of board versions; `None` where no server answers (a snapshot), whose pages poll.
    pub stream: Option<String>,
    /// In a demonstration, whose clock is not the reader's: the seconds that pass on its clock in each of theirs.
    pub demonstration_speed: Option<u32>,
    /// Every address of this page that readers may be told of, this one included, sorted.
    pub copies: Vec<SiteCopy>,
    /// What the sign-in provider of the console is called; `None` where there is none.
    pub sign_in_provider: Option<String>,
}

impl Site {
    /// A path from the root as a link.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.base_path)
    }

    /// Whether its pages are files of a copy, which no server answers for.
    pub fn is_copy(&self) -> bool {
        self.stream.is_none()
    }

    /// Tells one set of origins from another: the worker that may ask only these is made anew when they change (its own
    /// policy is that of the moment when it was loaded). FNV-1a, 64 bits: nobody gains from two sets with one mark.
    pub fn copies_mark(&self) -> String {
        const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
        const PRIME: u64 = 0x0100_0000_01b3;
        let bytes = self.copies.iter().flat_map(|copy| copy.origin().bytes().chain([0]));
        let mark = bytes.fold(OFFSET, |mark, byte| (mark ^ u64::from(byte)).wrapping_mul(PRIME));
        format!("{mark:016x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_the_address_without_its_path() {
        for (url, origin) in [
            ("https://status.example.com", "https://status.example.com"),
            ("https://bucket.example.com:8443/a/status", "https://bucket.example.com:8443"),
            ("http://[::1]:80/x", "http://[::1]:80"),
        ] {
            assert_eq!(SiteCopy { kind: CopyKind::Mirror, name: "m".to_owned(), url: url.to_owned() }.origin(), origin);
        }
    }

    #[test]
    fn an_address_is_only_what_a_policy_can_name() {
        for url in [
            "https://status.example.com",
            "http://127.0.0.1:8080",
            "https://[2001:db8::1]:8443/a",
            "https://storage.example.com/bucket/status_1",
        ] {
            assert!(SiteCopy::is_address(url), "{url}");
        }
        for url in [
            "",
            "status.example.com",
            "ftp://example.com",
            "https://",
            "https:///a",
            "https://example.com/",
            "https://example.com; script-src *",
            "https://example.com 'unsafe-inline'",
            "https://*.example.com",
            "https://user@example.com",
            "https://example.com:port",
            "https://example.com:",
            "https://example.com:70000",
            "https://example.com/a?b",
            "https://example.com/a#b",
            "https://example.com/a/../b",
            "https://example.com//a",
            "https://exämple.com",
            "https://[::g]",
            "https://[::1",
            "https://[::1]x",
        ] {
            assert!(!SiteCopy::is_address(url), "{url}");
        }
    }

    #[test]
    fn the_mark_follows_the_origins() {
        let site = |urls: &[&str]| Site {
            copies: urls
                .iter()
                .map(|url| SiteCopy { kind: CopyKind::Region, name: "r".to_owned(), url: (*url).to_owned() })
                .collect(),
            ..Site::default()
        };
        let one = site(&["https://a.example"]);
        assert_eq!(one.copies_mark(), site(&["https://a.example/path"]).copies_mark());
        assert_ne!(one.copies_mark(), site(&["https://a.example", "https://b.example"]).copies_mark());
        assert_ne!(one.copies_mark(), Site::default().copies_mark());
        assert_eq!(one.copies_mark().len(), 16);
    }
}
