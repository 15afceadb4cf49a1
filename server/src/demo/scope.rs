//! The notation of a scope: `component=status` for each of the component's cells, `component@region=status` for one
//! region, `component@!region=status` for every region but that one.

use domain::{
    catalog::{Catalog, Cell},
    change::ScopeChange,
    command::Refusal,
    status::ComponentStatus,
};

/// Longest part of an entry that a message repeats, in characters.
const SHOWN_LENGTH_MAX: usize = 80;

/// The changes that one entry stands for.
///
/// # Errors
/// What is wrong with the entry, and what would be right.
pub fn parse(entry: &str, catalog: &Catalog) -> Result<Vec<ScopeChange>, Refusal> {
    let refusal = |what: &str, right: String| {
        let shown: String = entry.chars().take(SHOWN_LENGTH_MAX).collect();
        Refusal::new("scope", format!("`{shown}` {what}"), right)
    };
    let (place, status) = entry.split_once('=').ok_or_else(|| {
        refusal("names no status", "an entry such as `cloud-api@ap-shanghai=major_outage`".to_owned())
    })?;
    let status: ComponentStatus =
        status.trim().parse().map_err(|error| refusal("has no known status", format!("{error}")))?;
    let (code, region) = match place.trim().split_once('@') {
        None => (place.trim(), None),
        Some((code, region)) => (code, Some(region)),
    };
    let component = catalog.component_by_code(code).ok_or_else(|| {
        let known: Vec<&str> = catalog.components.iter().map(|component| component.code.as_str()).collect();
        refusal("names an unknown component", format!("one of {}", known.join(", ")))
    })?;
    let cells: Vec<Cell> = match region {
        None => component.cells(),
        Some(region) => {
            let (code, all_but) = region.strip_prefix('!').map_or((region, false), |code| (code, true));
            let named =
                catalog.region_by_code(code).map(|region| region.id).filter(|id| component.regions.contains(id));
            let named = named.ok_or_else(|| {
                let known = component.regions.iter().filter_map(|id| Some(catalog.region(*id)?.code.as_str()));
                let known: Vec<&str> = known.collect();
                let right = match known.is_empty() {
                    true => "leave the region out: the component has none".to_owned(),
                    false => format!("one of {}", known.join(", ")),
                };
                refusal("names a region that the component does not run in", right)
            })?;
            component.cells().into_iter().filter(|cell| (cell.region == Some(named)) != all_but).collect()
        }
    };
    Ok(cells.into_iter().map(|cell| ScopeChange { cell, status }).collect())
}
