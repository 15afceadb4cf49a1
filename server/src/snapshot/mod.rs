//! The whole site as files that any web server can serve: every public address in every language, by the one
//! renderer, and the browser's files.
//!
//! | module | what is there |
//! |---|---|
//! | [`files`] | which file an address becomes |
//! | [`directory`] | the directory: atomic replacement, the list of what a snapshot wrote, removal of what is stale |
//! | [`recover`] | a node made from a snapshot alone |
//! | [`sealed_log`] | the event log, sealed with the cluster key |
//! | [`target`] | where a snapshot goes: get, put and delete of whole files |
//! | [`write`] | all of it, with two bounds: one page for each thread in memory, and nothing written that is the same |
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

pub mod directory;
pub mod files;
pub mod recover;
pub mod sealed_log;
pub mod target;
mod write;

pub use directory::SnapshotError;
pub use files::candidates;
pub use write::{Report, write};

/// Held while a snapshot is written to a directory, so that two writers do not mix.
const LOCK: &str = ".holdfast-lock";
/// Begin of the names under which files are written before they are renamed.
const UNFINISHED: &str = ".holdfast-new-";
