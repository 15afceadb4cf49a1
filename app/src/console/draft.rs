//! An update as it is being written: what the form sent, as it was typed. The server makes the write of it.

use domain::{
    catalog::{Catalog, Cell, Component, Group},
    id::IncidentId,
    status::{ComponentStatus, Kind},
    text::Text,
};
use std::collections::{BTreeMap, BTreeSet};

/// What is chosen instead of a time for one that is no longer expected.
pub const WITHDRAWN: &str = "withdrawn";

/// What is chosen for a cell, a component or a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// As it is, whatever is chosen for more than it.
    Keep,
    Status(ComponentStatus),
}

impl Choice {
    const KEEP: &str = "keep";

    /// As the form sends it.
    pub fn word(self) -> &'static str {
        match self {
            Choice::Keep => Choice::KEEP,
            Choice::Status(status) => status.word(),
        }
    }

    /// `None` for nothing, and for what is no choice.
    pub fn parse(word: &str) -> Option<Choice> {
        match word {
            Choice::KEEP => Some(Choice::Keep),
            word => word.parse().ok().map(Choice::Status),
        }
    }
}

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
    pub title: Text,
    pub status: String,
    pub impact: String,
    pub text: Text,
    pub root_cause: Text,
    /// Minutes from now, [`WITHDRAWN`], or nothing; `recovery_at` goes before it.
    pub recovery_in: String,
    /// A local time of the page's zone, as browsers write it.
    pub recovery_at: String,
    pub next_in: String,
    pub next_at: String,
    /// Of a maintenance.
    pub from: String,
    pub until: String,
    /// By the name of the field: [`field_of`], [`field_of_all`] and [`field_of_group`].
    pub scope: BTreeMap<String, Choice>,
    /// Codes of the regions that are left as they are, unless one of their cells is chosen by itself.
    pub but: BTreeSet<String>,
    /// Codes of the services that were opened to choose region by region, where a form cannot hold every cell.
    pub opened: BTreeSet<String>,
}

impl Draft {
    pub fn new(kind: Kind, incident: Option<IncidentId>, once: String, seen: String) -> Self {
        Draft {
            kind,
            incident,
            once,
            seen,
            title: Text::default(),
            status: String::new(),
            impact: String::new(),
            text: Text::default(),
            root_cause: Text::default(),
            recovery_in: String::new(),
            recovery_at: String::new(),
            next_in: String::new(),
            next_at: String::new(),
            from: String::new(),
            until: String::new(),
            scope: BTreeMap::new(),
            but: BTreeSet::new(),
            opened: BTreeSet::new(),
        }
    }

    /// Its texts, each in every language, by name: the form and what reads it cannot differ.
    pub fn texts(&mut self) -> [(&'static str, &mut Text); 3] {
        [("title", &mut self.title), ("text", &mut self.text), ("root_cause", &mut self.root_cause)]
    }

    /// Whether nothing is written in any language.
    pub fn is_unwritten(&self) -> bool {
        [&self.title, &self.text, &self.root_cause].iter().all(|text| text.all().all(|text| text.trim().is_empty()))
    }

    /// Its fields that hold one value each, by name.
    pub fn values(&mut self) -> [(&'static str, &mut String); 10] {
        [
            ("once", &mut self.once),
            ("seen", &mut self.seen),
            ("status", &mut self.status),
            ("impact", &mut self.impact),
            ("recovery_in", &mut self.recovery_in),
            ("recovery_at", &mut self.recovery_at),
            ("next_in", &mut self.next_in),
            ("next_at", &mut self.next_at),
            ("from", &mut self.from),
            ("until", &mut self.until),
        ]
    }

    /// What it gives each cell. The narrower choice goes before the wider: a cell's own, then that the region is left
    /// out, then the component's, then its group's.
    pub fn cells(&self, catalog: &Catalog) -> BTreeMap<Cell, ComponentStatus> {
        let mut cells = BTreeMap::new();
        for component in &catalog.components {
            let group = component.group.and_then(|id| catalog.group(id));
            let of_group = group.and_then(|group| self.scope.get(&field_of_group(group)));
            let all = self.scope.get(&field_of_all(component)).or(of_group);
            for cell in component.cells() {
                let own = field_of(catalog, component, cell).and_then(|field| self.scope.get(&field));
                let region = cell.region.and_then(|id| catalog.region(id));
                let is_left_out = region.is_some_and(|region| self.but.contains(&region.code));
                if let Some(Choice::Status(status)) = own.or(all.filter(|_| !is_left_out)) {
                    cells.insert(cell, *status);
                }
            }
        }
        cells
    }
}

/// The field of a group: for each of its components in all their regions.
pub fn field_of_group(group: &Group) -> String {
    format!("group.{}", group.code)
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
