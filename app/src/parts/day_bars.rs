//! Ninety days of a component: one bar a day, the worst status of the day by height as well as colour.

use super::{Context, mark, nothing};
use domain::{
    catalog::{Cell, Component},
    incident::CellSpan,
    status::ComponentStatus,
    uptime::{self, Uptime, WINDOW_DAYS},
};
use leptos::prelude::*;
use std::{collections::BTreeMap, fmt::Write};

/// Units of the drawing: a bar and the distance from one to the next, and the whole height.
const BAR_WIDTH: usize = 3;
const BAR_STEP: usize = 4;
const HEIGHT: usize = 28;

/// How tall a day is: the worse, the taller. `None`: no data.
fn tallness(status: Option<ComponentStatus>) -> usize {
    match status {
        None => 8,
        Some(ComponentStatus::Operational) => 8,
        Some(ComponentStatus::UnderMaintenance | ComponentStatus::Unknown) => 12,
        Some(ComponentStatus::DegradedPerformance) => 16,
        Some(ComponentStatus::PartialOutage) => 22,
        Some(ComponentStatus::MajorOutage) => HEIGHT,
    }
}

/// The days of a status as one path: the first day of a run by its place, the next ones by their distance.
fn path(days: &[Option<ComponentStatus>], wanted: Option<ComponentStatus>) -> Option<String> {
    let height = tallness(wanted);
    // A hollow bar is drawn by its outline, which needs room for half of its line.
    let (inset, width, height) = match wanted {
        None => (".5", BAR_WIDTH - 1, height - 1),
        Some(_) => ("", BAR_WIDTH, height),
    };
    let mut path = String::new();
    let mut previous = None;
    for (index, _) in days.iter().enumerate().filter(|(_, day)| **day == wanted) {
        if previous.is_some_and(|previous| previous + 1 == index) {
            let _ = write!(path, "m{BAR_STEP} 0");
        } else {
            let _ = write!(path, "M{}{inset} {}{inset}", index * BAR_STEP, HEIGHT - tallness(wanted));
        }
        let _ = write!(path, "v{height}h{width}v-{height}z");
        previous = Some(index);
    }
    (!path.is_empty()).then_some(path)
}

/// A component's days and its uptime over the window that ends today. Data ends with the newest confirmation; once that
/// is too old, what is known of today is not enough to call the day good.
pub fn days(
    cx: &Context,
    component: &Component,
    spans: &BTreeMap<Cell, Vec<CellSpan>>,
) -> (Vec<Option<ComponentStatus>>, Option<Uptime>) {
    let first = uptime::window_start(cx.stamp.now);
    let (mut days, uptime) = uptime::of_component(component, spans, first, cx.stamp.confirmed_at);
    if let Some(today) = days.last_mut().filter(|today| cx.is_grey() && **today == Some(ComponentStatus::Operational)) {
        *today = None;
    }
    (days, uptime)
}

/// The bars alone; the words beside them say the same to those who listen.
pub fn bars(cx: &Context, days: &[Option<ComponentStatus>]) -> AnyView {
    let statuses = std::iter::once(None).chain(ComponentStatus::ALL.iter().copied().map(Some));
    let paths: Vec<AnyView> = statuses
        .filter_map(|status| {
            let class = status.map_or("hollow", mark::class);
            path(days, status).map(|path| view! { <path class=class d=path></path> }.into_any())
        })
        .collect();
    let width = WINDOW_DAYS as usize * BAR_STEP - (BAR_STEP - BAR_WIDTH);
    view! {
        <svg
            class="days"
            viewBox=format!("0 0 {width} {HEIGHT}")
            preserveAspectRatio="none"
            role="img"
            aria-label=summary(cx, days)
        >
            {paths}
        </svg>
    }
    .into_any()
}

/// "90 days: 2 days with a major outage, 85 operating, 3 without data".
fn summary(cx: &Context, days: &[Option<ComponentStatus>]) -> String {
    let statuses = ComponentStatus::ALL.iter().rev().copied().map(Some).chain([None]);
    let parts: Vec<String> = statuses
        .filter_map(|status| {
            let count = days.iter().filter(|day| **day == status).count();
            let name = status.map_or_else(|| cx.say("no-data"), |status| cx.words.component_status(status));
            (count > 0).then(|| cx.say_with("days-with", &[("count", count.into()), ("status", name.into())]))
        })
        .collect();
    cx.words.list(&parts)
}

/// "99.93 %", rounded down.
pub fn percentage(cx: &Context, uptime: Option<Uptime>) -> String {
    match uptime {
        None => cx.say("no-data"),
        Some(uptime) => {
            let hundredths = uptime.percent_hundredths();
            let number = format!("{}.{:02}", hundredths / 100, hundredths % 100);
            cx.say_with("percent", &[("number", number.into())])
        }
    }
}

/// Ninety days of every component, by group.
pub fn section(cx: &Context) -> AnyView {
    let catalog = &cx.board.catalog;
    if catalog.components.is_empty() {
        return nothing();
    }
    let first = uptime::window_start(cx.stamp.now);
    let spans = cx.board.spans_since(first.and_time(chrono::NaiveTime::MIN).and_utc());
    let row = |component: &&Component| {
        let (days, uptime) = days(cx, component, &spans);
        view! {
            <li>
                <a href=format!("{}#days", cx.link(crate::address::Address::Component(component.id)))>
                    {cx.name(component)}
                </a>
                <span class="number">{percentage(cx, uptime)}</span>
                {bars(cx, &days)}
            </li>
        }
        .into_any()
    };
    let groups: Vec<AnyView> = catalog
        .sections()
        .into_iter()
        .map(|(group, components)| {
            let name = group.map(|group| view! { <h3>{cx.text(&group.name).to_owned()}</h3> });
            let rows: Vec<AnyView> = components.iter().map(row).collect();
            view! { {name} <ul class="uptime">{rows}</ul> }.into_any()
        })
        .collect();
    view! {
        <section id="uptime" aria-labelledby="uptime-title">
            <h2 id="uptime-title">{cx.say("uptime")}</h2>
            {groups}
            {ends(cx)}
            {definition(cx)}
        </section>
    }
    .into_any()
}

/// The days under the first and the last bar.
pub fn ends(cx: &Context) -> AnyView {
    let (first, last) = (uptime::window_start(cx.stamp.now), cx.stamp.now.date_naive());
    view! {
        <p class="ends">
            <time datetime=first.to_string()>{cx.times.day(first)}</time>
            <time datetime=last.to_string()>{cx.times.day(last)}</time>
        </p>
    }
    .into_any()
}

/// How the percentage is made.
pub fn definition(cx: &Context) -> AnyView {
    view! {
        <details id="uptime-definition">
            <summary>{cx.say("uptime-definition-title")}</summary>
            <p>{cx.say("uptime-definition")}</p>
        </details>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_of_days_is_told_once_and_then_by_its_distance() {
        let (up, down) = (Some(ComponentStatus::Operational), Some(ComponentStatus::MajorOutage));
        let days = [None, up, up, down, up];
        assert_eq!(path(&days, up).as_deref(), Some("M4 20v8h3v-8zm4 0v8h3v-8zM16 20v8h3v-8z"));
        assert_eq!(path(&days, down).as_deref(), Some("M12 0v28h3v-28z"));
        assert_eq!(path(&days, None).as_deref(), Some("M0.5 20.5v7h2v-7z"));
        assert_eq!(path(&days, Some(ComponentStatus::Unknown)), None);
    }
}
