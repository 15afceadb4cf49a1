//! The whole site as files that any web server can serve: every public address in every language, by the one
//! renderer, and the browser's files.
//!
//! | module | what is there |
//! |---|---|
//! | [`bring`] | a running node's site to one of its targets |
//! | [`copies`] | the list of copies in one, read back |
//! | [`files`] | which file an address becomes |
//! | [`publisher`] | keeps the targets of a running node up to date |
//! | [`manifest`] | the signed list of what stands: hashes, board version, confirmed-at, expiry |
//! | [`post`] | a post with no node alive |
//! | [`recover`] | a node made from a snapshot alone |
//! | [`sealed_log`] | the event log, sealed with the cluster key |
//! | [`take_in`] | what a copy holds and a node's log lacks, into that log |
//! | [`target`] | where a snapshot goes: get, put and delete of whole files |
//! | [`source`] | what it is made from: a node, or whoever holds a board and a key |
//! | [`update`] | the protocol of one update |
//! | [`verify`] | whether one is whole, whose, and as of when |
//! | [`write`] | a whole snapshot into a directory of this machine |
//!
//! Addresses to files (contract):
//!
//! | address | file |
//! |---|---|
//! | `/` | `index.html` |
//! | `/en/`, `/zh/` | `en/index.html`, `zh/index.html` |
//! | a page `/x` | `x/index.html`, so that `/x` and `/x/` both find it |
//! | a page `/x` in a language | `en/x/index.html`, `zh/x/index.html` |
//! | feeds, badges, the calendar, `/api/v2/*.json` | the same path, such as `history.atom` |
//! | `/api/v1/status` | `api/v1/status`, and a copy `api/v1/status.json` for servers that go by suffix |
//! | `/api/v1/copies.json` | the same path |
//! | any other | `404.html` (in languages `en/404.html`, `zh/404.html`) |
//! | the browser's files | the same path |
//!
//! Where the server negotiates the language, the file is in English. A base path such as `/status` is part of the links
//! and not of the file names: the directory is what is served below it.

mod bring;
pub mod copies;
pub mod files;
pub mod manifest;
pub mod post;
pub mod publisher;
pub mod recover;
pub mod sealed_log;
pub mod source;
pub mod take_in;
pub mod target;
pub mod update;
pub mod verify;
mod write;

pub use files::{candidates, files};
pub use source::{Extra, Scope, Source, Writer};
pub use update::{Report, Update, UpdateError};
pub use write::{SnapshotError, left_by_earlier_version, write};

/// Largest file of a snapshot, in bytes: a longer one is neither read, checked nor served. No page, feed or document comes
/// near it, and the sealed log is cut into files that cannot reach it.
pub const FILE_BYTES_MAX: u64 = 32 << 20;

/// Held while a snapshot is written to a directory, so that two writers do not mix.
const LOCK: &str = ".holdfast-lock";
/// Begin of the names under which files are written before they are renamed.
const UNFINISHED: &str = ".holdfast-new-";
/// Written and removed again by `holdfast check`.
pub const CHECK: &str = ".holdfast-check";
/// Where the files of an update wait, in a directory target.
pub const STAGING: &str = ".holdfast-staging";
/// What versions before the manifest listed their files in.
pub const LIST: &str = ".holdfast-files";
