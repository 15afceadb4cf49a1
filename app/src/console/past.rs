//! Ended incidents and maintenances, for postmortems and corrections.

use super::{Console, Inputs, document};
use crate::parts::{moment::*, nothing};
use domain::{id::IncidentId, incident::Summary, status::Kind};
use leptos::prelude::*;
use std::sync::Arc;

/// One page of the list.
pub struct Past {
    /// `None`: both.
    pub kind: Option<Kind>,
    /// Newest start first.
    pub ended: Vec<Arc<Summary>>,
    /// What the next page begins after, when there is one.
    pub after: Option<IncidentId>,
    /// Whether this is the first page.
    pub is_first: bool,
}

pub fn past(inputs: &Inputs, past: &Past) -> String {
    document(inputs, |cx| {
        let lines: Vec<AnyView> = past.ended.iter().map(|summary| line(cx, summary)).collect();
        let list = match lines.is_empty() {
            true => view! { <p>{cx.say("console-past-none")}</p> }.into_any(),
            false => view! { <ul class="work">{lines}</ul> }.into_any(),
        };
        let newest =
            (!past.is_first).then(|| view! { <a href=at(cx, past.kind, None)>{cx.say("console-past-newest")}</a> });
        let older = past.after.map(
            |after| view! { <a href=at(cx, past.kind, Some(after)) rel="next">{cx.say("console-past-older")}</a> },
        );
        let pages = match past.is_first && past.after.is_none() {
            true => nothing(),
            false => view! { <p class="actions">{newest} {older}</p> }.into_any(),
        };
        let main = view! {
            <h1>{cx.say("console-past")}</h1>
            {kinds(cx, past.kind)}
            {list}
            {pages}
        };
        (cx.say("console-past"), main.into_any())
    })
}

fn at(cx: &Console, kind: Option<Kind>, after: Option<IncidentId>) -> String {
    let kind = kind.map(|kind| format!("kind={}", kind.word()));
    let after = after.map(|id| format!("after={id}"));
    let query: Vec<String> = kind.into_iter().chain(after).collect();
    let mark = if query.is_empty() { "" } else { "?" };
    cx.at(&format!("/past{mark}{}", query.join("&")))
}

/// Both, or one of them.
fn kinds(cx: &Console, chosen: Option<Kind>) -> AnyView {
    let choice = |kind: Option<Kind>, words: String| {
        let current = (kind == chosen).then_some("page");
        view! { <a href=at(cx, kind, None) aria-current=current>{words}</a> }.into_any()
    };
    view! {
        <p class="actions">
            {choice(None, cx.say("console-past-both"))}
            {choice(Some(Kind::Incident), cx.say("console-past-incidents"))}
            {choice(Some(Kind::Maintenance), cx.say("maintenances"))}
        </p>
    }
    .into_any()
}

fn line(cx: &Console, summary: &Summary) -> AnyView {
    let link = cx.way_to(summary.kind, summary.id);
    view! {
        <li>
            <h2>
                <a href=link>{cx.text(&summary.title).to_owned()}</a>
            </h2>
            <p class="standing">
                <span>{cx.kind(summary.kind)}</span>
                <b>{cx.words.status(summary.status)}</b>
                <span>{cx.words.impact(summary.impact)}</span>
                <span>{moment(cx, summary.started_at, Telling::Both)}</span>
            </p>
        </li>
    }
    .into_any()
}
