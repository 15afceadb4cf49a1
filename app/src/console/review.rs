//! What publishing a draft will change, as readers will see it, and the button that does it.

use super::{
    Console, Draft, Inputs,
    compose::action,
    controls::{button, hidden, refusals},
    document, drafts, languages, live,
};
use crate::{
    locale::Locale,
    parts::{Context, headline, nothing},
};
use domain::{
    board::Board,
    headline::Headline,
    incident::{Incident, Update},
    text::Text,
};
use leptos::prelude::*;

/// What would stand there once a draft is published.
pub struct Foreseen<'a> {
    pub board: &'a Board,
    pub incident: &'a Incident,
    /// The entry that the draft adds.
    pub update: &'a Update,
}

/// The page between writing and publishing.
pub fn review(inputs: &Inputs, draft: &Draft, foreseen: &Foreseen) -> String {
    document(inputs, |cx| {
        let after = Context::new(cx.site, foreseen.board, cx.page, cx.locale, cx.stamp);
        let unaffected = after.words.headline(&Headline::of(after.board), after.board).unaffected;
        let unscoped = match draft.incident.is_none() && foreseen.update.scope.is_empty() {
            true => view! { <p class="stands-out">{cx.say("console-no-scope")}</p> }.into_any(),
            false => nothing(),
        };
        let main = view! {
            <h1>{cx.say("console-review-title")}</h1>
            {refusals(cx)}
            {unscoped}
            <section id="will-change" aria-labelledby="will-change-title">
                <h2 id="will-change-title">{cx.say("console-will-change")}</h2>
                {headline_change(cx, &after)}
                {unaffected.map(|words| view! { <p>{words}</p> })}
            </section>
            <section id="preview" aria-labelledby="preview-title">
                <h2 id="preview-title">{cx.say("console-preview")}</h2>
                {previews(&after, foreseen)}
                {untranslated(&after, &texts(foreseen))}
            </section>
            <form id="publish" method="post" action=action(cx, draft)>
                {drafts::own(cx)}
                {carried(draft)}
                <p class="actions">
                    {button("publish", cx.say("console-publish"), "primary")}
                    {button("edit", cx.say("console-edit-more"), "quiet")}
                </p>
            </form>
        };
        (cx.say("console-review-title"), main.into_any())
    })
}

/// The first sentence now, and as it will be.
pub(super) fn headline_change(cx: &Console, after: &Context) -> AnyView {
    let (now, then) = (said(cx), said(after));
    match now == then {
        true => view! { <p>{cx.say_with("console-headline-same", &[("headline", now.into())])}</p> }.into_any(),
        false => view! {
            <dl class="before-after">
                <dt>{cx.say("console-headline-now")}</dt>
                <dd>{now}</dd>
                <dt>{cx.say("console-headline-then")}</dt>
                <dd><b>{then}</b></dd>
            </dl>
        }
        .into_any(),
    }
}

/// What readers will see, once for all who see the same.
fn previews(after: &Context, foreseen: &Foreseen) -> AnyView {
    live::by_language(after, &texts(foreseen), |cx| {
        let headline = (cx.locale != after.locale).then(|| view! { <p><b>{said(cx)}</b></p> });
        view! {
            {headline}
            <h3>{cx.text(&foreseen.incident.title).to_owned()}</h3>
            {live::entry(cx, foreseen.update)}
        }
        .into_any()
    })
}

/// The texts by which readers of different languages are told apart.
fn texts<'f>(foreseen: &'f Foreseen) -> Vec<&'f Text> {
    [&foreseen.incident.title, &foreseen.update.text].into_iter().chain(&foreseen.update.root_cause).collect()
}

/// Who will read something that is not in their language.
fn untranslated(cx: &Context, texts: &[&Text]) -> AnyView {
    let lacks = |locale: &Locale| {
        let is_read = |text: &Text| text.is_in(locale.tag()) || languages::first(&[text], cx.locale) == Some(*locale);
        !texts.iter().all(|text| is_read(text))
    };
    let names: Vec<String> =
        Locale::ALL.iter().filter(|locale| lacks(locale)).map(|locale| locale.own_name().to_owned()).collect();
    if names.is_empty() {
        return nothing();
    }
    let words = cx.say_with("console-untranslated", &[("languages", cx.words.list(&names).into())]);
    view! { <p class="note">{words}</p> }.into_any()
}

fn said(cx: &Context) -> String {
    let facts = Headline::of(cx.board);
    headline::plain(cx, &facts)
}

/// The whole draft, in hidden fields.
fn carried(draft: &Draft) -> AnyView {
    let mut draft = draft.clone();
    let texts: Vec<AnyView> = draft.texts().into_iter().map(|(name, text)| languages::carried(name, text)).collect();
    let values: Vec<AnyView> = draft.values().into_iter().map(|(name, value)| hidden(name, value.clone())).collect();
    let scope: Vec<AnyView> = draft.scope.iter().map(|(field, choice)| hidden(field, choice.word())).collect();
    let but: Vec<AnyView> = draft.but.iter().map(|code| hidden(&format!("but.{code}"), "yes")).collect();
    let opened: Vec<AnyView> = draft.opened.iter().map(|code| hidden(&format!("open.{code}"), "yes")).collect();
    view! {
        {texts}
        {values}
        {scope}
        {but}
        {opened}
    }
    .into_any()
}
