//! Changing what was posted: an update's text, an incident's title and impact, and the postmortem.

use super::{
    Console, Inputs,
    controls::{button, choices, hidden, refusals},
    document, drafts,
    languages::{self, Writing},
    live, overtaken,
};
use crate::markdown;
use domain::{incident::Incident, status::Impact, text::Text};
use leptos::prelude::*;

/// A text of Markdown that replaces another, or is new.
pub struct Rewriting<'a> {
    /// The message that heads the page.
    pub heading: &'a str,
    /// Where the form goes, below the console.
    pub action: String,
    /// Where its page is, below the console.
    pub back: String,
    pub text: &'a Text,
    /// The newest events of the incident that the writer has seen.
    pub seen: &'a str,
    /// Shown as readers will see it.
    pub preview: bool,
    /// Nothing was typed yet.
    pub is_fresh: bool,
    /// The incident as the writer knew it, when somebody has posted since.
    pub known: Option<&'a Incident>,
}

/// The page; without the incident where it cannot be read at this moment.
pub fn rewrite(inputs: &Inputs, incident: Option<&Incident>, rewriting: &Rewriting) -> String {
    document(inputs, |cx| {
        let heading = cx.say(rewriting.heading);
        let title = match incident {
            Some(incident) => format!("{heading}: {}", cx.text(&incident.title)),
            None => heading,
        };
        let shown = rewriting.preview.then(|| live::of_text(cx, &rewriting.text.trimmed()));
        let text = Writing {
            name: "text",
            label: cx.say("console-text"),
            note: Some(cx.say("console-text-note")),
            value: rewriting.text,
            rows: 14,
            required: false,
        };
        let publish = rewriting.preview.then(|| button("publish", cx.say("console-publish"), "primary"));
        let review = if rewriting.preview { "quiet" } else { "primary" };
        let main = view! {
            <h1>{title.clone()}</h1>
            {refusals(cx)}
            {rewriting.known.zip(incident).map(|(known, now)| overtaken::since(cx, known, now))}
            <form
                method="post"
                action=cx.at(&rewriting.action)
                class="stack"
                data-live=""
                data-draft="replaces"
                data-fresh=rewriting.is_fresh.then_some("")
            >
                {drafts::own(cx)}
                {hidden("seen", rewriting.seen)}
                {drafts::restored(cx)}
                {languages::in_first(cx, &text)}
                {live::place(cx, shown)}
                {languages::in_others(cx, &[text])}
                <p class="actions">
                    {publish}
                    {button("review", cx.say("console-review"), review)}
                    <a class="primary plain" href=cx.at(&rewriting.back)>{cx.say("console-back")}</a>
                </p>
            </form>
        };
        (title, main.into_any())
    })
}

/// What stands of an incident beside its updates, as it is to be.
pub struct Standing<'a> {
    /// Where the form goes, below the console.
    pub action: String,
    pub back: String,
    pub title: &'a Text,
    pub impact: &'a str,
    pub seen: &'a str,
    /// Nothing was typed yet.
    pub is_fresh: bool,
    /// The incident as the writer knew it, when somebody has posted since.
    pub known: Option<&'a Incident>,
}

/// Another title or impact; without the incident where it cannot be read at this moment.
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
        let heading = cx.say("console-edit-incident");
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
                <p class="actions">
                    {button("publish", cx.say("console-publish"), "primary")}
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
