//! The catalog: page settings, regions, groups, components, and the cells that they span.

use crate::{Instant, id::*, status::Plane, text::Text};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What the page is called and where it lives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageSettings {
    pub name: Text,
    /// The public address without a trailing slash, such as `https://status.example.com`.
    pub url: String,
    /// IANA name of the zone that pages without script show times in.
    pub time_zone: String,
    /// A notice under the page, such as where the data comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<Text>,
    /// Where a reader gets help that is not on this page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub support_url: Option<String>,
}

impl Default for PageSettings {
    fn default() -> Self {
        PageSettings {
            name: "Status".into(),
            url: "http://localhost".into(),
            time_zone: "Etc/UTC".into(),
            notice: None,
            support_url: None,
        }
    }
}

impl PageSettings {
    /// The host of the page's address, with a port where it has one: what ids of feeds and calendars are named after.
    pub fn host(&self) -> &str {
        let rest = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        rest.split(['/', '?', '#']).next().unwrap_or(rest)
    }
}

/// A place that components run in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Region {
    pub id: RegionId,
    /// What stands in addresses: `ap-shanghai`.
    pub code: String,
    pub name: Text,
    pub position: u32,
}

/// Components shown together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    pub id: GroupId,
    pub code: String,
    pub name: Text,
    pub position: u32,
}

/// A product or service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Component {
    pub id: ComponentId,
    pub code: String,
    pub name: Text,
    pub description: Option<Text>,
    pub group: Option<GroupId>,
    pub plane: Plane,
    /// Where it runs, in the catalog's order; empty for a component without regions.
    pub regions: Vec<RegionId>,
    /// What its control plane needs.
    pub depends_on: Vec<ComponentId>,
    pub position: u32,
    /// When data about it begins; days before it count for nothing.
    pub since: Instant,
    pub created_at: Instant,
    pub updated_at: Instant,
}

/// One component in one region, or a component that has no regions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Cell {
    pub component: ComponentId,
    pub region: Option<RegionId>,
}

impl Cell {
    /// The public id of the cell, as the Statuspage v2 shape shows a regional component.
    pub fn id(&self) -> Id {
        match self.region {
            None => self.component.0,
            Some(region) => Id::derived(&[b"cell", self.component.0.as_str().as_bytes(), region.0.as_str().as_bytes()]),
        }
    }
}

impl Component {
    /// Its cells, in the order of its regions; one without a region when it has none.
    pub fn cells(&self) -> Vec<Cell> {
        if self.regions.is_empty() {
            return vec![Cell { component: self.id, region: None }];
        }
        self.regions.iter().map(|region| Cell { component: self.id, region: Some(*region) }).collect()
    }
}

/// Everything that an incident can be about. Lists are in the order of the page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalog {
    pub page: PageSettings,
    pub regions: Vec<Region>,
    pub groups: Vec<Group>,
    pub components: Vec<Component>,
}

impl Catalog {
    pub fn region(&self, id: RegionId) -> Option<&Region> {
        self.regions.iter().find(|region| region.id == id)
    }
    pub fn region_by_code(&self, code: &str) -> Option<&Region> {
        self.regions.iter().find(|region| region.code == code)
    }
    pub fn group(&self, id: GroupId) -> Option<&Group> {
        self.groups.iter().find(|group| group.id == id)
    }
    pub fn component(&self, id: ComponentId) -> Option<&Component> {
        self.components.iter().find(|component| component.id == id)
    }
    pub fn component_by_code(&self, code: &str) -> Option<&Component> {
        self.components.iter().find(|component| component.code == code)
    }

    /// The name that a client labels a cell with, `Cloud API (ap-shanghai)`: unique, because it may show nothing else.
    /// `None`: the catalog no longer has the component or the region.
    pub fn cell_name(&self, cell: Cell) -> Option<String> {
        let component = self.component(cell.component)?;
        let name = if component.name.is_redacted() { &component.code } else { &component.name.default };
        match cell.region {
            None => Some(name.clone()),
            Some(region) => Some(format!("{name} ({})", self.region(region)?.code)),
        }
    }

    /// Groups with their components in page order; last, under `None`, the components without a group.
    pub fn sections(&self) -> Vec<(Option<&Group>, Vec<&Component>)> {
        let members = |id: Option<GroupId>| -> Vec<&Component> {
            self.components
                .iter()
                .filter(|component| component.group.filter(|group| self.group(*group).is_some()) == id)
                .collect()
        };
        let grouped = self.groups.iter().map(|group| (Some(group), members(Some(group.id))));
        let loose = std::iter::once((None, members(None)));
        grouped.chain(loose).filter(|(_, components)| !components.is_empty()).collect()
    }

    /// Every component that needs one of `roots`, directly or through others; `roots` themselves are left out.
    pub fn dependents(&self, roots: &[ComponentId]) -> Vec<ComponentId> {
        let mut reached: BTreeSet<ComponentId> = roots.iter().copied().collect();
        loop {
            let before = reached.len();
            for component in &self.components {
                if component.depends_on.iter().any(|needed| reached.contains(needed)) {
                    reached.insert(component.id);
                }
            }
            if reached.len() == before {
                break;
            }
        }
        self.components.iter().map(|c| c.id).filter(|id| reached.contains(id) && !roots.contains(id)).collect()
    }

    /// Sorts every list into page order.
    pub(crate) fn sort(&mut self) {
        self.regions.sort_by(|a, b| (a.position, &a.code).cmp(&(b.position, &b.code)));
        self.groups.sort_by(|a, b| (a.position, &a.code).cmp(&(b.position, &b.code)));
        self.components.sort_by(|a, b| (a.position, &a.code).cmp(&(b.position, &b.code)));
    }
}

/// The first circle in `depends_on`, written as the names along it with the first one repeated at the end
/// (`cloud-api -> containers -> cloud-api`); `None` when there is none. Depth-first search with three colours.
pub fn dependency_circle(depends_on: &BTreeMap<String, Vec<String>>) -> Option<Vec<String>> {
    #[derive(Clone, Copy, PartialEq)]
    enum Colour {
        Grey,
        Black,
    }
    let mut colours: BTreeMap<&str, Colour> = BTreeMap::new();
    for start in depends_on.keys() {
        if colours.contains_key(start.as_str()) {
            continue;
        }
        // The path from `start`, each entry with how many of its needs have been followed: no recursion, so that a
        // long chain cannot exhaust the stack.
        let mut path: Vec<(&str, usize)> = vec![(start, 0)];
        colours.insert(start, Colour::Grey);
        while let Some((name, followed)) = path.last_mut() {
            let next = depends_on.get(*name).and_then(|needs| needs.get(*followed));
            *followed += 1;
            match next {
                None => {
                    colours.insert(name, Colour::Black);
                    path.pop();
                }
                Some(next) => match colours.get(next.as_str()) {
                    Some(Colour::Black) => {}
                    Some(Colour::Grey) => {
                        let begin = path.iter().position(|(name, _)| name == next).unwrap_or(0);
                        let mut circle: Vec<String> =
                            path[begin..].iter().map(|(name, _)| (*name).to_owned()).collect();
                        circle.push(next.clone());
                        return Some(circle);
                    }
                    None => {
                        colours.insert(next, Colour::Grey);
                        path.push((next, 0));
                    }
                },
            }
        }
    }
    None
}
