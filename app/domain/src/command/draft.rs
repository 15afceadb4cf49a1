//! The checks of an update's own fields, and of an incident's.

use super::{AHEAD_SECONDS_MAX, EARLIEST_SECONDS, Refusal, listed};
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

pub(super) fn shown(at: Instant) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

pub(super) fn prose(field: &str, value: &Text, required: bool, refusals: &mut Vec<Refusal>) {
    if required && value.is_empty() {
        refusals.push(Refusal::new(field, "is empty", "say what is known, in a sentence"));
    }
    if let Err(error) = text::check_prose(value) {
        refusals.push(Refusal::new(field, error.to_string(), "plain text or Markdown"));
    }
}

/// A time that has happened: not before 1990, not in the future.
pub(super) fn happened(field: &str, at: Instant, now: Instant, refusals: &mut Vec<Refusal>) {
    if at.timestamp() < EARLIEST_SECONDS {
        refusals.push(Refusal::new(field, format!("{} is before 1990", shown(at)), "the time when it happened"));
    }
    if at > now + TimeDelta::seconds(AHEAD_SECONDS_MAX) {
        let what = format!("{} is in the future (it is {} now)", shown(at), shown(now));
        refusals.push(Refusal::new(field, what, "the time when it happened, or leave it out for now"));
    }
}

fn schedule(schedule: &Schedule, refusals: &mut Vec<Refusal>) {
    if schedule.until <= schedule.from {
        let what = format!("the end {} is not after the begin {}", shown(schedule.until), shown(schedule.from));
        refusals.push(Refusal::new("schedule.until", what, "an end after the begin"));
    }
}

fn title(value: &Text, refusals: &mut Vec<Refusal>) {
    if let Err(error) = text::check_name(value) {
        refusals.push(Refusal::new("title", error.to_string(), "one line of at most 200 characters"));
    }
}

pub(super) fn edit(incident: &Incident, edit: &IncidentEdited, refusals: &mut Vec<Refusal>) {
    if let Some(value) = &edit.title {
        title(value, refusals);
    }
    if let Some(value) = &edit.schedule {
        schedule(value, refusals);
        if incident.kind == Kind::Incident {
            refusals.push(Refusal::new("schedule", "an incident has no schedule", "edit a maintenance's schedule"));
        }
    }
    if *edit == IncidentEdited::default() {
        refusals.push(Refusal::new("", "changes nothing", "give a title, an impact or a schedule"));
    }
}

/// Templates at most.
pub const TEMPLATES_MAX: usize = 500;

pub(super) fn template(board: &Board, template: &TemplateSet, refusals: &mut Vec<Refusal>) {
    if let Err(error) = text::check_name(&template.name.as_str().into()) {
        refusals.push(Refusal::new("name", error.to_string(), "a short name to choose it by"));
    }
    if let Some(component) = template.component.filter(|id| board.catalog.component(*id).is_none()) {
        refusals.push(Refusal::new("component", format!("there is no component `{component}`"), "one of the catalog"));
    }
    if let Some(value) = &template.title {
        title(value, refusals);
    }
    prose("text", &template.text, true, refusals);
    let id = TemplateId::of_name(&template.name);
    if board.templates.len() >= TEMPLATES_MAX && !board.templates.contains_key(&id) {
        let what = format!("there are {TEMPLATES_MAX} templates already");
        refusals.push(Refusal::new("", what, "remove one that is not used"));
    }
    if board.templates.get(&id) == Some(template) {
        refusals.push(Refusal::new("text", "changes nothing", "another text"));
    }
}

pub(super) fn opening(board: &Board, opened: &IncidentOpened, now: Instant, refusals: &mut Vec<Refusal>) {
    head(opened, refusals);
    if opened.first.status.is_none() && opened.source.is_none() {
        let right = listed(Status::ALL.iter().filter(|s| s.kind() == opened.kind).map(|s| s.word().to_owned()));
        refusals.push(Refusal::new("status", "the first update has no status", format!("one of {right}")));
    }
    if opened.first.status == Some(Status::Postmortem) {
        refusals.push(Refusal::new("status", "nothing opens with a postmortem", "resolve it, then publish one"));
    }
    update(board, None, opened.kind, &opened.first, now, refusals);
}

