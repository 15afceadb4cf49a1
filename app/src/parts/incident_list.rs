//! Incidents and maintenances in lists: the open ones with their newest word, the past ones by day.

use super::{Context, headline, mark, moment::*, nothing, prose::prose, scope};
use crate::address::Address;
use chrono::{Days, NaiveDate};
use domain::{
    headline::Situation,
    incident::{Incident, Summary},
    status::{Kind, Status},
};
use leptos::prelude::*;

/// The open incidents with their newest update each.
pub fn open(cx: &Context, incidents: &[&Incident]) -> AnyView {
    if incidents.is_empty() {
        return nothing();
    }
    let cards: Vec<AnyView> = incidents.iter().map(|incident| open_card(cx, incident)).collect();
    view! {
        <section id="incidents" aria-labelledby="incidents-title">
            <h2 id="incidents-title">{cx.say("open-incidents")}</h2>
            {cards}
        </section>
    }
    .into_any()
}

fn open_card(cx: &Context, incident: &Incident) -> AnyView {
    let status = cx.shown(headline::of_situation(&Situation::of(cx.board, incident)));
    let newest = incident.newest().map(|update| {
        view! {
            <p class="when">
                {moment(cx, update.at, Telling::Both)}
                {relative(update.at)}
            </p>
            {prose(cx, &update.text, 3)}
        }
    });
    let more = cx.say_with("all-updates", &[("count", incident.updates.len().into())]);
    let title = cx.text(&incident.title).to_owned();
    let link = cx.link(Address::of_timeline(incident.kind, incident.id));
    view! {
        <article class="incident">
            <h3>
                {mark::mark(status)}
                <a href=link.clone()>{title}</a>
            </h3>
            <p class="standing">
                <b>{cx.words.status(incident.status)}</b>
                <span>{cx.words.impact(incident.impact)}</span>
            </p>
            {conflict(cx, incident)}
            {newest}
            <p>
                <a href=link>{more}</a>
            </p>
        </article>
    }
    .into_any()
}

/// In a list: the page of the incident says more.
fn conflict(cx: &Context, incident: &Incident) -> Option<AnyView> {
    incident.conflict.then(|| view! { <p class="conflict">{cx.say("conflict-short")}</p> }.into_any())
}

/// Maintenances that run or are planned.
pub fn maintenances(cx: &Context, maintenances: &[&Incident]) -> AnyView {
    if maintenances.is_empty() {
        return nothing();
    }
    let cards: Vec<AnyView> = maintenances.iter().map(|maintenance| maintenance_card(cx, maintenance)).collect();
    view! {
        <section id="maintenances" aria-labelledby="maintenances-title">
            <h2 id="maintenances-title">{cx.say("maintenances")}</h2>
            {cards}
        </section>
    }
    .into_any()
}

fn maintenance_card(cx: &Context, maintenance: &Incident) -> AnyView {
    let named = scope::line(cx, &maintenance.named);
    view! {
        <article class="incident">
            <h3>
                {mark::mark(domain::status::ComponentStatus::UnderMaintenance)}
                <a href=cx
                    .link(
                        Address::of_timeline(maintenance.kind, maintenance.id),
                    )>{cx.text(&maintenance.title).to_owned()}</a>
            </h3>
            <p class="standing">
                <b>{cx.words.status(maintenance.status)}</b>
                <span>{planned(cx, maintenance)}</span>
            </p>
            {conflict(cx, maintenance)}
            {(!named.is_empty()).then(|| view! { <p>{named}</p> })}
        </article>
    }
    .into_any()
}

/// "planned 8 April 2024, 16:00 UTC+8 to 18:00 UTC+8".
pub fn planned(cx: &Context, maintenance: &Incident) -> AnyView {
    let Some(schedule) = maintenance.schedule else { return cx.say("schedule-unknown").into_any() };
    let from = moment(cx, schedule.from, Telling::Both);
    let same_day = cx.times.day_of(schedule.from) == cx.times.day_of(schedule.until);
    let until = moment(cx, schedule.until, if same_day { Telling::Time } else { Telling::Both });
    message(cx, "planned", &[], vec![("from", from), ("until", until)]).into_any()
}

