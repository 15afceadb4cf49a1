//! Which service in which region: one row for each component, with a choice for all its regions, and one for each region
//! that differs. A plain form: it needs no script and holds what was chosen.

use super::{
    Console, Draft,
    controls::{button, select},
    draft::{field_of, field_of_all},
};
use crate::parts::{mark::mark, nothing};
use domain::{
    catalog::Component,
    id::RegionId,
    incident::Incident,
    status::{ComponentStatus, Plane},
};
use leptos::prelude::*;
use std::collections::BTreeSet;

pub(super) fn picker(cx: &Console, draft: &Draft, incident: Option<&Incident>) -> AnyView {
    let sections = cx.board.catalog.sections();
    let groups: Vec<AnyView> = sections
        .into_iter()
        .map(|(group, components)| {
            let name = match group {
                Some(group) => cx.text(&group.name).to_owned(),
                None => cx.say("console-scope-others"),
            };
            let rows: Vec<AnyView> = components.iter().map(|component| row(cx, draft, component)).collect();
            view! {
                <h3>{name}</h3>
                <ul class="scope-rows">{rows}</ul>
            }
            .into_any()
        })
        .collect();
    view! {
        <fieldset id="scope" class="scope">
            <legend>{cx.say("console-scope")}</legend>
            <p class="note">{cx.say("console-scope-note")}</p>
            {incident.map(|incident| recoveries(cx, incident))}
            {groups}
        </fieldset>
    }
    .into_any()
}

fn row(cx: &Console, draft: &Draft, component: &Component) -> AnyView {
    let all = field_of_all(component);
    let name = cx.name(component);
    let now = cx.board.component_status(component.id);
    let plane = match component.plane {
        Plane::Control => cx.words.plane(Plane::Control),
        Plane::Data => cx.words.plane(Plane::Data),
    };
    let cells: Vec<AnyView> = component
        .cells()
        .into_iter()
        .filter_map(|cell| {
            let field = field_of(&cx.board.catalog, component, cell)?;
            let region = cx.region_name(cell.region?);
            let options = options(cx, cx.say("console-as-row"));
            let chosen = chosen(draft, &field);
            Some(
                view! {
                    <li>
                        <label for=field.clone()>
                            {mark(cx.board.cell_status(cell))} <span>{region}</span>
                            <span class="visually-hidden">{format!(" ({name})")}</span>
                        </label>
                        {select(&field, &field, &chosen, options)}
                    </li>
                }
                .into_any(),
            )
        })
        .collect();
    let differs = draft.scope.keys().any(|field| field.starts_with(&format!("in.{}.", component.code)));
    let regions = match cells.is_empty() {
        true => nothing(),
        false => view! {
            <details open=differs>
                <summary>
                    {cx.say("console-by-region")}
                    <span class="visually-hidden">{format!(" ({name})")}</span>
                </summary>
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
            <label for=all.clone()>
                {mark(now)} <span>{name.clone()}</span>
                <span class="note">{format!(" {plane}")}</span>
                <span class="visually-hidden">{format!(" {label}")}</span>
            </label>
            {select(&all, &all, &chosen(draft, &all), options(cx, cx.say("console-unchanged")))}
            {regions}
        </li>
    }
    .into_any()
}

fn chosen(draft: &Draft, field: &str) -> String {
    draft.scope.get(field).map(|status| status.word().to_owned()).unwrap_or_default()
}

fn options(cx: &Console, none: String) -> Vec<(String, String)> {
    let offered = ComponentStatus::ALL.iter().filter(|status| **status != ComponentStatus::Unknown);
    let statuses = offered.map(|status| (status.word().to_owned(), cx.words.component_status(*status)));
    [(String::new(), none)].into_iter().chain(statuses).collect()
}

/// What the incident still affects, each with one button that takes it as recovered into the draft.
fn recoveries(cx: &Console, incident: &Incident) -> AnyView {
    let affected: Vec<_> = incident.affected().collect();
    if affected.is_empty() {
        return nothing();
    }
    let regions: BTreeSet<RegionId> = affected.iter().filter_map(|(cell, _)| cell.region).collect();
    let ordered = cx.board.catalog.regions.iter().filter(|region| regions.contains(&region.id));
    let by_region: Vec<AnyView> = ordered
        .map(|region| {
            let label = cx.say_with("console-recovered", &[("place", cx.text(&region.name).into())]);
            button(&format!("recover.region.{}", region.code), label, "chip")
        })
        .collect();
    let by_cell: Vec<AnyView> = affected
        .iter()
        .filter_map(|(cell, status)| {
            let component = cx.board.catalog.component(cell.component)?;
            let place = match cell.region.and_then(|id| cx.board.catalog.region(id)) {
                Some(region) => format!("{} · {}", cx.name(component), cx.text(&region.name)),
                None => cx.name(component),
            };
            let field = field_of(&cx.board.catalog, component, *cell).unwrap_or_else(|| field_of_all(component));
            let label = cx.say_with("console-recovered", &[("place", place.into())]);
            Some(view! { <li>{mark(*status)} {button(&format!("recover.{field}"), label, "chip")}</li> }.into_any())
        })
        .collect();
    view! {
        <div class="recoveries">
            <p>{cx.say("console-recoveries")}</p>
            <p class="chips">{by_region}</p>
            <details>
                <summary>{cx.say("console-cell-by-cell")}</summary>
                <ul class="chips">{by_cell}</ul>
            </details>
        </div>
    }
    .into_any()
}
