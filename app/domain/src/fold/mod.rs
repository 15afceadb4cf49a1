//! Events to state. Every function here is total and gives the same result for every order of its input.
//!
//! - [`ancestry`]: which event has seen which, and what that leaves standing of a field
//! - [`incident`]: one incident from its events
//! - [`entry`]: one catalog entry, page setting or token from its events

pub mod ancestry;
pub mod entry;
pub mod incident;

use crate::{catalog::*, change::Event, id::*, incident::Incident};
use serde::{Deserialize, Serialize};

/// What the events of one subject come to.
#[derive(Clone, Debug, PartialEq)]
pub enum Folded {
    Page(Option<PageSettings>),
    Region(RegionId, Option<Region>),
    Group(GroupId, Option<Group>),
    Component(ComponentId, Option<Component>),
    Incident(IncidentId, Option<Box<Incident>>),
    Token(TokenId, Option<Token>),
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
    pub revoked: bool,
}

/// An event that could not be folded, for operators; it is kept and forwarded all the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Problem {
    pub event: EventId,
    pub reason: String,
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
        Subject::Unknown(_) => (Folded::Nothing, Vec::new()),
        _ => entry::fold(subject, events),
    }
}
