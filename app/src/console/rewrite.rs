//! Changing what was posted: an update's text, an incident's title and impact, and the postmortem.

use super::{
    Console, Inputs,
    controls::{Line, area, button, choices, form_key, hidden, labelled, refusals},
    document, overtaken,
};
use crate::{
    markdown,
    parts::{nothing, prose::prose},
};
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
    pub text: &'a str,
    /// The newest events of the incident that the writer has seen.
    pub seen: &'a str,
    /// Shown as readers will see it.
    pub preview: bool,
    /// The incident as the writer knew it, when somebody has posted since.
    pub known: Option<&'a Incident>,
}

pub fn rewrite(inputs: &Inputs, incident: &Incident, rewriting: &Rewriting) -> String {
    document(inputs, |cx| {
        let title = format!("{}: {}", cx.say(rewriting.heading), cx.text(&incident.title));
        let preview = match rewriting.preview {
            false => nothing(),
            true => view! {
                <section id="preview" aria-labelledby="preview-title">
                    <h2 id="preview-title">{cx.say("console-preview")}</h2>
                    {prose(cx, &Text::from(rewriting.text), 3)}
                </section>
            }
            .into_any(),
        };
        let text = area(cx, "text", rewriting.text, 14);
        let class = if rewriting.preview { "primary" } else { "quiet" };
        let publish = rewriting.preview.then(|| button("publish", cx.say("console-publish"), class));
        let review = if rewriting.preview { "quiet" } else { "primary" };
        let main = view! {
            <h1>{title.clone()}</h1>
            {refusals(cx)}
            {rewriting.known.map(|known| overtaken::since(cx, known, incident))}
            {preview}
            <form method="post" action=cx.at(&rewriting.action) class="stack">
                {form_key(cx)}
                {hidden("seen", rewriting.seen)}
                {labelled(cx, "text", cx.say("console-text"), Some(cx.say("console-text-note")), text)}
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

/// What stands of an incident beside its updates.
pub fn edit_incident(inputs: &Inputs, incident: &Incident, title: &str, impact: &str, action: &str) -> String {
    document(inputs, |cx| {
        let line = Line { name: "title", kind: "text", value: title.to_owned(), autocomplete: "off", required: true };
        let impacts: Vec<(String, String)> =
            Impact::ALL.iter().map(|impact| (impact.word().to_owned(), cx.words.impact(*impact))).collect();
        let heading = cx.say("console-edit-incident");
        let main = view! {
            <h1>{heading.clone()}</h1>
            {refusals(cx)}
            <form method="post" action=cx.at(action) class="stack">
                {form_key(cx)}
                {labelled(cx, "title", cx.say("console-title"), Some(cx.say("console-title-note")), line.view(cx))}
                {choices("impact", cx.say("console-impact"), impact, impacts)}
                <p class="actions">{button("publish", cx.say("console-publish"), "primary")}</p>
            </form>
            {standing(cx, incident)}
        };
        (heading, main.into_any())
    })
}

fn standing(cx: &Console, incident: &Incident) -> AnyView {
    let newest = incident.newest().map(|update| markdown::to_text(cx.text(&update.text)));
    view! { <p class="note">{newest}</p> }.into_any()
}
