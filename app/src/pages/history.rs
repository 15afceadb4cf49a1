//! The history: one month by day, and the list of all months.

use crate::{
    address::{Address, Selection},
    parts::{
        Context, incident_list, nothing, over,
        shell::{Document, Life},
    },
};
use domain::{board::Month, incident::Summary};
use leptos::prelude::*;
use std::collections::BTreeMap;

pub fn page(cx: &Context, month: Option<Month>) -> Document {
    let months: Vec<(Month, usize)> = cx.board.months().collect();
    let shown = month.or(months.first().map(|(month, _)| *month));
    let (title, description) = match month {
        Some(month) => {
            let title = cx.say_with("history-title", &[("month", cx.times.month(month).into())]);
            (title.clone(), title)
        }
        None => (cx.say("history"), cx.say("history-description")),
    };
    let main = view! {
        <section id="history-month" aria-labelledby="history-title">
            <h1 id="history-title">{title.clone()}</h1>
            {over::over(cx, "over-list")}
            {match shown {
                Some(shown) => one_month(cx, shown, month.is_none()),
                None => view! { <p>{cx.say("history-empty")}</p> }.into_any(),
            }}
        </section>
        {all_months(cx, &months, shown)}
    };
    let (selection, life, main) = (Selection::Whole, Life::Past, main.into_any());
    Document { title, title_unconfirmed: None, description, selection, life, main }
}

/// Newest day first; the name of the month is told where the page's own heading does not.
fn one_month(cx: &Context, month: Month, is_named: bool) -> AnyView {
    let mut days: BTreeMap<chrono::NaiveDate, Vec<&Summary>> = BTreeMap::new();
    for summary in &cx.page.listed {
        days.entry(cx.times.day_of(summary.started_at)).or_default().push(summary.as_ref());
    }
    let days: Vec<AnyView> =
        days.into_iter().rev().map(|(day, of_day)| incident_list::full_day(cx, day, &of_day)).collect();
    let heading = if is_named { cx.times.month(month) } else { cx.say("by-day") };
    view! {
        <h2>{heading}</h2>
        <ol class="by-day">{days}</ol>
    }
    .into_any()
}

fn all_months(cx: &Context, months: &[(Month, usize)], shown: Option<Month>) -> AnyView {
    if months.is_empty() {
        return nothing();
    }
    let links: Vec<AnyView> = months
        .iter()
        .map(|(month, count)| {
            let current = (shown == Some(*month)).then_some("page");
            view! {
                <li>
                    <a href=cx.link(Address::History(Some(*month))) aria-current=current>
                        {cx.times.month(*month)}
                    </a>
                    <span class="number">{cx.say_with("entry-count", &[("count", (*count).into())])}</span>
                </li>
            }
            .into_any()
        })
        .collect();
    view! {
        <section id="months" aria-labelledby="months-title">
            <h2 id="months-title">{cx.say("months")}</h2>
            <ul class="months">{links}</ul>
            <p class="note">{cx.say("months-in-utc")}</p>
        </section>
    }
    .into_any()
}
