//! `/admin/break-glass`: the page for a printed code.

use super::{
    Inputs,
    controls::{Line, labelled, refusals},
    document,
};
use leptos::prelude::*;

/// `typed` is a code that was mistyped.
pub fn break_glass(inputs: &Inputs, typed: &str) -> String {
    document(inputs, |cx| {
        let line = Line { name: "code", kind: "text", value: typed.to_owned(), autocomplete: "off", required: true };
        let note = Some(cx.say("break-glass-code-note"));
        let main = view! {
            <section class="slim">
                <h1>{cx.say("break-glass")}</h1>
                <p>{cx.say("break-glass-note")}</p>
                {refusals(cx)}
                <form method="post" action=cx.at("/break-glass") class="stack">
                    {labelled(cx, "code", cx.say("break-glass-code"), note, line.view(cx))}
                    <button class="primary" type="submit">{cx.say("console-begin")}</button>
                </form>
                <p>
                    <a href=cx.at("/sign-in")>{cx.say("console-sign-in")}</a>
                </p>
            </section>
        };
        (cx.say("break-glass"), main.into_any())
    })
}
