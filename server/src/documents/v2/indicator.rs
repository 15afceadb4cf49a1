//! The page's indicator and its description, in the shape's fixed phrases.
//!
//! The cells decide: a degraded or unknown one makes the page minor, a partial outage major, a major outage critical;
//! maintenance makes it none. An open incident that names no cell counts with its impact; one whose cells are back
//! keeps the page at least minor until it is resolved.

use chrono::SecondsFormat;
use domain::{
    Instant,
    board::Board,
    incident::Incident,
    status::{ComponentStatus, Impact},
};

/// What the shape says of the whole page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overall {
    pub indicator: Impact,
    pub description: String,
}

pub fn overall(board: &Board) -> Overall {
    let cells = board.catalog.components.iter().flat_map(|component| component.cells());
    let worst = ComponentStatus::worst(cells.map(|cell| board.cell_status(cell)));
    let open = board.open_incidents();
    let said = open.iter().map(|incident| of_incident(incident)).max().unwrap_or(Impact::None);
    let indicator = of_status(worst).max(said);
    let is_vague = open.iter().any(|incident| incident.named.is_empty() && incident.impact != Impact::None);
    let description = match indicator {
        Impact::None if worst == ComponentStatus::UnderMaintenance => "Service Under Maintenance",
        Impact::None => "All Systems Operational",
        Impact::Minor if worst == ComponentStatus::Unknown => "Minor Service Outage",
        Impact::Minor if is_vague && worst != ComponentStatus::DegradedPerformance => "Minor Service Outage",
        Impact::Minor => "Partially Degraded Service",
        Impact::Major => "Partial System Outage",
        Impact::Critical => "Major Service Outage",
    };
    Overall { indicator, description: description.to_owned() }
}

/// Past the freshness bound: known faults stay, "operating" does not.
pub fn unconfirmed(board: &Board, confirmed_at: Instant) -> Overall {
    let since = confirmed_at.to_rfc3339_opts(SecondsFormat::Secs, true);
    Overall {
        indicator: overall(board).indicator.max(Impact::Minor),
        description: format!("Not confirmed since {since}"),
    }
}

fn of_status(status: ComponentStatus) -> Impact {
    match status {
        ComponentStatus::Operational | ComponentStatus::UnderMaintenance => Impact::None,
        ComponentStatus::Unknown | ComponentStatus::DegradedPerformance => Impact::Minor,
        ComponentStatus::PartialOutage => Impact::Major,
        ComponentStatus::MajorOutage => Impact::Critical,
    }
}

fn of_incident(incident: &Incident) -> Impact {
    if incident.named.is_empty() { incident.impact } else { incident.impact.min(Impact::Minor) }
}
