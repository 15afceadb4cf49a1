//! Real history from elsewhere: original times, ids and order are kept, nothing that the source lacks is made up, and
//! importing twice changes nothing.
//!
//! | module | what is there |
//! |---|---|
//! | [`lines`] | a file of lines, each of bounded length |
//! | [`history`] | incident history as JSON lines (the format of `mrshu/github-statuses`) |
//! | [`statuspage`] | the Statuspage v2 JSON, from a file or an address |
//! | [`naming`] | codes for components, groups and regions that only have names |
//! | [`run`] | check all, add what the catalog lacks, publish in batches, report |

pub mod history;
pub mod lines;
pub mod naming;
pub mod run;
pub mod statuspage;

pub use run::{ImportError, Options, Progress, Report, run};

use domain::command::{catalog::Wanted, import::Timeline};

/// A line or entry that cannot be imported.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Bad {
    /// Where it stands, such as `line 12` or `incidents[3]`.
    pub place: String,
    pub reason: String,
}

/// A timeline and where it stands in the source.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    pub place: String,
    pub timeline: Timeline,
}

/// All that a source has: what the catalog lacks, the timelines, and what is wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Gathered {
    pub additions: Wanted,
    pub timelines: Vec<Placed>,
    pub bad: Vec<Bad>,
}

/// A catalog without entries.
fn nothing_wanted() -> Wanted {
    Wanted { page: None, regions: Vec::new(), groups: Vec::new(), components: Vec::new() }
}
