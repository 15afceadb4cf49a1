//! What an operator asks for, checked against the board. [`plan`] is a pure function of (state, input, now): either
//! every refusal at once, or the changes to write. Every writer goes through it.
//!
//! - [`draft`]: the checks of an update's own fields
//! - [`catalog`]: a whole wanted catalog against the present one
//! - [`addition`]: entries that the catalog lacks, without touching those that it has
//! - [`import`]: a whole timeline from elsewhere
//! - [`break_glass`]: codes for the hour in which nothing else is reachable
//! - [`operators`]: who may work in the console
//! - [`nodes`], [`redaction`]: whose events count, and bodies to erase; against the trust and the log, not the board

pub mod addition;
pub mod break_glass;
pub mod catalog;
pub mod draft;
pub mod import;
pub mod nodes;
pub mod operators;
pub mod redaction;

use crate::{
    Instant,
    board::Board,
    change::*,
    id::*,
    incident::Incident,
    status::*,
    text::{self, Text},
};
use std::{collections::BTreeSet, fmt};

/// Updates that one timeline holds at most.
pub const UPDATES_MAX: usize = 1000;
/// How far ahead of the clock a time that has happened may lie, in seconds: clocks differ.
pub const AHEAD_SECONDS_MAX: i64 = 300;
/// The earliest time that is believed, in seconds since the Unix epoch: 1 January 1990.
pub const EARLIEST_SECONDS: i64 = 631_152_000;

/// One thing that is wrong with an input: where, what, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Refusal {
    /// The field, such as `updates.scope[2].region`; empty for the whole input.
    pub field: String,
    pub what: String,
    /// What would be accepted.
    pub right: String,
}

impl Refusal {
    pub fn new(field: impl Into<String>, what: impl Into<String>, right: impl Into<String>) -> Self {
        Refusal { field: field.into(), what: what.into(), right: right.into() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if !self.field.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        write!(f, "{}; {}", self.what, self.right)
    }
}

/// What an operator asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// A new incident, or a new maintenance when `kind` says so; `id` is fresh, or kept from an import.
    Open {
        id: IncidentId,
        opened: IncidentOpened,
    },
    /// A further update.
    Post {
        incident: IncidentId,
        update: UpdatePosted,
    },
    /// A new text for an update that stands.
    EditUpdate {
        incident: IncidentId,
        update: UpdateId,
        text: Text,
    },
    EditIncident {
        incident: IncidentId,
        edit: IncidentEdited,
    },
    PublishPostmortem {
        incident: IncidentId,
        text: Text,
        at: Instant,
    },
    CreateToken {
        id: TokenId,
        created: TokenCreated,
    },
    RevokeToken {
        id: TokenId,
    },
    /// A template, new or with another text.
    SetTemplate(TemplateSet),
    RemoveTemplate(TemplateId),
    Operator(operators::Wish),
    BreakGlass(break_glass::Wish),
    /// A note that this node is to write a copy that another one writes.
    TakeMirror(MirrorTaken),
    /// The whole catalog as it should be.
    ApplyCatalog(catalog::Wanted),
    /// Entries that the catalog lacks; those that it has stay as they are.
    ExtendCatalog(catalog::Wanted),
    /// A timeline from elsewhere; of one that is known, only what is new.
    Import(import::Timeline),
}

impl Command {
    /// The incident that it is about: it has to exist, or for a new one it must not.
    pub fn incident(&self) -> Option<IncidentId> {
        match self {
            Command::Open { id, .. } => Some(*id),
            Command::Post { incident, .. }
            | Command::EditUpdate { incident, .. }
            | Command::EditIncident { incident, .. }
            | Command::PublishPostmortem { incident, .. } => Some(*incident),
            Command::Import(timeline) => Some(timeline.id),
            _ => None,
        }
    }
}

/// An event to write: about what, and what it says.
pub type Planned = (Subject, Change);

