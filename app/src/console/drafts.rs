//! What every form has in which somebody writes, so that nothing typed is lost: `public/drafts.js` keeps a draft of each
//! form marked with `data-draft`, and a form that was sent after its session had ended is carried through the sign-in.

use super::{
    Console, Inputs,
    controls::{button, form_key, hidden},
    document,
};
use crate::parts::nothing;
use leptos::prelude::*;

/// The hidden field that names the account that a form was written by, so that no other is given what was typed.
pub const WRITER: &str = "by";

/// Where a sign-in goes on.
#[derive(Clone, Copy)]
pub struct Onward<'a> {
    /// A page of the console.
    pub next: &'a str,
    /// A form that was sent when its session was over, as the server reads it again; empty: none.
    pub kept: &'a str,
}

impl<'a> Onward<'a> {
    pub fn to(next: &'a str) -> Self {
        Onward { next, kept: "" }
    }

    /// The same, in the hidden fields of a step of signing in.
    pub(super) fn carried(&self) -> AnyView {
        let kept = match self.kept {
            "" => nothing(),
            kept => hidden("kept", kept),
        };
        view! {
            {hidden("next", self.next)}
            {kept}
        }
        .into_any()
    }
}

/// A form that was just saved, and where it is saved by now.
pub struct Saved {
    pub regions: u32,
    pub of: u32,
    /// Where the form was sent, below the console: what a browser keeps of it is no draft any more.
    pub form: String,
}

/// The hidden fields of such a form.
pub(super) fn own(cx: &Console) -> AnyView {
    let writer = cx.signed.map(|signed| hidden(WRITER, signed.account.clone()));
    view! {
        {form_key(cx)}
        {writer}
    }
    .into_any()
}

/// The script, and what it shows when it has put a draft back; inside the form.
pub(super) fn restored(cx: &Console) -> AnyView {
    view! {
        <p id="restored" class="note" role="status" hidden>
            {cx.say("console-restored")} <button class="quiet" type="button">{cx.say("console-forget")}</button>
        </p>
        <script src=cx.site.link("/drafts.js") defer="defer"></script>
    }
    .into_any()
}

pub(super) fn saved(cx: &Console, saved: Option<&Saved>) -> AnyView {
    let Some(saved) = saved else { return nothing() };
    let id = match saved.regions >= saved.of {
        true => "console-saved-everywhere",
        false => "console-saved",
    };
    let words = cx.say_with(id, &[("count", saved.regions.into()), ("of", saved.of.into())]);
    view! { <p id="saved" class="stands-out" role="status" data-form=cx.at(&saved.form)>{words}</p> }.into_any()
}

/// Signed in again: on with a form that was sent when its session was over. Nothing is done with it before it was seen.
pub fn go_on(inputs: &Inputs, action: &str, fields: &[(&str, &str)]) -> String {
    document(inputs, |cx| {
        let fields: Vec<AnyView> = fields.iter().map(|(name, value)| hidden(name, *value)).collect();
        let main = view! {
            <section class="slim">
                <h1>{cx.say("console-kept")}</h1>
                <form id="kept" method="post" action=cx.site.link(action) class="stack">
                    {fields}
                    <p>{cx.say("console-kept-note")}</p>
                    <p class="actions">{button("edit", cx.say("console-kept-go-on"), "primary")}</p>
                </form>
            </section>
        };
        (cx.say("console-kept"), main.into_any())
    })
}
