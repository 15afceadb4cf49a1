//! The root manifest: what stands, as of when, by whom, and under which hashes its lists of files are found.

use super::{Hash, ManifestError, text, unexpected};
use crate::store::{SetDigest, envelope::ClusterId};
use data_encoding::{BASE64, HEXLOWER};
use domain::{Instant, board::Version, id::NodeKey};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use std::{collections::BTreeMap, fmt::Write};

/// Largest root manifest, in bytes.
pub const ROOT_BYTES_MAX: usize = 1024 * 1024;
/// The first line. It also keeps the signature apart from every other text that a node's key signs.
const FIRST: &str = "holdfast-snapshot 1";
/// What the last line begins with.
const SIGNATURE: &str = "signature ";
/// Longest name of a shard, in bytes.
const NAME_BYTES_MAX: usize = 64;

/// A root manifest's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    pub cluster: ClusterId,
    /// The node that owns this target.
    pub writer: NodeKey,
    /// 1 for the first manifest of a target, and one more with each.
    pub sequence: u64,
    /// Of the bytes of the manifest before.
    pub previous: Option<Hash>,
    /// Who wrote here before, in the first manifest of a new writer.
    pub taken_over_from: Option<NodeKey>,
    /// The total and the digest of the board's version, as pages tell them, and its parts.
    pub board: Version,
    /// What the sealed log beside the pages holds; `None`: it does not go along.
    pub events: Option<SetDigest>,
    pub confirmed_at: Instant,
    pub trust_until: Instant,
    pub written_at: Instant,
    /// Empty, or such as `/status`.
    pub base_path: String,
    pub files: u64,
    /// By name.
    pub shards: BTreeMap<String, Hash>,
    /// Files that may still stand with older hashes while the update is under way.
    pub also: Option<Hash>,
}

/// A root manifest whose signature was checked: it is that of `signer`. Whether that key is trusted is another matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    pub root: Root,
    /// Differs from the writer after a post that was made with no node alive.
    pub signer: NodeKey,
    /// Of all its bytes.
    pub hash: Hash,
}

impl Root {
    /// The signed text.
    pub fn sign(&self, key: &SigningKey) -> Vec<u8> {
        let mut text = self.text(NodeKey(key.verifying_key().to_bytes()));
        let signature = BASE64.encode(&key.sign(text.as_bytes()).to_bytes());
        text.push_str(SIGNATURE);
        text.push_str(&signature);
        text.push('\n');
        text.into_bytes()
    }

    /// Everything before the signature.
    fn text(&self, signer: NodeKey) -> String {
        let mut lines = Lines(format!("{FIRST}\n"));
        lines.add("cluster", self.cluster);
        lines.add("writer", self.writer);
        lines.add("signer", signer);
        lines.add("sequence", self.sequence);
        lines.add("previous", self.previous.map_or("none".to_owned(), |hash| hash.to_string()));
        if let Some(before) = self.taken_over_from {
            lines.add("taken-over-from", before);
        }
        lines.add("board", format_args!("{} {}", self.board.total(), self.board.digest()));
        for (node, count) in &self.board.0 {
            lines.add("held", format_args!("{node} {count}"));
        }
        if let Some(events) = self.events {
            lines.add("events", format_args!("{} {}", events.count, HEXLOWER.encode(&events.sum)));
        }
        lines.add("confirmed-at", time(self.confirmed_at));
        lines.add("trust-until", time(self.trust_until));
        lines.add("written-at", time(self.written_at));
        lines.add("base-path", if self.base_path.is_empty() { "/" } else { &self.base_path });
        lines.add("files", self.files);
        for (name, hash) in &self.shards {
            lines.add("shard", format_args!("{hash} {name}"));
        }
        if let Some(also) = self.also {
            lines.add("also", also);
        }
        lines.0
    }
}

