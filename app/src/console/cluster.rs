//! The other nodes, and the events that are kept and not shown.

use super::{Inputs, document};
use crate::parts::{moment::*, nothing};
use domain::Instant;
use leptos::prelude::*;

/// Another node, as this one sees it.
pub struct PeerLine {
    pub region: String,
    pub name: String,
    /// `opened`, `accepted`, `down` or `diverged`.
    pub link: &'static str,
    /// As of when this node has all of its news.
    pub as_of: Option<Instant>,
    pub events: u64,
    pub clock_offset_ms: Option<i64>,
    pub round_trip_ms: Option<u64>,
    pub version: Option<String>,
    pub trouble: Option<String>,
}

/// An event that is kept and not part of what the page shows.
pub struct ProblemLine {
    pub event: String,
    pub reason: String,
    /// It counts, and somebody has to look into it.
    pub is_alarming: bool,
}

/// What the state of a link is called.
fn link(state: &str) -> &'static str {
    match state {
        "opened" => "console-link-opened",
        "accepted" => "console-link-accepted",
        "diverged" => "console-link-diverged",
        _ => "console-link-down",
    }
}

pub fn cluster(inputs: &Inputs, events: u64, peers: &[PeerLine], problems: &[ProblemLine]) -> String {
    document(inputs, |cx| {
        let lines: Vec<AnyView> = peers
            .iter()
            .map(|peer| {
                let number = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
                let ms = |value: Option<i64>| number(value.map(|ms| format!("{ms} ms")));
                let as_of = match peer.as_of {
                    Some(at) => precise(cx, at),
                    None => cx.say("console-never-heard").into_any(),
                };
                let trouble = peer.trouble.clone().map(|trouble| view! { <span class="names">{trouble}</span> });
                view! {
                    <tr>
                        <th scope="row">{cx.serving_region(&peer.region)} <span class="names">{peer.name.clone()}</span></th>
                        <td>{cx.say(link(peer.link))} {trouble}</td>
                        <td>{as_of}</td>
                        <td class="number">{peer.events.to_string()}</td>
                        <td class="number">{ms(peer.clock_offset_ms)}</td>
                        <td class="number">{ms(peer.round_trip_ms.and_then(|ms| i64::try_from(ms).ok()))}</td>
                        <td>{number(peer.version.clone())}</td>
                    </tr>
                }
                .into_any()
            })
            .collect();
        let table = match lines.is_empty() {
            true => view! { <p>{cx.say("console-alone")}</p> }.into_any(),
            false => {
                let heads: Vec<AnyView> = [
                    "region",
                    "console-link",
                    "console-as-of",
                    "console-events",
                    "console-clock",
                    "console-round-trip",
                    "console-version",
                ]
                .into_iter()
                .map(|id| view! { <th scope="col">{cx.say(id)}</th> }.into_any())
                .collect();
                view! {
                    <div class="scroll" tabindex="0" role="group" aria-label=cx.say("console-peers")>
                        <table class="plain">
                            <thead><tr>{heads}</tr></thead>
                            <tbody>{lines}</tbody>
                        </table>
                    </div>
                }
                .into_any()
            }
        };
        let listed = |alarming: bool| -> Vec<AnyView> {
            let of_kind = problems.iter().filter(|problem| problem.is_alarming == alarming);
            let line = |problem: &ProblemLine| {
                let (reason, event) = (problem.reason.clone(), problem.event.clone());
                view! { <li>{reason} <span class="names"><code>{event}</code></span></li> }.into_any()
            };
            of_kind.map(line).collect()
        };
        let (alarming, kept) = (listed(true), listed(false));
        let alarming = match alarming.is_empty() {
            true => nothing(),
            false => view! {
                <section id="alarming" class="stands-out" aria-labelledby="alarming-title">
                    <h2 id="alarming-title">{cx.say("console-alarming")}</h2>
                    <ul class="work">{alarming}</ul>
                </section>
            }
            .into_any(),
        };
        let kept = match kept.is_empty() {
            true => view! { <p>{cx.say("console-problems-none")}</p> }.into_any(),
            false => view! { <ul class="work">{kept}</ul> }.into_any(),
        };
        let main = view! {
            <h1>{cx.say("console-peers")}</h1>
            <p>{cx.say_with("console-events-here", &[("count", events.into())])}</p>
            {alarming}
            {table}
            <section id="problems" aria-labelledby="problems-title">
                <h2 id="problems-title">{cx.say("console-problems-title")}</h2>
                {kept}
            </section>
        };
        (cx.say("console-peers"), main.into_any())
    })
}
