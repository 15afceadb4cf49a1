//! A whole wanted catalog against the present one: the difference, as a plan, or everything that is wrong with it.

use super::{Names, Planned, Reason, Refusal, reason::of_text};
use crate::{
    Instant,
    catalog::{Catalog, Component, PageSettings, dependency_circle},
    change::*,
    id::*,
    status::Plane,
    text::{self, Text},
};
use std::collections::{BTreeMap, BTreeSet};

/// Regions, groups and components that a catalog holds at most, each.
pub const REGIONS_MAX: usize = 200;
pub const GROUPS_MAX: usize = 100;
pub const COMPONENTS_MAX: usize = 500;

/// A region or group as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedEntry {
    pub code: String,
    pub name: Text,
}

/// Where a component should run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WantedRegions {
    All,
    /// Codes; empty for a component without regions.
    These(Vec<String>),
}

/// A component as it should be; others are named by code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedComponent {
    /// Kept from an import; by default derived from the code.
    pub id: Option<ComponentId>,
    pub code: String,
    pub name: Text,
    pub description: Option<Text>,
    pub group: Option<String>,
    pub plane: Plane,
    pub regions: WantedRegions,
    pub depends_on: Vec<String>,
    /// When data about it begins; by default when it is first applied.
    pub since: Option<Instant>,
}

/// A whole catalog as it should be; the order is the order of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub page: Option<PageSettings>,
    pub regions: Vec<WantedEntry>,
    pub groups: Vec<WantedEntry>,
    pub components: Vec<WantedComponent>,
}

/// Whether another address of the page is wanted. Invitations lead there, forms are taken from there, and passkeys are
/// bound to it: who may change it may become anybody.
pub fn moves_page(present: &Catalog, wanted: &Wanted) -> bool {
    wanted.page.as_ref().is_some_and(|page| page.url != present.page.url)
}

/// The changes that turn `present` into `wanted`; none when nothing differs.
///
/// # Errors
/// Names that are empty, repeated or not known, and a closed dependency circle, written out.
pub fn plan(present: &Catalog, page_is_set: bool, wanted: Wanted, now: Instant) -> Result<Vec<Planned>, Vec<Refusal>> {
    let mut refusals = Vec::new();
    check(&wanted, &mut refusals);
    if !refusals.is_empty() {
        return Err(refusals);
    }
    let mut planned = Vec::new();
    if let Some(page) = &wanted.page
        && (!page_is_set || *page != present.page)
    {
        planned.push((Subject::Page, Change::PageSet(page.clone())));
    }
    regions(present, &wanted, &mut planned);
    groups(present, &wanted, &mut planned);
    components(present, &wanted, now, &mut planned);
    Ok(planned)
}

/// The position of an entry in its list.
fn place(index: usize) -> u32 {
    u32::try_from(index + 1).unwrap_or(u32::MAX)
}

fn regions(present: &Catalog, wanted: &Wanted, planned: &mut Vec<Planned>) {
    for (index, entry) in wanted.regions.iter().enumerate() {
        let id = RegionId::of_code(&entry.code);
        let set = RegionSet { code: entry.code.clone(), name: entry.name.clone(), position: place(index) };
        let same = |held: &crate::catalog::Region| held.name == set.name && held.position == set.position;
        if !present.region(id).is_some_and(same) {
            planned.push((Subject::Region(id), Change::RegionSet(set)));
        }
    }
    for held in &present.regions {
        if !wanted.regions.iter().any(|entry| entry.code == held.code) {
            planned.push((Subject::Region(held.id), Change::RegionRemoved(Removed {})));
        }
    }
}

