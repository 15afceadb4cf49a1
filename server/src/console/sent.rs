//! A form that was sent before: by a second click, or by a browser that got no answer to the first.

use app::console::{Draft, draft::WITHDRAWN};
use domain::{
    board::Board,
    catalog::Cell,
    id::UpdateId,
    incident::{Incident, Update},
    status::{ComponentStatus, Status},
    text::Text,
};

/// Whether what the form was made for is in the timeline, whatever the draft says by now.
pub fn is_used(draft: &Draft, held: &Incident) -> bool {
    match draft.incident {
        None => draft.once == held.id.to_string(),
        Some(_) => update_of(draft, held).is_some(),
    }
}

/// The update by which all that a draft says is in the timeline: sent again, it stands, and nothing is lost.
pub fn published<'i>(draft: &Draft, board: &Board, held: &'i Incident) -> Option<&'i Update> {
    if draft.incident.is_some() {
        return update_of(draft, held).filter(|update| says(draft, update) && scopes(draft, board, held, update));
    }
    let is_first = draft.once == held.id.to_string() && draft.title.trimmed() == held.title;
    held.updates.iter().find(|update| is_first && says(draft, update))
}

fn update_of<'i>(draft: &Draft, held: &'i Incident) -> Option<&'i Update> {
    let once: UpdateId = draft.once.parse().ok()?;
    held.updates.iter().find(|update| update.id == once)
}

/// Whether an update says in words what a draft does, and promises as much.
fn says(draft: &Draft, update: &Update) -> bool {
    let is_given = |minutes: &str, exact: &str| !exact.is_empty() || !matches!(minutes, "" | WITHDRAWN);
    let text = update.edits.first().map_or(&update.text, |edit| &edit.before);
    let no_cause = Text::default();
    (text, update.root_cause.as_ref().unwrap_or(&no_cause)) == (&draft.text.trimmed(), &draft.root_cause.trimmed())
        && update.status.map(Status::word).unwrap_or_default() == draft.status
        && update.next_update_at.is_some() == is_given(&draft.next_in, &draft.next_at)
        && update.expected_recovery_at.is_some() == is_given(&draft.recovery_in, &draft.recovery_at)
}

/// Whether every cell came, or stands, where a draft puts it.
fn scopes(draft: &Draft, board: &Board, held: &Incident, update: &Update) -> bool {
    let stands = |cell: Cell| {
        let affected = held.affected().find(|(held, _)| *held == cell);
        affected.map_or(ComponentStatus::Operational, |(_, status)| status)
    };
    draft.cells(&board.catalog).into_iter().all(|(cell, status)| {
        let came = update.scope.iter().any(|step| (step.cell, step.to) == (cell, status));
        // Before it begins and after its end a timeline touches nothing.
        came || stands(cell) == status || !held.status.is_active() && held.named.contains(&cell)
    })
}
