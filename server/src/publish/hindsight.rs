//! An incident as somebody knew it who has not seen its newest events.

use super::Node;
use crate::store::ReadError;
use domain::{
    fold::{self, Folded, ancestry::Ancestry},
    id::{EventId, IncidentId, Subject},
    incident::Incident,
};

impl Node {
    /// The incident as it stood for somebody whose newest events of it were these; `None` when one of them is not held
    /// here, and when there was no incident yet.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn incident_as_known(&self, id: IncidentId, newest: Vec<EventId>) -> Result<Option<Incident>, ReadError> {
        self.ask(move |store| {
            let subject = Subject::Incident(id);
            let (events, _) = store.subject(subject)?;
            let known = Ancestry::new(&events).known_by(&newest);
            let Some(known) = known else { return Ok(None) };
            let known: Vec<_> = known.into_iter().cloned().collect();
            Ok(match fold::subject(subject, &known) {
                (Folded::Incident(_, incident), _) => incident.map(|incident| *incident),
                _ => None,
            })
        })
        .await
    }
}
