//! What went wrong, for people or as problem+json, and the exit code that says of which kind it is.

use crate::api::problem::Problem;
use axum::http::StatusCode;
use domain::command::Refusal;
use std::process::ExitCode;

const REFUSED: u8 = 1;
const USAGE: u8 = 2;
const UNAVAILABLE: u8 = 3;

/// Why a command did nothing.
#[derive(Debug)]
pub struct Failure {
    code: u8,
    problem: Problem,
    damage: Option<Damage>,
}

/// What keeps a node from its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// The data file is no log any more, or is gone.
    Lost,
    /// The disk does not give it, or another version wrote it: moving it away would help nobody.
    Unreadable,
}

impl Failure {
    /// The input is refused; nothing was changed.
    pub fn refused(field: impl Into<String>, what: impl Into<String>, right: impl Into<String>) -> Self {
        Problem::refused([Refusal::new(field, what, right)]).into()
    }

    /// The command was given in a way that it is not meant.
    pub fn usage(what: impl Into<String>) -> Self {
        Failure { code: USAGE, problem: Problem::new(StatusCode::BAD_REQUEST, what), damage: None }
    }

    /// There is no node or store to work on.
    pub fn unavailable(what: impl Into<String>) -> Self {
        Failure { code: UNAVAILABLE, problem: Problem::new(StatusCode::SERVICE_UNAVAILABLE, what), damage: None }
    }

    /// A check that came out badly, with an exit code of its own; what is wrong was printed as its answer.
    pub fn told(code: u8) -> Self {
        let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "");
        Failure { code, problem, damage: None }
    }

    /// The data directory is there and cannot be read.
    pub fn damaged(damage: Damage, what: impl Into<String>) -> Self {
        Failure { damage: Some(damage), ..Failure::unavailable(what) }
    }

    pub fn damage(&self) -> Option<Damage> {
        self.damage
    }

    pub fn code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }

    /// Tells it on standard error.
    pub fn print(&self, json: bool) {
        if self.problem.detail.is_empty() && self.problem.errors.is_empty() {
            return;
        }
        if json {
            eprintln!("{}", serde_json::to_string(&self.problem).unwrap_or_default());
            return;
        }
        if self.problem.errors.is_empty() {
            eprintln!("error: {}", self.problem.detail);
        }
        for error in &self.problem.errors {
            eprintln!("error: {error}");
        }
        if self.code == REFUSED {
            eprintln!("Nothing was changed.");
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(&self.problem.detail)
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        let code = if problem.status >= 500 { UNAVAILABLE } else { REFUSED };
        Failure { code, problem, damage: None }
    }
}

impl From<Vec<Refusal>> for Failure {
    fn from(refusals: Vec<Refusal>) -> Self {
        Problem::refused(refusals).into()
    }
}
