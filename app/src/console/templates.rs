//! Texts to begin updates with, per service and status.

use super::{
    Console, Inputs,
    controls::{Line, button, form_key, hidden, labelled, refusals, select},
    document,
    drafts::{self, Saved},
    languages::{self, Writing},
    live,
};
use domain::{
    change::TemplateSet,
    id::TemplateId,
    status::{Kind, Status},
    text::Text,
};
use leptos::prelude::*;

/// What is in the form.
#[derive(Clone, Debug, Default)]
pub struct TemplateDraft {
    pub name: String,
    /// A code of the catalog, or nothing for any.
    pub component: String,
    /// A word, or nothing for any.
    pub status: String,
    pub title: Text,
    pub text: Text,
    /// The template that the form began with.
    pub of: Option<TemplateId>,
}

/// Where the form is sent, below the console: each template has a draft of its own.
pub fn template_form(of: Option<TemplateId>) -> String {
    of.map_or_else(|| "/templates".to_owned(), |id| format!("/templates?edit={id}"))
}

/// The page; `is_fresh`: nothing was typed yet.
pub fn templates(inputs: &Inputs, draft: &TemplateDraft, is_fresh: bool, saved: Option<&Saved>) -> String {
    document(inputs, |cx| {
        let lines: Vec<AnyView> = cx.board.templates.iter().map(|(id, template)| line(cx, *id, template)).collect();
        let list = match lines.is_empty() {
            true => view! { <p>{cx.say("console-templates-none")}</p> }.into_any(),
            false => view! { <ul class="work">{lines}</ul> }.into_any(),
        };
        let one = |name, value: &str, required| {
            Line { name, kind: "text", value: value.to_owned(), autocomplete: "off", required }.view(cx)
        };
        let components = cx.board.catalog.components.iter();
        let components = components.map(|component| (component.code.clone(), cx.name(component)));
        let components = [(String::new(), cx.say("console-any"))].into_iter().chain(components).collect();
        let statuses = Status::ALL.iter().filter(|status| **status != Status::Postmortem);
        let statuses = statuses.map(|status| {
            let kind = cx.kind(status.kind());
            let word = cx.words.status(*status);
            let label = if status.kind() == Kind::Incident { word } else { format!("{word} ({kind})") };
            (status.word().to_owned(), label)
        });
        let statuses = [(String::new(), cx.say("console-any"))].into_iter().chain(statuses).collect();
        let writings = writings(cx, draft);
        let main = view! {
            <h1>{cx.say("console-templates")}</h1>
            {drafts::saved(cx, saved)}
            {refusals(cx)}
            {list}
            <form
                id="template"
                method="post"
                action=cx.at(&template_form(draft.of))
                class="stack"
                data-live=""
                data-draft=""
                data-fresh=is_fresh.then_some("")
            >
                {drafts::own(cx)}
                <h2>{cx.say("console-template-write")}</h2>
                {drafts::restored(cx)}
                {labelled(cx, "name", cx.say("console-template-name"), Some(cx.say("console-template-name-note")), one("name", &draft.name, true))}
                <div class="pair">
                    {labelled(cx, "component", cx.say("service"), None, select("component", "component", &draft.component, components))}
                    {labelled(cx, "status", cx.say("console-status"), None, select("status", "status", &draft.status, statuses))}
                </div>
                {writings.iter().map(|writing| languages::in_first(cx, writing)).collect_view()}
                {live::place(cx, None)}
                {languages::in_others(cx, &writings)}
                <p class="actions">{button("set", cx.say("console-keep-it"), "primary")}</p>
            </form>
        };
        (cx.say("console-templates"), main.into_any())
    })
}

fn writings<'d>(cx: &Console, draft: &'d TemplateDraft) -> [Writing<'d>; 2] {
    let title = Writing {
        name: "title",
        label: cx.say("console-title"),
        note: None,
        value: &draft.title,
        rows: 1,
        required: false,
    };
    let text = Writing {
        name: "text",
        label: cx.say("console-template-text"),
        note: Some(cx.say("console-text-note")),
        value: &draft.text,
        rows: 6,
        required: false,
    };
    [title, text]
}

fn line(cx: &Console, id: TemplateId, template: &TemplateSet) -> AnyView {
    let component = template.component.map(|id| cx.component_name(id));
    let status = template.status.map(|status| cx.words.status(status));
    let for_what = component.into_iter().chain(status).collect::<Vec<_>>().join(" · ");
    let edit = cx.at(&template_form(Some(id)));
    view! {
        <li>
            <h2>
                <a href=edit>{template.name.clone()}</a>
            </h2>
            <p class="note">{for_what}</p>
            <form method="post" action=cx.at("/templates") class="chips">
                {form_key(cx)}
                {hidden("id", id.to_string())}
                {button("remove", cx.say("console-remove"), "quiet")}
            </form>
        </li>
    }
    .into_any()
}
