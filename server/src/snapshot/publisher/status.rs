//! How a target stands, for operators.

use domain::{Instant, id::NodeKey};

/// What a target's writer is at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It has not been written since this node started.
    Waiting,
    Updating,
    Complete,
    /// Another node writes it.
    StandingBy(NodeKey),
    /// Since when, and why; never a credential.
    Failing(Instant, String),
}

impl State {
    /// As answers and metrics name it.
    pub fn name(&self) -> &'static str {
        match self {
            State::Waiting => "waiting",
            State::Updating => "updating",
            State::Complete => "complete",
            State::StandingBy(_) => "standing_by",
            State::Failing(..) => "failing",
        }
    }
}

/// One target.
#[derive(Clone, Debug)]
pub struct Status {
    pub name: String,
    /// A directory's path or a bucket's address.
    pub target: String,
    /// Where readers find it.
    pub url: Option<String>,
    pub state: State,
    /// When the newest update that succeeded ended.
    pub succeeded_at: Option<Instant>,
    /// What it came to.
    pub done: Done,
    /// Since this node started.
    pub updates: u64,
    pub failures: u64,
}

/// What an update came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Events that the board there is made of.
    pub board_version: u64,
    /// Updates of this target by anyone.
    pub sequence: u64,
    pub files: u64,
    /// Of the files that were put.
    pub bytes: u64,
    /// From its begin to its end, in milliseconds.
    pub took_ms: u64,
}