/// Checks a command. `incident` is the one that the command names, whole, as far as it exists.
///
/// # Errors
/// Everything that is wrong with the input, in the order of its fields.
pub fn plan(
    board: &Board,
    incident: Option<&Incident>,
    command: Command,
    now: Instant,
) -> Result<Vec<Planned>, Vec<Refusal>> {
    let mut refusals = Vec::new();
    let planned = match command {
        Command::Open { id, opened } => {
            if incident.is_some() || board.summary(id).is_some() {
                refusals.push(Refusal::new("id", format!("`{id}` exists already"), "leave the id out for a new one"));
            }
            draft::opening(board, &opened, now, &mut refusals);
            vec![(Subject::Incident(id), Change::IncidentOpened(opened))]
        }
        Command::Post { incident: id, update } => {
            let incident = known(id, incident)?;
            if incident.updates.len() >= UPDATES_MAX {
                let what = format!("the timeline has {UPDATES_MAX} updates already");
                refusals.push(Refusal::new("", what, "open a new incident"));
            }
            if let Some(id) = update.id.filter(|id| incident.updates.iter().any(|held| held.id == *id)) {
                let what = format!("the update `{id}` is posted already");
                refusals.push(Refusal::new("id", what, "nothing to do, or another id for another update"));
            }
            draft::update(board, Some(incident), incident.kind, &update, now, &mut refusals);
            vec![(Subject::Incident(id), Change::UpdatePosted(update))]
        }
        Command::EditUpdate { incident: id, update, text } => {
            let incident = known(id, incident)?;
            draft::prose("text", &text, true, &mut refusals);
            match incident.updates.iter().find(|held| held.id == update) {
                None => refusals.push(Refusal::new(
                    "update",
                    format!("incident `{id}` has no update `{update}`"),
                    format!("one of {}", listed(incident.updates.iter().map(|update| update.id.to_string()))),
                )),
                Some(held) if held.text == text => {
                    refusals.push(Refusal::new("text", "is what the update says already", "a different text"));
                }
                Some(_) => {}
            }
            vec![(Subject::Incident(id), Change::UpdateEdited(UpdateEdited { update, at: now, text }))]
        }
        Command::EditIncident { incident: id, edit } => {
            let incident = known(id, incident)?;
            draft::edit(incident, &edit, &mut refusals);
            vec![(Subject::Incident(id), Change::IncidentEdited(edit))]
        }
        Command::PublishPostmortem { incident: id, text, at } => {
            let incident = known(id, incident)?;
            draft::prose("text", &text, true, &mut refusals);
            draft::happened("at", at, now, &mut refusals);
            if incident.kind == Kind::Maintenance {
                let right = "publish a postmortem for an incident";
                refusals.push(Refusal::new("incident", format!("`{id}` is a maintenance"), right));
            } else if !incident.status.is_ended() {
                let what = format!("`{id}` is {}, and a postmortem comes after the end", incident.status);
                refusals.push(Refusal::new("incident", what, "resolve the incident first"));
            }
            vec![(Subject::Incident(id), Change::PostmortemPublished(PostmortemPublished { at, text }))]
        }
        Command::CreateToken { id, created } => {
            if let Err(error) = text::check_name(&created.name.as_str().into()) {
                refusals.push(Refusal::new("name", error.to_string(), "a short name for who uses the token"));
            }
            if let Some(expires_at) = created.expires_at.filter(|at| *at <= now) {
                let what = format!("{} is past", draft::shown(expires_at));
                refusals.push(Refusal::new("expires_at", what, "a time in the future"));
            }
            vec![(Subject::Token(id), Change::TokenCreated(created))]
        }
        Command::RevokeToken { id } => {
            match board.tokens.get(&id) {
                None => refusals.push(Refusal::new(
                    "token",
                    format!("there is no token `{id}`"),
                    "an id that `token list` shows",
                )),
                Some(token) if token.revoked => {
                    refusals.push(Refusal::new("token", format!("`{id}` is revoked already"), "nothing to do"));
                }
                Some(_) => {}
            }
            vec![(Subject::Token(id), Change::TokenRevoked(Removed {}))]
        }
        Command::SetTemplate(template) => {
            draft::template(board, &template, &mut refusals);
            vec![(Subject::Template(TemplateId::of_name(&template.name)), Change::TemplateSet(template))]
        }
        Command::RemoveTemplate(id) => {
            if !board.templates.contains_key(&id) {
                let right = "one of the list";
                refusals.push(Refusal::new("template", format!("there is no template `{id}`"), right));
            }
            vec![(Subject::Template(id), Change::TemplateRemoved(Removed {}))]
        }
        Command::Operator(wish) => operators::plan(board, wish, now, &mut refusals),
        Command::BreakGlass(wish) => break_glass::plan(board, wish, &mut refusals),
        Command::TakeMirror(taken) => {
            vec![(Subject::Mirror(MirrorId::of_target(&taken.target)), Change::MirrorTaken(taken))]
        }
        Command::ApplyCatalog(wanted) => return catalog::plan(&board.catalog, board.page_is_set(), wanted, now),
        Command::ExtendCatalog(wanted) => return addition::plan(&board.catalog, wanted, now),
        Command::Import(timeline) => import::plan(board, incident, timeline, now, &mut refusals),
    };
    if refusals.is_empty() { Ok(planned) } else { Err(refusals) }
}

fn known(id: IncidentId, incident: Option<&Incident>) -> Result<&Incident, Vec<Refusal>> {
    incident.ok_or_else(|| {
        vec![Refusal::new(
            "incident",
            format!("there is no incident or maintenance `{id}`"),
            "an id that `incident list` shows",
        )]
    })
}

/// A list for a message, cut where it would get long.
pub(crate) fn listed(items: impl Iterator<Item = String>) -> String {
    const SHOWN_MAX: usize = 12;
    let all: Vec<String> = items.collect::<BTreeSet<_>>().into_iter().collect();
    let more = all.len().saturating_sub(SHOWN_MAX);
    let shown = all[..all.len() - more].join(", ");
    match (all.is_empty(), more) {
        (true, _) => "(there is none yet)".to_owned(),
        (_, 0) => shown,
        (_, more) => format!("{shown} and {more} more"),
    }
}
