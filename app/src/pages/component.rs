//! One component: what it is, how it is where, its ninety days, its incidents.

use crate::{
    address::{Address, Selection},
    parts::{
        Context, day_bars, freshness, incident_list, mark, matrix,
        moment::*,
        nothing,
        shell::{Document, Life},
    },
};
use chrono::{Days, NaiveDate};
use domain::{catalog::Component, incident::Summary, status::ComponentStatus, uptime};
use leptos::prelude::*;

pub fn page(cx: &Context, component: &Component) -> Document {
    let name = cx.name(component);
    let status = cx.board.component_status(component.id);
    let words = match matrix::uniform(cx, component) {
        Some(status) => matrix::uniform_words(cx, component, status),
        None => somewhere(cx, component, status),
    };
    let titled =
        |words: String| cx.say_with("component-title", &[("service", name.as_str().into()), ("status", words.into())]);
    let is_claim = status == ComponentStatus::Operational;
    let title = titled(if is_claim { cx.claim(words) } else { words });
    let title_unconfirmed = is_claim.then(|| titled(cx.say("claim-unconfirmed")));
    let main = view! {
        {about(cx, component, status)}
        {freshness::freshness(cx)}
        {regions(cx, component)}
        {days(cx, component)}
        {past(cx)}
    };
    Document {
        description: title.clone(),
        title,
        title_unconfirmed,
        selection: Selection::Component(component.id),
        life: Life::Live,
        main: main.into_any(),
    }
}

/// "major outage in 1 of 17 regions".
fn somewhere(cx: &Context, component: &Component, status: ComponentStatus) -> String {
    let cells = component.cells();
    let there = cells.iter().filter(|cell| cx.board.cell_status(**cell) == status).count();
    cx.say_with(
        "status-in-some",
        &[("status", cx.words.component_status(status).into()), ("count", there.into()), ("total", cells.len().into())],
    )
}

fn about(cx: &Context, component: &Component, status: ComponentStatus) -> AnyView {
    let catalog = &cx.board.catalog;
    let words = match matrix::uniform(cx, component) {
        Some(status) => matrix::claim(cx, status, matrix::uniform_words(cx, component, status)),
        None => somewhere(cx, component, status).into_any(),
    };
    let shown = cx.shown(status);
    let description =
        component.description.as_ref().map(|description| view! { <p>{cx.text(description).to_owned()}</p> });
    let group = component.group.and_then(|id| catalog.group(id)).map(|group| cx.text(&group.name).to_owned());
    let needs: Vec<AnyView> = component
        .depends_on
        .iter()
        .filter_map(|id| catalog.component(*id))
        .map(|needed| {
            view! { <li><a href=cx.link(Address::Component(needed.id))>{cx.name(needed)}</a></li> }.into_any()
        })
        .collect();
    let needs = (!needs.is_empty()).then(|| {
        view! {
            <div>
                <dt>{cx.say("depends-on")}</dt>
                <dd>
                    <ul class="inline">{needs}</ul>
                </dd>
            </div>
        }
    });
    view! {
        <section id="now" class=format!("card {}", mark::class(shown)) aria-labelledby="name">
            {mark::mark(shown)}
            <div>
                <h1 id="name">{cx.name(component)}</h1>
                <p id="headline">{words}</p>
                {description}
                <dl class="about">
                    {group.map(|group| view! { <div><dt>{cx.say("group")}</dt><dd>{group}</dd></div> })}
                    <div>
                        <dt>{cx.say("plane")}</dt>
                        <dd>{cx.words.plane(component.plane)}</dd>
                    </div>
                    {needs}
                </dl>
            </div>
        </section>
    }
    .into_any()
}

