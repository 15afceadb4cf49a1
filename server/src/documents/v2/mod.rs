//! The Statuspage v2 documents.
//!
//! | module | what is there |
//! |---|---|
//! | [`shape`] | the wire types, in the order of the fields that clients know |
//! | [`component`] | the catalog as one level of containers and components |
//! | [`timeline`] | incidents and maintenances |
//! | [`indicator`] | the page's indicator and description |
//!
//! Decisions where the shape says less than the board:
//! - The shape has one level of groups. A component with several cells is a container of its own, with one child a
//!   region, named `Cloud API (ap-shanghai)`; a component with one cell stands in the container of its catalog group. A
//!   group without such a component is left out: its members are containers already.
//! - A cell that is unknown keeps its last known status, and carries the extra field `unknown: true`; no other
//!   field is added anywhere. Past the freshness bound everything that was operational carries it.
//! - Bodies are the text as the operator wrote it (Markdown source), in the page's first language.
//! - `created_at` is the time of the first update; a maintenance's `started_at` is its planned begin.
//! - `shortlink` is the address of the incident's or maintenance's own page.

pub mod component;
pub mod indicator;
pub mod shape;
pub mod timeline;

use app::{address::V2, words::first_language};
use component::Components;
use domain::{
    Instant,
    board::{Board, NEWEST_KEPT},
    id::Id,
    incident::Incident,
    status::{Kind, Status},
};
use std::{cmp::Reverse, sync::Arc};

/// The document of that name; past the freshness bound, with the newest confirmation.
pub(super) fn document(which: V2, board: &Board, unconfirmed_since: Option<Instant>) -> shape::Document {
    let overall = match unconfirmed_since {
        Some(confirmed_at) => indicator::unconfirmed(board, confirmed_at),
        None => indicator::overall(board),
    };
    let settings = &board.catalog.page;
    let page = shape::Page {
        id: page_id(board),
        name: first_language(&settings.name).to_owned(),
        url: settings.url.clone(),
        time_zone: settings.time_zone.clone(),
        updated_at: shape::Moment(updated_at(board)),
    };
    let status = shape::Status { indicator: overall.indicator.word(), description: overall.description };
    // `status.json`, the most asked for, names none.
    let components = match which {
        V2::Status => Components::default(),
        _ => Components::of(board, unconfirmed_since.is_none()),
    };
    let incidents = |incidents: Vec<&Arc<Incident>>| timeline::incidents(board, &components, &incidents);
    let maintenances = |maintenances: Vec<&Arc<Incident>>| timeline::maintenances(board, &components, &maintenances);
    let mut document = shape::Document { page, components: None, incidents: None, maintenances: None, status: None };
    match which {
        V2::Summary => {
            document.incidents = Some(incidents(unresolved(board)));
            document.maintenances = Some(maintenances(board.open_maintenances()));
            document.components = Some(components.all);
            document.status = Some(status);
        }
        V2::Status => document.status = Some(status),
        V2::Incidents => document.incidents = Some(incidents(newest(board, Kind::Incident))),
        V2::Unresolved => document.incidents = Some(incidents(unresolved(board))),
        V2::Maintenances => document.maintenances = Some(maintenances(newest(board, Kind::Maintenance))),
        V2::Upcoming => document.maintenances = Some(maintenances(open_maintenances(board, false))),
        V2::Active => document.maintenances = Some(maintenances(open_maintenances(board, true))),
        V2::Components => document.components = Some(components.all),
    }
    document
}

/// A page is known by its host: another host is another page to every client.
pub(super) fn page_id(board: &Board) -> Id {
    Id::derived(&[b"page", board.catalog.page.host().as_bytes()])
}

/// The newest change of a timeline or of a component: it moves only when something changed.
pub(crate) fn updated_at(board: &Board) -> Instant {
    let timelines = board.newest_change().into_iter();
    let components = board.catalog.components.iter().map(|component| component.updated_at);
    timelines.chain(components).max().unwrap_or_default()
}

fn newest(board: &Board, kind: Kind) -> Vec<&Arc<Incident>> {
    board.newest(kind).take(NEWEST_KEPT).filter_map(|summary| board.incident(summary.id)).collect()
}

fn unresolved(board: &Board) -> Vec<&Arc<Incident>> {
    let mut open = board.open_incidents();
    open.sort_by_key(|incident| Reverse((incident.started_at, incident.id)));
    open
}

fn open_maintenances(board: &Board, begun: bool) -> Vec<&Arc<Incident>> {
    let wanted = |maintenance: &&Arc<Incident>| (maintenance.status != Status::Scheduled) == begun;
    board.open_maintenances().into_iter().filter(wanted).collect()
}
