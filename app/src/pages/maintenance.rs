//! One maintenance: planned when, of what, and how it went.

use super::incident::{as_of, conflict, document};
use crate::parts::{Context, incident_list, mark, moment::*, recovery, scope, shell::Document, timeline};
use domain::{
    Instant,
    incident::Incident,
    status::{ComponentStatus, Status},
};
use leptos::prelude::*;

pub fn page(cx: &Context, maintenance: &Incident) -> Document {
    let main = view! {
        {head(cx, maintenance)}
        {as_of(cx, maintenance)}
        {recovery::recovery(cx, maintenance)}
        {timeline::timeline(cx, maintenance)}
    };
    document(cx, maintenance, main.into_any())
}

fn head(cx: &Context, maintenance: &Incident) -> AnyView {
    let status =
        if maintenance.status.is_ended() { ComponentStatus::Operational } else { ComponentStatus::UnderMaintenance };
    let named = scope::line(cx, &maintenance.named);
    let affects = (!named.is_empty())
        .then(|| view! { <p id="headline">{cx.say_with("maintenance-affects", &[("scope", named.into())])}</p> });
    let fact = |id: &str, at: Option<Instant>| {
        at.map(|at| view! { <li>{message(cx, id, &[], vec![("time", moment(cx, at, Telling::Both))])}</li> })
    };
    let begun = maintenance.updates.iter().find(|update| update.standing == Status::InProgress).map(|update| update.at);
    view! {
        <section id="now" class=format!("card {}", mark::class(status)) aria-labelledby="maintenance-title">
            {mark::mark(status)}
            <div>
                <h1 id="maintenance-title">{cx.text(&maintenance.title).to_owned()}</h1>
                <p class="standing">
                    <b>{cx.words.status(maintenance.status)}</b>
                    <span>{incident_list::planned(cx, maintenance)}</span>
                </p>
                {affects}
                <ul class="facts">
                    {fact("fact-begun", begun)}
                    {fact("fact-completed", maintenance.ended_at)}
                </ul>
                {conflict(cx, maintenance)}
            </div>
        </section>
    }
    .into_any()
}
