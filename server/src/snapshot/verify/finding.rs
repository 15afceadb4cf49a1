//! What can be wrong with a snapshot, each told apart by an exit code and a sentence.

use crate::snapshot::manifest::{Hash, Signed};
use domain::{Instant, id::NodeKey};
use std::fmt;

/// Exit codes of what is good.
pub const GOOD: u8 = 0;
pub const UPDATING: u8 = 10;
/// Everything is whole, and past the moment until when it may be trusted.
pub const EXPIRED: u8 = 11;
/// Findings that are kept of one kind, at most: a copy without any files has thousands.
const FINDINGS_MAX: usize = 100;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    Nothing,
    Expired(Instant),
    Changed(String),
    Missing(String),
    Extra(String),
    Chain(String),
    UnknownKey(NodeKey),
    /// A manifest that is none, or is not signed by whom it names.
    Manifest(String, String),
}

impl Finding {
    /// The exit code.
    pub fn code(&self) -> u8 {
        match self {
            Finding::Nothing => 3,
            Finding::Expired(_) => EXPIRED,
            Finding::Changed(_) => 12,
            Finding::Missing(_) => 13,
            Finding::Extra(_) => 14,
            Finding::Chain(_) => 15,
            Finding::UnknownKey(_) => 16,
            Finding::Manifest(..) => 17,
        }
    }

    /// A finding of a higher rank decides the code: who wrote it before what is in it, before how old it is.
    fn rank(&self) -> u8 {
        match self {
            Finding::Expired(_) => 0,
            Finding::Extra(_) => 1,
            Finding::Missing(_) => 2,
            Finding::Changed(_) => 3,
            Finding::Chain(_) => 4,
            Finding::UnknownKey(_) => 5,
            Finding::Manifest(..) => 6,
            Finding::Nothing => 7,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Finding::Nothing => write!(f, "There is no `manifest`: nothing to read."),
            Finding::Expired(at) => write!(f, "Expired: after {} it is to be treated as out of date.", time(*at)),
            Finding::Changed(path) => write!(f, "Changed: `{path}` is not what the manifest lists."),
            Finding::Missing(path) => write!(f, "Missing: `{path}` is listed and not there."),
            Finding::Extra(path) => write!(f, "Extra: `{path}` is there and not listed."),
            Finding::Chain(what) => write!(f, "Re-ordered: {what}."),
            Finding::UnknownKey(key) => write!(f, "Unknown key: it is signed by {key}, which is not trusted."),
            Finding::Manifest(path, what) => write!(f, "Bad signature or unreadable manifest: `{path}`: {what}."),
        }
    }
}

/// What came of a check.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The worst first; of one kind the first ones.
    pub findings: Vec<Finding>,
    /// Findings that were not kept.
    pub more: usize,
    pub is_updating: bool,
    /// Files that are as they are listed.
    pub files: usize,
    /// Whether files that nothing lists would have been seen.
    pub is_listable: bool,
    /// What the snapshot says of itself.
    pub told: Option<Signed>,
    /// Of the root manifests that were read: `manifest` and `manifest.next`.
    pub(super) roots: [Option<Hash>; 2],
}

impl Verdict {
    pub(super) fn new(is_listable: bool) -> Verdict {
        Verdict {
            findings: Vec::new(),
            more: 0,
            is_updating: false,
            files: 0,
            is_listable,
            told: None,
            roots: [None; 2],
        }
    }

    pub(super) fn find(&mut self, finding: Finding) {
        let of_kind = self.findings.iter().filter(|found| found.code() == finding.code()).count();
        if of_kind >= FINDINGS_MAX {
            self.more += 1;
            return;
        }
        let place = self.findings.partition_point(|found| found.rank() >= finding.rank());
        self.findings.insert(place, finding);
    }

    /// Whole and of whom it should be; it may be out of date.
    pub fn has_faults(&self) -> bool {
        self.findings.iter().any(|finding| finding.code() != EXPIRED)
    }

    pub fn is_good(&self) -> bool {
        self.findings.is_empty()
    }

    pub fn code(&self) -> u8 {
        match self.findings.first() {
            Some(worst) => worst.code(),
            None if self.is_updating => UPDATING,
            None => GOOD,
        }
    }

    /// The one sentence.
    pub fn sentence(&self) -> String {
        if let Some(worst) = self.findings.first() {
            return worst.to_string();
        }
        let Some(told) = &self.told else { return String::new() };
        let state = if self.is_updating { "Good, update in progress" } else { "Good" };
        let unlisted =
            if self.is_listable { "" } else { " A web server cannot be asked for files that nothing lists." };
        format!(
            "{state}: {} files are as node {} signed them, of board {}, confirmed at {}, to be trusted until {}.{unlisted}",
            self.files,
            told.signer,
            told.root.board.total(),
            time(told.root.confirmed_at),
            time(told.root.trust_until),
        )
    }
}

fn time(instant: Instant) -> String {
    instant.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}
