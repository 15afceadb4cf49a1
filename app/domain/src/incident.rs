//! Incidents and maintenances: a timeline, and per cell from when to when it was affected.

mod packed;

use crate::{
    Instant,
    catalog::Cell,
    change::{Schedule, Source},
    id::*,
    status::*,
    text::Text,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// From when to when a cell had one status that was not operational.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CellSpan {
    pub cell: Cell,
    pub from: Instant,
    /// `None`: it still has.
    pub until: Option<Instant>,
    /// `Unknown` when the cell is known to be affected and how badly is not.
    pub status: ComponentStatus,
}

/// How an update changed one cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeStep {
    pub cell: Cell,
    pub from: ComponentStatus,
    pub to: ComponentStatus,
}

/// An earlier text of an update.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// When it was replaced.
    pub at: Instant,
    pub before: Text,
}

/// One entry of a timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Update {
    pub id: UpdateId,
    pub event: EventId,
    pub at: Instant,
    /// What the update itself said; `None` for a further word without a change of status.
    pub status: Option<Status>,
    /// Where the incident stood after it.
    pub standing: Status,
    pub text: Text,
    pub scope: Vec<ScopeStep>,
    pub expected_recovery_at: Option<Instant>,
    pub next_update_at: Option<Instant>,
    pub root_cause: Option<Text>,
    /// Oldest first.
    pub edits: Vec<Edit>,
}

/// The account after the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Postmortem {
    pub id: UpdateId,
    pub at: Instant,
    pub text: Text,
}

/// An incident or a maintenance, folded from its events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    pub id: IncidentId,
    pub kind: Kind,
    pub title: Text,
    pub impact: Impact,
    pub status: Status,
    pub started_at: Instant,
    pub monitoring_at: Option<Instant>,
    /// When it was resolved or completed.
    pub ended_at: Option<Instant>,
    /// When its readers last had news: `fold::newest_change` says what counts.
    pub updated_at: Instant,
    pub schedule: Option<Schedule>,
    /// Oldest first, by the time shown.
    pub updates: Vec<Update>,
    /// By cell, then by time; touching spans of one cell differ in status.
    pub spans: Vec<CellSpan>,
    /// Every cell that its scope ever named, also a maintenance's before it begins.
    pub named: Vec<Cell>,
    pub expected_recovery_at: Option<Instant>,
    pub next_update_at: Option<Instant>,
    pub root_cause: Option<Text>,
    pub postmortem: Option<Postmortem>,
    pub source: Option<Source>,
    /// Two regions changed it apart from each other, and nobody who has seen both has decided since.
    pub conflict: bool,
    /// The events that no other event of this incident has seen.
    pub heads: Vec<EventId>,
}

impl Incident {
    /// The newest update; every incident has at least one.
    pub fn newest(&self) -> Option<&Update> {
        self.updates.last()
    }

    /// Cells affected now, with their status.
    pub fn affected(&self) -> impl Iterator<Item = (Cell, ComponentStatus)> + '_ {
        self.spans.iter().filter(|span| span.until.is_none()).map(|span| (span.cell, span.status))
    }

    /// Each cell's first moment of trouble, its recovery (`None` while it lasts) and its worst status, by cell.
    pub fn recoveries(&self) -> Vec<Recovery> {
        let mut cells: BTreeMap<Cell, Recovery> = BTreeMap::new();
        for span in &self.spans {
            let recovery = cells.entry(span.cell).or_insert(Recovery {
                cell: span.cell,
                impacted_at: span.from,
                recovered_at: span.until,
                worst: span.status,
            });
            recovery.impacted_at = recovery.impacted_at.min(span.from);
            recovery.recovered_at = match (recovery.recovered_at, span.until) {
                (Some(a), Some(b)) => Some(a.max(b)),
                _ => None,
            };
            recovery.worst = recovery.worst.max(span.status);
        }
        cells.into_values().collect()
    }

    /// The components that its scope ever named.
    pub fn components(&self) -> BTreeSet<ComponentId> {
        self.named.iter().map(|cell| cell.component).collect()
    }

    pub fn summary(&self) -> Summary {
        Summary {
            id: self.id,
            kind: self.kind,
            title: self.title.clone(),
            impact: self.impact,
            status: self.status,
            started_at: self.started_at,
            ended_at: self.ended_at,
            updated_at: self.updated_at,
            schedule: self.schedule,
            update_count: u32::try_from(self.updates.len()).unwrap_or(u32::MAX),
            spans: self.spans.clone().into_boxed_slice(),
            named: self.named.clone().into_boxed_slice(),
            conflict: self.conflict,
        }
    }
}

/// From when to when one cell was affected by an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovery {
    pub cell: Cell,
    pub impacted_at: Instant,
    pub recovered_at: Option<Instant>,
    pub worst: ComponentStatus,
}

/// What is kept of an incident beside its events: all that lists, months and uptime need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub id: IncidentId,
    pub kind: Kind,
    pub title: Text,
    pub impact: Impact,
    pub status: Status,
    pub started_at: Instant,
    pub ended_at: Option<Instant>,
    pub updated_at: Instant,
    pub schedule: Option<Schedule>,
    pub update_count: u32,
    #[serde(with = "packed")]
    pub spans: Box<[CellSpan]>,
    #[serde(with = "packed")]
    pub named: Box<[Cell]>,
    pub conflict: bool,
}

impl Summary {
    pub fn is_open(&self) -> bool {
        !self.status.is_ended()
    }

    /// Whether any of it lies at `horizon` or later.
    pub fn reaches(&self, horizon: Instant) -> bool {
        self.is_open() || self.ended_at.is_none_or(|ended_at| ended_at >= horizon)
    }

    pub fn names(&self, component: ComponentId) -> bool {
        self.named.iter().any(|cell| cell.component == component)
    }

    pub fn names_region(&self, region: RegionId) -> bool {
        self.named.iter().any(|cell| cell.region == Some(region))
    }
}
