//! From a form to a draft, and from a draft to a command.

use super::fields::Fields;
use crate::access::Access;
use app::{
    console::{
        Draft, Obstacle,
        draft::{Choice, WITHDRAWN, field_of, field_of_all},
    },
    words::all_languages,
};
use chrono::{NaiveDateTime, SubsecRound, TimeDelta, TimeZone};
use chrono_tz::Tz;
use domain::{
    Instant,
    board::Board,
    catalog::{Catalog, Cell},
    change::{Expectation, IncidentOpened, Schedule, ScopeChange, TemplateSet, UpdatePosted},
    command::{Command, Refusal},
    id::{EventId, IncidentId, UpdateId},
    incident::{Incident, Update},
    status::*,
    text::Text,
};
use std::collections::BTreeMap;

/// How browsers write a local time to the minute.
const LOCAL: &str = "%Y-%m-%dT%H:%M";

/// What a form sent, as it was typed.
pub fn read(fields: &Fields, kind: Kind, incident: Option<IncidentId>) -> Draft {
    let mut draft = Draft::new(kind, incident, String::new(), String::new());
    for (name, text) in draft.texts() {
        *text = fields.text(name);
    }
    for (name, value) in draft.values() {
        value.push_str(fields.get(name));
    }
    let is_scope = |name: &str| ["group.", "all.", "in."].iter().any(|prefix| name.starts_with(prefix));
    let scope = fields.all().filter(|(name, _)| is_scope(name));
    draft.scope = scope.filter_map(|(name, word)| Some((name.to_owned(), Choice::parse(word)?))).collect();
    let codes =
        |prefix: &str| fields.all().filter_map(|(name, _)| name.strip_prefix(prefix)).map(str::to_owned).collect();
    (draft.but, draft.opened) = (codes("but."), codes("open."));
    draft
}

/// Takes cells of the incident into the draft as recovered: `region.CODE` for all that it affects there, or one field.
pub fn recover(draft: &mut Draft, what: &str, catalog: &Catalog, incident: &Incident) {
    for (cell, _) in incident.affected() {
        let Some(component) = catalog.component(cell.component) else { continue };
        let field = field_of(catalog, component, cell).unwrap_or_else(|| field_of_all(component));
        let region = cell.region.and_then(|id| catalog.region(id)).map(|region| format!("region.{}", region.code));
        if field == what || region.as_deref() == Some(what) {
            draft.scope.insert(field, Choice::Status(ComponentStatus::Operational));
        }
    }
}

/// Takes a template's texts into the draft; what was typed stays before them.
pub fn begin_with(draft: &mut Draft, template: &TemplateSet) {
    let template_text = all_languages(&template.text);
    let after = |typed: &str, text: &str| match typed.trim() {
        "" => text.to_owned(),
        typed => format!("{typed}\n\n{text}"),
    };
    draft.text.default = after(&draft.text.default, &template_text.default);
    for (tag, text) in &template_text.translations {
        let typed = draft.text.translations.entry(tag.clone()).or_default();
        *typed = after(typed, text);
    }
    if let Some(title) = template.title.as_ref().filter(|_| draft.incident.is_none() && draft.title.is_empty()) {
        draft.title = all_languages(title);
    }
    if let Some(status) = template.status.filter(|status| status.kind() == draft.kind) {
        draft.status = status.word().to_owned();
    }
}

/// Between the ids of [`seen`].
const BETWEEN: &str = ".";

/// The newest events of an incident, as one word: a form that carries another was made before somebody posted.
pub fn seen(heads: &[EventId]) -> String {
    heads.iter().map(EventId::to_string).collect::<Vec<_>>().join(BETWEEN)
}

/// The incident as the writer of a form knew it: `None` where this node cannot know that.
pub async fn as_known(access: &Access, incident: IncidentId, seen: &str) -> Option<Incident> {
    let newest = seen.split(BETWEEN).map(|id| id.parse().ok()).collect::<Option<Vec<EventId>>>()?;
    let known = access.node.incident_as_known(incident, newest).await;
    known.map_err(|error| tracing::error!(%error, %incident, "the log cannot be read")).ok().flatten()
}

/// What a draft asks for.
///
/// # Errors
/// Everything that is wrong with its fields; the rest is for the domain to refuse.
pub fn command(
    draft: &Draft,
    board: &Board,
    incident: Option<&Incident>,
    now: Instant,
) -> Result<Command, Vec<Refusal>> {
    let mut refusals = Vec::new();
    let zone = zone_of(&board.catalog);
    let mut update = posted(draft, zone, now, &mut refusals);
    update.scope = scope(draft, &board.catalog, incident);
    let planned = match (draft.kind, incident) {
        (Kind::Maintenance, None) => {
            let from = local(&draft.from, "from", zone, &mut refusals);
            let until = local(&draft.until, "until", zone, &mut refusals);
            from.zip(until).map(|(from, until)| Schedule { from, until })
        }
        _ => None,
    };
    let command = match incident {
        Some(incident) => Command::Post { incident: incident.id, update },
        None => {
            let id = draft.once.parse().map_err(|_: domain::id::IdError| vec![Obstacle::FormAltered.at("")])?;
            let impact = update.impact.take().unwrap_or(Impact::None);
            if draft.impact.is_empty() && draft.kind == Kind::Incident {
                refusals.push(Obstacle::ImpactMissing.at("impact"));
            }
            let opened = IncidentOpened {
                title: draft.title.trimmed(),
                impact,
                schedule: planned,
                kind: draft.kind,
                first: UpdatePosted { id: None, ..update },
                source: None,
            };
            Command::Open { id, opened }
        }
    };
    if refusals.is_empty() { Ok(command) } else { Err(refusals) }
}

