//! The browser bundle and the public files, embedded in the program.
//!
//! The bytes come from `target/site`, which `cargo xtask bundle` fills; `build.rs` makes the folder when nobody did.
//! This part reads no disk and fails never: without a bundle the pages carry no script and no style of their own.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use app::site::Files;
use bytes::Bytes;
use rust_embed::{Embed, EmbeddedFile};
use serde::Deserialize;

/// The table of contents that the bundle writes; not an asset itself.
const TABLE: &str = "assets.json";
/// What keeps the page readable when its address does not answer. Its name never changes, and it lies at the root: a
/// worker's place is its scope.
const WORKER: &str = "worker.js";
/// Files below this path have a content hash in their name.
const HASHED_PREFIX: &str = "pkg/";
/// Bytes of SHA-256 in an ETag: 128 bits.
const ETAG_BYTES: usize = 16;

#[derive(Embed)]
#[folder = "../target/site"]
struct Site;

/// One file, ready to be sent.
#[derive(Debug, Clone)]
pub struct Asset {
    /// With its charset, for a `Content-Type` header.
    pub content_type: &'static str,
    /// The bytes as they are.
    pub identity: Bytes,
    /// The same with brotli, where that is smaller.
    pub br: Option<Bytes>,
    /// The same with gzip, where that is smaller.
    pub gz: Option<Bytes>,
    /// A strong validator of `identity`, quotes included. An encoded variant must be told apart by its sender.
    pub etag: String,
    pub lifetime: Lifetime,
}

/// How long a copy may be used unasked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// The content can never change under this path.
    Forever,
    Hour,
    /// Not at all: the worker, which stands between the reader and the page.
    Checked,
}

impl Lifetime {
    fn of(path: &str) -> Self {
        match path {
            WORKER => Lifetime::Checked,
            _ if path.starts_with(HASHED_PREFIX) => Lifetime::Forever,
            _ => Lifetime::Hour,
        }
    }
}

static ASSETS: LazyLock<BTreeMap<String, Asset>> = LazyLock::new(embedded);
static NAMES: LazyLock<Files> = LazyLock::new(|| {
    let names = Site::get(TABLE).map(|table| names_of(&table.data));
    names.unwrap_or_default()
});

/// The file at `path`, from the site's root, with or without the leading slash.
pub fn get(path: &str) -> Option<&'static Asset> {
    ASSETS.get(path.strip_prefix('/').unwrap_or(path))
}

/// Every file with its path (no leading slash), in a stable order, for whoever writes the site elsewhere.
pub fn all() -> impl Iterator<Item = (&'static str, &'static Asset)> {
    ASSETS.iter().map(|(path, asset)| (path.as_str(), asset))
}

/// What a page's head names: the `files` of `app::site::Site`, as paths with the leading slash. Logs one warning when the program was built without a bundle.
pub fn names() -> &'static Files {
    static WARNED: std::sync::Once = std::sync::Once::new();
    if NAMES.style.is_none() || NAMES.boot.is_none() {
        WARNED.call_once(|| {
            tracing::warn!(
                "built without the browser bundle: pages have no style and no script; run `cargo xtask bundle` and \
                 build again"
            );
        });
    }
    &NAMES
}

fn embedded() -> BTreeMap<String, Asset> {
    let bytes = |file: EmbeddedFile| match file.data {
        std::borrow::Cow::Borrowed(data) => Bytes::from_static(data),
        std::borrow::Cow::Owned(data) => Bytes::from(data),
    };
    Site::iter()
        .filter(|path| path != TABLE && !path.ends_with(".br") && !path.ends_with(".gz"))
        .filter_map(|path| {
            let file = Site::get(&path)?;
            let asset = Asset {
                content_type: content_type(&path),
                br: Site::get(&format!("{path}.br")).map(bytes),
                gz: Site::get(&format!("{path}.gz")).map(bytes),
                etag: etag(&file.metadata.sha256_hash()),
                lifetime: Lifetime::of(&path),
                identity: bytes(file),
            };
            Some((path.into_owned(), asset))
        })
        .collect()
}

fn names_of(table: &[u8]) -> Files {
    #[derive(Deserialize)]
    struct Entry {
        path: String,
    }
    let mut entries: BTreeMap<String, Entry> = serde_json::from_slice(table).unwrap_or_default();
    let mut take = |name: &str| entries.remove(name).map(|entry| format!("/{}", entry.path));
    let (style, console_style) = (take("main.css"), take("console.css"));
    Files { style, console_style, boot: take("boot.js"), glue: take("holdfast.js"), wasm: take("holdfast.wasm") }
}

fn etag(sha256: &[u8; 32]) -> String {
    let digits = sha256[..ETAG_BYTES].iter();
    let digits: String = digits.map(|byte| format!("{byte:02x}")).collect();
    format!("\"{digits}\"")
}

/// Types of the files that a site holds; a browser must not guess (`nosniff`).
fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_from_the_table_and_a_broken_table_names_nothing() {
        let names = names_of(br#"{"boot.js":{"path":"pkg/boot.1f.js","br":9},"robots.txt":{"path":"robots.txt"}}"#);
        assert_eq!(names.boot.as_deref(), Some("/pkg/boot.1f.js"));
        assert_eq!(names.style, None);
        assert_eq!(names_of(b"{}"), Files::default());
        assert_eq!(names_of(b"not a table"), Files::default());
    }

    #[test]
    fn every_name_is_an_embedded_immutable_file() {
        let Files { style, console_style, boot, glue, wasm } = names();
        for path in [style, console_style, boot, glue, wasm].into_iter().flatten() {
            let asset = get(path).unwrap_or_else(|| panic!("{path} is named but not embedded"));
            assert_eq!(asset.lifetime, Lifetime::Forever, "{path}");
            assert_ne!(asset.content_type, "application/octet-stream", "{path}");
        }
        assert!(get(TABLE).is_none(), "the table itself is not served");
        assert!(all().all(|(path, _)| !path.ends_with(".br") && !path.ends_with(".gz")));
    }

    #[test]
    fn an_etag_is_quoted_hexadecimal() {
        assert_eq!(etag(&[0xab; 32]), format!("\"{}\"", "ab".repeat(16)));
    }
}
