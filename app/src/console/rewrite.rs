//! Changing a text that was posted, and the postmortem.

use super::{
    Inputs,
    controls::{button, hidden, refusals},
    document, drafts,
    languages::{self, Writing},
    live, overtaken,
};
use domain::{incident::Incident, text::Text};
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
    /// The heading of readers' page that it stands under.
    pub level: u8,
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
        let shown = rewriting.preview.then(|| live::of_text(cx, &rewriting.text.trimmed(), rewriting.level));
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
