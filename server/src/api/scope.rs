//! A scope in codes, as people write it, to cells.

use domain::{
    catalog::{Catalog, Cell, Component},
    change::ScopeChange,
    command::Refusal,
    id::RegionId,
    status::ComponentStatus,
};
use serde::Deserialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Entries that one request's scope holds at most.
const ENTRIES_MAX: usize = 500;
/// Codes that a message lists at most.
const LISTED_MAX: usize = 12;

/// The status of one component, or of every component of a group: in every region that it runs in, unless `region`,
/// `regions` or `except` says otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScopeEntry {
    /// A component's code.
    #[schema(example = "cloud-api")]
    #[serde(default)]
    pub component: Option<String>,
    /// A group's code, instead of a component.
    #[serde(default)]
    pub group: Option<String>,
    /// One region's code.
    #[schema(example = "ap-shanghai")]
    #[serde(default)]
    pub region: Option<String>,
    /// Several regions' codes.
    #[serde(default)]
    pub regions: Option<Vec<String>>,
    /// All regions but these.
    #[serde(default)]
    pub except: Option<Vec<String>>,
    #[schema(value_type = String, example = "major_outage")]
    pub status: ComponentStatus,
}

/// The cells of a scope. What is wrong is refused under the number of the entry that the writer sees.
pub fn cells(catalog: &Catalog, entries: &[ScopeEntry], refusals: &mut Vec<Refusal>) -> Vec<ScopeChange> {
    if entries.len() > ENTRIES_MAX {
        let what = format!("has {} entries", entries.len());
        refusals.push(Refusal::new("scope", what, format!("at most {ENTRIES_MAX}; name groups or all regions")));
        return Vec::new();
    }
    let mut changes = Vec::new();
    let mut named: BTreeMap<Cell, usize> = BTreeMap::new();
    for (index, entry) in entries.iter().enumerate() {
        let reading = Reading { catalog, entry, index };
        for cell in reading.cells(refusals) {
            if let Some(before) = named.insert(cell, index) {
                let what = format!("names a component and region that scope[{before}] names already");
                refusals.push(Refusal::new(format!("scope[{index}]"), what, "each component and region once"));
                break;
            }
            changes.push(ScopeChange { cell, status: entry.status });
        }
    }
    changes
}

struct Reading<'a> {
    catalog: &'a Catalog,
    entry: &'a ScopeEntry,
    index: usize,
}

impl Reading<'_> {
    fn refusal(&self, part: &str, what: String, right: String) -> Refusal {
        Refusal::new(format!("scope[{}].{part}", self.index), what, right)
    }

    fn cells(&self, refusals: &mut Vec<Refusal>) -> Vec<Cell> {
        let components = match self.components() {
            Ok(components) => components,
            Err(refusal) => {
                refusals.push(refusal);
                return Vec::new();
            }
        };
        let regions = match self.regions() {
            Ok(regions) => regions,
            Err(refusal) => {
                refusals.push(refusal);
                return Vec::new();
            }
        };
        let mut cells = Vec::new();
        for component in components {
            match self.of_component(component, &regions) {
                Ok(found) => cells.extend(found),
                // Of a group, those that do not run there are not meant.
                Err(_) if self.entry.group.is_some() => {}
                Err(refusal) => refusals.push(refusal),
            }
        }
        cells
    }

    fn components(&self) -> Result<Vec<&Component>, Refusal> {
        match (&self.entry.component, &self.entry.group) {
            (Some(code), None) => match self.catalog.component_by_code(code) {
                Some(component) => Ok(vec![component]),
                None => {
                    let known = listed(self.catalog.components.iter().map(|component| component.code.as_str()));
                    Err(self.refusal("component", format!("there is no component `{}`", clip(code)), known))
                }
            },
            (None, Some(code)) => match self.catalog.groups.iter().find(|group| group.code == *code) {
                Some(group) => {
                    Ok(self.catalog.components.iter().filter(|component| component.group == Some(group.id)).collect())
                }
                None => {
                    let known = listed(self.catalog.groups.iter().map(|group| group.code.as_str()));
                    Err(self.refusal("group", format!("there is no group `{}`", clip(code)), known))
                }
            },
            _ => Err(self.refusal(
                "component",
                "an entry names either a component or a group".to_owned(),
                "give one of the two".to_owned(),
            )),
        }
    }

    fn regions(&self) -> Result<Regions, Refusal> {
        let ids = |part: &str, codes: &[String]| {
            codes.iter().map(|code| self.region(part, code)).collect::<Result<Vec<RegionId>, Refusal>>()
        };
        match (&self.entry.region, &self.entry.regions, &self.entry.except) {
            (None, None, None) => Ok(Regions::All),
            (Some(code), None, None) => Ok(Regions::These(vec![self.region("region", code)?])),
            (None, Some(codes), None) => Ok(Regions::These(ids("regions", codes)?)),
            (None, None, Some(codes)) => Ok(Regions::AllBut(ids("except", codes)?)),
            _ => Err(self.refusal(
                "region",
                "an entry has at most one of `region`, `regions` and `except`".to_owned(),
                "give one of them, or none for every region".to_owned(),
            )),
        }
    }

    fn region(&self, part: &str, code: &str) -> Result<RegionId, Refusal> {
        self.catalog.region_by_code(code).map(|region| region.id).ok_or_else(|| {
            let known = listed(self.catalog.regions.iter().map(|region| region.code.as_str()));
            self.refusal(part, format!("there is no region `{}`", clip(code)), known)
        })
    }

    fn of_component(&self, component: &Component, regions: &Regions) -> Result<Vec<Cell>, Refusal> {
        let cells = component.cells();
        match regions {
            Regions::All => Ok(cells),
            _ if component.regions.is_empty() => Err(self.refusal(
                "region",
                format!("`{}` has no regions", component.code),
                "leave the region out".to_owned(),
            )),
            Regions::AllBut(but) => {
                Ok(cells.into_iter().filter(|cell| !cell.region.is_some_and(|region| but.contains(&region))).collect())
            }
            Regions::These(these) => {
                for region in these {
                    if !component.regions.contains(region) {
                        let codes = component.regions.iter().filter_map(|id| self.catalog.region(*id));
                        let code = self.catalog.region(*region).map_or("-", |region| region.code.as_str());
                        return Err(self.refusal(
                            "region",
                            format!("`{}` does not run in `{code}`", component.code),
                            listed(codes.map(|region| region.code.as_str())),
                        ));
                    }
                }
                Ok(these.iter().map(|region| Cell { component: component.id, region: Some(*region) }).collect())
            }
        }
    }
}

enum Regions {
    All,
    These(Vec<RegionId>),
    AllBut(Vec<RegionId>),
}

fn clip(code: &str) -> String {
    code.chars().take(40).collect()
}

fn listed<'a>(codes: impl Iterator<Item = &'a str>) -> String {
    let codes: Vec<&str> = codes.collect();
    let more = codes.len().saturating_sub(LISTED_MAX);
    match (codes.is_empty(), more) {
        (true, _) => "(there is none yet: apply a catalog first)".to_owned(),
        (_, 0) => format!("one of {}", codes.join(", ")),
        (_, more) => format!("one of {} and {more} more", codes[..LISTED_MAX].join(", ")),
    }
}
