//! Break-glass codes, checked against those that there are.

use super::{Planned, Refusal};
use crate::{board::Board, break_glass::CodeBatch, change::*, id::*, text};

/// Codes of one batch at most.
pub const CODES_MAX: u16 = 100;
/// Batches that are not revoked, at most: a typed code is compared with all of theirs.
pub const BATCHES_MAX: usize = 100;

/// What is wanted of break-glass codes.
#[derive(Clone, Debug, PartialEq)]
pub enum Wish {
    /// `batch` is fresh.
    Issue {
        batch: CodeBatchId,
        issued: BreakGlassIssued,
    },
    Spend {
        batch: CodeBatchId,
        spent: BreakGlassSpent,
    },
    Revoke {
        batch: CodeBatchId,
    },
    EndSession {
        batch: CodeBatchId,
        session: SessionId,
    },
}

/// The changes to write; what is wrong is added to `refusals`.
pub(super) fn plan(board: &Board, wish: Wish, refusals: &mut Vec<Refusal>) -> Vec<Planned> {
    match wish {
        Wish::Issue { batch, issued } => {
            if let Err(error) = text::check_name(&issued.label.as_str().into()) {
                refusals.push(Refusal::new("label", error.to_string(), "where the codes are kept, or for whom"));
            }
            if !(1..=CODES_MAX).contains(&issued.count) {
                let what = format!("is {}", issued.count);
                refusals.push(Refusal::new("count", what, format!("1 to {CODES_MAX} codes")));
            }
            if board.break_glass.contains_key(&batch) {
                refusals.push(Refusal::new("", format!("`{batch}` was issued before"), "a fresh id"));
            }
            if board.break_glass.values().filter(|batch| !batch.revoked).count() >= BATCHES_MAX {
                let what = format!("{BATCHES_MAX} batches of codes are out already");
                refusals.push(Refusal::new("", what, "revoke one first"));
            }
            vec![(Subject::BreakGlass(batch), Change::BreakGlassIssued(issued))]
        }
        Wish::Spend { batch, spent } => {
            if !known(board, batch, refusals).is_some_and(|held| held.is_good(spent.number)) {
                refusals.push(Refusal::new("code", "this code is used up or revoked", "another one"));
            }
            vec![(Subject::BreakGlass(batch), Change::BreakGlassSpent(spent))]
        }
        Wish::Revoke { batch } => {
            if known(board, batch, refusals).is_some_and(|held| held.revoked) {
                refusals.push(Refusal::new("batch", format!("`{batch}` is revoked already"), "nothing to do"));
            }
            vec![(Subject::BreakGlass(batch), Change::BreakGlassRevoked(Removed {}))]
        }
        Wish::EndSession { batch, session } => {
            known(board, batch, refusals);
            let ended = SessionsEnded { session: Some(session) };
            vec![(Subject::BreakGlass(batch), Change::SessionsEnded(ended))]
        }
    }
}

fn known<'b>(board: &'b Board, id: CodeBatchId, refusals: &mut Vec<Refusal>) -> Option<&'b CodeBatch> {
    let found = board.break_glass.get(&id);
    if found.is_none() {
        let right = "one that `holdfast breakglass list` shows";
        refusals.push(Refusal::new("batch", format!("there is no batch `{id}`"), right));
    }
    found.map(|batch| batch.as_ref())
}