/// Checks title and schedule.
pub(super) fn head(opened: &IncidentOpened, refusals: &mut Vec<Refusal>) {
    title(&opened.title, refusals);
    match (opened.kind, &opened.schedule) {
        (Kind::Maintenance, Some(value)) => schedule(value, refusals),
        (Kind::Incident, Some(_)) => {
            refusals.push(Refusal::new("schedule", "an incident has no schedule", "schedule a maintenance instead"));
        }
        // What an import does not know is not invented.
        (Kind::Maintenance, None) if opened.source.is_none() => {
            refusals.push(Refusal::new("schedule", "is missing", "from when to when the maintenance is planned"));
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
        refusals.push(Refusal::new("scope", "it has ended, so its scope stands", "open a new incident"));
    }
    if let Some(incident) = incident {
        order(incident, update, refusals);
    }
    if let Some(Expectation::At(at)) = update.expected_recovery
        && at <= update.at
    {
        let what = format!("{} is not after the update's own time {}", shown(at), shown(update.at));
        refusals.push(Refusal::new("expected_recovery_at", what, "a later time, or `withdrawn`"));
    }
    if let Some(at) = update.next_update_at.filter(|at| *at <= update.at) {
        let what = format!("{} is not after the update's own time {}", shown(at), shown(update.at));
        refusals.push(Refusal::new("next_update_at", what, "a later time"));
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
        let words = listed(Status::ALL.iter().filter(|s| s.kind() == kind).map(|s| s.word().to_owned()));
        let what = format!("`{next}` is not a status of a timeline of kind {kind}");
        refusals.push(Refusal::new("status", what, format!("one of {words}")));
    }
    scope(board, update, refusals);
}

fn status(incident: Option<&Incident>, kind: Kind, update: &UpdatePosted, refusals: &mut Vec<Refusal>) {
    let Some(next) = update.status else { return };
    match incident {
        // Refused already.
        _ if next.kind() != kind => {}
        Some(incident) if !incident.status.may_become(next) => {
            let words = listed(incident.status.successors().map(|status| status.word().to_owned()));
            let what = format!("it is {} and cannot become {next}", incident.status);
            let right = match (incident.status.is_ended(), next) {
                (_, Status::Postmortem) => "publish the postmortem after it is resolved".to_owned(),
                (true, _) => "leave the status out to add a word, or open a new incident".to_owned(),
                (false, _) => format!("one of {words}"),
            };
            refusals.push(Refusal::new("status", what, right));
        }
        Some(_) if next == Status::Postmortem => {
            refusals.push(Refusal::new("status", "an update is no postmortem", "publish the postmortem instead"));
        }
        _ => {}
    }
}

fn scope(board: &Board, update: &UpdatePosted, refusals: &mut Vec<Refusal>) {
    if update.scope.len() > SCOPE_MAX {
        let what = format!("has {} entries; at most {SCOPE_MAX} fit", update.scope.len());
        refusals.push(Refusal::new("scope", what, "fewer cells in one update"));
        return;
    }
    let mut named = BTreeSet::new();
    for (index, change) in update.scope.iter().enumerate() {
        let field = |part: &str| format!("scope[{index}].{part}");
        let Some(component) = board.catalog.component(change.cell.component) else {
            let known = listed(board.catalog.components.iter().map(|component| component.code.clone()));
            let what = format!("there is no component `{}`", change.cell.component);
            refusals.push(Refusal::new(field("component"), what, format!("one of {known}")));
            continue;
        };
        if !component.cells().contains(&change.cell) {
            let known = listed(component.regions.iter().filter_map(|id| Some(board.catalog.region(*id)?.code.clone())));
            let (what, right) = match change.cell.region {
                None => (format!("`{}` runs in regions", component.code), format!("one of {known}")),
                Some(_) if component.regions.is_empty() => {
                    (format!("`{}` has no regions", component.code), "leave the region out".to_owned())
                }
                Some(_) => (format!("`{}` does not run in that region", component.code), format!("one of {known}")),
            };
            refusals.push(Refusal::new(field("region"), what, right));
        }
        if !named.insert(change.cell) {
            let what = format!("`{}` is named twice for the same region", component.code);
            refusals.push(Refusal::new(field("component"), what, "each cell once"));
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
        let what = format!("{} is before the newest update ({})", shown(update.at), shown(newest.at));
        let right = "a later time, or leave out status, scope, impact and expected recovery to add only a word";
        refusals.push(Refusal::new("at", what, right));
    } else if update.at < incident.started_at {
        let what = format!("{} is before the incident began ({})", shown(update.at), shown(incident.started_at));
        refusals.push(Refusal::new("at", what, "a time after the beginning"));
    }
}
