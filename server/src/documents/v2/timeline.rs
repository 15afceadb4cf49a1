//! Incidents and maintenances in the Statuspage v2 shape.

use super::{
    component::Components,
    shape::{self, Moment},
};
use app::{address::Address, words::first_language};
use domain::{
    board::Board,
    catalog::Cell,
    incident::{Incident, ScopeStep, Update},
    status::{ComponentStatus, Status},
};
use std::{collections::BTreeMap, sync::Arc};

/// The impact word that the shape gives to every maintenance.
const MAINTENANCE_IMPACT: &str = "maintenance";

pub fn incidents(board: &Board, components: &Components, of: &[&Arc<Incident>]) -> Vec<shape::Incident> {
    of.iter().map(|incident| timeline(board, components, incident)).collect()
}

pub fn maintenances(board: &Board, components: &Components, of: &[&Arc<Incident>]) -> Vec<shape::Incident> {
    let maintenance = |incident: &&Arc<Incident>| {
        let mut shaped = timeline(board, components, incident);
        shaped.impact = MAINTENANCE_IMPACT;
        shaped.started_at = Moment(incident.schedule.map_or(incident.started_at, |schedule| schedule.from));
        shaped.schedule = Some(shape::Schedule {
            scheduled_for: incident.schedule.map(|schedule| Moment(schedule.from)),
            scheduled_until: incident.schedule.map(|schedule| Moment(schedule.until)),
        });
        shaped
    };
    of.iter().map(maintenance).collect()
}

fn timeline(board: &Board, components: &Components, incident: &Incident) -> shape::Incident {
    let catalog = &board.catalog;
    let path = Address::of_timeline(incident.kind, incident.id).path(catalog, None);
    shape::Incident {
        id: incident.id.0,
        name: first_language(&incident.title).to_owned(),
        status: incident.status.word(),
        created_at: Moment(incident.started_at),
        updated_at: Moment(incident.updated_at),
        monitoring_at: incident.monitoring_at.map(Moment),
        resolved_at: incident.ended_at.map(Moment),
        impact: incident.impact.word(),
        shortlink: format!("{}{path}", catalog.page.url),
        started_at: Moment(incident.started_at),
        page_id: super::page_id(board),
        incident_updates: updates(board, components, incident),
        components: components.of_cells(&incident.named),
        schedule: None,
    }
}

/// Newest first; the postmortem, which comes after the end, leads.
fn updates(board: &Board, components: &Components, incident: &Incident) -> Vec<shape::Update> {
    let mut known = BTreeMap::new();
    let mut shaped: Vec<shape::Update> = Vec::with_capacity(incident.updates.len() + 1);
    for update in &incident.updates {
        let mut steps: Vec<&ScopeStep> = update.scope.iter().collect();
        // In page order; what the catalog no longer lists comes last.
        steps.sort_by_key(|step| components.place(step.cell).unwrap_or(usize::MAX));
        let affected: Vec<_> = steps.into_iter().filter_map(|step| affected(board, step, &mut known)).collect();
        shaped.push(shape_update(incident, update, affected));
    }
    if let Some(postmortem) = &incident.postmortem {
        let at = Moment(postmortem.at);
        shaped.push(shape::Update {
            id: postmortem.id.0,
            status: Status::Postmortem.word(),
            body: first_language(&postmortem.text).to_owned(),
            incident_id: incident.id.0,
            created_at: at,
            updated_at: at,
            display_at: at,
            affected_components: None,
            deliver_notifications: true,
            custom_tweet: None,
            tweet_id: None,
        });
    }
    shaped.reverse();
    shaped
}

fn shape_update(incident: &Incident, update: &Update, affected: Vec<shape::AffectedComponent>) -> shape::Update {
    shape::Update {
        id: update.id.0,
        status: update.standing.word(),
        body: first_language(&update.text).to_owned(),
        incident_id: incident.id.0,
        created_at: Moment(update.at),
        updated_at: Moment(update.edits.last().map_or(update.at, |edit| edit.at)),
        display_at: Moment(update.at),
        affected_components: (!affected.is_empty()).then_some(affected),
        deliver_notifications: true,
        custom_tweet: None,
        tweet_id: None,
    }
}

/// One step in the shape's words: where it says unknown, the cell keeps what was last known of it in this incident.
fn affected(
    board: &Board,
    step: &ScopeStep,
    known: &mut BTreeMap<Cell, ComponentStatus>,
) -> Option<shape::AffectedComponent> {
    let last = known.get(&step.cell).copied().unwrap_or(ComponentStatus::Operational);
    let in_words = |status, last| if status == ComponentStatus::Unknown { last } else { status };
    let old = in_words(step.from, last);
    let new = in_words(step.to, old);
    known.insert(step.cell, new);
    Some(shape::AffectedComponent {
        code: step.cell.id(),
        name: board.catalog.cell_name(step.cell)?,
        old_status: old.word(),
        new_status: new.word(),
    })
}