/// Days from `newest` back to `oldest`, each with what began on it; runs of days without anything are one line.
pub fn by_day(cx: &Context, summaries: &[&Summary], newest: NaiveDate, oldest: NaiveDate) -> AnyView {
    let mut items: Vec<AnyView> = Vec::new();
    let mut empty_from: Option<NaiveDate> = None;
    let mut day = newest;
    while day >= oldest {
        let of_day: Vec<&Summary> =
            summaries.iter().copied().filter(|summary| cx.times.day_of(summary.started_at) == day).collect();
        let before = day.checked_sub_days(Days::new(1));
        if of_day.is_empty() {
            empty_from = empty_from.or(Some(day));
        } else {
            items.extend(empty_from.take().map(|last| empty_days(cx, day + Days::new(1), last)));
            items.push(full_day(cx, day, &of_day));
        }
        let Some(before) = before else { break };
        day = before;
    }
    items.extend(empty_from.map(|last| empty_days(cx, oldest, last)));
    view! { <ol class="by-day">{items}</ol> }.into_any()
}

/// One day with what began on it.
pub fn full_day(cx: &Context, day: NaiveDate, of_day: &[&Summary]) -> AnyView {
    let lines: Vec<AnyView> = of_day.iter().map(|summary| line(cx, summary)).collect();
    view! {
        <li>
            <h3>
                <time datetime=day.to_string()>{cx.times.day(day)}</time>
            </h3>
            <ul>{lines}</ul>
        </li>
    }
    .into_any()
}

fn empty_days(cx: &Context, first: NaiveDate, last: NaiveDate) -> AnyView {
    let day = |day: NaiveDate| view! { <time datetime=day.to_string()>{cx.times.day(day)}</time> }.into_any();
    let words = if first == last {
        message(cx, "no-incidents-day", &[], vec![("day", day(first))])
    } else {
        message(cx, "no-incidents-days", &[], vec![("first", day(first)), ("last", day(last))])
    };
    view! { <li class="empty">{words}</li> }.into_any()
}

/// The newest incidents and maintenances of a page about something, or that there is none.
pub fn newest(cx: &Context, heading: &str, summaries: &[&Summary]) -> AnyView {
    let lines: Vec<AnyView> = summaries.iter().map(|summary| dated_line(cx, summary)).collect();
    let list = if lines.is_empty() {
        view! { <p>{cx.say("past-none-ever")}</p> }.into_any()
    } else {
        view! { <ul class="incident-lines">{lines}</ul> }.into_any()
    };
    view! {
        <section id="past" aria-labelledby="past-title">
            <h2 id="past-title">{cx.say(heading)}</h2>
            {list}
            <p>
                <a href=cx.link(Address::History(None))>{cx.say("all-history")}</a>
            </p>
        </section>
    }
    .into_any()
}

/// In a list under its day: told with the time of day.
fn line(cx: &Context, summary: &Summary) -> AnyView {
    line_with(cx, summary, Telling::Time)
}

/// In a list without days: told with the date.
pub fn dated_line(cx: &Context, summary: &Summary) -> AnyView {
    line_with(cx, summary, Telling::Date)
}

/// One incident or maintenance in one line, with its length once it is over.
fn line_with(cx: &Context, summary: &Summary, telling: Telling) -> AnyView {
    let length = summary.ended_at.map(|end| cx.times.duration(end - summary.started_at));
    let status = match summary.kind {
        Kind::Maintenance => domain::status::ComponentStatus::UnderMaintenance,
        Kind::Incident => {
            let worst = summary.spans.iter().map(|span| span.status).max();
            worst.unwrap_or_else(|| mark::of_impact(summary.impact))
        }
    };
    let impact = (summary.kind == Kind::Incident).then(|| cx.words.impact(summary.impact));
    let kind = (summary.kind == Kind::Maintenance).then(|| cx.kind(summary.kind));
    // What is over says so by its length.
    let standing = (summary.is_open() || summary.status == Status::Postmortem).then(|| cx.words.status(summary.status));
    view! {
        <li>
            {mark::mark(status)}
            <a href=cx
                .link(
                    Address::of_timeline(summary.kind, summary.id),
                )>{cx.text(&summary.title).to_owned()}</a>
            <span class="facts-inline">
                <span>{moment(cx, summary.started_at, telling)}</span>
                {length.map(|length| view! { <span>{length}</span> })}
                {impact.map(|impact| view! { <span>{impact}</span> })}
                {kind.map(|kind| view! { <span>{kind}</span> })}
                {standing.map(|standing| view! { <span>{standing}</span> })}
            </span>
        </li>
    }
    .into_any()
}
