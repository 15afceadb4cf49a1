//! What an operator asks for, checked against the board. [`plan`] is a pure function of (state, input, now): either
//! every refusal at once, or the changes to write. Every writer goes through it.
//!
//! - [`refusal`]: what is wrong with an input, with or without words
//! - [`reason`]: everything for which a command is refused
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
pub mod reason;
pub mod redaction;
pub mod refusal;

pub use reason::Reason;
pub use refusal::{At, Detail, Names, Refusal, Statuses, Told};

use crate::{Instant, board::Board, change::*, id::*, incident::Incident, status::*, text::Text};

/// Updates that one timeline holds at most.
pub const UPDATES_MAX: usize = 1000;
/// How far ahead of the clock a time that has happened may lie, in seconds: clocks differ.
pub const AHEAD_SECONDS_MAX: i64 = 300;
/// The earliest time that is believed, in seconds since the Unix epoch: 1 January 1990.
pub const EARLIEST_SECONDS: i64 = 631_152_000;

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
    /// A command about an incident that is refused when anything was written to it since `seen`, its newest events.
    AsSeen {
        seen: Vec<EventId>,
        command: Box<Command>,
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
            Command::AsSeen { command, .. } => command.incident(),
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
                refusals.push(Reason::IdTaken { id: id.to_string() }.at("id"));
            }
            draft::opening(board, &opened, now, &mut refusals);
            vec![(Subject::Incident(id), Change::IncidentOpened(opened))]
        }
        Command::Post { incident: id, update } => {
            let incident = known(id, incident)?;
            if incident.updates.len() >= UPDATES_MAX {
                refusals.push(Reason::TimelineFull { max: UPDATES_MAX }.at(""));
            }
            if let Some(id) = update.id.filter(|id| incident.updates.iter().any(|held| held.id == *id)) {
                refusals.push(Reason::UpdateRepeated { id: id.to_string() }.at("id"));
            }
            draft::update(board, Some(incident), incident.kind, &update, now, &mut refusals);
            vec![(Subject::Incident(id), Change::UpdatePosted(update))]
        }
        Command::EditUpdate { incident: id, update, text } => {
            let incident = known(id, incident)?;
            draft::prose("text", &text, true, &mut refusals);
            match incident.updates.iter().find(|held| held.id == update) {
                None => {
                    let known = Names(incident.updates.iter().map(|update| update.id.to_string()).collect());
                    let (incident, update) = (id.to_string(), update.to_string());
                    refusals.push(Reason::UpdateUnknown { incident, update, known }.at("update"));
                }
                Some(held) if held.text == text => refusals.push(Reason::UpdateSame.at("text")),
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
                refusals.push(Reason::PostmortemOfMaintenance { id: id.to_string() }.at("incident"));
            } else if !incident.status.is_ended() {
                let reason = Reason::PostmortemEarly { id: id.to_string(), status: incident.status };
                refusals.push(reason.at("incident"));
            }
            vec![(Subject::Incident(id), Change::PostmortemPublished(PostmortemPublished { at, text }))]
        }
        Command::AsSeen { seen, command } => {
            // What the rest would say is of an incident that its writer has not seen.
            if incident.is_some_and(|incident| incident.heads != seen) {
                return Err(vec![Reason::Overtaken.at("")]);
            }
            return plan(board, incident, *command, now);
        }
        Command::CreateToken { id, created } => {
            refusals.extend(reason::of_name("name", &created.name, "a short name for who uses the token"));
            if let Some(expires_at) = created.expires_at.filter(|at| *at <= now) {
                refusals.push(Reason::EndIsPast { at: At(expires_at) }.at("expires_at"));
            }
            vec![(Subject::Token(id), Change::TokenCreated(created))]
        }
        Command::RevokeToken { id } => {
            match board.tokens.get(&id) {
                None => refusals.push(Reason::TokenUnknown { id: id.to_string() }.at("token")),
                Some(token) if token.revoked => {
                    refusals.push(Reason::TokenRevoked { id: id.to_string() }.at("token"));
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
                refusals.push(Reason::TemplateUnknown { id: id.to_string() }.at("template"));
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
    incident.ok_or_else(|| vec![Reason::IncidentUnknown { id: id.to_string() }.at("incident")])
}
