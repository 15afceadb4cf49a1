//! Events to state. Every function here is total and gives the same result for every order of its input.
//!
//! - [`ancestry`]: which event has seen which, and what that leaves standing of a field
//! - [`incident`]: one incident from its events
//! - `repeat`: one form that was sent through two regions
//! - `newest_change`: what makes the entry of a feed newer
//! - [`entry`]: one catalog entry, page setting or token from its events
//! - [`operator`]: one operator from theirs
//! - [`break_glass`]: codes that were issued together, and who used them

pub mod ancestry;
pub mod break_glass;
pub mod entry;
pub mod incident;
mod newest_change;
pub mod operator;
mod repeat;

use crate::{
    break_glass::CodeBatch,
    catalog::*,
    change::{Change, Event, TemplateSet},
    id::*,
    incident::Incident,
    operator::Operator,
};
use serde::{Deserialize, Serialize};

/// Raised whenever the same events come to something else than before: what was folded by another number and kept is made
/// anew.
pub const RULES: u16 = 1;

/// What the events of one subject come to.
#[derive(Clone, Debug, PartialEq)]
pub enum Folded {
    Page(Option<PageSettings>),
    Region(RegionId, Option<Region>),
    Group(GroupId, Option<Group>),
    Component(ComponentId, Option<Component>),
    Incident(IncidentId, Option<Box<Incident>>),
    Token(TokenId, Option<Token>),
    Template(TemplateId, Option<TemplateSet>),
    Operator(OperatorId, Option<Box<Operator>>),
    BreakGlass(CodeBatchId, Option<Box<CodeBatch>>),
    /// A subject that only a newer version knows.
    Nothing,
}

/// An API token as the log tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    pub id: TokenId,
    pub name: String,
    pub sealed_hash: Vec<u8>,
    pub created_at: crate::Instant,
    pub expires_at: Option<crate::Instant>,
    pub role: crate::operator::Role,
    pub revoked: bool,
}

/// An event that could not be folded, for operators; it is kept and forwarded all the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Problem {
    pub event: EventId,
    pub reason: String,
    pub kind: ProblemKind,
}

/// What stands between an event and the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// It makes no sense where it stands.
    Unfit,
    /// Only a newer version understands it, and it must be understood: the page says that newer information exists.
    Newer,
    /// Its writer is not trusted, or was removed: an administrator decides.
    Held,
    /// Its body is not here.
    Erased,
    /// It counts, and operators have to know of it.
    Alarming,
    /// It is held like [`ProblemKind::Held`], and had ended something that is good again without it.
    Undone,
}

impl ProblemKind {
    /// Somebody has to look into it.
    pub fn is_alarming(self) -> bool {
        matches!(self, ProblemKind::Alarming | ProblemKind::Undone)
    }
}

impl Problem {
    /// An event that makes no sense where it stands.
    pub fn unfit(event: EventId, reason: impl Into<String>) -> Self {
        Problem { event, reason: reason.into(), kind: ProblemKind::Unfit }
    }
}

/// Ends the reason of a problem whose event must be understood.
pub const UPDATE_THIS_NODE: &str = "that must be understood: update this node";

/// Folds the events of one subject; those that make no sense there are returned as problems.
pub fn subject(subject: Subject, events: &[Event]) -> (Folded, Vec<Problem>) {
    match subject {
        Subject::Incident(id) => {
            let (incident, problems) = incident::fold(id, events);
            (Folded::Incident(id, incident.map(Box::new)), problems)
        }
        Subject::Operator(id) => {
            let (operator, problems) = operator::fold(id, events);
            (Folded::Operator(id, operator.map(Box::new)), problems)
        }
        Subject::BreakGlass(id) => {
            let (batch, problems) = break_glass::fold(id, events);
            (Folded::BreakGlass(id, batch.map(Box::new)), problems)
        }
        Subject::Node(id) => (Folded::Nothing, node(id, events)),
        Subject::Unknown(_) => (Folded::Nothing, Vec::new()),
        _ => entry::fold(subject, events),
    }
}

/// Nodes are not shown on the page: [`crate::trust`] reads their events. Those that it cannot use are named here.
fn node(id: NodeId, events: &[Event]) -> Vec<Problem> {
    let about = |event: &Event| match &event.change {
        Change::NodeTrusted(trusted) if NodeId::of_key(&trusted.key) != id => {
            Some("it is about another node than its subject says".to_owned())
        }
        Change::NodeRemoved(removed) if NodeId::of_key(&removed.key) != id => {
            Some("it is about another node than its subject says".to_owned())
        }
        Change::NodeTrusted(_) | Change::NodeRemoved(_) => None,
        other => Some(format!("a {} cannot be about a node", other.name())),
    };
    events.iter().filter_map(|event| about(event).map(|reason| Problem::unfit(event.id, reason))).collect()
}
