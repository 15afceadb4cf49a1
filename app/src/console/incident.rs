//! One incident or maintenance, and the form for its next update.

use super::{
    Console, Draft, Inputs, Proposal, amend, compose,
    controls::refusals,
    document,
    drafts::{self, Saved},
    overtaken,
    overview::{due, ticking},
};
use crate::{
    address::Address,
    parts::{moment::*, nothing, prose, timeline},
};
use domain::{id::UpdateId, incident::Incident, operator::Role, status::Kind};
use leptos::prelude::*;

/// What stands beside the incident and the form.
#[derive(Default)]
pub struct Beside {
    /// After publishing.
    pub saved: Option<Saved>,
    /// The updates that no other region is known to hold, of several that there are.
    pub here_only: Vec<UpdateId>,
    /// The incident as the writer of the form knew it, when somebody has posted since.
    pub known: Option<Incident>,
    /// What was just put into the form.
    pub proposal: Option<Proposal>,
}

pub fn incident(inputs: &Inputs, held: Option<&Incident>, draft: &Draft, beside: &Beside) -> String {
    document(inputs, |cx| {
        let title = match (held, draft.incident) {
            (Some(incident), _) => cx.text(&incident.title).to_owned(),
            // It cannot be read at this moment.
            (None, Some(_)) => cx.say("console-post-update"),
            (None, None) => cx.say(match draft.kind {
                Kind::Incident => "console-report",
                Kind::Maintenance => "console-plan-maintenance",
            }),
        };
        let main = view! {
            <h1>{title.clone()}</h1>
            {drafts::saved(cx, beside.saved.as_ref())}
            {held.map(|incident| standing(cx, incident))}
            {refusals(cx)}
            {held.zip(beside.known.as_ref()).map(|(now, known)| overtaken::since(cx, known, now))}
            {compose::form(cx, draft, held, beside.proposal.as_ref())}
            {held.map(|incident| only_here(cx, incident, &beside.here_only))}
            {held.map(|incident| timeline::timeline(cx, incident))}
            {held.map(|_| ticking(cx))}
        };
        (title, main.into_any())
    })
}

/// For editors: what can be changed of what was posted.
fn changing(cx: &Console, incident: &Incident) -> AnyView {
    if cx.signed.is_none_or(|signed| signed.role < Role::Editor) {
        return nothing();
    }
    let folder = match incident.kind {
        Kind::Incident => "incidents",
        Kind::Maintenance => "maintenances",
    };
    let at = |rest: &str| cx.at(&format!("/{folder}/{}{rest}", incident.id));
    let postmortem = (incident.kind == Kind::Incident && incident.status.is_ended())
        .then(|| view! { <a href=at("/postmortem")>{cx.say("console-postmortem")}</a> });
    let updates: Vec<AnyView> = incident
        .updates
        .iter()
        .rev()
        .map(|update| {
            let text = moment(cx, update.at, Telling::Both);
            let beginning = prose::beginning(cx, &update.text, 60);
            view! { <li><a href=at(&format!("/updates/{}", update.id))>{text} {format!(" {beginning}")}</a></li> }
                .into_any()
        })
        .collect();
    view! {
        <p class="inline">
            <a href=at("/edit")>{cx.say(amend::heading(incident.kind))}</a>
            {postmortem}
        </p>
        <details>
            <summary>{cx.say("console-edit-update")}</summary>
            <ul class="work">{updates}</ul>
        </details>
    }
    .into_any()
}

/// What would be lost with this region's disk.
fn only_here(cx: &Console, incident: &Incident, here_only: &[UpdateId]) -> AnyView {
    let times: Vec<String> = incident
        .updates
        .iter()
        .filter(|update| here_only.contains(&update.id))
        .map(|update| cx.times.both(update.at))
        .collect();
    if times.is_empty() {
        return nothing();
    }
    let words = cx.say_with("console-here-only", &[("times", cx.words.list(&times).into())]);
    view! { <p id="here-only" class="stands-out">{words}</p> }.into_any()
}

fn standing(cx: &Console, incident: &Incident) -> AnyView {
    let page = cx.link(Address::of_timeline(incident.kind, incident.id));
    let conflict = match incident.conflict {
        true => view! { <p class="stands-out">{cx.say("console-conflict-settle")}</p> }.into_any(),
        false => nothing(),
    };
    view! {
        <p class="standing">
            <b>{cx.words.status(incident.status)}</b>
            <span>{cx.words.impact(incident.impact)}</span>
            {due(cx, incident)}
            <a href=page>{cx.say("console-public-view")}</a>
        </p>
        {changing(cx, incident)}
        {conflict}
    }
    .into_any()
}
