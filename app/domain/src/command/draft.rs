//! The checks of an update's own fields, and of an incident's.

use super::{
    AHEAD_SECONDS_MAX, At, EARLIEST_SECONDS, Names, Reason, Refusal, Statuses,
    reason::{of_name, of_text},
};
use crate::{
    Instant,
    board::Board,
    change::*,
    id::TemplateId,
    incident::Incident,
    status::*,
    text::{self, Text},
};
use chrono::TimeDelta;
use std::collections::BTreeSet;

/// Changes that one update's scope holds at most.
pub const SCOPE_MAX: usize = 4096;

pub(super) fn prose(field: &str, value: &Text, required: bool, refusals: &mut Vec<Refusal>) {
    if required && value.is_empty() {
        refusals.push(Reason::TextEmpty.at(field));
    }
    refusals.extend(of_text(field, value, text::check_prose, "plain text or Markdown"));
}

/// A time that has happened: not before 1990, not in the future.
pub(super) fn happened(field: &str, at: Instant, now: Instant, refusals: &mut Vec<Refusal>) {
    if at.timestamp() < EARLIEST_SECONDS {
        refusals.push(Reason::BeforeNineties { at: At(at) }.at(field));
    }
    if at > now + TimeDelta::seconds(AHEAD_SECONDS_MAX) {
        refusals.push(Reason::InFuture { at: At(at), now: At(now) }.at(field));
    }
}

fn schedule(schedule: &Schedule, refusals: &mut Vec<Refusal>) {
    if schedule.until <= schedule.from {
        let reason = Reason::EndBeforeBegin { from: At(schedule.from), until: At(schedule.until) };
        refusals.push(reason.at("schedule.until"));
    }
}

fn title(value: &Text, refusals: &mut Vec<Refusal>) {
    refusals.extend(of_text("title", value, text::check_name, "one line of at most 200 characters"));
}

pub(super) fn edit(incident: &Incident, edit: &IncidentEdited, refusals: &mut Vec<Refusal>) {
    if let Some(value) = &edit.title {
        title(value, refusals);
    }
    if let Some(value) = &edit.schedule {
        schedule(value, refusals);
        if incident.kind == Kind::Incident {
            refusals.push(Reason::ScheduleOfIncident.at("schedule"));
        }
    }
    if *edit == IncidentEdited::default() {
        refusals.push(Reason::EditChangesNothing.at(""));
    }
}

/// Templates at most.
pub const TEMPLATES_MAX: usize = 500;

pub(super) fn template(board: &Board, template: &TemplateSet, refusals: &mut Vec<Refusal>) {
    refusals.extend(of_name("name", &template.name, "a short name to choose it by"));
    if let Some(component) = template.component.filter(|id| board.catalog.component(*id).is_none()) {
        refusals.push(Reason::TemplateComponent { component: component.to_string() }.at("component"));
    }
    if let Some(value) = &template.title {
        title(value, refusals);
    }
    prose("text", &template.text, true, refusals);
    let id = TemplateId::of_name(&template.name);
    if board.templates.len() >= TEMPLATES_MAX && !board.templates.contains_key(&id) {
        refusals.push(Reason::TemplatesFull { max: TEMPLATES_MAX }.at(""));
    }
    if board.templates.get(&id) == Some(template) {
        refusals.push(Reason::TemplateChangesNothing.at("text"));
    }
}

pub(super) fn opening(board: &Board, opened: &IncidentOpened, now: Instant, refusals: &mut Vec<Refusal>) {
    head(opened, refusals);
    if opened.first.status.is_none() && opened.source.is_none() {
        refusals.push(Reason::StatusMissing { statuses: of_kind(opened.kind) }.at("status"));
    }
    if opened.first.status == Some(Status::Postmortem) {
        refusals.push(Reason::OpensWithPostmortem.at("status"));
    }
    update(board, None, opened.kind, &opened.first, now, refusals);
}

/// The statuses of timelines of this kind.
fn of_kind(kind: Kind) -> Statuses {
    Statuses(Status::ALL.iter().copied().filter(|status| status.kind() == kind).collect())
}

/// Checks title and schedule.
pub(super) fn head(opened: &IncidentOpened, refusals: &mut Vec<Refusal>) {
    title(&opened.title, refusals);
    match (opened.kind, &opened.schedule) {
        (Kind::Maintenance, Some(value)) => schedule(value, refusals),
        (Kind::Incident, Some(_)) => {
            refusals.push(Reason::ScheduleOfIncident.at("schedule").or_rather("schedule a maintenance instead"));
        }
        // What an import does not know is not invented.
        (Kind::Maintenance, None) if opened.source.is_none() => {
            refusals.push(Reason::ScheduleMissing.at("schedule"));
        }
        _ => {}
    }
}

