//! The card with the first sentence.

use super::{Context, mark, moment::*, nothing};
use crate::{address::Address, words::HeadlineText};
use domain::{
    Instant,
    headline::{Headline, Situation},
    status::ComponentStatus,
};
use leptos::prelude::*;

/// The words of a headline; a region that operates says so of itself.
fn words(cx: &Context, headline: &Headline) -> HeadlineText {
    let mut text = cx.words.headline(headline, cx.board);
    if let (Address::Region(id), Headline::Operating { maintenances: 0 }) = (cx.page.address, headline) {
        text.plain = cx.say_with("region-operating", &[("region", cx.region_name(id).into())]);
    }
    text
}

/// What stands in the title and the description: the sentence, or when grey that it is not confirmed.
pub fn plain(cx: &Context, headline: &Headline) -> String {
    match headline {
        Headline::Operating { .. } if cx.is_grey() => unconfirmed(cx),
        _ => words(cx, headline).plain,
    }
}

/// What the tab's title says instead once the page is past its bound; `None` where it claims nothing.
pub fn plain_unconfirmed(cx: &Context, headline: &Headline) -> Option<String> {
    matches!(headline, Headline::Operating { .. }).then(|| cx.say("headline-unconfirmed"))
}

fn unconfirmed(cx: &Context) -> String {
    match cx.confirmed_at() {
        Some(since) => cx.say_with("headline-unconfirmed-since", &[("time", since.into())]),
        None => cx.say("headline-unconfirmed"),
    }
}

/// The worst status of a headline, which gives the card its mark.
pub fn status(headline: &Headline) -> ComponentStatus {
    match headline {
        Headline::Nothing => ComponentStatus::Unknown,
        Headline::Operating { maintenances: 0 } => ComponentStatus::Operational,
        Headline::Operating { .. } => ComponentStatus::UnderMaintenance,
        Headline::Trouble { worst, .. } => of_situation(worst),
    }
}

/// The worst status of an open incident: operational while everything that was affected is back.
pub fn of_situation(situation: &Situation) -> ComponentStatus {
    match situation.clauses.first() {
        Some(clause) => clause.status,
        None if situation.all_recovered => ComponentStatus::Operational,
        None => ComponentStatus::Unknown,
    }
}

/// The card of the home page or of a region. On the home page the sentence is the page's heading.
pub fn card(cx: &Context, headline: &Headline, is_heading: bool) -> AnyView {
    let text = words(cx, headline);
    let is_claim = matches!(headline, Headline::Operating { .. });
    let sentence = if is_claim {
        let own = if cx.is_grey() { unconfirmed(cx) } else { text.plain };
        view! { <span class="claim" data-unconfirmed=cx.say("headline-unconfirmed")>{own}</span> }.into_any()
    } else {
        text.plain.into_any()
    };
    let sentence = if is_heading {
        view! { <h1 id="headline">{sentence}</h1> }.into_any()
    } else {
        view! { <p id="headline">{sentence}</p> }.into_any()
    };
    let unaffected = text.unaffected.map(|words| unaffected(cx, words));
    let facts = match headline {
        Headline::Trouble { worst, .. } => facts(cx, worst),
        _ => nothing(),
    };
    let shown = match headline {
        Headline::Operating { .. } if cx.is_grey() => ComponentStatus::Unknown,
        _ => cx.shown(status(headline)),
    };
    view! {
        <section id="now" class=format!("card {}", mark::class(shown)) aria-labelledby="headline">
            {mark::mark(shown)}
            <div>
                {sentence}
                {text.also.map(|also| view! { <p>{also}</p> })}
                {unaffected}
                {facts}
            </div>
        </section>
    }
    .into_any()
}

/// What is not affected: a claim of "operating" too.
pub fn unaffected(cx: &Context, words: String) -> AnyView {
    let own =
        if cx.is_grey() { cx.say_with("unaffected-unconfirmed", &[("since", cx.unconfirmed().into())]) } else { words };
    let instead = cx.say("unaffected-not-confirmed");
    view! {
        <p>
            <span class="claim" data-unconfirmed=instead>
                {own}
            </span>
        </p>
    }
    .into_any()
}

/// Next update, expected recovery, start.
pub fn facts(cx: &Context, situation: &Situation) -> AnyView {
    let fact =
        |id: &str, at: Instant| view! { <li>{message(cx, id, &[], vec![("time", soon(cx, at))])}</li> }.into_any();
    let next = situation.next_update_at.map(|at| {
        // Once overdue it stays so on this copy of the page, whenever it is read.
        if at < cx.stamp.now {
            let time = moment(cx, at, Telling::Time);
            view! { <li class="overdue">{message(cx, "fact-overdue", &[], vec![("time", time)])}</li> }.into_any()
        } else {
            fact("fact-next-update", at)
        }
    });
    let expected = situation.expected_recovery_at.map(|at| {
        let id = if at < cx.stamp.now { "fact-expected-past" } else { "fact-expected" };
        fact(id, at)
    });
    view! {
        <ul class="facts">{next} {expected} {fact("fact-started", situation.started_at)}</ul>
    }
    .into_any()
}
