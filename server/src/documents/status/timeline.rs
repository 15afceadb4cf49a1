//! Open incidents and maintenances as `/api/v1/status` tells them.

use super::{catalog::component_code, shape, texts};
use app::address::Address;
use domain::{
    board::Board,
    catalog::Cell,
    incident::{Incident, Recovery, Update},
    status::ComponentStatus,
};
use std::collections::BTreeMap;

pub fn timeline(board: &Board, incident: &Incident) -> shape::Timeline {
    let path = Address::of_timeline(incident.kind, incident.id).path(&board.catalog, None);
    shape::Timeline {
        id: incident.id.to_string(),
        kind: incident.kind,
        url: format!("{}{path}", board.catalog.page.url),
        title: texts(&incident.title),
        impact: incident.impact,
        status: incident.status,
        started_at: incident.started_at,
        updated_at: incident.updated_at,
        expected_recovery_at: incident.expected_recovery_at,
        next_update_at: incident.next_update_at,
        root_cause: incident.root_cause.as_ref().map(texts),
        scheduled_from: incident.schedule.map(|schedule| schedule.from),
        scheduled_until: incident.schedule.map(|schedule| schedule.until),
        conflict: incident.conflict,
        scope: scope(board, incident),
        updates: incident.updates.iter().rev().map(update).collect(),
    }
}

fn update(update: &Update) -> shape::Update {
    shape::Update { id: update.id.to_string(), at: update.at, status: update.status, text: texts(&update.text) }
}

/// In page order. Cells that the catalog no longer names are left out: a reader could not tell what they were.
fn scope(board: &Board, incident: &Incident) -> Vec<shape::ScopeEntry> {
    let affected: BTreeMap<Cell, ComponentStatus> = incident.affected().collect();
    let recoveries: BTreeMap<Cell, Recovery> =
        incident.recoveries().into_iter().map(|recovery| (recovery.cell, recovery)).collect();
    let entry = |cell: &Cell| {
        let recovery = recoveries.get(cell);
        Some(shape::ScopeEntry {
            component: component_code(board, cell.component)?,
            region: match cell.region {
                None => None,
                Some(region) => Some(board.catalog.region(region)?.code.clone()),
            },
            status: affected.get(cell).copied(),
            worst: recovery.map(|recovery| recovery.worst),
            impacted_at: recovery.map(|recovery| recovery.impacted_at),
            recovered_at: recovery.and_then(|recovery| recovery.recovered_at),
        })
    };
    let place = |cell: &Cell| {
        let component = board.catalog.components.iter().position(|component| component.id == cell.component);
        (component, board.catalog.regions.iter().position(|region| Some(region.id) == cell.region))
    };
    let mut named = incident.named.clone();
    named.sort_by_cached_key(place);
    named.iter().filter_map(entry).collect()
}
