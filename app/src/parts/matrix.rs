//! Components and regions: as a list where there is little to compare or little room, else as a table.

use super::{Context, mark, matrix_table, moment::*, nothing};
use crate::address::Address;
use domain::{
    Instant,
    catalog::{Cell, Component},
    id::RegionId,
    incident::Incident,
    status::ComponentStatus,
};
use leptos::prelude::*;

/// Regions with the same status that a line names before it only counts them.
const REGIONS_NAMED: usize = 3;

/// What is not operational in a cell: since when, and in which incident.
pub struct Trouble {
    pub incident: Address,
    pub since: Instant,
}

/// The matrix of the home page.
pub fn matrix(cx: &Context) -> AnyView {
    let catalog = &cx.board.catalog;
    if catalog.components.is_empty() {
        return nothing();
    }
    // A table only where some row differs along the regions: else the list says it all.
    let has_table = catalog.components.iter().any(|component| uniform(cx, component).is_none());
    let list_class = if has_table { "services narrow" } else { "services" };
    let sections: Vec<AnyView> = catalog
        .sections()
        .into_iter()
        .map(|(group, components)| {
            let name = group.map(|group| view! { <h3>{cx.text(&group.name).to_owned()}</h3> });
            let rows: Vec<AnyView> = components.iter().map(|component| line(cx, component)).collect();
            view! {
                <div>
                    {name} <ul>{rows}</ul>
                </div>
            }
            .into_any()
        })
        .collect();
    view! {
        <section id="services" aria-labelledby="services-title">
            <h2 id="services-title">{cx.say("services")}</h2>
            {has_table.then(|| matrix_table::table(cx))}
            <div class=list_class>{sections}</div>
            {has_table.then(|| matrix_table::legend(cx))}
        </section>
    }
    .into_any()
}

/// The one status of all cells of a component; `None` where they differ.
pub fn uniform(cx: &Context, component: &Component) -> Option<ComponentStatus> {
    let mut statuses = component.cells().into_iter().map(|cell| cx.board.cell_status(cell));
    let first = statuses.next()?;
    statuses.all(|status| status == first).then_some(first)
}

/// "operating in all 17 regions".
pub fn uniform_words(cx: &Context, component: &Component, status: ComponentStatus) -> String {
    let status = cx.words.component_status(status);
    match component.regions.len() {
        0 => status,
        1 => {
            let region = cx.region_name(component.regions[0]);
            cx.say_with("status-in", &[("status", status.into()), ("regions", region.into())])
        }
        count => cx.say_with("status-in-all", &[("status", status.into()), ("count", count.into())]),
    }
}

/// A status as text that a page may have to withdraw.
pub fn claim(cx: &Context, status: ComponentStatus, words: String) -> AnyView {
    if status != ComponentStatus::Operational {
        return words.into_any();
    }
    view! { <span class="claim" data-unconfirmed=cx.say("claim-unconfirmed")>{cx.claim(words)}</span> }.into_any()
}

/// The open incident or running maintenance that makes a cell what it is.
pub fn trouble(cx: &Context, cell: Cell) -> Option<Trouble> {
    let status = cx.board.cell_status(cell);
    let all = cx.board.open_incidents().into_iter().chain(cx.board.open_maintenances());
    all.filter(|incident| incident.affected().any(|(at, of_cell)| at == cell && of_cell == status))
        .map(|incident| Trouble {
            incident: Address::of_timeline(incident.kind, incident.id),
            since: affected_since(incident, cell),
        })
        .next()
}

/// Since when a cell has been affected without a break, whatever its status was meanwhile.
fn affected_since(incident: &Incident, cell: Cell) -> Instant {
    let spans = || incident.spans.iter().filter(|span| span.cell == cell);
    let mut since = spans().find(|span| span.until.is_none()).map_or(incident.started_at, |span| span.from);
    while let Some(before) = spans().find(|span| span.until == Some(since) && span.from < since) {
        since = before.from;
    }
    since
}

/// One component: what is wrong first, worst first, then what operates.
fn line(cx: &Context, component: &Component) -> AnyView {
    let parts: Vec<AnyView> = match uniform(cx, component) {
        Some(status) => {
            let words = uniform_words(cx, component, status);
            let words = claim(cx, status, words);
            vec![part(cx, status, words, component.cells().first().copied())]
        }
        None => mixed(cx, component),
    };
    view! {
        <li>
            <a class="name" href=cx.link(Address::Component(component.id))>
                {cx.name(component)}
            </a>
            <span class="parts">{parts}</span>
        </li>
    }
    .into_any()
}

fn mixed(cx: &Context, component: &Component) -> Vec<AnyView> {
    let mut parts = Vec::new();
    for status in ComponentStatus::ALL.iter().rev().copied() {
        let has_it =
            |id: &&RegionId| cx.board.cell_status(Cell { component: component.id, region: Some(**id) }) == status;
        let regions: Vec<RegionId> = component.regions.iter().filter(has_it).copied().collect();
        let Some(first) = regions.first() else { continue };
        let place = if regions.len() <= REGIONS_NAMED && status != ComponentStatus::Operational {
            cx.words.list(&regions.iter().map(|id| cx.region_name(*id)).collect::<Vec<_>>())
        } else {
            cx.say_with("region-count", &[("count", regions.len().into())])
        };
        let arguments = [("regions", place.into()), ("status", cx.words.component_status(status).into())];
        let id = if status == ComponentStatus::Operational { "place-operating" } else { "place-with-status" };
        let words = claim(cx, status, cx.say_with(id, &arguments));
        parts.push(part(cx, status, words, Some(Cell { component: component.id, region: Some(*first) })));
    }
    parts
}

/// Mark and words; a link to the incident where there is one.
pub fn part(cx: &Context, status: ComponentStatus, words: AnyView, cell: Option<Cell>) -> AnyView {
    let trouble = cell.filter(|_| status != ComponentStatus::Operational).and_then(|cell| trouble(cx, cell));
    match trouble {
        Some(trouble) => view! {
            <a class="part" href=cx.link(trouble.incident)>
                {mark::mark(cx.shown(status))}
                {words}
            </a>
        }
        .into_any(),
        None => view! {
            <span class="part">
                {mark::mark(cx.shown(status))}
                {words}
            </span>
        }
        .into_any(),
    }
}

/// "Cloud API in Shanghai: major outage since 15:23 UTC+8".
pub fn sentence(cx: &Context, component: &Component, region: RegionId, since: Instant) -> AnyView {
    let status = cx.board.cell_status(Cell { component: component.id, region: Some(region) });
    let arguments = [
        ("service", cx.name(component).into()),
        ("region", cx.region_name(region).into()),
        ("status", cx.words.component_status(status).into()),
    ];
    message(cx, "cell-sentence", &arguments, vec![("time", moment(cx, since, Telling::Time))]).into_any()
}
