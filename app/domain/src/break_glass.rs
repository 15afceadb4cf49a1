//! Break-glass codes: printed and locked away for the hour in which nobody can sign in.

use crate::{Instant, id::*};
use std::collections::{BTreeMap, BTreeSet};

/// Codes that are issued together, as the log tells of them. What is kept of the codes is sealed with the cluster key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeBatch {
    pub id: CodeBatchId,
    /// Where they are kept, or for whom.
    pub label: String,
    pub issued_at: Instant,
    pub count: u16,
    pub sealed_hashes: Vec<u8>,
    /// The uses of each code, oldest first; more than one only when regions that were apart took the same code.
    pub spent: BTreeMap<u16, Vec<Use>>,
    /// For good, with every session that a code of it began.
    pub revoked: bool,
    /// Sessions that were ended one by one.
    pub sessions_ended: BTreeSet<SessionId>,
}

/// One use of a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    pub event: EventId,
    pub at: Instant,
    pub region: String,
}

impl CodeBatch {
    /// Whether a session goes on that a code of it began.
    pub fn keeps(&self, session: SessionId) -> bool {
        !self.revoked && !self.sessions_ended.contains(&session)
    }

    /// Whether a code is good for a session.
    pub fn is_good(&self, number: u16) -> bool {
        !self.revoked && number < self.count && !self.spent.contains_key(&number)
    }

    /// How many are.
    pub fn left(&self) -> usize {
        (0..self.count).filter(|number| self.is_good(*number)).count()
    }

    /// What the audit trail calls whoever uses a code: people count from one.
    pub fn name(&self, number: u16) -> String {
        format!("{}, code {}", self.label, u32::from(number) + 1)
    }
}