/// Its cells, each with its status and its uptime.
fn regions(cx: &Context, component: &Component) -> AnyView {
    if component.regions.is_empty() {
        return nothing();
    }
    let first = uptime::window_start(cx.stamp.now);
    let spans = cx.board.spans_since(first.and_time(chrono::NaiveTime::MIN).and_utc());
    let rows: Vec<AnyView> = component
        .cells()
        .into_iter()
        .filter_map(|cell| Some((cell, cx.board.catalog.region(cell.region?)?)))
        .map(|(cell, region)| {
            let status = cx.board.cell_status(cell);
            let held = spans.get(&cell).map_or(&[][..], Vec::as_slice);
            let share = uptime::uptime(&uptime::days(held, first, component.since, cx.stamp.confirmed_at));
            let words = cx.words.component_status(status);
            let inner = match matrix::trouble(cx, cell).filter(|_| status != ComponentStatus::Operational) {
                Some(trouble) => {
                    let since = moment(cx, trouble.since, Telling::Time);
                    let words = message(cx, "status-since", &[("status", words.into())], vec![("time", since)]);
                    view! { <a href=cx.link(trouble.incident)>{words}</a> }.into_any()
                }
                None => matrix::claim(cx, status, words),
            };
            view! {
                <tr>
                    <th scope="row">
                        <a href=cx.link(Address::Region(region.id))>{cx.text(&region.name).to_owned()}</a>
                    </th>
                    <td class="status">{mark::mark(cx.shown(status))} {inner}</td>
                    <td class="number">{day_bars::percentage(cx, share)}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    view! {
        <section id="regions-now" aria-labelledby="regions-title">
            <h2 id="regions-title">{cx.say("regions")}</h2>
            <table class="plain">
                <thead>
                    <tr>
                        <th scope="col">{cx.say("region")}</th>
                        <th scope="col">{cx.say("status")}</th>
                        <th scope="col" class="number">{cx.say("uptime-short")}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
    .into_any()
}

/// The ninety days as bars, and readable as a table.
fn days(cx: &Context, component: &Component) -> AnyView {
    let first = uptime::window_start(cx.stamp.now);
    let spans = cx.board.spans_since(first.and_time(chrono::NaiveTime::MIN).and_utc());
    let (days, share) = day_bars::days(cx, component, &spans);
    view! {
        <section id="days" aria-labelledby="days-title">
            <h2 id="days-title">
                {cx.say("uptime")} " " <span class="number">{day_bars::percentage(cx, share)}</span>
            </h2>
            {day_bars::bars(cx, &days)}
            {day_bars::ends(cx)}
            {day_bars::definition(cx)}
            <details id="days-table">
                <summary>{cx.say("days-as-table")}</summary>
                {day_table(cx, first, &days)}
            </details>
        </section>
    }
    .into_any()
}

/// Newest first; neighbouring days with the same worst status are one line.
fn day_table(cx: &Context, first: NaiveDate, days: &[Option<ComponentStatus>]) -> AnyView {
    let mut runs: Vec<(NaiveDate, NaiveDate, Option<ComponentStatus>)> = Vec::new();
    for (offset, status) in (0_u64..).zip(days) {
        let Some(day) = first.checked_add_days(Days::new(offset)) else { break };
        match runs.last_mut() {
            Some(run) if run.2 == *status => run.1 = day,
            _ => runs.push((day, day, *status)),
        }
    }
    let date = |day: NaiveDate| view! { <time datetime=day.to_string()>{cx.times.day(day)}</time> }.into_any();
    let rows: Vec<AnyView> = runs
        .into_iter()
        .rev()
        .map(|(from, until, status)| {
            let when = if from == until { vec![date(from)] } else { vec![date(from), " – ".into_any(), date(until)] };
            let count = (until - from).num_days() + 1;
            let name = status.map_or_else(|| cx.say("no-data"), |status| cx.words.component_status(status));
            view! {
                <tr>
                    <th scope="row">{when}</th>
                    <td class="number">{count.to_string()}</td>
                    <td class="status">{status.map(mark::mark)} {name}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    view! {
        <table class="plain">
            <thead>
                <tr>
                    <th scope="col">{cx.say("days-column")}</th>
                    <th scope="col" class="number">{cx.say("days-count")}</th>
                    <th scope="col">{cx.say("table-worst")}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn past(cx: &Context) -> AnyView {
    let newest: Vec<&Summary> = cx.page.listed.iter().map(|summary| summary.as_ref()).collect();
    incident_list::newest(cx, "incidents-all", &newest)
}
