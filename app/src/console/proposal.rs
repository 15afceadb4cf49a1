//! What depends on what a draft names: put into the form for its writer to look at, and published by nobody else.

use super::{
    Console, Draft,
    draft::{Choice, field_of, field_of_all, field_of_group},
};
use crate::parts::nothing;
use domain::{
    board::Board,
    catalog::{Catalog, Component},
    id::{ComponentId, RegionId},
    status::{ComponentStatus, Plane},
};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// Services that are named before the others are counted.
const ADDED_NAMED: usize = 12;

/// What a draft was proposed, in page order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proposal {
    /// For which trouble is chosen.
    pub chosen: Vec<ComponentId>,
    /// Which took it over, because they need those.
    pub added: Vec<ComponentId>,
    /// Those of the data plane that neither the draft nor the board says anything bad of.
    pub not_affected: Vec<ComponentId>,
}

impl Draft {
    /// Gives every component that needs one for which trouble is chosen what is chosen for that one, region by region; of
    /// several the worst. One for which something is chosen already, by itself, in a region or with its group, stays as it
    /// is.
    pub fn propose(&mut self, board: &Board) -> Proposal {
        let catalog = &board.catalog;
        let roots: Vec<&Component> =
            catalog.components.iter().filter(|root| self.is_in_trouble(catalog, root)).collect();
        let mut needed: BTreeMap<ComponentId, Vec<&Component>> = BTreeMap::new();
        for root in &roots {
            for dependent in catalog.dependents(&[root.id]) {
                needed.entry(dependent).or_default().push(root);
            }
        }
        let mut fields = BTreeMap::new();
        let mut added = Vec::new();
        for component in catalog.components.iter().filter(|component| !self.is_chosen(catalog, component)) {
            let proposed = self.taken_over(catalog, component, needed.get(&component.id).map_or(&[], Vec::as_slice));
            if !proposed.is_empty() {
                added.push(component.id);
                fields.extend(proposed);
            }
        }
        let chosen = roots.iter().map(|root| root.id).collect();
        self.scope.extend(fields);
        let is_spared = |component: &&Component| {
            component.plane == Plane::Data
                && board.component_status(component.id) == ComponentStatus::Operational
                && !self.is_in_trouble(catalog, component)
        };
        let not_affected = catalog.components.iter().filter(is_spared).map(|component| component.id).collect();
        Proposal { chosen, added, not_affected }
    }

    /// The choices for a component that make it as bad as the worst of `roots` in each region.
    fn taken_over(&self, catalog: &Catalog, component: &Component, roots: &[&Component]) -> Vec<(String, Choice)> {
        let worst = |choices: &mut dyn Iterator<Item = Option<Choice>>| {
            let statuses = choices.filter_map(|choice| match choice? {
                Choice::Status(status) => Some(status),
                Choice::Keep => None,
            });
            Some(ComponentStatus::worst(statuses)).filter(|status| *status != ComponentStatus::Operational)
        };
        let wide = worst(&mut roots.iter().map(|root| self.chosen_for_all(catalog, root)));
        let mut fields: Vec<(String, Choice)> =
            wide.map(|status| (field_of_all(component), Choice::Status(status))).into_iter().collect();
        for cell in component.cells() {
            let Some((field, region)) = field_of(catalog, component, cell).zip(cell.region) else { continue };
            let wanted = worst(&mut roots.iter().map(|root| self.chosen_in(catalog, root, region)));
            let given = wide.filter(|_| !self.leaves_out(catalog, region));
            match (wanted, given) {
                (wanted, given) if wanted == given => {}
                (Some(status), _) => fields.push((field, Choice::Status(status))),
                (None, _) => fields.push((field, Choice::Keep)),
            }
        }
        fields
    }

    /// Its own choice, else its group's.
    fn chosen_for_all(&self, catalog: &Catalog, component: &Component) -> Option<Choice> {
        let group = component.group.and_then(|id| catalog.group(id));
        let of_group = group.and_then(|group| self.scope.get(&field_of_group(group)));
        self.scope.get(&field_of_all(component)).or(of_group).copied()
    }

    /// What stands for it in one region, whether chosen there or for all.
    fn chosen_in(&self, catalog: &Catalog, component: &Component, region: RegionId) -> Option<Choice> {
        let code = catalog.region(region).map(|region| region.code.as_str()).unwrap_or_default();
        let own = self.scope.get(&format!("in.{}.{code}", component.code)).copied();
        own.or_else(|| self.chosen_for_all(catalog, component).filter(|_| !self.leaves_out(catalog, region)))
    }

    fn leaves_out(&self, catalog: &Catalog, region: RegionId) -> bool {
        catalog.region(region).is_some_and(|region| self.but.contains(&region.code))
    }

    /// Whether anything at all is chosen for it.
    fn is_chosen(&self, catalog: &Catalog, component: &Component) -> bool {
        let own = format!("in.{}.", component.code);
        self.chosen_for_all(catalog, component).is_some() || self.scope.keys().any(|field| field.starts_with(&own))
    }

    fn is_in_trouble(&self, catalog: &Catalog, component: &Component) -> bool {
        let is_trouble = |choice: Option<Choice>| matches!(choice, Some(Choice::Status(status)) if status != ComponentStatus::Operational);
        component.cells().into_iter().any(|cell| {
            is_trouble(match cell.region {
                Some(region) => self.chosen_in(catalog, component, region),
                None => self.chosen_for_all(catalog, component),
            })
        })
    }
}

/// What was proposed, in words.
pub(super) fn told(cx: &Console, proposal: &Proposal) -> AnyView {
    let mut names: Vec<String> = proposal
        .added
        .iter()
        .take(ADDED_NAMED)
        .filter_map(|id| Some(cx.name(cx.board.catalog.component(*id)?)))
        .collect();
    let rest = proposal.added.len().saturating_sub(ADDED_NAMED);
    if rest > 0 {
        names.push(cx.say_with("headline-more-services", &[("count", rest.into())]));
    }
    let said = match (proposal.chosen.is_empty(), names.is_empty()) {
        (true, _) => cx.say("console-proposed-first"),
        (false, true) => cx.say("console-proposed-none"),
        (false, false) => cx.say_with("console-proposed", &[("services", cx.words.list(&names).into())]),
    };
    // Before anything is chosen there is nothing to be spared by.
    let spared = match proposal.chosen.is_empty() {
        true => None,
        false => cx.words.unaffected(&proposal.not_affected, cx.board),
    };
    let spared = spared.map_or_else(nothing, |sentence| {
        view! { <p>{cx.say_with("console-proposed-data", &[("sentence", sentence.into())])}</p> }.into_any()
    });
    view! {
        <div id="proposed" class="stands-out" role="status">
            <p>{said}</p>
            {spared}
        </div>
    }
    .into_any()
}
