//! The home page: is it you or me, what is affected where, when is the next word.

use crate::{
    address::{Address, Selection},
    parts::{
        Context, day_bars, freshness, headline, incident_list, matrix,
        shell::{Document, Life},
    },
};
use chrono::Days;
use domain::{
    headline::Headline,
    incident::Summary,
    status::{Kind, Status},
};
use leptos::prelude::*;

/// Days of past incidents, today included.
const PAST_DAYS: u64 = 15;

pub fn page(cx: &Context) -> Document {
    let facts = Headline::of(cx.board);
    let plain = headline::plain(cx, &facts);
    let open: Vec<_> = cx.board.open_incidents().into_iter().map(|incident| incident.as_ref()).collect();
    let maintenances: Vec<_> = cx.board.open_maintenances().into_iter().map(|incident| incident.as_ref()).collect();
    let main = view! {
        {headline::card(cx, &facts, true)}
        {freshness::freshness(cx)}
        {(facts == Headline::Nothing).then(|| first_steps(cx))}
        {incident_list::open(cx, &open)}
        {matrix::matrix(cx)}
        {incident_list::maintenances(cx, &maintenances)}
        {day_bars::section(cx)}
        {past(cx)}
    };
    Document {
        title: plain.clone(),
        title_unconfirmed: headline::plain_unconfirmed(cx, &facts),
        description: plain,
        selection: Selection::Whole,
        life: Life::Live,
        main: main.into_any(),
    }
}

/// What an operator does next on an empty page.
fn first_steps(cx: &Context) -> AnyView {
    view! {
        <section id="first-steps" aria-labelledby="first-steps-title">
            <h2 id="first-steps-title">{cx.say("first-steps")}</h2>
            <p>{cx.say("first-steps-catalog")}</p>
            <pre>
                <code>"holdfast catalog plan catalog.toml\nholdfast catalog apply catalog.toml"</code>
            </pre>
            <p>{cx.say("first-steps-incident")}</p>
        </section>
    }
    .into_any()
}

fn past(cx: &Context) -> AnyView {
    let newest = cx.times.day_of(cx.stamp.now);
    let oldest = newest.checked_sub_days(Days::new(PAST_DAYS - 1)).unwrap_or(newest);
    // What is only planned stands above.
    let has_begun = |summary: &&Summary| summary.status != Status::Scheduled;
    let recent: Vec<&Summary> = cx
        .board
        .all_newest()
        .map(|summary| summary.as_ref())
        .take_while(|summary| cx.times.day_of(summary.started_at) >= oldest)
        .filter(has_begun)
        .collect();
    let days = if recent.is_empty() { quiet(cx) } else { incident_list::by_day(cx, &recent, newest, oldest) };
    view! {
        <section id="past" aria-labelledby="past-title">
            <h2 id="past-title">{cx.say_with("past-days", &[("days", PAST_DAYS.into())])}</h2>
            {days}
            <p>
                <a href=cx.link(Address::History(None))>{cx.say("all-history")}</a>
            </p>
        </section>
    }
    .into_any()
}

/// Nothing in these days: when there last was something.
fn quiet(cx: &Context) -> AnyView {
    let words = cx.say_with("past-none", &[("days", PAST_DAYS.into())]);
    let last = cx.board.newest(Kind::Incident).find(|summary| !summary.is_open());
    let last = last.map(|summary| view! { <ul>{incident_list::dated_line(cx, summary)}</ul> });
    let intro = last.is_some().then(|| view! { <p>{cx.say("past-last")}</p> });
    view! {
        <p>{words}</p>
        {intro}
        {last}
    }
    .into_any()
}
