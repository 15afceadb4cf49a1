//! The catalog as its file, with the plan shown before it is applied.

use super::{
    Inputs,
    controls::{area, button, hidden, labelled, refusals},
    document,
    drafts::{self, Saved},
};
use crate::parts::nothing;
use leptos::prelude::*;

/// One thing that applying would change.
pub struct CatalogChange {
    /// With its sign: `+`, `-` or `~`.
    pub line: String,
}

/// What the form was sent for.
pub struct Planning<'a> {
    /// What applying the file would change, once that was asked for.
    pub plan: Option<&'a [CatalogChange]>,
    /// Which catalog it would change.
    pub present: &'a str,
}

/// The page; `planning` once something was sent.
pub fn catalog(inputs: &Inputs, file: &str, planning: Option<&Planning>, saved: Option<&Saved>) -> String {
    let plan = planning.and_then(|planning| planning.plan);
    document(inputs, |cx| {
        let planned = match plan {
            None => nothing(),
            Some([]) => {
                view! { <p id="plan" class="stands-out" role="status">{cx.say("console-plan-nothing")}</p> }.into_any()
            }
            Some(changes) => {
                let lines: Vec<AnyView> = changes
                    .iter()
                    .map(|change| view! { <li><code>{change.line.clone()}</code></li> }.into_any())
                    .collect();
                view! {
                    <section id="plan" class="stands-out" role="status" aria-labelledby="plan-title">
                        <h2 id="plan-title">{cx.say("console-plan")}</h2>
                        <ul>{lines}</ul>
                    </section>
                }
                .into_any()
            }
        };
        let apply =
            plan.is_some_and(|plan| !plan.is_empty()).then(|| button("apply", cx.say("console-apply"), "primary"));
        let class = if apply.is_some() { "quiet" } else { "primary" };
        let text = area(cx, "file", file, 28);
        let main = view! {
            <h1>{cx.say("console-catalog")}</h1>
            {drafts::saved(cx, saved)}
            {refusals(cx)}
            {planned}
            <form
                id="catalog"
                method="post"
                action=cx.at("/catalog")
                class="stack code"
                data-draft=""
                data-fresh=planning.is_none().then_some("")
            >
                {drafts::own(cx)}
                {hidden("present", planning.map_or("", |planning| planning.present))}
                {drafts::restored(cx)}
                {labelled(cx, "file", cx.say("console-catalog-file"), Some(cx.say("console-catalog-note")), text)}
                <p class="actions">
                    {apply}
                    {button("plan", cx.say("console-plan-show"), class)}
                </p>
            </form>
        };
        (cx.say("console-catalog"), main.into_any())
    })
}