/// The update as far as it is written: while somebody types nothing is refused, and what cannot be read is left out.
pub fn outline(draft: &Draft, board: &Board, now: Instant) -> Update {
    let mut unread = Vec::new();
    let zone = zone_of(&board.catalog);
    let posted = posted(draft, zone, now, &mut unread);
    let event = EventId([0; 32]);
    Update {
        id: draft.once.parse().unwrap_or_else(|_| UpdateId::of_event(&event)),
        event,
        at: posted.at,
        status: posted.status,
        standing: posted.status.unwrap_or(match draft.kind {
            Kind::Incident => Status::Investigating,
            Kind::Maintenance => Status::Scheduled,
        }),
        text: posted.text,
        scope: Vec::new(),
        expected_recovery_at: match posted.expected_recovery {
            Some(Expectation::At(at)) => Some(at),
            _ => None,
        },
        next_update_at: posted.next_update_at,
        root_cause: posted.root_cause,
        edits: Vec::new(),
    }
}

fn posted(draft: &Draft, zone: Tz, now: Instant, refusals: &mut Vec<Refusal>) -> UpdatePosted {
    let root_cause = draft.root_cause.trimmed();
    UpdatePosted {
        at: now.trunc_subsecs(0),
        status: word(&draft.status, "status", refusals),
        text: draft.text.trimmed(),
        scope: Vec::new(),
        impact: word(&draft.impact, "impact", refusals),
        expected_recovery: match draft.recovery_in.as_str() {
            WITHDRAWN if draft.recovery_at.is_empty() => Some(Expectation::Withdrawn),
            minutes => promised(minutes, &draft.recovery_at, "recovery_at", zone, now, refusals).map(Expectation::At),
        },
        next_update_at: promised(&draft.next_in, &draft.next_at, "next_at", zone, now, refusals),
        root_cause: (root_cause != Text::default()).then_some(root_cause),
        // An opening has the id of its timeline.
        id: draft.incident.and_then(|_| match draft.once.parse() {
            Ok(id) => Some(id),
            Err(_) => {
                refusals.push(Obstacle::FormAltered.at(""));
                None
            }
        }),
    }
}

fn word<T: std::str::FromStr<Err = WordError>>(value: &str, field: &str, refusals: &mut Vec<Refusal>) -> Option<T> {
    if value.is_empty() {
        return None;
    }
    let parsed = value.parse();
    parsed.map_err(|error: WordError| refusals.push(Obstacle::NotAChoice { given: error.given }.at(field))).ok()
}

/// The exact time where one was typed, else the minutes that were chosen.
fn promised(
    minutes: &str,
    exact: &str,
    field: &str,
    zone: Tz,
    now: Instant,
    refusals: &mut Vec<Refusal>,
) -> Option<Instant> {
    if !exact.is_empty() {
        return local(exact, field, zone, refusals);
    }
    match minutes {
        "" => None,
        minutes => match minutes.parse::<u16>() {
            // To the second, as every time that somebody writes.
            Ok(minutes) => Some(now.trunc_subsecs(0) + TimeDelta::minutes(i64::from(minutes))),
            Err(_) => {
                refusals.push(Obstacle::NotAChoice { given: minutes.chars().take(20).collect() }.at(field));
                None
            }
        },
    }
}

/// A local time of the page's zone. One that is there twice, in autumn, is the first of both.
pub fn local(value: &str, field: &str, zone: Tz, refusals: &mut Vec<Refusal>) -> Option<Instant> {
    let read = NaiveDateTime::parse_from_str(value, LOCAL);
    let at = read.ok().and_then(|read| zone.from_local_datetime(&read).earliest());
    if at.is_none() {
        let obstacle = match value {
            "" => Obstacle::TimeMissing,
            value => Obstacle::NotATime { given: value.chars().take(40).collect(), zone: zone.to_string() },
        };
        refusals.push(obstacle.at(field));
    }
    at.map(|at| at.to_utc())
}

/// The same the other way round, for a form to begin with.
pub fn as_local(at: Instant, zone: Tz) -> String {
    at.with_timezone(&zone).format(LOCAL).to_string()
}

/// The page's own time zone.
pub fn zone_of(catalog: &Catalog) -> Tz {
    catalog.page.time_zone.parse().unwrap_or(Tz::UTC)
}

/// Only what changes: of a new incident what is affected, of a further update what stands otherwise.
fn scope(draft: &Draft, catalog: &Catalog, incident: Option<&Incident>) -> Vec<ScopeChange> {
    let present: BTreeMap<Cell, ComponentStatus> = incident.map(|held| held.affected().collect()).unwrap_or_default();
    let stands = |cell: &Cell| present.get(cell).copied().unwrap_or(ComponentStatus::Operational);
    let chosen = draft.cells(catalog).into_iter();
    chosen.filter(|(cell, status)| stands(cell) != *status).map(|(cell, status)| ScopeChange { cell, status }).collect()
}