impl Signed {
    /// Reads a root manifest and checks its signature. Lines of names that this version does not know are passed over:
    /// a later version may add them.
    ///
    /// # Errors
    /// With the line that is wrong, or that the signature is.
    pub fn parse(bytes: &[u8]) -> Result<Signed, ManifestError> {
        let whole = text(bytes, ROOT_BYTES_MAX)?;
        let signed_bytes = whole.trim_end_matches('\n').rfind('\n').map_or(0, |end| end + 1);
        let (signed, last) = whole.split_at(signed_bytes);
        let mut lines = Fields::of(signed)?;
        let count = signed.lines().count();

        let cluster = lines.one("cluster", "`cluster` and 32 hexadecimal digits", hex)?;
        let writer = lines.one("writer", "`writer` and a node's key", key)?;
        let signer = lines.one("signer", "`signer` and a node's key", key)?;
        let sequence = lines
            .one("sequence", "`sequence` and a number from 1 on", |value| number(value).filter(|number| *number > 0))?;
        let previous = lines.one("previous", "`previous` and a hash or `none`", |value| match value {
            "none" => Some(None),
            hash => hash.parse().ok().map(Some),
        })?;
        let taken_over_from = lines.maybe("taken-over-from", "`taken-over-from` and a node's key", key)?;
        let board = lines.one("board", "`board`, its number and its digest", |value| {
            let (total, digest) = value.split_once(' ')?;
            Some((number(total)?, digest))
        })?;
        let held = lines.all("held", "`held`, a node's key and a number", |value| {
            let (node, count) = value.split_once(' ')?;
            Some((key(node)?, number(count)?))
        })?;
        let events = lines.maybe("events", "`events`, a number and a sum of ids", |value| {
            let (count, sum) = value.split_once(' ')?;
            Some(SetDigest { count: number(count)?, sum: hex(sum)? })
        })?;
        let confirmed_at = lines.one("confirmed-at", "`confirmed-at` and a time in UTC", instant)?;
        let trust_until = lines.one("trust-until", "`trust-until` and a time in UTC", instant)?;
        let written_at = lines.one("written-at", "`written-at` and a time in UTC", instant)?;
        let base_path = lines.one("base-path", "`base-path` and a path", |value| match value {
            "/" => Some(String::new()),
            path => (path.starts_with('/') && !path.ends_with('/')).then(|| path.to_owned()),
        })?;
        let files = lines.one("files", "`files` and a number", number)?;
        let shards = lines.all("shard", "`shard`, a hash and a name", |value| {
            let (hash, name) = value.split_once(' ')?;
            is_name(name).then_some(())?;
            Some((name.to_owned(), hash.parse().ok()?))
        })?;
        let also = lines.maybe("also", "`also` and a hash", |value| value.parse().ok())?;

        let (shards, names) = (shards.iter().cloned().collect::<BTreeMap<_, _>>(), shards.len());
        let (board, total, nodes) = (Version(held.iter().copied().collect()), board, held.len());
        let sum = board.0.values().try_fold(0_u64, |sum, count| sum.checked_add(*count));
        if names != shards.len() || nodes != board.0.len() || sum != Some(total.0) || board.digest() != total.1 {
            let expected = "each shard and each node once, and a board's number and digest that are those of its parts";
            return Err(unexpected(count, "", expected));
        }
        let expected = "`signature` and the base64 of 64 bytes";
        let signature = last.strip_prefix(SIGNATURE).and_then(|rest| rest.strip_suffix('\n'));
        let signature = signature.and_then(|value| BASE64.decode(value.as_bytes()).ok());
        let signature = signature.and_then(|bytes| <[u8; 64]>::try_from(bytes).ok());
        let signature = signature.ok_or_else(|| unexpected(count + 1, last.trim_end(), expected))?;
        let is_good = VerifyingKey::from_bytes(&signer.0)
            .is_ok_and(|key| key.verify_strict(signed.as_bytes(), &Signature::from_bytes(&signature)).is_ok());
        if !is_good {
            return Err(ManifestError::Signature(signer));
        }
        let root = Root {
            cluster: ClusterId(cluster),
            writer,
            sequence,
            previous,
            taken_over_from,
            board,
            events,
            confirmed_at,
            trust_until,
            written_at,
            base_path,
            files,
            shards,
            also,
        };
        Ok(Signed { root, signer, hash: Hash::of(bytes) })
    }
}

/// Lines as they are written.
struct Lines(String);

impl Lines {
    fn add(&mut self, name: &str, value: impl std::fmt::Display) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "{name} {value}");
    }
}

/// Lines as they are read, in their fixed order.
struct Fields<'a> {
    lines: Vec<(usize, &'a str, &'a str)>,
    next: usize,
}

