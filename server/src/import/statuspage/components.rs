//! Components of a Statuspage page as entries for the catalog, and which cell each of their ids stands for.

use super::document::{self, Document};
use crate::import::{Bad, history::plain_component, naming, nothing_wanted};
use domain::{
    Instant,
    catalog::{Catalog, Cell},
    command::catalog::{Wanted, WantedEntry, WantedRegions},
    id::*,
    text,
};
use std::collections::{BTreeMap, BTreeSet};

/// What the page's components come to.
pub struct Components {
    pub additions: Wanted,
    cells: BTreeMap<String, Cell>,
}

impl Components {
    /// Containers first, then what is in none. Components that only an incident names are added last: they were taken
    /// off the page, and their history stays.
    pub fn of(whole: &Document, catalog: &Catalog, bad: &mut Vec<Bad>) -> Components {
        let mut components = Components { additions: nothing_wanted(), cells: BTreeMap::new() };
        let mut reading = Reading { catalog, whole, into: &mut components, bad };
        let mut listed: Vec<&document::Component> = whole.components.iter().collect();
        listed.sort_by_key(|component| component.position);
        for container in listed.iter().filter(|component| component.group) {
            let members: Vec<_> =
                listed.iter().copied().filter(|c| c.group_id.as_ref() == Some(&container.id)).collect();
            match regions_of(container, &members) {
                Some(regions) => reading.regional(container, &members, &regions),
                None => reading.group(container, &members),
            }
        }
        for component in listed.iter().filter(|component| !component.group) {
            reading.plain(component, None);
        }
        for incident in whole.incidents.iter().chain(&whole.scheduled_maintenances) {
            incident.components.iter().filter(|component| !component.group).for_each(|c| reading.plain(c, None));
            for affected in
                incident.incident_updates.iter().flat_map(|update| update.affected_components.iter().flatten())
            {
                reading.gone(affected, incident);
            }
        }
        components
    }

    /// The cell that a component's id stands for.
    pub fn cell(&self, id: &str) -> Option<Cell> {
        self.cells.get(id).copied()
    }
}

/// The regions of a container whose members are all named after it: `Cloud API (ap-shanghai)`.
fn regions_of<'a>(container: &document::Component, members: &[&'a document::Component]) -> Option<Vec<&'a str>> {
    let region = |member: &&'a document::Component| -> Option<&'a str> {
        member.name.strip_prefix(container.name.as_str())?.trim().strip_prefix('(')?.strip_suffix(')')
    };
    let regions: Option<Vec<&str>> = members.iter().map(region).collect();
    regions.filter(|regions| {
        let once: BTreeSet<&&str> = regions.iter().collect();
        !regions.is_empty() && once.len() == regions.len() && regions.iter().all(|region| !region.trim().is_empty())
    })
}

struct Reading<'a> {
    catalog: &'a Catalog,
    whole: &'a Document,
    into: &'a mut Components,
    bad: &'a mut Vec<Bad>,
}

