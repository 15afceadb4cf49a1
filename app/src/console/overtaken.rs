//! What somebody else changed while a form was being filled in: the incident as its writer knew it, beside what it is now.

use super::Console;
use crate::{
    address::Address,
    parts::{moment::*, nothing, prose::prose, timeline},
};
use domain::{
    catalog::Cell,
    incident::{Incident, ScopeStep, Update},
    status::ComponentStatus,
};
use leptos::prelude::*;
use std::collections::BTreeMap;

pub(super) fn since(cx: &Console, known: &Incident, now: &Incident) -> AnyView {
    let known_update = |update: &Update| known.updates.iter().find(|held| held.id == update.id);
    // New ones, and those whose text was changed.
    let updates: Vec<AnyView> = now
        .updates
        .iter()
        .rev()
        .filter(|update| known_update(update).is_none_or(|held| held.edits.len() < update.edits.len()))
        .map(|update| entry(cx, now, update))
        .collect();
    let postmortem =
        (known.postmortem != now.postmortem).then(|| view! { <p>{cx.say("console-since-postmortem")}</p> });
    let updates = match updates.is_empty() {
        true => nothing(),
        false => view! { <ul class="work">{updates}</ul> }.into_any(),
    };
    view! {
        <section id="overtaken" aria-labelledby="overtaken-title">
            <h2 id="overtaken-title">{cx.say("console-since")}</h2>
            {standing(cx, known, now)}
            {timeline::changes(cx, "since", &steps(known, now))}
            {updates}
            {postmortem}
        </section>
    }
    .into_any()
}

/// Before and now, of what stands of an incident beside its updates; only what differs.
fn standing(cx: &Console, known: &Incident, now: &Incident) -> AnyView {
    let time = |at: Option<domain::Instant>| at.map_or_else(|| cx.say("console-since-none"), |at| cx.times.both(at));
    let title = |of: &Incident| cx.text(&of.title).to_owned();
    let rows = [
        ("console-title", title(known), title(now)),
        ("console-status", cx.words.status(known.status), cx.words.status(now.status)),
        ("console-impact", cx.words.impact(known.impact), cx.words.impact(now.impact)),
        ("console-next", time(known.next_update_at), time(now.next_update_at)),
        ("console-recovery", time(known.expected_recovery_at), time(now.expected_recovery_at)),
    ];
    let rows: Vec<AnyView> = rows
        .into_iter()
        .filter(|(_, before, after)| before != after)
        .map(|(label, before, after)| {
            let step = cx.say_with("console-since-step", &[("before", before.into()), ("now", after.into())]);
            view! {
                <dt>{cx.say(label)}</dt>
                <dd>{step}</dd>
            }
            .into_any()
        })
        .collect();
    match rows.is_empty() {
        true => nothing(),
        false => view! { <dl class="before-after">{rows}</dl> }.into_any(),
    }
}

/// How each cell got from what the writer knew to what it is.
fn steps(known: &Incident, now: &Incident) -> Vec<ScopeStep> {
    let of = |incident: &Incident| incident.affected().collect::<BTreeMap<Cell, ComponentStatus>>();
    let (before, after) = (of(known), of(now));
    let status = |held: &BTreeMap<Cell, ComponentStatus>, cell: &Cell| {
        held.get(cell).copied().unwrap_or(ComponentStatus::Operational)
    };
    let mut cells: Vec<Cell> = before.keys().chain(after.keys()).copied().collect();
    cells.sort();
    cells.dedup();
    let steps =
        cells.into_iter().map(|cell| ScopeStep { cell, from: status(&before, &cell), to: status(&after, &cell) });
    steps.filter(|step| step.from != step.to).collect()
}

fn entry(cx: &Console, incident: &Incident, update: &Update) -> AnyView {
    let heading = update.status.map_or_else(|| cx.say("update-further"), |status| cx.words.status(status));
    let at = format!("{}#u-{}", cx.link(Address::of_timeline(incident.kind, incident.id)), update.id);
    view! {
        <li>
            <h3>
                <a href=at>{near(cx, update.at)} {format!(" {heading}")}</a>
            </h3>
            {prose(cx, &update.text, 3)}
            {update.root_cause.as_ref().map(|cause| prose(cx, cause, 3))}
        </li>
    }
    .into_any()
}
