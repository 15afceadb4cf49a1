//! A text as readers will see it, while it is being written: `public/live.js` asks for it and puts it in its place.

use super::{Console, Inputs, languages, within};
use crate::{
    locale::Locale,
    parts::{Context, prose::prose, timeline},
};
use domain::{incident::Update, text::Text};
use leptos::prelude::*;

/// Where it will stand; hidden without script while nothing is written, unless the server has `shown` it.
pub(super) fn place(cx: &Console, shown: Option<AnyView>) -> AnyView {
    let is_hidden = shown.is_none();
    view! {
        <section
            id="live"
            aria-labelledby="live-title"
            data-away=cx.say("console-live-away")
            data-over=cx.say("console-live-over")
            hidden=is_hidden
        >
            <h2 id="live-title">{cx.say("console-preview")}</h2>
            <p id="live-note" class="note" role="status"></p>
            <div id="live-shown">{shown}</div>
        </section>
        <script src=cx.site.link("/live.js") defer="defer"></script>
    }
    .into_any()
}

/// The entry of the timeline, as a fragment of a page: once for all who see the same.
pub fn live(inputs: &Inputs, update: &Update) -> String {
    within(inputs, |cx| {
        let texts: Vec<&Text> = [&update.text].into_iter().chain(&update.root_cause).collect();
        by_language(cx, &texts, |cx| entry(cx, update)).to_html()
    })
}

/// A text by itself, as a fragment of a page, with its headings under `level` as where readers will see it.
pub fn live_text(inputs: &Inputs, text: &Text, level: u8) -> String {
    within(inputs, |cx| of_text(cx, text, level).to_html())
}

pub(super) fn of_text(cx: &Console, text: &Text, level: u8) -> AnyView {
    by_language(cx, &[text], |cx| prose(cx, text, level))
}

/// An update as readers of this language see it.
pub(super) fn entry(cx: &Context, update: &Update) -> AnyView {
    let key = format!("{}-{}", cx.locale.segment(), update.id);
    view! { <ol class="timeline">{timeline::entry_under(cx, &key, update, false)}</ol> }.into_any()
}

/// The same for each language in which `texts` are told apart, the operator's own first; the others are headed.
pub(super) fn by_language(cx: &Context, texts: &[&Text], view: impl Fn(&Context) -> AnyView) -> AnyView {
    let all = languages::told_apart(texts, cx.locale);
    all.into_iter()
        .map(|locale| if locale == cx.locale { view(cx) } else { headed(cx, locale, &view) })
        .collect_view()
        .into_any()
}

fn headed(cx: &Context, locale: Locale, view: &impl Fn(&Context) -> AnyView) -> AnyView {
    let there = Context::new(cx.site, cx.board, cx.page, locale, cx.stamp);
    view! {
        <div class="elsewhere" lang=locale.tag()>
            <p class="note">{locale.own_name()}</p>
            {view(&there)}
        </div>
    }
    .into_any()
}
