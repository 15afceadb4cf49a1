//! One region as its own page.

use crate::{
    address::{Address, Selection},
    parts::{
        Context, freshness, headline, incident_list, mark, matrix,
        shell::{Document, Life},
    },
};
use domain::{
    catalog::{Cell, Component, Region},
    headline::Headline,
    incident::{Incident, Summary},
    status::ComponentStatus,
};
use leptos::prelude::*;

pub fn page(cx: &Context, region: &Region) -> Document {
    let name = cx.text(&region.name).to_owned();
    let facts = Headline::of_region(cx.board, region.id);
    let titled = |sentence: String| {
        cx.say_with("region-title", &[("region", name.as_str().into()), ("sentence", sentence.into())])
    };
    let title = titled(headline::plain(cx, &facts));
    let title_unconfirmed = headline::plain_unconfirmed(cx, &facts).map(titled);
    // Components without regions are used from every region.
    let here = |incident: &&Incident| incident.named.iter().any(|cell| cell.region.is_none_or(|at| at == region.id));
    let open: Vec<&Incident> = cx.board.open_incidents().into_iter().map(|i| i.as_ref()).filter(here).collect();
    let planned: Vec<&Incident> = cx.board.open_maintenances().into_iter().map(|i| i.as_ref()).filter(here).collect();
    let main = view! {
        <div id="region-name">
            <h1>{name.clone()}</h1>
            <p class="note">
                <a href=cx.link(Address::Home)>{cx.say("all-regions")}</a>
            </p>
        </div>
        {headline::card(cx, &facts, false)}
        {freshness::freshness(cx)}
        {incident_list::open(cx, &open)}
        {components(cx, region)}
        {incident_list::maintenances(cx, &planned)}
        {past(cx)}
    };
    Document {
        description: title.clone(),
        title,
        title_unconfirmed,
        selection: Selection::Region(region.id),
        life: Life::Live,
        main: main.into_any(),
    }
}

fn components(cx: &Context, region: &Region) -> AnyView {
    let runs_here = |component: &&&Component| component.regions.is_empty() || component.regions.contains(&region.id);
    let sections: Vec<AnyView> = cx
        .board
        .catalog
        .sections()
        .into_iter()
        .filter_map(|(group, components)| {
            let rows: Vec<AnyView> =
                components.iter().filter(runs_here).map(|component| line(cx, component, region)).collect();
            let name = group.map(|group| view! { <h3>{cx.text(&group.name).to_owned()}</h3> });
            (!rows.is_empty()).then(|| {
                view! {
                    <div>
                        {name} <ul>{rows}</ul>
                    </div>
                }
                .into_any()
            })
        })
        .collect();
    let nothing = sections.is_empty().then(|| view! { <p>{cx.say("region-empty")}</p> });
    view! {
        <section id="services" aria-labelledby="services-title">
            <h2 id="services-title">{cx.say_with("region-services", &[("region", cx.text(&region.name).into())])}</h2>
            {nothing}
            <div class="services">{sections}</div>
        </section>
    }
    .into_any()
}

fn line(cx: &Context, component: &Component, region: &Region) -> AnyView {
    let cell = Cell { component: component.id, region: (!component.regions.is_empty()).then_some(region.id) };
    let status = cx.board.cell_status(cell);
    let mut words = cx.words.component_status(status);
    if cell.region.is_none() {
        words = cx.say_with("status-everywhere", &[("status", words.into())]);
    }
    let words = matrix::claim(cx, status, words);
    let inner = match matrix::trouble(cx, cell).filter(|_| status != ComponentStatus::Operational) {
        Some(trouble) => view! { <a href=cx.link(trouble.incident)>{words}</a> }.into_any(),
        None => words,
    };
    view! {
        <li>
            <a class="name" href=cx.link(Address::Component(component.id))>
                {cx.name(component)}
            </a>
            <span class="parts">
                <span class="part">{mark::mark(cx.shown(status))} {inner}</span>
            </span>
        </li>
    }
    .into_any()
}

fn past(cx: &Context) -> AnyView {
    let past: Vec<&Summary> = cx.page.listed.iter().map(|summary| summary.as_ref()).collect();
    incident_list::newest(cx, "past-incidents", &past)
}
