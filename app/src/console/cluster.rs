//! The other nodes, and the events that are kept and not shown.

use super::{Console, Inputs, document};
use crate::parts::{Context, moment::*, nothing};
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

/// A copy of the site elsewhere, as this node keeps it.
pub struct MirrorLine {
    pub name: String,
    /// A directory's path or a bucket's address.
    pub target: String,
    /// `waiting`, `updating`, `complete`, `standing_by` or `failing`.
    pub state: &'static str,
    /// The node that writes it, while this one stands by.
    pub written_by: Option<String>,
    /// It was removed for good.
    pub writer_removed: bool,
    pub succeeded_at: Option<Instant>,
    pub failing_since: Option<Instant>,
    pub trouble: Option<String>,
    pub board_version: u64,
    pub files: u64,
}

/// What the page shows.
pub struct Cluster<'a> {
    /// That this node holds.
    pub events: u64,
    /// Events that its board is made of.
    pub board_version: u64,
    pub peers: &'a [PeerLine],
    pub mirrors: &'a [MirrorLine],
    /// What somebody has to look into.
    pub alarming: &'a Listed,
    /// Events that are kept and not part of what the page shows.
    pub kept: &'a Listed,
}

/// Problems, as many as are listed, and how many more there are.
pub struct Listed {
    pub lines: Vec<ProblemLine>,
    pub more: usize,
}

/// One of them.
pub struct ProblemLine {
    /// The event that it is about; empty when it is about none.
    pub event: String,
    pub reason: String,
}

impl Listed {
    fn view(&self, cx: &Console) -> AnyView {
        let lines = self.lines.iter().map(|problem| {
            let (reason, event) = (problem.reason.clone(), problem.event.clone());
            view! { <li>{reason} <span class="names"><code>{event}</code></span></li> }.into_any()
        });
        let lines: Vec<AnyView> = lines.collect();
        let more = (self.more > 0).then(
            || view! { <p class="more">{cx.say_with("console-problems-more", &[("count", self.more.into())])}</p> },
        );
        view! { <ul class="work">{lines}</ul> {more} }.into_any()
    }
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

/// What the state of a copy is called.
fn standing(state: &str) -> &'static str {
    match state {
        "waiting" => "console-mirror-waiting",
        "updating" => "console-mirror-updating",
        "complete" => "console-mirror-complete",
        "standing_by" => "console-mirror-standing-by",
        _ => "console-mirror-failing",
    }
}

/// The copies of the site that this node keeps; nothing where there are none.
fn copies(cx: &Context, mirrors: &[MirrorLine], board_version: u64) -> AnyView {
    if mirrors.is_empty() {
        return nothing();
    }
    let lines: Vec<AnyView> = mirrors
        .iter()
        .map(|mirror| {
            let at = |at: Option<Instant>| match at {
                Some(at) => precise(cx, at),
                None => view! { "–" }.into_any(),
            };
            let writer = mirror.written_by.as_ref().map(|writer| {
                let node = ("node", writer.as_str().into());
                let said = match mirror.writer_removed {
                    true => cx.say_with("console-mirror-writer-removed", &[node, ("mirror", mirror.name.as_str().into())]),
                    false => cx.say_with("console-mirror-written-by", &[node]),
                };
                view! { <span class="names">{said}</span> }
            });
            let trouble = mirror.trouble.clone().map(|trouble| {
                view! { <span class="names">{cx.say("console-mirror-since")} " " {at(mirror.failing_since)} ": " {trouble}</span> }
            });
            let board = [("count", mirror.board_version.into()), ("all", board_version.into())];
            view! {
                <tr>
                    <th scope="row">{mirror.name.clone()} <span class="names">{mirror.target.clone()}</span></th>
                    <td>{cx.say(standing(mirror.state))} {writer} {trouble}</td>
                    <td>{at(mirror.succeeded_at)}</td>
                    <td class="number">{cx.say_with("console-mirror-board", &board)}</td>
                    <td class="number">{mirror.files.to_string()}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    let heads: Vec<AnyView> = [
        "console-mirror",
        "console-mirror-state",
        "console-mirror-succeeded",
        "console-events",
        "console-mirror-files",
    ]
    .into_iter()
    .map(|id| view! { <th scope="col">{cx.say(id)}</th> }.into_any())
    .collect();
    view! {
        <section id="mirrors" aria-labelledby="mirrors-title">
            <h2 id="mirrors-title">{cx.say("console-mirrors")}</h2>
            <div class="scroll" tabindex="0" role="group" aria-label=cx.say("console-mirrors")>
                <table class="plain">
                    <thead><tr>{heads}</tr></thead>
                    <tbody>{lines}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

pub fn cluster(inputs: &Inputs, shown: &Cluster<'_>) -> String {
    let Cluster { events, board_version, peers, mirrors, alarming, kept } = *shown;
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
        let alarming = match alarming.lines.is_empty() {
            true => nothing(),
            false => view! {
                <section id="alarming" class="stands-out" aria-labelledby="alarming-title">
                    <h2 id="alarming-title">{cx.say("console-alarming")}</h2>
                    {alarming.view(cx)}
                </section>
            }
            .into_any(),
        };
        let kept = match kept.lines.is_empty() {
            true => view! { <p>{cx.say("console-problems-none")}</p> }.into_any(),
            false => kept.view(cx),
        };
        let main = view! {
            <h1>{cx.say("console-peers")}</h1>
            <p>{cx.say_with("console-events-here", &[("count", events.into())])}</p>
            {alarming}
            {table}
            {copies(cx, mirrors, board_version)}
            <section id="problems" aria-labelledby="problems-title">
                <h2 id="problems-title">{cx.say("console-problems-title")}</h2>
                {kept}
            </section>
        };
        (cx.say("console-peers"), main.into_any())
    })
}
