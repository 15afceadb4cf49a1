//! Entries that the catalog lacks, without touching those that it has: what an import adds before its timelines.

use super::{
    Planned, Refusal,
    catalog::{self, Wanted, WantedComponent, WantedEntry, WantedRegions},
};
use crate::{Instant, catalog::Catalog, change::*, id::*};

impl Wanted {
    /// The catalog as it is, as a wanted one.
    pub fn of(catalog: &Catalog) -> Wanted {
        let codes = |ids: &[RegionId]| -> Vec<String> {
            ids.iter().filter_map(|id| Some(catalog.region(*id)?.code.clone())).collect()
        };
        let components = catalog.components.iter().map(|held| WantedComponent {
            id: Some(held.id),
            code: held.code.clone(),
            name: held.name.clone(),
            description: held.description.clone(),
            group: held.group.and_then(|id| Some(catalog.group(id)?.code.clone())),
            plane: held.plane,
            regions: WantedRegions::These(codes(&held.regions)),
            depends_on: held.depends_on.iter().filter_map(|id| Some(catalog.component(*id)?.code.clone())).collect(),
            since: Some(held.since),
        });
        let entry = |code: &String, name: &crate::text::Text| WantedEntry { code: code.clone(), name: name.clone() };
        Wanted {
            page: None,
            regions: catalog.regions.iter().map(|region| entry(&region.code, &region.name)).collect(),
            groups: catalog.groups.iter().map(|group| entry(&group.code, &group.name)).collect(),
            components: components.collect(),
        }
    }
}

/// The changes that add the entries of `added` whose codes `present` lacks, after those that it has. The page
/// settings stay this page's own.
///
/// # Errors
/// What is wrong with the catalog that would come of it.
pub(super) fn plan(present: &Catalog, added: Wanted, now: Instant) -> Result<Vec<Planned>, Vec<Refusal>> {
    let mut whole = Wanted::of(present);
    let lacks = |entries: &[WantedEntry], code: &str| !entries.iter().any(|held| held.code == code);
    let regions: Vec<_> = added.regions.into_iter().filter(|new| lacks(&whole.regions, &new.code)).collect();
    let groups: Vec<_> = added.groups.into_iter().filter(|new| lacks(&whole.groups, &new.code)).collect();
    let components: Vec<_> =
        added.components.into_iter().filter(|new| present.component_by_code(&new.code).is_none()).collect();
    whole.regions.extend(regions.iter().cloned());
    whole.groups.extend(groups.iter().cloned());
    whole.components.extend(components.iter().cloned());
    let mut refusals = Vec::new();
    catalog::check(&whole, &mut refusals);
    if !refusals.is_empty() {
        return Err(refusals);
    }

    let mut planned = Vec::new();
    let last = present.regions.iter().map(|held| held.position).max().unwrap_or(0);
    for (position, WantedEntry { code, name }) in (last.saturating_add(1)..).zip(regions) {
        let id = RegionId::of_code(&code);
        planned.push((Subject::Region(id), Change::RegionSet(RegionSet { code, name, position })));
    }
    let last = present.groups.iter().map(|held| held.position).max().unwrap_or(0);
    for (position, WantedEntry { code, name }) in (last.saturating_add(1)..).zip(groups) {
        let id = GroupId::of_code(&code);
        planned.push((Subject::Group(id), Change::GroupSet(GroupSet { code, name, position })));
    }
    let ids = catalog::ids(present, &whole);
    let last = present.components.iter().map(|held| held.position).max().unwrap_or(0);
    for (position, component) in (last.saturating_add(1)..).zip(&components) {
        let Some(id) = ids.get(component.code.as_str()).copied() else { continue };
        let set = catalog::component_set(component, &whole, &ids, position, component.since.unwrap_or(now));
        planned.push((Subject::Component(id), Change::ComponentSet(set)));
    }
    Ok(planned)
}
