//! A list of files with their hashes, exactly as `sha256sum` writes and checks it.

use super::{Hash, ManifestError, OURS, text, unexpected};
use std::fmt::Write;

/// Largest shard, in bytes: some hundred thousand files.
pub const SHARD_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Longest path of a file, in bytes.
pub const PATH_BYTES_MAX: usize = 1024;

/// Files and their hashes, sorted. In an `also` shard one path may have several lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shard(pub Vec<(String, Hash)>);

impl Shard {
    /// The bytes of a shard.
    pub fn write(&self) -> Vec<u8> {
        let mut lines = String::with_capacity(self.0.iter().map(|(path, _)| path.len() + 67).sum());
        for (path, hash) in &self.0 {
            // Writing to a string cannot fail.
            let _ = writeln!(lines, "{hash}  {path}");
        }
        lines.into_bytes()
    }

    /// Reads a shard.
    ///
    /// # Errors
    /// With the line that is wrong: no hash, two spaces and path; a path that leads elsewhere; or one out of order.
    pub fn parse(bytes: &[u8]) -> Result<Shard, ManifestError> {
        let mut files: Vec<(String, Hash)> = Vec::new();
        for (index, line) in text(bytes, SHARD_BYTES_MAX)?.lines().enumerate() {
            let refused = |expected| unexpected(index + 1, line, expected);
            let (hash, path) = line.split_once("  ").ok_or_else(|| refused("a hash, two spaces and a path"))?;
            let hash = hash.parse().map_err(|()| refused("64 hexadecimal digits first"))?;
            if !is_path(path) {
                return Err(refused("the path of a file of the snapshot"));
            }
            if files.last().is_some_and(|(before, of)| (before.as_str(), of) >= (path, &hash)) {
                return Err(refused("a line that sorts after the one before it"));
            }
            files.push((path.to_owned(), hash));
        }
        // What a carriage return or a line's end would hide.
        let shard = Shard(files);
        match shard.write() == bytes {
            true => Ok(shard),
            false => Err(ManifestError::Unfinished),
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, Hash)> {
        self.0.iter().map(|(path, hash)| (path.as_str(), *hash))
    }
}

/// Whether a path is one that a snapshot may hold: relative, below the root, not ours and not the manifests'.
pub fn is_path(path: &str) -> bool {
    let is_part = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['\\', '\0', ':', '\r', '\n']);
    path.len() <= PATH_BYTES_MAX
        && path.split('/').all(is_part)
        && !path.starts_with(OURS)
        && !path.starts_with(super::SHARDS)
        && ![super::CURRENT, super::NEXT, super::PREVIOUS].contains(&path)
}

/// The shard that lists a path: those of one timeline stand together, and a long history in many shards, so that one
/// update rewrites few and small ones.
pub fn shard_of(path: &str) -> String {
    let path = path.strip_prefix("en/").or_else(|| path.strip_prefix("zh/")).unwrap_or(path);
    let (first, rest) = path.split_once('/').unwrap_or(("", path));
    match first {
        "incidents" | "maintenance" => {
            let initial = rest.chars().next().filter(char::is_ascii_alphanumeric).unwrap_or('-');
            format!("{first}-{initial}")
        }
        "history" | "components" | "regions" | "api" | "pkg" | "events" => first.to_owned(),
        _ => "site".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn what_is_written_is_read(files in prop::collection::btree_set(("[a-z0-9 ]{1,6}(/[a-z.]{3,9}){0,3}", any::<[u8; 32]>()), 0..20)) {
            let files: BTreeSet<_> = files.into_iter().collect();
            let shard = Shard(files.into_iter().map(|(path, hash)| (path, Hash(hash))).collect());
            prop_assert_eq!(Shard::parse(&shard.write()), Ok(shard));
        }

        #[test]
        fn any_bytes_are_refused_or_come_out_the_same(bytes in prop::collection::vec(any::<u8>(), 0..300), text in "\\PC{0,200}") {
            for bytes in [bytes, text.into_bytes()] {
                if let Ok(shard) = Shard::parse(&bytes) {
                    prop_assert_eq!(shard.write(), bytes);
                }
            }
        }
    }

    #[test]
    fn a_line_that_is_no_file_is_named() {
        let hash = Hash([1; 32]);
        for path in ["../x", "/etc/hosts", "a//b", "a/../b", ".holdfast-lock", "a\\b", "manifest", "manifests/x", "c:d"]
        {
            let bytes = format!("{hash}  index.html\n{hash}  {path}\n").into_bytes();
            assert!(matches!(Shard::parse(&bytes), Err(ManifestError::Line { line: 2, .. })), "{path}");
        }
        for text in
            ["x\n", "00  a\n", &format!("{hash} a\n"), &format!("{hash}  b\n{hash}  a\n"), &format!("{hash}  a")]
        {
            assert!(Shard::parse(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn every_path_has_its_shard() {
        for (path, shard) in [
            ("index.html", "site"),
            ("zh/index.html", "site"),
            ("history.atom", "site"),
            ("en/incidents/5jfkz8q1mlql/index.html", "incidents-5"),
            ("incidents/abc/index.html", "incidents-a"),
            ("zh/maintenance/xyz/index.html", "maintenance-x"),
            ("history/2024-04/index.html", "history"),
            ("regions/ap-tokyo/badge.svg", "regions"),
            ("en/components/cos/index.html", "components"),
            ("api/v1/status", "api"),
            ("pkg/boot.js", "pkg"),
            ("events/1/0", "events"),
            ("incidents/../x", "incidents--"),
        ] {
            assert_eq!(shard_of(path), shard, "{path}");
        }
    }
}
