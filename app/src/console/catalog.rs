//! The catalog as its file, with the plan shown before it is applied.

use super::{
    Inputs,
    controls::{area, button, form_key, hidden, labelled, refusals},
    document,
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

/// The page, with the plan of `file` once it was asked for.
pub fn catalog(inputs: &Inputs, file: &str, plan: Option<&CatalogPlan>) -> String {
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
            {refusals(cx)}
            {planned}
            <form id="catalog" method="post" action=cx.at("/catalog") class="stack code">
                {form_key(cx)}
                {plan.map(|plan| (hidden("present", plan.present.clone()), hidden("planned", plan.planned.clone())))}
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