fn groups(present: &Catalog, wanted: &Wanted, planned: &mut Vec<Planned>) {
    for (index, entry) in wanted.groups.iter().enumerate() {
        let id = GroupId::of_code(&entry.code);
        let set = GroupSet { code: entry.code.clone(), name: entry.name.clone(), position: place(index) };
        let same = |held: &crate::catalog::Group| held.name == set.name && held.position == set.position;
        if !present.group(id).is_some_and(same) {
            planned.push((Subject::Group(id), Change::GroupSet(set)));
        }
    }
    for held in &present.groups {
        if !wanted.groups.iter().any(|entry| entry.code == held.code) {
            planned.push((Subject::Group(held.id), Change::GroupRemoved(Removed {})));
        }
    }
}

fn components(present: &Catalog, wanted: &Wanted, now: Instant, planned: &mut Vec<Planned>) {
    let ids = ids(present, wanted);
    for (index, component) in wanted.components.iter().enumerate() {
        let Some(id) = ids.get(component.code.as_str()).copied() else { continue };
        let held = present.component(id);
        let since = component.since.or(held.map(|held| held.since)).unwrap_or(now);
        let set = component_set(component, wanted, &ids, place(index), since);
        if !held.is_some_and(|held| is_same(held, &set)) {
            planned.push((Subject::Component(id), Change::ComponentSet(set)));
        }
    }
    for held in &present.components {
        if !wanted.components.iter().any(|component| component.code == held.code) {
            planned.push((Subject::Component(held.id), Change::ComponentRemoved(Removed {})));
        }
    }
}

/// The id of each wanted component, by code: one that is held keeps its id, a new one has the id that it was given or
/// the one that its code derives.
pub(super) fn ids<'a>(present: &Catalog, wanted: &'a Wanted) -> BTreeMap<&'a str, ComponentId> {
    let id_of = |component: &WantedComponent| {
        let held = present.component_by_code(&component.code).map(|held| held.id);
        held.or(component.id).unwrap_or_else(|| ComponentId::of_code(&component.code))
    };
    wanted.components.iter().map(|component| (component.code.as_str(), id_of(component))).collect()
}

pub(super) fn component_set(
    component: &WantedComponent,
    wanted: &Wanted,
    ids: &BTreeMap<&str, ComponentId>,
    position: u32,
    since: Instant,
) -> ComponentSet {
    ComponentSet {
        code: component.code.clone(),
        name: component.name.clone(),
        description: component.description.clone(),
        group: component.group.as_deref().map(GroupId::of_code),
        plane: component.plane,
        regions: match &component.regions {
            WantedRegions::All => wanted.regions.iter().map(|region| RegionId::of_code(&region.code)).collect(),
            WantedRegions::These(codes) => codes.iter().map(|code| RegionId::of_code(code)).collect(),
        },
        depends_on: component.depends_on.iter().filter_map(|code| ids.get(code.as_str()).copied()).collect(),
        position,
        since,
    }
}

fn is_same(held: &Component, set: &ComponentSet) -> bool {
    held.code == set.code
        && held.name == set.name
        && held.description == set.description
        && held.group == set.group
        && held.plane == set.plane
        && held.regions == set.regions
        && held.depends_on == set.depends_on
        && held.position == set.position
        && held.since == set.since
}

