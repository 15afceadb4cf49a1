//! The audit trail: who, what, when, from which region, by which way in. Newest first.

use super::{
    Console, Inputs,
    controls::{Line, labelled, select},
    document,
};
use crate::parts::{moment::*, nothing};
use domain::{Instant, id::IncidentId, status::Kind};
use leptos::prelude::*;

/// One event, as the trail tells it.
pub struct AuditLine {
    pub at: Instant,
    /// Empty when the body is erased or not understood.
    pub who: String,
    pub way: String,
    /// The kind's name.
    pub what: String,
    pub about: String,
    /// The incident or maintenance that it is about.
    pub timeline: Option<(Kind, IncidentId)>,
    pub region: String,
    pub event: String,
}

/// What is looked for, as it was typed.
#[derive(Clone, Debug, Default)]
pub struct Search {
    pub text: String,
    pub kind: String,
}

pub fn audit(inputs: &Inputs, lines: &[AuditLine], search: &Search, kinds: &[&str], older: Option<String>) -> String {
    document(inputs, |cx| {
        let rows: Vec<AnyView> = lines
            .iter()
            .map(|line| {
                let about = match line.timeline {
                    Some((kind, id)) => view! { <a href=cx.way_to(kind, id)>{line.about.clone()}</a> }.into_any(),
                    None => line.about.clone().into_any(),
                };
                view! {
                    <tr>
                        <td>{moment(cx, line.at, Telling::Both)}</td>
                        <th scope="row">{line.who.clone()} <span class="names">{line.way.clone()}</span></th>
                        <td>{kind_of(cx, &line.what)} <span class="names">{about}</span></td>
                        <td>{cx.serving_region(&line.region)}</td>
                        <td><code title=line.event.clone()>{line.event.chars().take(12).collect::<String>()}</code></td>
                    </tr>
                }
                .into_any()
            })
            .collect();
        let heads: Vec<AnyView> = ["console-when", "console-who", "console-what", "region", "console-event"]
            .into_iter()
            .map(|id| view! { <th scope="col">{cx.say(id)}</th> }.into_any())
            .collect();
        let table = match rows.is_empty() {
            true => view! { <p>{cx.say("console-audit-none")}</p> }.into_any(),
            false => view! {
                <div class="scroll" tabindex="0" role="group" aria-label=cx.say("console-audit")>
                    <table class="plain">
                        <thead><tr>{heads}</tr></thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            }
            .into_any(),
        };
        let text =
            Line { name: "text", kind: "search", value: search.text.clone(), autocomplete: "off", required: false };
        let kinds = kinds.iter().map(|kind| ((*kind).to_owned(), kind_of(cx, kind)));
        let kinds = [(String::new(), cx.say("console-every-kind"))].into_iter().chain(kinds).collect();
        let older = match older {
            Some(path) => view! { <p><a href=cx.at(&path)>{cx.say("console-older")}</a></p> }.into_any(),
            None => nothing(),
        };
        let export = |format: &str| {
            let query = [("text", search.text.as_str()), ("kind", search.kind.as_str()), ("format", format)];
            let query: Vec<String> = query.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
            cx.at(&format!("/audit/export?{}", query.join("&")))
        };
        let main = view! {
            <h1>{cx.say("console-audit")}</h1>
            <form method="get" action=cx.at("/audit") class="stack">
                <div class="pair">
                    {labelled(cx, "text", cx.say("console-search"), Some(cx.say("console-search-note")), text.view(cx))}
                    {labelled(cx, "kind", cx.say("console-what"), None, select("kind", "kind", &search.kind, kinds))}
                </div>
                <p class="actions"><button type="submit">{cx.say("console-search-go")}</button></p>
            </form>
            {table}
            {older}
            <p class="inline">
                <a href=export("csv") download>{cx.say("console-export-csv")}</a>
                <a href=export("json") download>{cx.say("console-export-json")}</a>
            </p>
        };
        (cx.say("console-audit"), main.into_any())
    })
}

/// A kind of event in the operator's words; what is no kind of ours stays as it is called.
fn kind_of(cx: &Console, name: &str) -> String {
    let id = format!("event-{}", name.replace('_', "-"));
    let said = cx.say(&id);
    if said == id { name.replace('_', " ") } else { said }
}

/// A value of a query.
pub(super) fn escaped(value: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    value.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