/// Checks an update against its incident; `None` for the one that opens it.
pub(super) fn update(
    board: &Board,
    incident: Option<&Incident>,
    kind: Kind,
    update: &UpdatePosted,
    now: Instant,
    refusals: &mut Vec<Refusal>,
) {
    entry(board, kind, update, now, refusals);
    status(incident, kind, update, refusals);
    if !update.scope.is_empty() && incident.is_some_and(|incident| incident.status.is_ended()) {
        refusals.push(Reason::ScopeAfterEnd.at("scope"));
    }
    if let Some(incident) = incident {
        order(incident, update, refusals);
    }
    if let Some(Expectation::At(at)) = update.expected_recovery
        && at <= update.at
    {
        refusals.push(Reason::RecoveryNotLater { at: At(at), own: At(update.at) }.at("expected_recovery_at"));
    }
    if let Some(at) = update.next_update_at.filter(|at| *at <= update.at) {
        refusals.push(Reason::NextNotLater { at: At(at), own: At(update.at) }.at("next_update_at"));
    }
}

/// Checks what an update says by itself, whatever came before it.
pub(super) fn entry(board: &Board, kind: Kind, update: &UpdatePosted, now: Instant, refusals: &mut Vec<Refusal>) {
    prose("text", &update.text, true, refusals);
    if let Some(cause) = &update.root_cause {
        prose("root_cause", cause, true, refusals);
    }
    happened("at", update.at, now, refusals);
    if let Some(next) = update.status.filter(|status| status.kind() != kind) {
        refusals.push(Reason::StatusOfOtherKind { next, kind, statuses: of_kind(kind) }.at("status"));
    }
    scope(board, update, refusals);
}

fn status(incident: Option<&Incident>, kind: Kind, update: &UpdatePosted, refusals: &mut Vec<Refusal>) {
    let Some(next) = update.status else { return };
    match incident {
        // Refused already.
        _ if next.kind() != kind => {}
        Some(incident) if !incident.status.may_become(next) => {
            let status = incident.status;
            let reason = match (status.is_ended(), next) {
                (_, Status::Postmortem) => Reason::StatusPostmortem { status, next },
                (true, _) => Reason::StatusAfterEnd { status, next },
                (false, _) => Reason::StatusNotNext { status, next, statuses: Statuses(status.successors().collect()) },
            };
            refusals.push(reason.at("status"));
        }
        Some(_) if next == Status::Postmortem => {
            refusals.push(Reason::UpdateIsNoPostmortem.at("status"));
        }
        _ => {}
    }
}

fn scope(board: &Board, update: &UpdatePosted, refusals: &mut Vec<Refusal>) {
    if update.scope.len() > SCOPE_MAX {
        refusals.push(Reason::ScopeTooLong { actual: update.scope.len(), max: SCOPE_MAX }.at("scope"));
        return;
    }
    let mut named = BTreeSet::new();
    for (index, change) in update.scope.iter().enumerate() {
        let field = |part: &str| format!("scope[{index}].{part}");
        let Some(component) = board.catalog.component(change.cell.component) else {
            let known = Names(board.catalog.components.iter().map(|component| component.code.clone()).collect());
            let id = change.cell.component.to_string();
            refusals.push(Reason::ComponentUnknown { id, known }.at(field("component")));
            continue;
        };
        if !component.cells().contains(&change.cell) {
            let regions = component.regions.iter().filter_map(|id| Some(board.catalog.region(*id)?.code.clone()));
            let (code, known) = (component.code.clone(), Names(regions.collect()));
            let reason = match change.cell.region {
                None => Reason::RegionMissing { code, known },
                Some(_) if component.regions.is_empty() => Reason::RegionNeedless { code },
                Some(_) => Reason::RegionWrong { code, known },
            };
            refusals.push(reason.at(field("region")));
        }
        if !named.insert(change.cell) {
            refusals.push(Reason::CellTwice { code: component.code.clone() }.at(field("component")));
        }
    }
}

/// A backfilled update may lie before the newest one, but then it only adds a word: the present is not decided in
/// the past.
fn order(incident: &Incident, update: &UpdatePosted, refusals: &mut Vec<Refusal>) {
    let Some(newest) = incident.newest().filter(|newest| update.at < newest.at) else { return };
    let decides = update.status.is_some()
        || !update.scope.is_empty()
        || update.impact.is_some()
        || update.expected_recovery.is_some();
    if decides {
        refusals.push(Reason::BeforeNewest { at: At(update.at), newest: At(newest.at) }.at("at"));
    } else if update.at < incident.started_at {
        refusals.push(Reason::BeforeBeginning { at: At(update.at), began: At(incident.started_at) }.at("at"));
    }
}
