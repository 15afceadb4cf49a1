//! An incident or maintenance as the API shows it: codes instead of ids for what has a code.

use super::receipt;
use app::words::all_languages;
use chrono::{DateTime, Utc};
use domain::{
    board::Board,
    catalog::{Catalog, Cell},
    change::Schedule,
    id::EventId,
    incident::{Incident, Summary, Update},
    status::*,
    text::Text,
};
use serde::Serialize;
use utoipa::ToSchema;

/// A cell with its status.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CellView {
    pub component: String,
    /// Absent for a component without regions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    #[schema(value_type = String)]
    pub status: ComponentStatus,
}

/// One line of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SummaryView {
    pub id: String,
    #[schema(value_type = String)]
    pub kind: Kind,
    #[schema(value_type = Object)]
    pub title: Text,
    #[schema(value_type = String)]
    pub status: Status,
    #[schema(value_type = String)]
    pub impact: Impact,
    pub started_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    pub updated_at: DateTime<Utc>,
    #[schema(value_type = Object)]
    pub schedule: Option<Schedule>,
    pub update_count: u32,
    /// Two regions changed it apart from each other, and nobody who has seen both has decided since: the least resolved
    /// status and the worst impact are shown. The next update or edit settles it.
    pub conflict: bool,
    pub page: Option<String>,
}

/// One entry of a timeline.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UpdateView {
    pub id: String,
    /// The event that posted it, as `events redact` takes it.
    pub event: String,
    pub at: DateTime<Utc>,
    #[schema(value_type = String)]
    pub status: Option<Status>,
    #[schema(value_type = Object)]
    pub text: Text,
    /// What the update changed.
    pub scope: Vec<CellView>,
    pub expected_recovery_at: Option<DateTime<Utc>>,
    pub next_update_at: Option<DateTime<Utc>>,
    #[schema(value_type = Object)]
    pub root_cause: Option<Text>,
    /// How often its text was replaced.
    pub edits: usize,
    /// No other region is known to hold it, of several that there are.
    pub here_only: bool,
    /// While the incident is in conflict: one of the accounts that were posted apart.
    pub apart: bool,
}

/// From when to when one cell was affected.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RecoveryView {
    pub component: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    pub impacted_at: DateTime<Utc>,
    pub recovered_at: Option<DateTime<Utc>>,
    #[schema(value_type = String)]
    pub worst: ComponentStatus,
}

/// An incident or maintenance, whole.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IncidentView {
    #[serde(flatten)]
    pub summary: SummaryView,
    /// Oldest first.
    pub updates: Vec<UpdateView>,
    pub recoveries: Vec<RecoveryView>,
    pub expected_recovery_at: Option<DateTime<Utc>>,
    pub next_update_at: Option<DateTime<Utc>>,
    #[schema(value_type = Object)]
    pub root_cause: Option<Text>,
    #[schema(value_type = Object)]
    pub postmortem: Option<Text>,
    /// Its address where it was imported from.
    pub source: Option<String>,
}

impl SummaryView {
    pub fn of(board: &Board, summary: &Summary) -> Self {
        SummaryView {
            id: summary.id.to_string(),
            kind: summary.kind,
            title: all_languages(&summary.title),
            status: summary.status,
            impact: summary.impact,
            started_at: summary.started_at,
            ended_at: summary.ended_at,
            updated_at: summary.updated_at,
            schedule: summary.schedule,
            update_count: summary.update_count,
            conflict: summary.conflict,
            page: Some(receipt::page(board, summary.kind, summary.id)),
        }
    }
}

/// The codes of a cell; the id where the catalog has no code any more.
fn codes(catalog: &Catalog, cell: Cell) -> (String, Option<String>) {
    let component = catalog.component(cell.component).map(|component| component.code.clone());
    let region = cell.region.map(|id| catalog.region(id).map_or_else(|| id.to_string(), |region| region.code.clone()));
    (component.unwrap_or_else(|| cell.component.to_string()), region)
}

fn update(catalog: &Catalog, incident: &Incident, update: &Update, here_only: bool) -> UpdateView {
    let scope = update.scope.iter().map(|step| {
        let (component, region) = codes(catalog, step.cell);
        CellView { component, region, status: step.to }
    });
    UpdateView {
        id: update.id.to_string(),
        event: update.event.to_string(),
        at: update.at,
        status: update.status,
        text: all_languages(&update.text),
        scope: scope.collect(),
        expected_recovery_at: update.expected_recovery_at,
        next_update_at: update.next_update_at,
        root_cause: update.root_cause.as_ref().map(all_languages),
        edits: update.edits.len(),
        here_only,
        apart: incident.conflict && incident.heads.contains(&update.event),
    }
}

impl IncidentView {
    /// `here_only` says of an event whether no other region is known to hold it.
    pub fn of(board: &Board, incident: &Incident, here_only: impl Fn(&EventId) -> bool) -> Self {
        let catalog = &board.catalog;
        let recoveries = incident.recoveries().into_iter().map(|recovery| {
            let (component, region) = codes(catalog, recovery.cell);
            let (impacted_at, recovered_at, worst) = (recovery.impacted_at, recovery.recovered_at, recovery.worst);
            RecoveryView { component, region, impacted_at, recovered_at, worst }
        });
        IncidentView {
            summary: SummaryView::of(board, &incident.summary()),
            updates: incident
                .updates
                .iter()
                .map(|entry| update(catalog, incident, entry, here_only(&entry.event)))
                .collect(),
            recoveries: recoveries.collect(),
            expected_recovery_at: incident.expected_recovery_at,
            next_update_at: incident.next_update_at,
            root_cause: incident.root_cause.as_ref().map(all_languages),
            postmortem: incident.postmortem.as_ref().map(|postmortem| all_languages(&postmortem.text)),
            source: incident.source.as_ref().map(|source| source.url.clone()),
        }
    }
}
