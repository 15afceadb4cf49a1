//! The form of a draft.

use super::{
    Console, Draft, Proposal,
    controls::{Line, button, choices, hidden, labelled, refused, select},
    draft::WITHDRAWN,
    drafts,
    languages::{self, Writing},
    live, scope_picker,
};
use crate::parts::nothing;
use domain::{
    change::TemplateSet,
    id::ComponentId,
    incident::Incident,
    status::{Impact, Kind, Status},
};
use leptos::prelude::*;
use std::collections::BTreeSet;

/// Minutes that a promise can be from now, in one choice.
const MINUTES: &[u16] = &[10, 15, 20, 30, 45, 60, 90, 120, 240, 480];

/// Where a draft is sent.
pub(super) fn action(cx: &Console, draft: &Draft) -> String {
    let folder = match draft.kind {
        Kind::Incident => "incidents",
        Kind::Maintenance => "maintenances",
    };
    match draft.incident {
        Some(id) => cx.at(&format!("/{folder}/{id}/updates")),
        None => cx.at(&format!("/{folder}/new")),
    }
}

/// The form. Of a further update, the statuses that it may have and what its incident still affects.
pub(super) fn form(cx: &Console, draft: &Draft, incident: Option<&Incident>, proposal: Option<&Proposal>) -> AnyView {
    let heading = match incident {
        None => nothing(),
        Some(_) => view! { <h2 id="compose-title">{cx.say("console-post-update")}</h2> }.into_any(),
    };
    let writings = writings(cx, draft);
    let first = |name: &str| {
        writings.iter().find(|writing| writing.name == name).map(|writing| languages::in_first(cx, writing))
    };
    let schedule = match (draft.kind, draft.incident) {
        (Kind::Maintenance, None) => {
            let zone = cx.times.zone_name();
            view! {
                {at_field(cx, "from", cx.say_with("console-from", &[("zone", zone.into())]), &draft.from)}
                {at_field(cx, "until", cx.say_with("console-until", &[("zone", zone.into())]), &draft.until)}
            }
            .into_any()
        }
        _ => nothing(),
    };
    // Nothing was typed yet: what the browser has kept of this form may be put in.
    let is_fresh = (draft.is_unwritten() && draft.scope.is_empty() && draft.opened.is_empty()).then_some("");
    view! {
        <form id="compose" method="post" action=action(cx, draft) class="stack" data-live="" data-draft="" data-fresh=is_fresh>
            {drafts::own(cx)}
            {hidden("once", draft.once.clone())}
            {hidden("seen", draft.seen.clone())}
            // The first button of a form is the one that the Enter key presses.
            <button class="visually-hidden" type="submit" name="do" value="review" tabindex="-1" aria-hidden="true">
                {cx.say("console-review")}
            </button>
            {heading}
            {drafts::restored(cx)}
            {templates(cx, draft, incident)}
            {first("title")}
            {first("text")}
            {live::place(cx, None)}
            {statuses(cx, draft)}
            {impacts(cx, draft)}
            {schedule}
            {promises(cx, draft)}
            {first("root_cause").map(|field| root_cause(cx, draft, field))}
            {languages::in_others(cx, &writings)}
            // By far the most of its fields: last, so that what was typed never depends on them.
            {scope_picker::picker(cx, draft, incident, proposal)}
            <p class="actions">{button("review", cx.say("console-review"), "primary")}</p>
        </form>
    }
    .into_any()
}

/// Texts to begin with: those for the chosen status and for what is affected come first, and of these the ones that are for
/// nothing else. What the draft leaves as it is, is the incident's.
fn templates(cx: &Console, draft: &Draft, incident: Option<&Incident>) -> AnyView {
    let templates = &cx.board.templates;
    if templates.is_empty() {
        return nothing();
    }
    let affected = incident.into_iter().flat_map(Incident::affected).map(|(cell, _)| cell);
    let cells = draft.cells(&cx.board.catalog).into_keys().chain(affected);
    let named: BTreeSet<ComponentId> = cells.map(|cell| cell.component).collect();
    let status = match (draft.status.as_str(), incident) {
        ("", Some(incident)) => incident.status.word(),
        (chosen, _) => chosen,
    };
    let fits = |template: &TemplateSet| {
        let of_status = template.status.map(|wanted| wanted.word() == status);
        let of_component = template.component.map(|wanted| named.contains(&wanted));
        let count = |wanted: Option<bool>| [of_status, of_component].into_iter().filter(|held| *held == wanted).count();
        (count(Some(false)), count(None), template.name.clone())
    };
    let mut sorted: Vec<_> = templates.iter().collect();
    sorted.sort_by_key(|(_, template)| fits(template));
    let options = sorted.into_iter().map(|(id, template)| (id.to_string(), template.name.clone())).collect();
    view! {
        <div class="pair">
            {labelled(cx, "template", cx.say("console-template"), None, select("template", "template", "", options))}
            <p class="actions end">{button("template", cx.say("console-template-use"), "quiet")}</p>
        </div>
    }
    .into_any()
}

