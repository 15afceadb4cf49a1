//! Which service in which region: one row for each component, with a choice for all its regions, and one for each region
//! that differs. A plain form: it needs no script and holds what was chosen. Where it cannot hold a choice for every cell,
//! a service's regions are in it once that service is opened.

use super::{
    Console, Draft, Proposal, compose,
    controls::{button, hidden, id_of, select},
    draft::{Choice, field_of, field_of_all, field_of_group},
    proposal,
};
use crate::parts::{mark::mark, nothing};
use domain::{
    catalog::{Catalog, Cell, Component, Region},
    id::RegionId,
    incident::Incident,
    status::{ComponentStatus, Plane},
};
use leptos::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Cells of a catalog that a form holds a choice for, opened or not: every choice is a field, and a form has a bound.
const CELLS_MAX: usize = 4000;
/// The same in bytes of their fields' names.
const CELL_BYTES_MAX: usize = 128 * 1024;

pub(super) fn picker(cx: &Console, draft: &Draft, incident: Option<&Incident>, proposed: Option<&Proposal>) -> AnyView {
    let is_open = draft.incident.is_none() || !draft.scope.is_empty() || proposed.is_some();
    let is_whole = holds_every_cell(&cx.board.catalog);
    let sections = cx.board.catalog.sections();
    let groups: Vec<AnyView> = sections
        .into_iter()
        .map(|(group, components)| {
            let rows: Vec<AnyView> = components.iter().map(|component| row(cx, draft, component, is_whole)).collect();
            let head = match group {
                Some(group) => {
                    let (field, name) = (field_of_group(group), cx.text(&group.name).to_owned());
                    let id = id_of(&field);
                    let options = options(cx, cx.say("console-by-service"), false);
                    view! {
                        <li class="scope-group">
                            <label for=id.clone()>{cx.say_with("console-group", &[("group", name.into())])}</label>
                            {select(&id, &field, &chosen(draft, &field), options)}
                        </li>
                    }
                    .into_any()
                }
                None => view! { <li class="scope-group">{cx.say("console-scope-others")}</li> }.into_any(),
            };
            view! { <ul class="scope-rows">{head} {rows}</ul> }.into_any()
        })
        .collect();
    view! {
        <fieldset id="scope" class="scope">
            <legend>{cx.say("console-scope")}</legend>
            {proposed.map(|proposed| proposal::told(cx, proposed))}
            {incident.map(|incident| recoveries(cx, incident))}
            <details id="services" open=is_open>
                <summary>{cx.say("console-scope-choose")}</summary>
                <p class="note">{cx.say("console-scope-note")}</p>
                {groups}
                {left_out(cx, draft)}
                {propose(cx, draft)}
            </details>
        </fieldset>
    }
    .into_any()
}

/// Whether one form can offer a choice for each cell at once.
fn holds_every_cell(catalog: &Catalog) -> bool {
    let cells: usize = catalog.components.iter().map(|component| component.regions.len()).sum();
    let fields = || {
        let cells = catalog
            .components
            .iter()
            .flat_map(|component| component.cells().into_iter().map(move |cell| (component, cell)));
        cells.filter_map(|(component, cell)| field_of(catalog, component, cell))
    };
    cells <= CELLS_MAX && fields().map(|field| field.len()).sum::<usize>() <= CELL_BYTES_MAX
}

fn row(cx: &Console, draft: &Draft, component: &Component, is_whole: bool) -> AnyView {
    let all = field_of_all(component);
    let name = cx.name(component);
    let now = cx.board.component_status(component.id);
    let plane = cx.say(match component.plane {
        Plane::Control => "console-plane-control",
        Plane::Data => "console-plane-data",
    });
    let differs = draft.scope.keys().any(|field| field.starts_with(&format!("in.{}.", component.code)));
    let is_opened = draft.opened.contains(&component.code);
    let is_held = is_whole || differs || is_opened;
    let cells = if is_held { component.cells() } else { Vec::new() };
    let cells: Vec<AnyView> = cells
        .into_iter()
        .filter_map(|cell| {
            let field = field_of(&cx.board.catalog, component, cell)?;
            let (id, region) = (id_of(&field), cx.region_name(cell.region?));
            let options = options(cx, cx.say("console-as-row"), true);
            let chosen = chosen(draft, &field);
            Some(
                view! {
                    <li>
                        <label for=id.clone()>
                            {mark(cx.board.cell_status(cell))} <span>{region}</span>
                            <span class="visually-hidden">{format!(" ({name})")}</span>
                        </label>
                        {select(&id, &field, &chosen, options)}
                    </li>
                }
                .into_any(),
            )
        })
        .collect();
    let by_region = || {
        view! {
            {cx.say("console-by-region")}
            <span class="visually-hidden">{format!(" ({name})")}</span>
        }
    };
    let regions = match (component.regions.is_empty(), is_held) {
        (true, _) => nothing(),
        (false, false) => here(cx, draft, &format!("open.{}", component.code), by_region().into_any()),
        (false, true) => view! {
            {is_opened.then(|| hidden(&format!("open.{}", component.code), "yes"))}
            <details open=differs || is_opened>
                <summary>{by_region()}</summary>
                <ul class="scope-cells">{cells}</ul>
            </details>
        }
        .into_any(),
    };
    let label = match component.regions.is_empty() {
        true => name.clone(),
        false => cx.say_with("console-in-all-regions", &[("service", name.as_str().into())]),
    };
    view! {
        <li>
            <label for=id_of(&all)>
                {mark(now)} <span>{name.clone()}</span>
                <span class="note">{format!(" {plane}")}</span>
                <span class="visually-hidden">{format!(" {label}")}</span>
            </label>
            {select(&id_of(&all), &all, &chosen(draft, &all), options(cx, cx.say("console-unchanged"), component.group.is_some()))}
            {regions}
        </li>
    }
    .into_any()
}

