//! One incident: the sentence, the recovery strip, the timeline, the account after the end.

use crate::{
    address::Selection,
    parts::{
        Context, freshness, headline, mark,
        moment::*,
        nothing, over, prose, recovery,
        shell::{Document, Life},
        timeline,
    },
};
use chrono::TimeDelta;
use domain::{
    Instant,
    headline::{Situation, unaffected},
    incident::Incident,
    status::ComponentStatus,
};
use leptos::prelude::*;
use std::collections::BTreeSet;

/// Characters of the newest update in the page's description.
const DESCRIPTION_CHARACTERS: usize = 240;

pub fn page(cx: &Context, incident: &Incident) -> Document {
    let main = view! {
        {head(cx, incident)}
        {as_of(cx, incident)}
        {cause(cx, incident)}
        {recovery::recovery(cx, incident)}
        {timeline::timeline(cx, incident)}
        {postmortem(cx, incident)}
        {manners(cx, incident)}
        {source(cx, incident)}
    };
    document(cx, incident, main.into_any())
}

/// As of when the page is true; what has ended is true for good.
pub fn as_of(cx: &Context, incident: &Incident) -> AnyView {
    if incident.status.is_ended() { over::over(cx, "over") } else { freshness::freshness(cx) }
}

/// The document of a timeline: an incident's or a maintenance's.
pub fn document(cx: &Context, incident: &Incident, main: AnyView) -> Document {
    let title = cx.text(&incident.title).to_owned();
    let status = cx.words.status(incident.status);
    let description = incident.newest().map(|update| prose::beginning(cx, &update.text, DESCRIPTION_CHARACTERS));
    Document {
        title: cx.say_with("incident-title", &[("title", title.into()), ("status", status.into())]),
        title_unconfirmed: None,
        description: description.unwrap_or_default(),
        selection: Selection::Whole,
        life: if incident.status.is_ended() { Life::Past } else { Life::Live },
        main,
    }
}

fn head(cx: &Context, incident: &Incident) -> AnyView {
    let situation = Situation::of(cx.board, incident);
    let ended = incident.status.is_ended();
    let status = if ended { ComponentStatus::Operational } else { cx.shown(headline::of_situation(&situation)) };
    let sentence = if ended { ended_sentence(cx, incident) } else { cx.words.situation(&situation, 0, cx.board).plain };
    let also = (!ended).then(|| cx.words.situation(&situation, 0, cx.board).also).flatten();
    let unaffected = (!ended).then(|| cx.words.unaffected(&unaffected(cx.board, &[incident]), cx.board)).flatten();
    let facts = if ended { ended_facts(cx, incident) } else { headline::facts(cx, &situation) };
    view! {
        <section id="now" class=format!("card {}", mark::class(status)) aria-labelledby="incident-title">
            {mark::mark(status)}
            <div>
                <h1 id="incident-title">{cx.text(&incident.title).to_owned()}</h1>
                <p class="standing">
                    <b>{cx.words.status(incident.status)}</b>
                    <span>{cx.words.impact(incident.impact)}</span>
                </p>
                <p id="headline">{sentence}</p>
                {also.map(|also| view! { <p>{also}</p> })}
                {unaffected.map(|words| headline::unaffected(cx, words))}
                {facts}
                {conflict(cx, incident)}
            </div>
        </section>
    }
    .into_any()
}

/// That the timeline holds accounts that were posted apart, until somebody who has seen them all decides.
pub fn conflict(cx: &Context, incident: &Incident) -> Option<AnyView> {
    incident.conflict.then(|| view! { <p class="conflict">{cx.say("conflict")}</p> }.into_any())
}

/// The moment when the last part was back.
fn recovered_at(incident: &Incident) -> Option<Instant> {
    incident.recoveries().iter().map(|recovery| recovery.recovered_at).collect::<Option<Vec<_>>>()?.into_iter().max()
}

fn ended_sentence(cx: &Context, incident: &Incident) -> String {
    let end = recovered_at(incident).or(incident.ended_at);
    match end {
        Some(end) if !incident.spans.is_empty() => {
            let length = cx.times.duration(end - incident.started_at);
            cx.say_with("ended-recovered", &[("length", length.into())])
        }
        _ => cx.say("ended"),
    }
}

fn ended_facts(cx: &Context, incident: &Incident) -> AnyView {
    let fact = |id: &str, at: Option<Instant>| {
        at.map(|at| view! { <li>{message(cx, id, &[], vec![("time", moment(cx, at, Telling::Both))])}</li> })
    };
    view! {
        <ul class="facts">
            {fact("fact-started", Some(incident.started_at))}
            {fact("fact-recovered", recovered_at(incident))}
            {fact("fact-ended", incident.ended_at)}
        </ul>
    }
    .into_any()
}

