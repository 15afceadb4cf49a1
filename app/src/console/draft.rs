//! An update as it is being written: what the form sent, as it was typed. The server makes the write of it.

use domain::{
    catalog::{Catalog, Cell, Component},
    id::IncidentId,
    status::{ComponentStatus, Kind},
};
use std::collections::BTreeMap;

/// What was typed, or chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub kind: Kind,
    /// Of a further update; of a new timeline `None`.
    pub incident: Option<IncidentId>,
    /// The id of what will be published: sent twice, also through another region, it is published once.
    pub once: String,
    /// The newest events of the incident that the writer has seen.
    pub seen: String,
    pub title: String,
    pub status: String,
    pub impact: String,
    pub text: String,
    pub root_cause: String,
    /// Minutes from now, `withdrawn`, or nothing; `recovery_at` goes before it.
    pub recovery_in: String,
    /// A local time of the page's zone, as browsers write it.
    pub recovery_at: String,
    pub next_in: String,
    pub next_at: String,
    /// Of a maintenance.
    pub from: String,
    pub until: String,
    /// By the name of the field: [`field_of`] and [`field_of_all`].
    pub scope: BTreeMap<String, ComponentStatus>,
}

impl Draft {
    pub fn new(kind: Kind, incident: Option<IncidentId>, once: String, seen: String) -> Self {
        Draft {
            kind,
            incident,
            once,
            seen,
            title: String::new(),
            status: String::new(),
            impact: String::new(),
            text: String::new(),
            root_cause: String::new(),
            recovery_in: String::new(),
            recovery_at: String::new(),
            next_in: String::new(),
            next_at: String::new(),
            from: String::new(),
            until: String::new(),
            scope: BTreeMap::new(),
        }
    }

    /// Its fields that hold one text each, by name: the form and what reads it cannot differ.
    pub fn texts(&mut self) -> [(&'static str, &mut String); 13] {
        [
            ("once", &mut self.once),
            ("seen", &mut self.seen),
            ("title", &mut self.title),
            ("status", &mut self.status),
            ("impact", &mut self.impact),
            ("text", &mut self.text),
            ("root_cause", &mut self.root_cause),
            ("recovery_in", &mut self.recovery_in),
            ("recovery_at", &mut self.recovery_at),
            ("next_in", &mut self.next_in),
            ("next_at", &mut self.next_at),
            ("from", &mut self.from),
            ("until", &mut self.until),
        ]
    }

    /// What it gives each cell: a region's own choice goes before the choice for all of the component's regions.
    pub fn cells(&self, catalog: &Catalog) -> BTreeMap<Cell, ComponentStatus> {
        let mut cells = BTreeMap::new();
        for component in &catalog.components {
            let all = self.scope.get(&field_of_all(component));
            for cell in component.cells() {
                let own = field_of(catalog, component, cell).and_then(|field| self.scope.get(&field));
                if let Some(status) = own.or(all) {
                    cells.insert(cell, *status);
                }
            }
        }
        cells
    }
}

/// The field for all regions of a component, or for one that has none.
pub fn field_of_all(component: &Component) -> String {
    format!("all.{}", component.code)
}

/// The field of a cell; `None` where the component has no regions.
pub fn field_of(catalog: &Catalog, component: &Component, cell: Cell) -> Option<String> {
    let region = catalog.region(cell.region?)?;
    Some(format!("in.{}.{}", component.code, region.code))
}
