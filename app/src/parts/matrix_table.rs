//! The matrix as a table, with row and column headers. Rows without a difference are one cell.

use super::{Context, mark, matrix::*};
use crate::address::Address;
use domain::{
    catalog::{Cell, Component},
    id::RegionId,
    status::ComponentStatus,
};
use leptos::prelude::*;

pub fn table(cx: &Context) -> AnyView {
    let catalog = &cx.board.catalog;
    let heads: Vec<AnyView> = catalog
        .regions
        .iter()
        .map(|region| {
            view! {
                <th scope="col">
                    <a href=cx.link(Address::Region(region.id))>{cx.text(&region.name).to_owned()}</a>
                </th>
            }
            .into_any()
        })
        .collect();
    let columns = catalog.regions.len();
    let bodies: Vec<AnyView> = catalog
        .sections()
        .into_iter()
        .map(|(group, components)| {
            let name = group.map(|group| {
                view! {
                    <tr class="group">
                        <th scope="rowgroup" colspan=(columns + 1).to_string()>
                            {cx.text(&group.name).to_owned()}
                        </th>
                    </tr>
                }
            });
            let rows: Vec<AnyView> = components.iter().map(|component| row(cx, component)).collect();
            view! { <tbody>{name} {rows}</tbody> }.into_any()
        })
        .collect();
    view! {
        <section class="matrix-frame" tabindex="0" aria-label=cx.say("matrix-name")>
            <table class="matrix">
                <thead>
                    <tr>
                        <th scope="col">{cx.say("service")}</th>
                        {heads}
                    </tr>
                </thead>
                {bodies}
            </table>
        </section>
    }
    .into_any()
}

fn row(cx: &Context, component: &Component) -> AnyView {
    let cells: Vec<AnyView> = match uniform(cx, component) {
        Some(status) => vec![whole_row(cx, component, status)],
        None => cx.board.catalog.regions.iter().map(|region| cell(cx, component, region.id)).collect(),
    };
    view! {
        <tr>
            <th scope="row">
                <a href=cx.link(Address::Component(component.id))>{cx.name(component)}</a>
            </th>
            {cells}
        </tr>
    }
    .into_any()
}

fn whole_row(cx: &Context, component: &Component, status: ComponentStatus) -> AnyView {
    let words = claim(cx, status, uniform_words(cx, component, status));
    let inner = part(cx, status, words, component.cells().first().copied());
    let columns = cx.board.catalog.regions.len().to_string();
    view! { <td class="whole" colspan=columns>{inner}</td> }.into_any()
}

fn cell(cx: &Context, component: &Component, region: RegionId) -> AnyView {
    if !component.regions.contains(&region) {
        return view! { <td class="absent"><span class="visually-hidden">{cx.say("not-offered")}</span></td> }
            .into_any();
    }
    let status = cx.board.cell_status(Cell { component: component.id, region: Some(region) });
    match trouble(cx, Cell { component: component.id, region: Some(region) }) {
        Some(trouble) if status != ComponentStatus::Operational => {
            let name = sentence(cx, component, region, trouble.since);
            view! {
                <td>
                    <a href=cx.link(trouble.incident)>
                        {mark::mark(cx.shown(status))}
                        <span class="visually-hidden">{name}</span>
                    </a>
                </td>
            }
            .into_any()
        }
        _ => {
            let words = claim_hidden(cx, status);
            view! { <td>{mark::mark(cx.shown(status))} {words}</td> }.into_any()
        }
    }
}

/// The word of a cell for those who listen.
fn claim_hidden(cx: &Context, status: ComponentStatus) -> AnyView {
    let words = cx.words.component_status(status);
    if status != ComponentStatus::Operational {
        return view! { <span class="visually-hidden">{words}</span> }.into_any();
    }
    let words = if cx.is_grey() { cx.say("claim-unconfirmed") } else { words };
    view! { <span class="claim visually-hidden" data-unconfirmed=cx.say("claim-unconfirmed")>{words}</span> }.into_any()
}

/// What the shapes mean. A page past its bound has none that means operating.
pub fn legend(cx: &Context) -> AnyView {
    let entries: Vec<AnyView> = ComponentStatus::ALL
        .iter()
        .filter(|status| cx.shown(**status) == **status)
        .map(|status| view! { <li>{mark::mark(*status)} {cx.words.component_status(*status)}</li> }.into_any())
        .collect();
    view! { <ul class="legend wide">{entries}</ul> }.into_any()
}