fn cause(cx: &Context, incident: &Incident) -> AnyView {
    let Some(cause) = &incident.root_cause else { return nothing() };
    view! {
        <section id="cause" class="stands-out" aria-labelledby="cause-title">
            <h2 id="cause-title">{cx.say("root-cause")}</h2>
            {prose::prose(cx, cause, 2)}
        </section>
    }
    .into_any()
}

fn postmortem(cx: &Context, incident: &Incident) -> AnyView {
    let Some(postmortem) = &incident.postmortem else { return nothing() };
    let published = message(cx, "published-at", &[], vec![("time", moment(cx, postmortem.at, Telling::Both))]);
    view! {
        <section id="postmortem" class="stands-out" aria-labelledby="postmortem-title">
            <h2 id="postmortem-title">{cx.say("postmortem")}</h2>
            <p class="note">{published}</p>
            {prose::prose(cx, &postmortem.text, prose::POSTMORTEM_LEVEL)}
        </section>
    }
    .into_any()
}

/// How we told it: only what the log knows. When the first word was posted is not among it where times were given
/// afterwards.
fn manners(cx: &Context, incident: &Incident) -> AnyView {
    let (Some(end), true) = (incident.ended_at, incident.status.is_ended()) else { return nothing() };
    let row = |id: &str, value: String| view! { <div><dt>{cx.say(id)}</dt><dd>{value}</dd></div> }.into_any();
    let gaps: Vec<TimeDelta> = incident.updates.windows(2).map(|pair| pair[1].at - pair[0].at).collect();
    let longest = gaps.iter().max().map(|gap| row("manners-longest", cx.times.duration(*gap)));
    let mean = i32::try_from(gaps.len()).ok().filter(|count| *count > 0).map(|count| {
        let whole = gaps.iter().fold(TimeDelta::zero(), |sum, gap| sum + *gap);
        row("manners-mean", cx.times.duration(whole / count))
    });
    let (components, regions) = peak(incident);
    let peak = (components > 0).then(|| {
        let services = cx.say_with("service-count", &[("count", components.into())]);
        let value = match regions {
            0 => services,
            count => {
                let regions = cx.say_with("region-count", &[("count", count.into())]);
                cx.say_with("scope-in", &[("services", services.into()), ("regions", regions.into())])
            }
        };
        row("manners-peak", value)
    });
    let recovered =
        recovered_at(incident).map(|at| row("manners-recovered", cx.times.duration(at - incident.started_at)));
    view! {
        <section id="manners" aria-labelledby="manners-title">
            <h2 id="manners-title">{cx.say("manners")}</h2>
            <dl class="about">
                {recovered}
                {row("manners-length", cx.times.duration(end - incident.started_at))}
                {peak}
                {row("manners-updates", incident.updates.len().to_string())}
                {mean}
                {longest}
            </dl>
        </section>
    }
    .into_any()
}

/// The most components that were affected at one moment, and the regions at that moment.
fn peak(incident: &Incident) -> (usize, usize) {
    let at_once = |at: Instant| {
        let then = || incident.spans.iter().filter(|span| span.from <= at && span.until.is_none_or(|end| end > at));
        let components: BTreeSet<_> = then().map(|span| span.cell.component).collect();
        let regions: BTreeSet<_> = then().filter_map(|span| span.cell.region).collect();
        (components.len(), regions.len())
    };
    let moments: BTreeSet<Instant> = incident.spans.iter().map(|span| span.from).collect();
    moments.into_iter().map(at_once).max().unwrap_or_default()
}

fn source(cx: &Context, incident: &Incident) -> AnyView {
    let Some(source) = &incident.source else { return nothing() };
    // Only an address that a browser opens harmlessly becomes a link.
    let is_web = source.url.starts_with("https://") || source.url.starts_with("http://");
    let name = if source.url.is_empty() { source.id.clone() } else { source.url.clone() };
    let shown = if is_web {
        view! { <a href=source.url.clone() rel="nofollow noopener">{name}</a> }.into_any()
    } else {
        name.into_any()
    };
    view! {
        <section id="source" aria-labelledby="source-title">
            <h2 id="source-title">{cx.say("source")}</h2>
            <p>{message(cx, "imported-from", &[], vec![("source", shown)])}</p>
        </section>
    }
    .into_any()
}
