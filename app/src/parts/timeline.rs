//! The updates of an incident or a maintenance, newest first.

use super::{
    Context,
    mark::mark,
    moment::*,
    nothing,
    prose::{UPDATE_LEVEL, prose},
};
use domain::{
    catalog::Cell,
    incident::{Incident, ScopeStep, Update},
    status::ComponentStatus,
};
use leptos::prelude::*;
use std::collections::BTreeMap;

pub fn timeline(cx: &Context, incident: &Incident) -> AnyView {
    let is_apart = |update: &Update| incident.conflict && incident.heads.contains(&update.event);
    let entries: Vec<AnyView> =
        incident.updates.iter().rev().map(|update| entry(cx, update, is_apart(update))).collect();
    view! {
        <section id="timeline" aria-labelledby="timeline-title">
            <h2 id="timeline-title">{cx.say("timeline")}</h2>
            <ol class="timeline">{entries}</ol>
        </section>
    }
    .into_any()
}

/// One update.
pub fn entry(cx: &Context, update: &Update, is_apart: bool) -> AnyView {
    entry_under(cx, &update.id.to_string(), update, is_apart)
}

/// One update, more than once on a page: `key` tells its ids from those of the others.
pub fn entry_under(cx: &Context, key: &str, update: &Update, is_apart: bool) -> AnyView {
    // A further word keeps its place in the story: it is headed by where the incident stood.
    let heading = match update.status {
        Some(status) => cx.words.status(status),
        None => cx.say("update-further"),
    };
    view! {
        <li id=format!("u-{key}")>
            <p class="when">
                <b>{moment(cx, update.at, Telling::Time)}</b>
                {moment(cx, update.at, Telling::Date)}
            </p>
            <div class="what">
                <h3>{heading}</h3>
                {is_apart.then(|| view! { <p class="apart">{cx.say("conflict-account")}</p> })}
                {prose(cx, &update.text, UPDATE_LEVEL)}
                {update.root_cause.as_ref().map(|cause| view! {
                    <div class="cause-note">
                        <h4>{cx.say("root-cause")}</h4>
                        {prose(cx, cause, 4)}
                    </div>
                })}
                {promises(cx, update)}
                {changes(cx, key, &update.scope)}
                {edits(cx, key, update)}
            </div>
        </li>
    }
    .into_any()
}

/// What the update promised, as it said then.
fn promises(cx: &Context, update: &Update) -> AnyView {
    let promise = |id: &str, at: Option<domain::Instant>| {
        at.map(|at| view! { <li>{message(cx, id, &[], vec![("time", moment(cx, at, Telling::Time))])}</li> })
    };
    if update.expected_recovery_at.is_none() && update.next_update_at.is_none() {
        return nothing();
    }
    view! {
        <ul class="facts">
            {promise("promised-recovery", update.expected_recovery_at)}
            {promise("promised-update", update.next_update_at)}
        </ul>
    }
    .into_any()
}

/// What changed: one line for all cells that took the same step, the worst step first. `key` tells its lines from those of
/// others on the page.
pub fn changes(cx: &Context, key: &str, scope: &[ScopeStep]) -> AnyView {
    if scope.is_empty() {
        return nothing();
    }
    let mut steps: BTreeMap<(ComponentStatus, ComponentStatus), Vec<Cell>> = BTreeMap::new();
    for ScopeStep { cell, from, to } in scope {
        steps.entry((*to, *from)).or_default().push(*cell);
    }
    let mut lines: Vec<AnyView> = Vec::new();
    for ((to, from), cells) in steps.into_iter().rev() {
        for block in crate::parts::scope::blocks(cx, &cells) {
            let step = cx.say_with(
                "scope-step",
                &[("from", cx.words.component_status(from).into()), ("to", cx.words.component_status(to).into())],
            );
            let id = format!("s-{key}-{}", lines.len());
            lines.push(view! { <li>{mark(to)} {block.view(cx, id, step)}</li> }.into_any());
        }
    }
    view! { <ul class="changes">{lines}</ul> }.into_any()
}

/// Earlier texts stay readable, newest edit first.
fn edits(cx: &Context, key: &str, update: &Update) -> AnyView {
    if update.edits.is_empty() {
        return nothing();
    }
    let edits: Vec<AnyView> = update
        .edits
        .iter()
        .enumerate()
        .rev()
        .map(|(index, edit)| {
            let edited = message(cx, "edited-at", &[], vec![("time", moment(cx, edit.at, Telling::Both))]);
            view! {
                <details id=format!("e-{key}-{index}") class="edit">
                    <summary>{edited}</summary>
                    <p>{cx.say("edited-before")}</p>
                    {prose(cx, &edit.before, 3)}
                </details>
            }
            .into_any()
        })
        .collect();
    edits.into_any()
}