fn chosen(draft: &Draft, field: &str) -> String {
    draft.scope.get(field).map(|choice| choice.word().to_owned()).unwrap_or_default()
}

/// The choices; `keep` where something wider may be chosen.
fn options(cx: &Console, none: String, keep: bool) -> Vec<(String, String)> {
    let offered = ComponentStatus::ALL.iter().filter(|status| **status != ComponentStatus::Unknown);
    let statuses = offered.map(|status| (status.word().to_owned(), cx.words.component_status(*status)));
    let keep = keep.then(|| (Choice::Keep.word().to_owned(), cx.say("console-keep")));
    [(String::new(), none)].into_iter().chain(statuses).chain(keep).collect()
}

/// "All regions but these."
fn left_out(cx: &Console, draft: &Draft) -> AnyView {
    let regions = &cx.board.catalog.regions;
    if regions.len() < 2 {
        return nothing();
    }
    let boxes: Vec<AnyView> = regions
        .iter()
        .map(|region| {
            let checked = draft.but.contains(&region.code);
            view! {
                <label class="choice">
                    <input r#type="checkbox" name=format!("but.{}", region.code) value="yes" checked=checked />
                    <span>{cx.text(&region.name).to_owned()}</span>
                </label>
            }
            .into_any()
        })
        .collect();
    view! {
        <details id="left-out" open=!draft.but.is_empty()>
            <summary>{cx.say("console-all-but")}</summary>
            <p class="note">{cx.say("console-all-but-note")}</p>
            <div class="choices">{boxes}</div>
        </details>
    }
    .into_any()
}

/// One press fills in what needs the services that are named, where the catalog knows of any.
fn propose(cx: &Console, draft: &Draft) -> AnyView {
    if cx.board.catalog.components.iter().all(|component| component.depends_on.is_empty()) {
        return nothing();
    }
    view! {
        <p class="actions">{here(cx, draft, "propose", cx.say("console-propose").into_any())}</p>
    }
    .into_any()
}

/// A button whose answer shows this part of the form again.
fn here(cx: &Console, draft: &Draft, wanted: &str, label: AnyView) -> AnyView {
    let there = format!("{}#scope", compose::action(cx, draft));
    view! {
        <button class="quiet" type="submit" name="do" value=wanted.to_owned() formaction=there>
            {label}
        </button>
    }
    .into_any()
}

/// What the incident still affects: one press takes a region, or a single cell, as recovered into the draft.
fn recoveries(cx: &Console, incident: &Incident) -> AnyView {
    let catalog = &cx.board.catalog;
    let affected: BTreeMap<Cell, ComponentStatus> = incident.affected().collect();
    if affected.is_empty() {
        return nothing();
    }
    let held: BTreeSet<RegionId> = affected.keys().filter_map(|cell| cell.region).collect();
    let regions: Vec<&Region> = catalog.regions.iter().filter(|region| held.contains(&region.id)).collect();
    let back = |place: String| cx.say_with("console-recovered", &[("place", place.into())]);
    let by_region = regions.iter().map(|region| {
        button(&format!("recover.region.{}", region.code), back(cx.text(&region.name).to_owned()), "chip")
    });
    let everywhere = affected.keys().filter(|cell| cell.region.is_none()).filter_map(|cell| {
        let component = catalog.component(cell.component)?;
        Some(button(&format!("recover.{}", field_of_all(component)), back(cx.name(component)), "chip"))
    });
    let chips: Vec<AnyView> = by_region.chain(everywhere).collect();
    view! {
        <div class="recoveries">
            <p>{cx.say("console-recoveries")}</p>
            <p class="chips">{chips}</p>
            {(!regions.is_empty()).then(|| grid(cx, &regions, &affected))}
        </div>
    }
    .into_any()
}

/// The cells that are affected, as readers see them beside each other: each is a button.
fn grid(cx: &Console, regions: &[&Region], affected: &BTreeMap<Cell, ComponentStatus>) -> AnyView {
    let heads: Vec<AnyView> = regions
        .iter()
        .map(|region| view! { <th scope="col">{cx.text(&region.name).to_owned()}</th> }.into_any())
        .collect();
    let rows: Vec<AnyView> = cx
        .board
        .catalog
        .components
        .iter()
        .filter(|component| affected.keys().any(|cell| cell.component == component.id && cell.region.is_some()))
        .map(|component| {
            let name = cx.name(component);
            let cells: Vec<AnyView> = regions
                .iter()
                .map(|region| {
                    let cell = Cell { component: component.id, region: Some(region.id) };
                    let held = affected.get(&cell).zip(field_of(&cx.board.catalog, component, cell));
                    let Some((status, field)) = held else { return view! { <td></td> }.into_any() };
                    let place = format!("{name} · {}", cx.text(&region.name));
                    let label = cx.say_with("console-recovered", &[("place", place.into())]);
                    view! {
                        <td>
                            <button
                                class="chip"
                                type="submit"
                                name="do"
                                value=format!("recover.{field}")
                                aria-label=label.clone()
                                title=label
                            >
                                {mark(*status)}
                            </button>
                        </td>
                    }
                    .into_any()
                })
                .collect();
            view! { <tr><th scope="row">{name.clone()}</th>{cells}</tr> }.into_any()
        })
        .collect();
    view! {
        <div class="scroll" tabindex="0" role="group" aria-label=cx.say("console-cell-by-cell")>
            <table class="plain cells">
                <thead><tr><td></td>{heads}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}
