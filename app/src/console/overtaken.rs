//! What somebody else changed while a form was being filled in: the incident as its writer knew it, beside what it is now.

use super::{Console, languages, live};
use crate::{
    address::Address,
    parts::{moment::*, nothing, prose::prose, timeline},
};
use domain::{
    Instant,
    catalog::Cell,
    change::Schedule,
    incident::{Incident, ScopeStep, Update},
    status::ComponentStatus,
    text::Text,
};
use leptos::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn since(cx: &Console, known: &Incident, now: &Incident) -> AnyView {
    let known_update = |update: &Update| known.updates.iter().find(|held| held.id == update.id);
    // New ones, and those whose text was changed.
    let updates: Vec<AnyView> = now
        .updates
        .iter()
        .rev()
        .filter(|update| known_update(update).is_none_or(|held| held.edits.len() < update.edits.len()))
        .map(|update| entry(cx, now, update, known_update(update)))
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
pub(super) fn standing(cx: &Console, known: &Incident, now: &Incident) -> AnyView {
    let time = |at: Option<Instant>| at.map_or_else(|| cx.say("console-since-none"), |at| cx.times.both(at));
    let rows = [
        ("console-status", cx.words.status(known.status), cx.words.status(now.status)),
        ("console-impact", cx.words.impact(known.impact), cx.words.impact(now.impact)),
        ("console-next", time(known.next_update_at), time(now.next_update_at)),
        ("console-recovery", time(known.expected_recovery_at), time(now.expected_recovery_at)),
    ];
    let rows = rows.into_iter().map(|(label, before, after)| (cx.say(label), before, after));
    let zone = cx.times.zone_name();
    let planned = |label: &str, of: fn(Schedule) -> Instant| {
        let label = cx.say_with(label, &[("zone", zone.into())]);
        (label, time(known.schedule.map(of)), time(now.schedule.map(of)))
    };
    let planned =
        [planned("console-from", |schedule| schedule.from), planned("console-until", |schedule| schedule.until)];
    let rows: Vec<AnyView> = titles(cx, known, now)
        .into_iter()
        .chain(rows)
        .chain(planned)
        .filter(|(_, before, after)| before != after)
        .map(|(label, before, after)| {
            let step = cx.say_with("console-since-step", &[("before", before.into()), ("now", after.into())]);
            view! {
                <dt>{label}</dt>
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

/// The title before and now, by language.
fn titles(cx: &Console, known: &Incident, now: &Incident) -> Vec<(String, String, String)> {
    let (label, none) = (cx.say("console-title"), cx.say("console-since-none"));
    let of = |text: &Text, tag: &str| text.translations.get(tag).cloned().unwrap_or_else(|| none.clone());
    let first = (label.clone(), known.title.default.clone(), now.title.default.clone());
    let tags: BTreeSet<&String> = known.title.translations.keys().chain(now.title.translations.keys()).collect();
    let others = tags.into_iter().map(|tag| {
        let label = languages::in_language(cx, &label, tag);
        (label, of(&known.title, tag), of(&now.title, tag))
    });
    [first].into_iter().chain(others).collect()
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

/// An update that is new, or whose text is another than the one that was known, which stands before it.
fn entry(cx: &Console, incident: &Incident, update: &Update, known: Option<&Update>) -> AnyView {
    let heading = update.status.map_or_else(|| cx.say("update-further"), |status| cx.words.status(status));
    let before = known.map(|known| {
        view! {
            <details class="edit">
                <summary>{cx.say("edited-before")}</summary>
                {live::by_language(cx, &[&known.text], |cx| prose(cx, &known.text, 3))}
            </details>
        }
    });
    let at = format!("{}#u-{}", cx.link(Address::of_timeline(incident.kind, incident.id)), update.id);
    view! {
        <li>
            <h3>
                <a href=at>{near(cx, update.at)} {format!(" {heading}")}</a>
            </h3>
            {before}
            {live::by_language(cx, &[&update.text], |cx| prose(cx, &update.text, 3))}
            {update.root_cause.as_ref().map(|cause| live::by_language(cx, &[cause], |cx| prose(cx, cause, 3)))}
        </li>
    }
    .into_any()
}
