//! The event log inside a snapshot, sealed with the cluster key: a mirror is a copy of the log too, which nobody without
//! that key can read. `holdfast snapshot post` and nodes that return make the log whole again from it.
//!
//! | file | what |
//! |---|---|
//! | `events/NODE/256/K` | events 256 K + 1 to 256 K + 256, in the order of their arrival at the node that wrote them |
//! | `events/NODE/64/K` | 64 events, of those that fill no file of 256 |
//! | `events/tail` | how many there are, in files of which sizes, who is trusted, and the last ones, fewer than 64 |
//!
//! NODE is the first eight digits of the writing node's key: two nodes have the same events in different order, and their
//! files never mix. So one update writes the tail, every 64th one file more. The tail is written after all that it speaks of
//! and is what a reader begins with: whichever tail is there, the files that it needs are.
//!
//! A file is the line `holdfast sealed events 1`, then what [`Store::seal_alike`] makes of the deflated content: a file of
//! events ([`crate::store::stream`]); the tail has a line of JSON ([`About`]) before it. However large its events are, a
//! file never has more than [`FILE_BYTES_MAX`] bytes, the bound of whoever reads and serves one. Tails of earlier versions
//! name no sizes: their files are of 4096 and 64 events.

use super::{
    FILE_BYTES_MAX,
    source::{Extra, Scope},
    target::TargetError,
};
use crate::{
    publish::Node,
    store::{
        Identity, ReadError, Record, SetDigest, Store,
        missing::BodyCounts,
        stream::{ExportError, RECORD_BYTES_MAX, Records, StreamError},
    },
};
use domain::{catalog::PageSettings, id::NodeKey, trust::Member};
use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use serde::{Deserialize, Serialize};
use std::io::{BufRead, BufReader, Read, Write};

/// Begins the path of every file.
pub const FOLDER: &str = "events/";
/// Where the reader begins.
pub const TAIL: &str = "events/tail";
/// Begins each file.
const MAGIC: &[u8] = b"holdfast sealed events 1\n";
const PURPOSE: &[u8] = b"holdfast events of a snapshot";
/// Events of the files, the largest first; each is a multiple of the next.
const SIZES: [u64; 2] = [256, 64];
/// Those of versions whose tail does not tell them.
const FORMER_SIZES: [u64; 2] = [4096, 64];
/// What nonce, tag, both marks and deflation that finds nothing to shorten add to a file, in bytes, at most.
const FRAME_BYTES_MAX: u64 = 64 << 10;
const _: () = assert!(SIZES[0] * RECORD_BYTES_MAX as u64 + FRAME_BYTES_MAX <= FILE_BYTES_MAX);
const _: () = assert!(SIZES[1] * RECORD_BYTES_MAX as u64 + ABOUT_BYTES_MAX + FRAME_BYTES_MAX <= FILE_BYTES_MAX);
/// Longest first line of the tail, in bytes.
const ABOUT_BYTES_MAX: u64 = 1 << 20;
/// Digits of the writing node's key in the paths.
const NODE_DIGITS: usize = 8;

/// What the tail says before its events: what a program needs beside the log to render the same pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// The node whose order the files are in.
    pub node: NodeKey,
    pub events: u64,
    /// Events of the files, the largest first.
    #[serde(default = "former_sizes")]
    pub sizes: Vec<u64>,
    /// Whose events count; the configuration of a node seeds it, so the log alone does not say.
    pub trusted: Vec<Member>,
    /// Used while the log has no page settings.
    pub page: PageSettings,
    pub amber_seconds: i64,
    pub grey_seconds: i64,
}

/// Some events in one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    first: u64,
    /// 0 for the tail, whose end is open.
    size: u64,
}

/// What was written, so that the next time only the rest is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    events: u64,
    bodies: BodyCounts,
    held_bodies: u64,
}

