//! `/admin`: open incidents first, each with when its next word is due.

use super::{Console, Inputs, document};
use crate::parts::{mark::mark, moment::*, nothing};
use domain::{incident::Incident, status::ComponentStatus};
use leptos::prelude::*;

/// What stands beside the incidents.
pub struct Overview {
    /// What somebody has to look into.
    pub alarming: usize,
    /// Events that could not be folded, or are held.
    pub kept: usize,
    /// Regions of the cluster, and those that have not been heard lately.
    pub regions: u32,
    pub silent: Vec<String>,
}

pub fn overview(inputs: &Inputs, overview: &Overview) -> String {
    document(inputs, |cx| {
        let (incidents, maintenances) = (cx.board.open_incidents(), cx.board.open_maintenances());
        let list = |of: &[&std::sync::Arc<Incident>], none: &str| match of.is_empty() {
            true => view! { <p>{cx.say(none)}</p> }.into_any(),
            false => {
                let entries: Vec<AnyView> = of.iter().map(|incident| entry(cx, incident)).collect();
                view! { <ul class="work">{entries}</ul> }.into_any()
            }
        };
        let main = view! {
            <h1>{cx.say("console-overview")}</h1>
            <p class="actions">
                <a class="primary" href=cx.at("/incidents/new")>{cx.say("console-report")}</a>
            </p>
            {alarming(cx, overview.alarming)}
            <section id="open" aria-labelledby="open-title">
                <h2 id="open-title">{cx.say("open-incidents")}</h2>
                {list(&incidents, "console-none-open")}
            </section>
            {unsettled(cx)}
            <section id="planned" aria-labelledby="planned-title">
                <h2 id="planned-title">{cx.say("maintenances")}</h2>
                {list(&maintenances, "console-none-planned")}
            </section>
            <section id="cluster" aria-labelledby="cluster-title">
                <h2 id="cluster-title">{cx.say("console-cluster")}</h2>
                {cluster(cx, overview)}
            </section>
            {ticking(cx)}
        };
        (cx.say("console-overview"), main.into_any())
    })
}

fn entry(cx: &Console, incident: &Incident) -> AnyView {
    let worst = ComponentStatus::worst(incident.affected().map(|(_, status)| status));
    let link = cx.way_to(incident.kind, incident.id);
    view! {
        <li>
            <h3>
                {mark(worst)} <a href=link>{cx.text(&incident.title).to_owned()}</a>
            </h3>
            <p class="standing">
                <b>{cx.words.status(incident.status)}</b>
                <span>{cx.words.impact(incident.impact)}</span>
                {due(cx, incident)}
            </p>
            {incident.conflict.then(|| view! { <p class="overdue">{cx.say("console-conflict")}</p> })}
        </li>
    }
    .into_any()
}

/// What has ended in two ways, and waits for somebody to say how.
fn unsettled(cx: &Console) -> AnyView {
    let unsettled = cx.board.all_newest().filter(|summary| summary.conflict && !summary.is_open());
    let entries: Vec<AnyView> = unsettled
        .map(|summary| {
            let link = cx.way_to(summary.kind, summary.id);
            view! {
                <li>
                    <h3>
                        <a href=link>{cx.text(&summary.title).to_owned()}</a>
                    </h3>
                    <p class="overdue">{cx.say("console-conflict")}</p>
                </li>
            }
            .into_any()
        })
        .collect();
    match entries.is_empty() {
        true => nothing(),
        false => view! {
            <section id="unsettled" aria-labelledby="unsettled-title">
                <h2 id="unsettled-title">{cx.say("console-unsettled")}</h2>
                <ul class="work">{entries}</ul>
            </section>
        }
        .into_any(),
    }
}

/// When the next word is due, and how long that is away; with script it ticks ([`ticking`]).
pub(super) fn due(cx: &Console, incident: &Incident) -> AnyView {
    let Some(at) = incident.next_update_at else { return nothing() };
    let left = at - cx.stamp.now;
    let is_late = left < chrono::TimeDelta::zero();
    let words = |id: &str, length: chrono::TimeDelta| {
        let count = view! { <span class="count">{cx.times.duration(length)}</span> }.into_any();
        message(cx, id, &[], vec![("length", count), ("time", near(cx, at))])
    };
    view! {
        <span class="due" role="timer" data-left-ms=left.num_milliseconds().to_string()>
            <span hidden=is_late>{words("console-due", left)}</span>
            <span class="overdue" hidden=!is_late>{words("console-overdue", -left)}</span>
            <span class="visually-hidden" role="status"></span>
        </span>
    }
    .into_any()
}

/// The script that makes what is due tick.
pub(super) fn ticking(cx: &Console) -> AnyView {
    view! { <script src=cx.site.link("/countdown.js") defer="defer"></script> }.into_any()
}

/// What somebody has to look into, before everything else that can wait; the list is with the regions.
fn alarming(cx: &Console, count: usize) -> AnyView {
    match count {
        0 => nothing(),
        count => view! { <p id="alarming" class="stands-out">{listed(cx, "console-look-into", count)}</p> }.into_any(),
    }
}

fn listed(cx: &Console, id: &str, count: usize) -> AnyView {
    view! { <a href=cx.at("/cluster")>{cx.say_with(id, &[("count", count.into())])}</a> }.into_any()
}

fn cluster(cx: &Console, overview: &Overview) -> AnyView {
    let problems = match overview.kept {
        0 => nothing(),
        count => view! { <li>{listed(cx, "console-problems", count)}</li> }.into_any(),
    };
    let silent = match overview.silent.is_empty() {
        true => nothing(),
        false => {
            let names = cx.words.list(&overview.silent);
            view! { <li class="overdue">{cx.say_with("console-silent", &[("regions", names.into())])}</li> }.into_any()
        }
    };
    let here = cx.serving_region(&cx.stamp.origin);
    view! {
        <ul>
            <li>{cx.say_with("console-from-here", &[("region", here.into()), ("count", overview.regions.into())])}</li>
            {silent}
            {problems}
        </ul>
    }
    .into_any()
}
