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

/// What applying a file would change.
pub struct CatalogPlan {
    pub changes: Vec<CatalogChange>,
    /// Stands for the catalog that it was made against.
    pub present: String,
    /// Stands for that catalog and the file: applying takes no other.
    pub planned: String,
}

/// What is shown with the file.
pub enum Catalog<'a> {
    /// The present one, after a form was saved where one was.
    Present(Option<&'a Saved>),
    /// What was sent, with its plan where it has one.
    Sent(Option<&'a CatalogPlan>),
}

pub fn catalog(inputs: &Inputs, file: &str, shown: &Catalog) -> String {
    let (saved, plan) = match shown {
        Catalog::Present(saved) => (*saved, None),
        Catalog::Sent(plan) => (None, *plan),
    };
    let is_fresh = matches!(shown, Catalog::Present(_));
    document(inputs, |cx| {
        let planned = match plan.map(|plan| plan.changes.as_slice()) {
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
        let apply = plan
            .is_some_and(|plan| !plan.changes.is_empty())
            .then(|| button("apply", cx.say("console-apply"), "primary"));
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
                data-fresh=is_fresh.then_some("")
            >
                {drafts::own(cx)}
                {plan.map(|plan| (hidden("present", plan.present.clone()), hidden("planned", plan.planned.clone())))}
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
