//! Where what was just published is saved by now: the page that follows a write says so.

use super::{page::go_to, timelines::path_of};
use crate::{access::Access, store::Header};
use app::console::Saved;
use axum::response::Response;
use domain::{
    id::{EventId, IncidentId, Subject},
    status::Kind,
};

/// On to the timeline, which says where `event` is saved.
pub fn go_on(kind: Kind, id: IncidentId, event: Option<&EventId>) -> Response {
    let path = path_of(kind, id);
    match event {
        Some(event) => go_to(&format!("{path}?saved={event}")),
        None => go_to(&path),
    }
}

/// Where an event of this timeline is saved, also of an edit; `None` for any other event.
pub async fn of(access: &Access, timeline: IncidentId, event: &str) -> Option<Saved> {
    let event: EventId = event.parse().ok()?;
    let store = access.node.store().clone();
    let read = tokio::task::spawn_blocking(move || store.records_of(&[event], 0)).await.ok()?;
    let (records, _) = read.map_err(|error| tracing::error!(%error, %event, "the log cannot be read")).ok()?;
    let header = Header::decode(&records.first()?.signed).ok()?;
    if header.subject != Subject::Incident(timeline) {
        return None;
    }
    let (regions, of) = access.node.saved_in(&event);
    Some(Saved { regions, of })
}
