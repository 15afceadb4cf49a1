//! Changing what stands of an incident beside its updates: title, impact, and when a maintenance is planned. What that
//! will change is shown before it is published.

use super::{
    Console, Inputs,
    compose::at_field,
    controls::{button, choices, hidden, refusals},
    document, drafts,
    languages::{self, Writing},
    overtaken,
    review::headline_change,
};
use crate::{markdown, parts::Context};
use domain::{
    board::Board,
    incident::Incident,
    status::{Impact, Kind},
    text::Text,
};
use leptos::prelude::*;

/// What stands, as it is to be.
pub struct Standing<'a> {
    /// Where the form goes, below the console.
    pub action: String,
    pub back: String,
    pub kind: Kind,
    pub title: &'a Text,
    pub impact: &'a str,
    /// Of a maintenance: local times of the page's zone, as browsers write them.
    pub from: &'a str,
    pub until: &'a str,
    /// The newest events of the incident that the writer has seen.
    pub seen: &'a str,
    /// Nothing was typed yet.
    pub is_fresh: bool,
    /// The incident as the writer knew it, when somebody has posted since.
    pub known: Option<&'a Incident>,
}

/// What would stand there once it is published.
pub struct Amended<'a> {
    pub board: &'a Board,
    pub incident: &'a Incident,
}

/// What the page is called.
pub(super) fn heading(kind: Kind) -> &'static str {
    match kind {
        Kind::Incident => "console-edit-incident",
        Kind::Maintenance => "console-edit-maintenance",
    }
}

/// The form; without the incident where it cannot be read at this moment.
pub fn edit_incident(inputs: &Inputs, incident: Option<&Incident>, standing: &Standing) -> String {
    document(inputs, |cx| {
        let title = Writing {
            name: "title",
            label: cx.say("console-title"),
            note: Some(cx.say("console-title-note")),
            value: standing.title,
            rows: 1,
            required: true,
        };
        let impacts: Vec<(String, String)> =
            Impact::ALL.iter().map(|impact| (impact.word().to_owned(), cx.words.impact(*impact))).collect();
        let zone = cx.times.zone_name();
        let at =
            |name, label: &str, value: &str| at_field(cx, name, cx.say_with(label, &[("zone", zone.into())]), value);
        let schedule = (standing.kind == Kind::Maintenance)
            .then(|| [at("from", "console-from", standing.from), at("until", "console-until", standing.until)]);
        let heading = cx.say(heading(standing.kind));
        let main = view! {
            <h1>{heading.clone()}</h1>
            {refusals(cx)}
            {standing.known.zip(incident).map(|(known, now)| overtaken::since(cx, known, now))}
            <form
                method="post"
                action=cx.at(&standing.action)
                class="stack"
                data-draft="replaces"
                data-fresh=standing.is_fresh.then_some("")
            >
                {drafts::own(cx)}
                {hidden("seen", standing.seen)}
                {drafts::restored(cx)}
                {languages::in_first(cx, &title)}
                {languages::in_others(cx, &[title])}
                {choices("impact", cx.say("console-impact"), standing.impact, impacts)}
                {schedule}
                <p class="actions">
                    {button("review", cx.say("console-review"), "primary")}
                    <a class="primary plain" href=cx.at(&standing.back)>{cx.say("console-back")}</a>
                </p>
            </form>
            {incident.map(|incident| newest(cx, incident))}
        };
        (heading, main.into_any())
    })
}

fn newest(cx: &Console, incident: &Incident) -> AnyView {
    let newest = incident.newest().map(|update| markdown::to_text(cx.text(&update.text)));
    view! { <p class="note">{newest}</p> }.into_any()
}

/// The page between the form and publishing.
pub fn review_edit(inputs: &Inputs, incident: &Incident, standing: &Standing, amended: &Amended) -> String {
    document(inputs, |cx| {
        let after = Context::new(cx.site, amended.board, cx.page, cx.locale, cx.stamp);
        let carried =
            [("seen", standing.seen), ("impact", standing.impact), ("from", standing.from), ("until", standing.until)];
        let carried: Vec<AnyView> = carried.into_iter().map(|(name, value)| hidden(name, value)).collect();
        let main = view! {
            <h1>{cx.say("console-review-title")}</h1>
            <section id="will-change" aria-labelledby="will-change-title">
                <h2 id="will-change-title">{cx.say("console-will-change")}</h2>
                {overtaken::standing(cx, incident, amended.incident)}
                {headline_change(cx, &after)}
            </section>
            <form id="publish" method="post" action=cx.at(&standing.action)>
                {drafts::own(cx)}
                {languages::carried("title", standing.title)}
                {carried}
                <p class="actions">
                    {button("publish", cx.say("console-publish"), "primary")}
                    {button("edit", cx.say("console-edit-more"), "quiet")}
                </p>
            </form>
        };
        (cx.say("console-review-title"), main.into_any())
    })
}