pub(super) fn check(wanted: &Wanted, refusals: &mut Vec<Refusal>) {
    if let Some(page) = &wanted.page {
        check_page(page, refusals);
    }
    let regions: Vec<&str> = wanted.regions.iter().map(|entry| entry.code.as_str()).collect();
    let groups: Vec<&str> = wanted.groups.iter().map(|entry| entry.code.as_str()).collect();
    let components: Vec<&str> = wanted.components.iter().map(|component| component.code.as_str()).collect();
    for (list, entries, max) in [("region", &wanted.regions, REGIONS_MAX), ("group", &wanted.groups, GROUPS_MAX)] {
        entries
            .iter()
            .enumerate()
            .for_each(|(index, entry)| check_entry(list, index, &entry.code, &entry.name, refusals));
        check_list(list, entries.iter().map(|entry| (entry.code.as_str(), entry.name.default.as_str())), max, refusals);
    }
    let named = wanted.components.iter().map(|component| (component.code.as_str(), component.name.default.as_str()));
    check_list("component", named, COMPONENTS_MAX, refusals);
    for (index, component) in wanted.components.iter().enumerate() {
        check_entry("component", index, &component.code, &component.name, refusals);
        let field = |part: &str| format!("component[{index}].{part}");
        let mut known = |part: &str, code: &str, list: &[&str]| {
            if !list.contains(&code) {
                let known = Names(list.iter().map(|code| (*code).to_owned()).collect());
                let reason = Reason::CatalogName { code: component.code.clone(), name: clip(code), known };
                refusals.push(reason.at(field(part)));
            }
        };
        if let WantedRegions::These(codes) = &component.regions {
            codes.iter().for_each(|code| known("regions", code, &regions));
        }
        component.group.iter().for_each(|code| known("group", code, &groups));
        component.depends_on.iter().for_each(|code| known("depends_on", code, &components));
        if let WantedRegions::These(codes) = &component.regions {
            repeated(codes.iter().map(String::as_str), &field("regions"), refusals);
        }
        let description = component.description.as_ref();
        refusals.extend(
            description.and_then(|text| of_text(&field("description"), text, text::check_prose, "a sentence or two")),
        );
    }
    let needs =
        wanted.components.iter().map(|component| (component.code.clone(), component.depends_on.clone())).collect();
    if let Some(circle) = dependency_circle(&needs) {
        refusals.push(Reason::CatalogCircle { circle: circle.join(" -> ") }.at("component.depends_on"));
    }
}

fn check_page(page: &PageSettings, refusals: &mut Vec<Refusal>) {
    refusals.extend(of_text("page.name", &page.name, text::check_name, "the name of the page"));
    let is_address = |url: &str| {
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        rest.is_some_and(|rest| {
            !rest.is_empty() && !rest.contains(|c: char| c.is_whitespace() || c.is_control() || "<>\"'".contains(c))
        })
    };
    if !is_address(&page.url) || page.url.ends_with('/') {
        refusals.push(Reason::CatalogAddress { url: clip(&page.url) }.at("page.url"));
    }
    if let Some(url) = page.support_url.as_ref().filter(|url| !is_address(url)) {
        refusals.push(Reason::CatalogSupport { url: clip(url) }.at("page.support_url"));
    }
    let notice = page.notice.as_ref();
    refusals.extend(notice.and_then(|text| of_text("page.notice", text, text::check_prose, "a sentence or two")));
}

fn check_entry(list: &str, index: usize, code: &str, name: &Text, refusals: &mut Vec<Refusal>) {
    if let Err(error) = text::check_code(code) {
        let reason = Reason::from(error).at(format!("{list}[{index}].code"));
        refusals.push(reason.or_rather("a code such as `ap-shanghai`"));
    }
    refusals.extend(of_text(&format!("{list}[{index}].name"), name, text::check_name, "a name of one line"));
}

/// The bound of a list, and that neither a code nor a name stands twice: clients label by name alone.
fn check_list<'a>(
    list: &str,
    entries: impl Iterator<Item = (&'a str, &'a str)>,
    max: usize,
    refusals: &mut Vec<Refusal>,
) {
    let entries: Vec<_> = entries.collect();
    if entries.len() > max {
        refusals.push(Reason::CatalogTooMany { actual: entries.len(), max }.at(list));
    }
    repeated(entries.iter().map(|(code, _)| *code), &format!("{list}.code"), refusals);
    repeated(entries.iter().map(|(_, name)| *name), &format!("{list}.name"), refusals);
}

fn repeated<'a>(values: impl Iterator<Item = &'a str>, field: &str, refusals: &mut Vec<Refusal>) {
    let mut seen = BTreeSet::new();
    for value in values {
        if !seen.insert(value) {
            refusals.push(Reason::CatalogTwice { value: clip(value) }.at(field));
        }
    }
}

fn clip(text: &str) -> String {
    text.chars().take(60).collect()
}
