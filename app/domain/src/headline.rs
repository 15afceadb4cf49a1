//! The facts of the page's first sentence. The words are made from them by the message files, so that the headline,
//! the page's title, its description, the feeds' summary and our own JSON say the same in every language.

use crate::{Instant, board::Board, catalog::Cell, id::*, incident::Incident, status::*};
use std::collections::{BTreeMap, BTreeSet};

/// Regions that a sentence names before it only counts them.
pub const REGIONS_NAMED: usize = 2;
/// Components that the "not affected" line names before it only counts the rest.
pub const UNAFFECTED_NAMED: usize = 4;

/// Where something is the case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The components have no regions.
    Nowhere,
    /// Every region that the components run in.
    AllRegions(usize),
    /// Named, at most [`REGIONS_NAMED`].
    Regions(Vec<RegionId>),
    /// More than are named, out of all that the components run in.
    Count { affected: usize, total: usize },
}

/// So many components have this status there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    pub status: ComponentStatus,
    /// The first of them in page order.
    pub first: ComponentId,
    pub others: usize,
    pub place: Place,
}

/// How an open incident stands, in facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Situation {
    pub incident: IncidentId,
    /// One clause a status, worst first; empty when every cell has recovered or none was named.
    pub clauses: Vec<Clause>,
    /// Regions that were affected and are back, of all that were affected; `None` before the first is back.
    pub recovered: Option<(usize, usize)>,
    /// Whether every cell that was affected is back, while the incident is still open.
    pub all_recovered: bool,
    pub started_at: Instant,
    pub expected_recovery_at: Option<Instant>,
    pub next_update_at: Option<Instant>,
}

/// The first sentence's facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Headline {
    /// The catalog is empty: nothing can be said.
    Nothing,
    /// Nothing is wrong; maintenances may be running.
    Operating { maintenances: usize },
    Trouble {
        worst: Situation,
        /// Open incidents beside it.
        more: usize,
        /// Data-plane components that no open incident touches, when a control-plane component is affected.
        unaffected: Vec<ComponentId>,
    },
}

impl Headline {
    /// The facts of the whole page.
    pub fn of(board: &Board) -> Headline {
        let open = board.open_incidents();
        match open.first() {
            Some(worst) => Headline::Trouble {
                worst: Situation::of(board, worst),
                more: open.len() - 1,
                unaffected: unaffected(board, &open.iter().map(|incident| incident.as_ref()).collect::<Vec<_>>()),
            },
            None if board.catalog.components.is_empty() => Headline::Nothing,
            None => Headline::Operating {
                maintenances: board.open_maintenances().iter().filter(|open| open.status.is_active()).count(),
            },
        }
    }

    /// The facts of one region's page: only what touches it.
    pub fn of_region(board: &Board, region: RegionId) -> Headline {
        let all = board.open_incidents();
        let here =
            |incident: &&Incident| incident.affected().any(|(cell, _)| cell.region.is_none_or(|at| at == region));
        let open: Vec<&Incident> = all.iter().map(|incident| incident.as_ref()).filter(here).collect();
        match open.first() {
            Some(worst) => Headline::Trouble {
                worst: Situation::within(board, worst, Some(region)),
                more: open.len() - 1,
                unaffected: unaffected(board, &open),
            },
            None => Headline::Operating {
                maintenances: board
                    .open_maintenances()
                    .iter()
                    .filter(|open| open.status.is_active() && open.named.iter().any(|cell| cell.region == Some(region)))
                    .count(),
            },
        }
    }
}

/// Data-plane components that none of the incidents names, when they name a control-plane component.
pub fn unaffected(board: &Board, incidents: &[&Incident]) -> Vec<ComponentId> {
    let named: BTreeSet<ComponentId> = incidents.iter().flat_map(|incident| incident.components()).collect();
    let control_is_named = board.catalog.components.iter().any(|c| c.plane == Plane::Control && named.contains(&c.id));
    if !control_is_named {
        return Vec::new();
    }
    let data = |c: &&crate::catalog::Component| c.plane == Plane::Data && !named.contains(&c.id);
    board.catalog.components.iter().filter(data).map(|component| component.id).collect()
}

impl Situation {
    pub fn of(board: &Board, incident: &Incident) -> Situation {
        Situation::within(board, incident, None)
    }

    fn within(board: &Board, incident: &Incident, only: Option<RegionId>) -> Situation {
        let inside = |cell: &Cell| only.is_none_or(|region| cell.region.is_none_or(|at| at == region));
        let affected: BTreeMap<Cell, ComponentStatus> = incident.affected().filter(|(cell, _)| inside(cell)).collect();
        // A component counts under its worst status, and is placed where it has that status.
        let mut worst: BTreeMap<ComponentId, ComponentStatus> = BTreeMap::new();
        for (cell, status) in &affected {
            let entry = worst.entry(cell.component).or_insert(*status);
            *entry = (*entry).max(*status);
        }
        let mut clauses: Vec<Clause> = Vec::new();
        for status in ComponentStatus::ALL.iter().rev().copied() {
            let members: Vec<_> =
                board.catalog.components.iter().filter(|c| worst.get(&c.id) == Some(&status)).collect();
            let Some(first) = members.first() else { continue };
            let at: BTreeSet<RegionId> = affected
                .iter()
                .filter(|(cell, of_cell)| **of_cell == status && worst.get(&cell.component) == Some(&status))
                .filter_map(|(cell, _)| cell.region)
                .collect();
            let all: BTreeSet<RegionId> = members.iter().flat_map(|c| c.regions.iter().copied()).collect();
            let ordered = board.catalog.regions.iter().map(|region| region.id).filter(|id| at.contains(id));
            let place = match at.len() {
                0 => Place::Nowhere,
                affected if affected == all.len() && affected > 1 => Place::AllRegions(affected),
                affected if affected <= REGIONS_NAMED => Place::Regions(ordered.collect()),
                affected => Place::Count { affected, total: all.len() },
            };
            clauses.push(Clause { status, first: first.id, others: members.len() - 1, place });
        }
        let ever: BTreeSet<RegionId> = incident.spans.iter().filter_map(|span| span.cell.region).collect();
        let still: BTreeSet<RegionId> = incident.affected().filter_map(|(cell, _)| cell.region).collect();
        let back = ever.len() - still.len();
        let all_recovered = affected.is_empty() && !incident.spans.is_empty();
        Situation {
            incident: incident.id,
            clauses,
            recovered: (only.is_none() && back > 0).then_some((back, ever.len())),
            all_recovered,
            started_at: incident.started_at,
            expected_recovery_at: incident.expected_recovery_at,
            next_update_at: incident.next_update_at,
        }
    }
}
