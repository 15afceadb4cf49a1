//! Sets of cells in words: "Cloud API and 5 services in 16 regions", with every name one click away.

use super::Context;
use domain::{
    catalog::Cell,
    id::{ComponentId, RegionId},
};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// Names that are written out before the rest is only counted.
const NAMED_MAX: usize = 3;

/// Components that are touched in the same regions, in page order.
pub struct Block {
    pub components: Vec<ComponentId>,
    /// Empty for components without regions.
    pub regions: Vec<RegionId>,
}

/// The cells as blocks: the largest first.
pub fn blocks(cx: &Context, cells: &[Cell]) -> Vec<Block> {
    let catalog = &cx.board.catalog;
    let mut regions: BTreeMap<ComponentId, Vec<RegionId>> = BTreeMap::new();
    for cell in cells {
        regions.entry(cell.component).or_default().extend(cell.region);
    }
    let place = |id: &RegionId| catalog.regions.iter().position(|region| region.id == *id).unwrap_or(usize::MAX);
    for list in regions.values_mut() {
        list.sort_by_key(place);
    }
    let order = |id: &ComponentId| catalog.components.iter().position(|c| c.id == *id).unwrap_or(usize::MAX);
    let mut components: Vec<ComponentId> = regions.keys().copied().collect();
    components.sort_by_key(order);
    let mut blocks: Vec<Block> = Vec::new();
    for component in components {
        let at = regions.remove(&component).unwrap_or_default();
        match blocks.iter_mut().find(|block| block.regions == at) {
            Some(block) => block.components.push(component),
            None => blocks.push(Block { components: vec![component], regions: at }),
        }
    }
    blocks
}

impl Block {
    /// "Cloud API and 5 services in 16 regions".
    pub fn short(&self, cx: &Context) -> String {
        let names: Vec<String> = self.components.iter().map(|id| cx.component_name(*id)).collect();
        let services = match names.as_slice() {
            [first, rest @ ..] if names.len() > NAMED_MAX => cx.say_with(
                "headline-subject-many",
                &[("name", first.as_str().into()), ("others", rest.len().into()), ("total", names.len().into())],
            ),
            _ => cx.words.list(&names),
        };
        if self.regions.is_empty() {
            return services;
        }
        cx.say_with("scope-in", &[("services", services.into()), ("regions", self.place(cx).into())])
    }

    /// "16 regions", or their names while there are few.
    pub fn place(&self, cx: &Context) -> String {
        let all = cx.board.catalog.regions.len();
        if self.regions.len() > NAMED_MAX && self.regions.len() == all {
            return cx.say_with("place-all-regions", &[("count", all.into())]);
        }
        if self.regions.len() > NAMED_MAX {
            return cx.say_with("region-count", &[("count", self.regions.len().into())]);
        }
        let names: Vec<String> = self.regions.iter().map(|id| cx.region_name(*id)).collect();
        cx.words.list(&names)
    }

    /// Whether [`Block::short`] leaves a name out.
    pub fn is_shortened(&self) -> bool {
        self.components.len() > NAMED_MAX || self.regions.len() > NAMED_MAX
    }

    /// Every name.
    pub fn whole(&self, cx: &Context) -> String {
        let components: Vec<String> = self.components.iter().map(|id| cx.component_name(*id)).collect();
        let regions: Vec<String> = self.regions.iter().map(|id| cx.region_name(*id)).collect();
        let components = cx.words.list(&components);
        if regions.is_empty() {
            return components;
        }
        let arguments = [("services", components.into()), ("regions", cx.words.list(&regions).into())];
        cx.say_with("scope-in", &arguments)
    }

    /// The short words, and behind them every name. `id` is the element's own.
    pub fn view(&self, cx: &Context, id: String, after: String) -> AnyView {
        let short = format!("{}{after}", self.short(cx));
        if !self.is_shortened() {
            return short.into_any();
        }
        view! {
            <details id=id>
                <summary>{short}</summary>
                <p>{self.whole(cx)}</p>
            </details>
        }
        .into_any()
    }
}

/// All blocks in one line of words.
pub fn line(cx: &Context, cells: &[Cell]) -> String {
    let parts: Vec<String> = blocks(cx, cells).iter().map(|block| block.short(cx)).collect();
    parts.join(&cx.say("scope-between"))
}
