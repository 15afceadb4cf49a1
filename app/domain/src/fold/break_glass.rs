//! Break-glass codes from their events. A code that two regions took while they were apart is good in both, and reported.

use super::{Problem, ProblemKind};
use crate::{break_glass::*, change::*, id::*};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn fold(id: CodeBatchId, events: &[Event]) -> (Option<CodeBatch>, Vec<Problem>) {
    // By the clock, then by id: the same on every node, whatever the order of arrival.
    let ordered: BTreeMap<(Hlc, EventId), &Event> = events.iter().map(|event| ((event.hlc, event.id), event)).collect();
    let mut problems = Vec::new();
    let mut issued: Option<(&Event, &BreakGlassIssued)> = None;
    let mut spent: BTreeMap<u16, Vec<Use>> = BTreeMap::new();
    let mut revoked = false;
    let mut sessions_ended = BTreeSet::new();
    for event in ordered.into_values() {
        match &event.change {
            Change::BreakGlassIssued(_) if issued.is_some() => {
                problems.push(Problem::unfit(event.id, "these codes were issued before"));
            }
            Change::BreakGlassIssued(codes) => issued = Some((event, codes)),
            Change::BreakGlassSpent(code) => {
                let used = Use { event: event.id, at: event.written_at(), region: code.region.clone() };
                spent.entry(code.number).or_default().push(used);
            }
            Change::BreakGlassRevoked(_) => revoked = true,
            Change::SessionsEnded(SessionsEnded { session: Some(session) }) => {
                sessions_ended.insert(*session);
            }
            Change::Redacted(_) => {}
            other => {
                let reason = format!("a {} cannot be about break-glass codes", other.name());
                problems.push(Problem::unfit(event.id, reason));
            }
        }
    }
    let Some((event, codes)) = issued else {
        let reason = "the event that issued these codes is not here";
        problems.extend(events.iter().map(|event| Problem::unfit(event.id, reason)));
        return (None, problems);
    };
    let batch = CodeBatch {
        id,
        label: codes.label.clone(),
        issued_at: event.written_at(),
        count: codes.count,
        sealed_hashes: codes.sealed_hashes.0.clone(),
        spent,
        revoked,
        sessions_ended,
    };
    // Revoked, none of its codes and sessions is good for anything.
    if !batch.revoked {
        problems.extend(used_twice(&batch));
    }
    (Some(batch), problems)
}

/// Every use of a code after its first one.
fn used_twice(batch: &CodeBatch) -> Vec<Problem> {
    let place = |used: &Use| format!("{} at {}", used.region, used.at.format("%Y-%m-%dT%H:%M:%SZ"));
    let mut problems = Vec::new();
    for (number, uses) in &batch.spent {
        let Some((first, again)) = uses.split_first() else { continue };
        problems.extend(again.iter().map(|used| Problem {
            event: used.event,
            reason: format!(
                "the break-glass code `{}` was used in {}, and in {} before: regions that were apart both took it; \
                 ask who holds it",
                batch.name(*number),
                place(used),
                place(first)
            ),
            kind: ProblemKind::Alarming,
        }));
    }
    problems
}
