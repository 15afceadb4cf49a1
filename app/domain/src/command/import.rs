//! A whole timeline from elsewhere: its own times, ids and order are kept, and nothing is made up that it lacks.
//!
//! What really happened need not follow the rules for operators: a timeline may begin resolved, step back or go on
//! after its end. What an import brings must still be readable: texts, times, their order, ids and cells are checked.

use super::{At, Planned, Refusal, UPDATES_MAX, draft};
use crate::{Instant, board::Board, change::*, id::*, incident::Incident, status::Status};
use std::collections::BTreeSet;

/// A timeline as it was elsewhere. Every update has an id, so that importing it again adds only what is new.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline {
    pub id: IncidentId,
    pub opened: IncidentOpened,
    /// After the first, in their order.
    pub updates: Vec<UpdatePosted>,
    pub postmortem: Option<PostmortemPublished>,
}

/// The changes that bring what `held` has of the timeline up to it; none when it is all there. Texts that differ from
/// those held stay as they are: an operator may have corrected them here.
pub(super) fn plan(
    board: &Board,
    held: Option<&Incident>,
    timeline: Timeline,
    now: Instant,
    refusals: &mut Vec<Refusal>,
) -> Vec<Planned> {
    check(board, &timeline, now, refusals);
    let subject = Subject::Incident(timeline.id);
    let known: BTreeSet<UpdateId> = match held {
        None => BTreeSet::new(),
        Some(held) => {
            same_origin(held, &timeline, refusals);
            held.updates.iter().map(|update| update.id).collect()
        }
    };
    let is_new = |update: &UpdatePosted| update.id.is_none_or(|id| !known.contains(&id));
    let new_count = timeline.updates.iter().filter(|update| is_new(update)).count();
    if known.len() + new_count > UPDATES_MAX {
        let what = format!("the timeline has more than {UPDATES_MAX} updates");
        refusals.push(Refusal::new("updates", what, "a shorter timeline"));
    }
    let mut planned = Vec::new();
    if held.is_none() {
        planned.push((subject, Change::IncidentOpened(timeline.opened)));
    }
    planned.extend(timeline.updates.into_iter().filter(is_new).map(|update| (subject, Change::UpdatePosted(update))));
    if let Some(postmortem) = timeline.postmortem
        && held.is_none_or(|held| held.postmortem.is_none())
    {
        planned.push((subject, Change::PostmortemPublished(postmortem)));
    }
    planned
}

fn same_origin(held: &Incident, timeline: &Timeline, refusals: &mut Vec<Refusal>) {
    if held.source != timeline.opened.source || held.kind != timeline.opened.kind {
        let what = format!("`{}` exists already and did not come from there", timeline.id);
        refusals.push(Refusal::new("id", what, "an id that is not taken"));
    }
}

fn check(board: &Board, timeline: &Timeline, now: Instant, refusals: &mut Vec<Refusal>) {
    let opened = &timeline.opened;
    if opened.source.is_none() {
        refusals.push(Refusal::new("source", "is missing", "where the timeline comes from"));
    }
    draft::head(opened, refusals);
    let mut ids = BTreeSet::new();
    let mut before: Option<Instant> = None;
    for (index, update) in std::iter::once(&opened.first).chain(&timeline.updates).enumerate() {
        let mut of_this = Vec::new();
        draft::entry(board, opened.kind, update, now, &mut of_this);
        if update.status == Some(Status::Postmortem) {
            of_this.push(Refusal::new("status", "an update is no postmortem", "the text as the timeline's postmortem"));
        }
        if update.id.is_none_or(|id| !ids.insert(id)) {
            of_this.push(Refusal::new("id", "is missing or stands twice", "an id of its own for each update"));
        }
        if let Some(before) = before.filter(|before| *before > update.at) {
            let what = format!("{} is before the update before it ({})", At(update.at), At(before));
            of_this.push(Refusal::new("at", what, "updates from the oldest to the newest"));
        }
        before = Some(update.at);
        refusals.extend(
            of_this
                .into_iter()
                .map(|refusal| Refusal { field: format!("updates[{index}].{}", refusal.field), ..refusal }),
        );
    }
    if let Some(postmortem) = &timeline.postmortem {
        draft::prose("postmortem.text", &postmortem.text, true, refusals);
        draft::happened("postmortem.at", postmortem.at, now, refusals);
    }
}