/// The files of a log at one moment.
#[derive(Debug)]
pub struct SealedLog<'a> {
    store: &'a Store,
    about: About,
    digest: SetDigest,
    written: Written,
}

/// Why the log cannot be read out of a snapshot.
#[derive(Debug, thiserror::Error)]
pub enum SealedError {
    #[error(
        "`{0}` is not there: this snapshot was written without events (`[snapshot] events = false`) or is not whole"
    )]
    Missing(String),
    #[error("`{0}` is no sealed file of events of this version")]
    Foreign(String),
    #[error("`{0}` does not open with this cluster key: it is another cluster's, or was altered")]
    Sealed(String),
    #[error("`{path}`: {error}")]
    Events { path: String, error: StreamError },
    #[error("`{path}`: {error}")]
    About { path: String, error: String },
    #[error("the files hold {found} events, and {said} are spoken of: they are of different moments; try again")]
    Count { found: u64, said: u64 },
    #[error("the tail tells of files of {0:?} events; this version knows such as {SIZES:?}")]
    Sizes(Vec<u64>),
    #[error(transparent)]
    Get(#[from] TargetError),
}

impl<'a> SealedLog<'a> {
    /// As the log is now; what arrives later is not part of it.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn of(node: &'a Node) -> Result<Self, ReadError> {
        let store = node.store();
        let options = node.options();
        let (bodies, held_bodies) = (store.body_counts(), store.held_bodies()?);
        let digest = store.digest();
        let written = Written { events: digest.count, bodies, held_bodies };
        let about = About {
            node: store.identity().node_key(),
            events: written.events,
            sizes: SIZES.to_vec(),
            trusted: store.trust().members().cloned().collect(),
            page: options.default_page.clone(),
            amber_seconds: options.amber_seconds,
            grey_seconds: options.grey_seconds,
        };
        Ok(SealedLog { store, about, digest, written })
    }

    /// Of all its events.
    pub fn digest(&self) -> SetDigest {
        self.digest
    }

    /// What the next update begins with.
    pub fn written(&self) -> Written {
        self.written
    }

    /// The files that an update of `scope` needs after one that left `earlier`.
    pub fn files<'log>(&'log self, scope: &Scope, earlier: Option<&Written>) -> Vec<Extra<'log>> {
        let segments = match scope {
            Scope::Everything => self.segments(),
            Scope::Changes(_) => self.changed_since(earlier),
        };
        let file = |segment| {
            let bytes = move || match self.bytes(segment) {
                Ok(bytes) => Ok(bytes),
                Err(ExportError::Read(error)) => Err(error),
                Err(ExportError::Io(error)) => Err(ReadError::Fault(error.into())),
            };
            Extra { path: self.path(segment), bytes: Box::new(bytes) }
        };
        segments.into_iter().map(file).collect()
    }

    /// Every file, in the order in which they are to be written.
    pub fn segments(&self) -> Vec<Segment> {
        segments(self.written.events, &SIZES)
    }

    /// Those that may differ from what was written at an earlier moment: of a body that came or was erased it is not
    /// known where it lies.
    pub fn changed_since(&self, earlier: Option<&Written>) -> Vec<Segment> {
        // Of each event that came in between there is a body, unless one was erased or is missing.
        let lacking = |written: &Written| written.events - written.held_bodies.min(written.events);
        let is_alike =
            |earlier: &&Written| earlier.bodies == self.written.bodies && lacking(earlier) == lacking(&self.written);
        let Some(earlier) = earlier.filter(is_alike) else { return self.segments() };
        let before = segments(earlier.events, &SIZES);
        self.segments().into_iter().filter(|segment| segment.size == 0 || !before.contains(segment)).collect()
    }

    /// Where a segment lies in the snapshot.
    pub fn path(&self, segment: Segment) -> String {
        path(self.about.node, segment)
    }

    /// The bytes of a segment; equal events give equal bytes.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn bytes(&self, segment: Segment) -> Result<Vec<u8>, ExportError> {
        let mut plain = DeflateEncoder::new(Vec::new(), Compression::default());
        let last = if segment.size == 0 { self.written.events } else { segment.first + segment.size - 1 };
        if segment.size == 0 {
            serde_json::to_writer(&mut plain, &self.about).map_err(std::io::Error::from)?;
            plain.write_all(b"\n")?;
        }
        self.store.export_range(segment.first..=last, &mut plain)?;
        let sealed = self.store.seal_alike(PURPOSE, &plain.finish()?);
        Ok([MAGIC, sealed.as_slice()].concat())
    }
}