fn statuses(cx: &Console, draft: &Draft) -> AnyView {
    let offered = Status::ALL.iter().filter(|status| status.kind() == draft.kind && **status != Status::Postmortem);
    let mut options: Vec<(String, String)> =
        offered.map(|status| (status.word().to_owned(), cx.words.status(*status))).collect();
    if draft.incident.is_some() {
        options.insert(0, (String::new(), cx.say("console-status-same")));
    }
    choices("status", cx.say("console-status"), &draft.status, options)
}

fn impacts(cx: &Console, draft: &Draft) -> AnyView {
    let mut options: Vec<(String, String)> =
        Impact::ALL.iter().map(|impact| (impact.word().to_owned(), cx.words.impact(*impact))).collect();
    if draft.incident.is_some() {
        options.insert(0, (String::new(), cx.say("console-status-same")));
    }
    choices("impact", cx.say("console-impact"), &draft.impact, options)
}

fn promises(cx: &Console, draft: &Draft) -> AnyView {
    let zone = cx.times.zone_name();
    let minutes = |none: String, withdrawn: bool| {
        let mut options = vec![(String::new(), none)];
        options.extend(MINUTES.iter().map(|minutes| {
            let length = cx.times.duration(chrono::TimeDelta::minutes(i64::from(*minutes)));
            (minutes.to_string(), cx.say_with("console-in", &[("length", length.into())]))
        }));
        if withdrawn {
            options.push((WITHDRAWN.to_owned(), cx.say("console-withdrawn")));
        }
        options
    };
    let next = select("next_in", "next_in", &draft.next_in, minutes(cx.say("console-next-none"), false));
    let recovery_none = match draft.incident {
        Some(_) => cx.say("console-unchanged"),
        None => cx.say("console-not-known"),
    };
    let recovery =
        select("recovery_in", "recovery_in", &draft.recovery_in, minutes(recovery_none, draft.incident.is_some()));
    let is_refused = refused(cx, "next_at") || refused(cx, "recovery_at");
    let open = is_refused || !draft.next_at.is_empty() || !draft.recovery_at.is_empty();
    let (next_at, recovery_at) = (
        at_field(cx, "next_at", cx.say_with("console-next-at", &[("zone", zone.into())]), &draft.next_at),
        at_field(cx, "recovery_at", cx.say_with("console-recovery-at", &[("zone", zone.into())]), &draft.recovery_at),
    );
    view! {
        <div class="pair">
            {labelled(cx, "next_in", cx.say("console-next"), None, next)}
            {labelled(cx, "recovery_in", cx.say("console-recovery"), None, recovery)}
        </div>
        <details open=open>
            <summary>{cx.say("console-exact-times")}</summary>
            <div class="pair">{next_at} {recovery_at}</div>
        </details>
    }
    .into_any()
}

pub(super) fn at_field(cx: &Console, name: &'static str, label: String, value: &str) -> AnyView {
    let line = Line { name, kind: "datetime-local", value: value.to_owned(), autocomplete: "off", required: false };
    labelled(cx, name, label, None, line.view(cx))
}

/// The texts that a draft of its kind has.
fn writings<'d>(cx: &Console, draft: &'d Draft) -> Vec<Writing<'d>> {
    let title = draft.incident.is_none().then(|| Writing {
        name: "title",
        label: cx.say("console-title"),
        note: Some(cx.say("console-title-note")),
        value: &draft.title,
        rows: 1,
        required: true,
    });
    let several = |name, label: &str, value, rows| Writing {
        name,
        label: cx.say(label),
        note: Some(cx.say("console-text-note")),
        value,
        rows,
        required: false,
    };
    let text = several("text", "console-text", &draft.text, 6);
    let root_cause = (draft.kind == Kind::Incident).then(|| several("root_cause", "root-cause", &draft.root_cause, 3));
    title.into_iter().chain([text]).chain(root_cause).collect()
}

fn root_cause(cx: &Console, draft: &Draft, field: AnyView) -> AnyView {
    view! {
        <details open=!draft.root_cause.is_empty()>
            <summary>{cx.say("console-root-cause")}</summary>
            {field}
        </details>
    }
    .into_any()
}
