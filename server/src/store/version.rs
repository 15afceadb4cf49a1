//! Which versions of the log's encoding this program writes and reads.
//!
//! The feature `next-version` makes a program that stands for a later one, so that two builds of different versions can
//! be linked, mixed and upgraded in a test (`tests/it/versions.rs`). It is for that test alone and in no release. What
//! it writes, version 2, is one possible future: a field behind the parents, a field more in every body, and posted
//! updates of another kind.

/// The version of the envelope that this node writes; it reads this one and those before.
pub const ENVELOPE: u8 = if IS_NEXT { 2 } else { OLDEST };

/// The first version of the envelope: every node reads it.
pub const OLDEST: u8 = 1;

const IS_NEXT: bool = cfg!(feature = "next-version");
/// What version 2 appends.
const APPENDED: &[u8] = b"next";
/// Updates as version 2 posts them. No release uses a number from 60,000 on.
const NEXT_UPDATE_POSTED: u16 = 60_017;
const UPDATE_POSTED: u16 = 17;

/// Which redactions the log knows by their targets: all that this version reads. A log that another version has kept
/// is looked through anew.
pub const REDACTIONS_NOTED: &[u8] = &[ENVELOPE];

/// Whether events of a version are read here; of others only the fields that all versions have.
pub fn is_read(version: u8) -> bool {
    (OLDEST..=ENVELOPE).contains(&version)
}

/// What stands behind the parents in a version that is read here.
pub fn appended(version: u8) -> &'static [u8] {
    if IS_NEXT && version == 2 { APPENDED } else { &[] }
}

/// The field that version 2 adds to bodies.
pub fn body_field() -> Option<&'static str> {
    IS_NEXT.then_some("version 2")
}

/// The kind as which a change of `kind` is written.
pub fn kind_written(kind: u16) -> u16 {
    if IS_NEXT && kind == UPDATE_POSTED { NEXT_UPDATE_POSTED } else { kind }
}

/// The kind as which a body of `kind` is read.
pub fn kind_read(kind: u16) -> u16 {
    if IS_NEXT && kind == NEXT_UPDATE_POSTED { UPDATE_POSTED } else { kind }
}

/// The program's version, as peers see it.
pub const PROGRAM: &str = if IS_NEXT { concat!(env!("CARGO_PKG_VERSION"), "-next") } else { env!("CARGO_PKG_VERSION") };