fn former_sizes() -> Vec<u64> {
    FORMER_SIZES.to_vec()
}

/// The files of a log of `events`, the tail last.
fn segments(events: u64, sizes: &[u64]) -> Vec<Segment> {
    let (mut segments, mut first) = (Vec::new(), 1);
    for &size in sizes {
        while first + size - 1 <= events {
            segments.push(Segment { first, size });
            first += size;
        }
    }
    segments.push(Segment { first, size: 0 });
    segments
}

fn path(node: NodeKey, segment: Segment) -> String {
    match segment.size {
        0 => TAIL.to_owned(),
        size => format!("events/{}/{size}/{}", &node.to_string()[..NODE_DIGITS], (segment.first - 1) / size),
    }
}

/// Opens the sealed log of a snapshot: what its tail says, and every event. `get` gives the bytes of a file, if it is
/// there, and refuses one of more bytes than it is given; `identity` has the cluster key.
///
/// # Errors
/// When a file is missing, too long, was altered, or is sealed with another cluster's key.
pub async fn read(
    identity: &Identity,
    get: impl AsyncFn(&str, u64) -> Result<Option<Vec<u8>>, TargetError>,
) -> Result<(About, Vec<Record>), SealedError> {
    let opened = async |path: &str| {
        let bytes = get(path, FILE_BYTES_MAX).await?;
        let bytes = bytes.ok_or_else(|| SealedError::Missing(path.to_owned()))?;
        let sealed = bytes.strip_prefix(MAGIC).ok_or_else(|| SealedError::Foreign(path.to_owned()))?;
        identity.open_sealed_for(PURPOSE, sealed).ok_or_else(|| SealedError::Sealed(path.to_owned()))
    };
    let tail = opened(TAIL).await?;
    let mut tail = BufReader::new(DeflateDecoder::new(tail.as_slice()));
    let about_of = |error: String| SealedError::About { path: TAIL.to_owned(), error };
    let mut line = Vec::new();
    tail.by_ref().take(ABOUT_BYTES_MAX).read_until(b'\n', &mut line).map_err(|error| about_of(error.to_string()))?;
    let about: About = serde_json::from_slice(&line).map_err(|error| about_of(error.to_string()))?;
    let are_sizes = about.sizes.windows(2).all(|pair| pair[1] > 0 && pair[0] % pair[1] == 0);
    if !are_sizes || about.sizes.first().is_none_or(|size| *size == 0) {
        return Err(SealedError::Sizes(about.sizes));
    }
    let mut records = Vec::new();
    for segment in segments(about.events, &about.sizes).into_iter().filter(|segment| segment.size > 0) {
        let path = path(about.node, segment);
        let plain = opened(&path).await?;
        take_in(&mut records, &path, DeflateDecoder::new(plain.as_slice()))?;
    }
    take_in(&mut records, TAIL, tail)?;
    match records.len() as u64 {
        found if found == about.events => Ok((about, records)),
        found => Err(SealedError::Count { found, said: about.events }),
    }
}

fn take_in(records: &mut Vec<Record>, path: &str, input: impl Read) -> Result<(), SealedError> {
    let failed = |error| SealedError::Events { path: path.to_owned(), error };
    for record in Records::new(input).map_err(failed)? {
        records.push(record.map_err(failed)?);
    }
    Ok(())
}