impl Reading<'_> {
    fn regional(&mut self, container: &document::Component, members: &[&document::Component], regions: &[&str]) {
        let Some(id) = self.id(&container.id, &container.name) else { return };
        let mut codes = Vec::new();
        for name in regions {
            let held = self.catalog.regions.iter().find(|region| region.code == *name || region.name.default == *name);
            let added = self.into.additions.regions.iter().find(|region| region.name.default == *name);
            let code = held.map(|region| region.code.clone()).or(added.map(|region| region.code.clone()));
            let code = code.unwrap_or_else(|| {
                let is_taken = |code: &str| self.into.additions.regions.iter().any(|added| added.code == code);
                let code = naming::code(name, is_taken);
                self.into.additions.regions.push(WantedEntry { code: code.clone(), name: (*name).into() });
                code
            });
            codes.push(code);
        }
        for (member, code) in members.iter().zip(&codes) {
            let cell = Cell { component: id, region: Some(RegionId::of_code(code)) };
            self.into.cells.insert(member.id.clone(), cell);
        }
        if self.catalog.component(id).is_none() {
            let mut wanted =
                plain_component(Some(id), self.code(&container.name), &container.name, self.since(container));
            wanted.description = container.description.as_deref().map(Into::into);
            wanted.regions = WantedRegions::These(codes);
            self.into.additions.components.push(wanted);
        }
    }

    fn group(&mut self, container: &document::Component, members: &[&document::Component]) {
        let held = self.catalog.groups.iter().find(|group| group.name.default == container.name);
        let code = held.map(|group| group.code.clone()).unwrap_or_else(|| {
            let is_taken = |code: &str| self.into.additions.groups.iter().any(|added| added.code == code);
            let code = naming::code(&container.name, is_taken);
            let entry = WantedEntry { code: code.clone(), name: container.name.as_str().into() };
            self.into.additions.groups.push(entry);
            code
        });
        members.iter().for_each(|member| self.plain(member, Some((&code, &container.name))));
    }

    /// A component without regions, in a group or in none. Its name is made unique by the group's: readers of the
    /// JSON tell components apart by name alone.
    fn plain(&mut self, component: &document::Component, group: Option<(&str, &str)>) {
        if self.into.cells.contains_key(&component.id) {
            return;
        }
        let Some(id) = self.id(&component.id, &component.name) else { return };
        self.into.cells.insert(component.id.clone(), Cell { component: id, region: None });
        if self.catalog.component(id).is_some() {
            return;
        }
        let is_taken = |name: &str| {
            let held = self.catalog.components.iter().any(|held| held.name.default == name);
            held || self.into.additions.components.iter().any(|added| added.name.default == name)
        };
        let name = match group {
            _ if !is_taken(&component.name) => component.name.clone(),
            Some((_, group)) if !is_taken(&format!("{} ({group})", component.name)) => {
                format!("{} ({group})", component.name)
            }
            _ => format!("{} ({})", component.name, component.id),
        };
        let mut wanted = plain_component(Some(id), self.code(&name), &name, self.since(component));
        wanted.description = component.description.as_deref().map(Into::into);
        wanted.group = group.map(|(code, _)| code.to_owned());
        self.into.additions.components.push(wanted);
    }

    /// A component that only an update names.
    fn gone(&mut self, affected: &document::Affected, incident: &document::Incident) {
        let created_at = incident.incident_updates.iter().map(|update| update.created_at).min();
        let component = document::Component {
            id: affected.code.clone(),
            name: affected.name.clone(),
            description: None,
            created_at,
            start_date: None,
            group_id: None,
            group: false,
            position: 0,
        };
        self.plain(&component, None);
    }

    /// The id, kept; a bad id or name is reported once.
    fn id(&mut self, id: &str, name: &str) -> Option<ComponentId> {
        let checked = id.parse::<ComponentId>().map_err(|error| error.to_string());
        let checked = checked
            .and_then(|id| text::check_name(&name.into()).map(|()| id).map_err(|error| format!("its name {error}")));
        match checked {
            Ok(id) => Some(id),
            Err(reason) => {
                let shown: String = id.chars().take(40).collect();
                let bad = Bad { place: format!("component `{shown}`"), reason };
                if !self.bad.contains(&bad) {
                    self.bad.push(bad);
                }
                None
            }
        }
    }

    fn code(&self, name: &str) -> String {
        naming::code(name, |code| {
            self.catalog.component_by_code(code).is_some()
                || self.into.additions.components.iter().any(|added| added.code == code)
        })
    }

    /// When data about a component begins: as the page says, but not after its first incident.
    fn since(&self, component: &document::Component) -> Instant {
        let start = component.start_date.and_then(|day| day.and_hms_opt(0, 0, 0)).map(|start| start.and_utc());
        let incidents = self.whole.incidents.iter().chain(&self.whole.scheduled_maintenances);
        let updates = incidents.flat_map(|incident| &incident.incident_updates);
        let named = updates
            .filter(|update| update.affected_components.iter().flatten().any(|affected| affected.code == component.id));
        let first = named.map(|update| update.created_at.to_utc()).min();
        let created_at = component.created_at.map(|at| at.to_utc());
        start.or(created_at).into_iter().chain(first).min().unwrap_or_default()
    }
}