impl<'a> Fields<'a> {
    fn of(signed: &'a str) -> Result<Fields<'a>, ManifestError> {
        let mut lines = signed.split_terminator('\n').enumerate();
        match lines.next() {
            Some((_, FIRST)) => {}
            Some((_, other)) => return Err(unexpected(1, other, "`holdfast-snapshot 1`")),
            None => return Err(ManifestError::Missing("`holdfast-snapshot 1`")),
        }
        let split = |(index, line): (usize, &'a str)| match line.split_once(' ') {
            Some((name, value)) if !name.is_empty() && !value.is_empty() => Ok((index + 1, name, value)),
            _ => Err(unexpected(index + 1, line, "a name and a value")),
        };
        Ok(Fields { lines: lines.map(split).collect::<Result<_, _>>()?, next: 0 })
    }

    /// The next line, if it is of this name; lines of unknown names before it are passed over.
    fn take(&mut self, name: &str) -> Option<(usize, &'a str)> {
        const KNOWN: [&str; 17] = [
            "cluster",
            "writer",
            "signer",
            "sequence",
            "previous",
            "taken-over-from",
            "board",
            "held",
            "events",
            "confirmed-at",
            "trust-until",
            "written-at",
            "base-path",
            "files",
            "shard",
            "also",
            "signature",
        ];
        while let Some((line, found, value)) = self.lines.get(self.next).copied() {
            if found == name {
                self.next += 1;
                return Some((line, value));
            }
            if KNOWN.contains(&found) {
                return None;
            }
            self.next += 1;
        }
        None
    }

    fn maybe<T>(
        &mut self,
        name: &str,
        expected: &'static str,
        read: impl Fn(&'a str) -> Option<T>,
    ) -> Result<Option<T>, ManifestError> {
        let Some((line, value)) = self.take(name) else { return Ok(None) };
        read(value).map(Some).ok_or_else(|| unexpected(line, value, expected))
    }

    fn one<T>(
        &mut self,
        name: &str,
        expected: &'static str,
        read: impl Fn(&'a str) -> Option<T>,
    ) -> Result<T, ManifestError> {
        match self.maybe(name, expected, read)? {
            Some(value) => Ok(value),
            None => match self.lines.get(self.next) {
                Some((line, name, _)) => Err(unexpected(*line, name, expected)),
                None => Err(ManifestError::Missing(expected)),
            },
        }
    }

    fn all<T>(
        &mut self,
        name: &str,
        expected: &'static str,
        read: impl Fn(&'a str) -> Option<T>,
    ) -> Result<Vec<T>, ManifestError> {
        let mut all = Vec::new();
        while let Some(value) = self.maybe(name, expected, &read)? {
            all.push(value);
        }
        Ok(all)
    }
}

/// As it is written: milliseconds, UTC.
fn time(instant: Instant) -> String {
    instant.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}

fn instant(text: &str) -> Option<Instant> {
    text.parse::<Instant>().ok().filter(|instant| time(*instant) == text)
}

/// Digits alone, as they are written.
fn number(text: &str) -> Option<u64> {
    text.parse::<u64>().ok().filter(|number| number.to_string() == text)
}

fn hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok()
}

fn key(text: &str) -> Option<NodeKey> {
    hex(text).map(NodeKey)
}

fn is_name(name: &str) -> bool {
    let is_character = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    !name.is_empty() && name.len() <= NAME_BYTES_MAX && name.bytes().all(is_character)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_instant() -> impl Strategy<Value = Instant> {
        (0_i64..4_000_000_000, 0_u32..1_000_000_000)
            .prop_map(|(seconds, nanos)| Instant::from_timestamp(seconds, nanos).expect("in range"))
    }

    prop_compose! {
        fn any_root()(
            cluster in any::<[u8; 16]>(),
            writer in any::<[u8; 32]>(),
            sequence in 1_u64..,
            previous in prop::option::of(any::<[u8; 32]>()),
            taken in prop::option::of(any::<[u8; 32]>()),
            events in prop::option::of((any::<u64>(), any::<[u8; 32]>())),
            held in prop::collection::btree_map(any::<[u8; 32]>(), 0_u64..1 << 40, 0..5),
            (confirmed_at, trust_until, written_at) in (any_instant(), any_instant(), any_instant()),
            base_path in "(/[a-z]{1,8}){0,2}",
            files in any::<u64>(),
            shards in prop::collection::btree_map("[a-z]{1,12}(-[a-z0-9])?", any::<[u8; 32]>(), 0..6),
            also in prop::option::of(any::<[u8; 32]>()),
        ) -> Root {
            Root {
                cluster: ClusterId(cluster),
                writer: NodeKey(writer),
                sequence,
                previous: previous.map(Hash),
                taken_over_from: taken.map(NodeKey),
                board: Version(held.into_iter().map(|(node, count)| (NodeKey(node), count)).collect()),
                events: events.map(|(count, sum)| SetDigest { count, sum }),
                confirmed_at,
                trust_until,
                written_at,
                base_path,
                files,
                shards: shards.into_iter().map(|(name, hash)| (name, Hash(hash))).collect(),
                also: also.map(Hash),
            }
        }
    }

    fn key() -> SigningKey {
        SigningKey::from_bytes(&[7; 32])
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(root in any_root()) {
            let bytes = root.sign(&key());
            let read = Signed::parse(&bytes);
            let signer = NodeKey(key().verifying_key().to_bytes());
            prop_assert_eq!(read, Ok(Signed { root, signer, hash: Hash::of(&bytes) }));
        }

        #[test]
        fn no_byte_can_be_changed(root in any_root(), place in any::<prop::sample::Index>(), flip in 1_u8..) {
            let mut bytes = root.sign(&key());
            let place = place.index(bytes.len());
            bytes[place] ^= flip;
            prop_assert!(Signed::parse(&bytes).is_err());
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400), text in "\\PC{0,200}") {
            prop_assert!(Signed::parse(&bytes).is_err());
            let begun = format!("{FIRST}\n{text}\n");
            prop_assert!(Signed::parse(begun.as_bytes()).is_err());
        }
    }

    /// Signs any text, as a later version might write it.
    fn signed(text: &str) -> Vec<u8> {
        format!("{text}{SIGNATURE}{}\n", BASE64.encode(&key().sign(text.as_bytes()).to_bytes())).into_bytes()
    }

    fn sample() -> String {
        let root = Root {
            cluster: ClusterId([1; 16]),
            writer: NodeKey([2; 32]),
            sequence: 3,
            previous: None,
            taken_over_from: None,
            board: Version(BTreeMap::from([(NodeKey([2; 32]), 5)])),
            events: Some(SetDigest { count: 5, sum: [4; 32] }),
            confirmed_at: "2024-04-08T08:06:00Z".parse().expect("a time"),
            trust_until: "2024-04-08T08:11:00Z".parse().expect("a time"),
            written_at: "2024-04-08T08:06:01.250Z".parse().expect("a time"),
            base_path: "/status".to_owned(),
            files: 9,
            shards: BTreeMap::from([("site".to_owned(), Hash([3; 32]))]),
            also: None,
        };
        root.text(NodeKey(key().verifying_key().to_bytes()))
    }

    #[test]
    fn lines_that_a_later_version_adds_are_passed_over_and_signed_all_the_same() {
        let later = sample().replace("sequence ", "colour green\nsequence ") + "flavour sweet\n";
        let bytes = signed(&later);
        assert_eq!(Signed::parse(&bytes).map(|signed| signed.root.sequence), Ok(3));
        let changed = String::from_utf8(bytes).expect("text").replace("sweet", "sour").into_bytes();
        assert!(matches!(Signed::parse(&changed), Err(ManifestError::Signature(_))));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (from, to, line) in [
            ("snapshot 1", "snapshot 2", 1),
            ("sequence 3", "sequence 0", 5),
            ("sequence 3", "sequence 03", 5),
            ("previous none", "previous nothing", 6),
            ("events 5 04", "events 5 4", 9),
            ("confirmed-at 2024-04-08T08:06:00Z", "confirmed-at 2024-04-08T08:06:00+00:00", 10),
            ("base-path /status", "base-path status/", 13),
            (" site\n", " ../site\n", 15),
        ] {
            let text = sample().replace(from, to);
            assert_ne!(text, sample(), "{from}");
            match Signed::parse(&signed(&text)) {
                Err(ManifestError::Line { line: found, .. }) => assert_eq!(found, line, "{to}"),
                other => panic!("{to}: {other:?}"),
            }
        }
        let unsorted = sample().replace("board 5 ", "board 6 ");
        assert!(Signed::parse(&signed(&unsorted)).is_err(), "a number that is not that of its parts");
        assert!(matches!(Signed::parse(sample().as_bytes()), Err(ManifestError::Line { .. })), "no signature");
        assert_eq!(Signed::parse(&vec![b'a'; ROOT_BYTES_MAX + 1]), Err(ManifestError::Length(ROOT_BYTES_MAX)));
    }
}
