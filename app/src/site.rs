//! What a page needs to know of where it is served: the same for every page of a node or a snapshot.

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
    /// Checked by whoever reads the configuration: scheme, host and path, without a slash at its end.
    pub url: String,
}

impl SiteCopy {
    /// Scheme, host and port.
    pub fn origin(&self) -> &str {
        let host = self.url.find("://").map_or(0, |end| end + 3);
        let end = self.url[host..].find('/').map_or(self.url.len(), |path| host + path);
        &self.url[..end]
    }
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
