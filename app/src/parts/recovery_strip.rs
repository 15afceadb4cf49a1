//! The recovery strip: one thin bar per region, and per component without regions, on a shared time axis.

use super::{Context, mark, moment::*, nothing};
use domain::{
    Instant,
    id::{ComponentId, RegionId},
    incident::{CellSpan, Incident},
    status::ComponentStatus,
};
use leptos::prelude::*;
use std::collections::BTreeSet;

/// The height of one bar and the distance between two, in CSS pixels.
const BAR_HEIGHT: usize = 4;
const BAR_STEP: usize = 6;
/// Parts of the axis: places are told in thousandths of its length, as percentages with one decimal.
const AXIS: i64 = 1000;
/// Times on the axis that are marked by a line, beside its ends.
const GRID_LINES: i64 = 3;

/// A run of one status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    pub from: Instant,
    /// `None`: it lasts.
    pub until: Option<Instant>,
    pub status: ComponentStatus,
}

/// What a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowOf {
    Region(RegionId),
    Component(ComponentId),
}

/// Rows that went the same way, drawn under one label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows {
    pub of: Vec<RowOf>,
    pub runs: Vec<Run>,
}

/// The worst of several spans over time, as runs without gaps of zero length, oldest first.
pub fn worst_over_time(spans: &[&CellSpan]) -> Vec<Run> {
    let edges: BTreeSet<Instant> = spans.iter().flat_map(|span| [Some(span.from), span.until]).flatten().collect();
    let edges: Vec<Instant> = edges.into_iter().collect();
    let mut runs: Vec<Run> = Vec::new();
    for (index, from) in edges.iter().copied().enumerate() {
        let until = edges.get(index + 1).copied();
        let holds = |span: &&&CellSpan| span.from <= from && span.until.is_none_or(|end| end > from);
        let Some(status) = spans.iter().filter(holds).map(|span| span.status).max() else { continue };
        match runs.last_mut() {
            Some(last) if last.status == status && last.until == Some(from) => last.until = until,
            _ => runs.push(Run { from, until, status }),
        }
    }
    runs
}

/// The rows of an incident, grouped: the largest group first, then those that were back earliest.
pub fn rows(cx: &Context, incident: &Incident) -> Vec<Rows> {
    let catalog = &cx.board.catalog;
    let regions = catalog.regions.iter().map(|region| RowOf::Region(region.id));
    let loose = catalog.components.iter().filter(|c| c.regions.is_empty()).map(|c| RowOf::Component(c.id));
    let mut groups: Vec<Rows> = Vec::new();
    for of in regions.chain(loose) {
        let belongs = |span: &&CellSpan| match of {
            RowOf::Region(region) => span.cell.region == Some(region),
            RowOf::Component(component) => span.cell.component == component && span.cell.region.is_none(),
        };
        let spans: Vec<&CellSpan> = incident.spans.iter().filter(belongs).collect();
        let runs = worst_over_time(&spans);
        if runs.is_empty() {
            continue;
        }
        match groups.iter_mut().find(|group| group.runs == runs) {
            Some(group) => group.of.push(of),
            None => groups.push(Rows { of: vec![of], runs }),
        }
    }
    let end = |rows: &Rows| rows.runs.last().and_then(|run| run.until).unwrap_or(Instant::MAX_UTC);
    groups.sort_by_key(|rows| (std::cmp::Reverse(rows.of.len().min(2)), end(rows)));
    groups
}

/// The strip; nothing without spans.
pub fn strip(cx: &Context, incident: &Incident) -> AnyView {
    let rows = rows(cx, incident);
    let Some(begin) = incident.spans.iter().map(|span| span.from).min() else { return nothing() };
    let lasts = incident.spans.iter().any(|span| span.until.is_none());
    let newest = incident.spans.iter().flat_map(|span| [Some(span.from), span.until]).flatten().max().unwrap_or(begin);
    let end = if lasts { newest.max(cx.stamp.now) } else { newest };
    let groups: Vec<AnyView> = rows.iter().map(|rows| group(cx, rows, begin, end)).collect();
    let last = if lasts { cx.say("strip-now") } else { String::new() };
    view! {
        <div class="strip">
            {groups}
            <div class="strip-axis">
                <span></span>
                <p>
                    {moment(cx, begin, Telling::Time)}
                    <span>{last} " " {moment(cx, end, Telling::Time)}</span>
                </p>
                <span></span>
            </div>
        </div>
    }
    .into_any()
}

fn group(cx: &Context, rows: &Rows, begin: Instant, end: Instant) -> AnyView {
    let is_region = |of: &&RowOf| matches!(of, RowOf::Region(_));
    let label = match rows.of.as_slice() {
        [RowOf::Region(id)] => cx.region_name(*id),
        [RowOf::Component(id)] => cx.component_name(*id),
        all if all.iter().all(|of| is_region(&of)) => cx.say_with("region-count", &[("count", all.len().into())]),
        all => cx.words.list(
            &all.iter()
                .map(|of| match of {
                    RowOf::Region(id) => cx.region_name(*id),
                    RowOf::Component(id) => cx.component_name(*id),
                })
                .collect::<Vec<_>>(),
        ),
    };
    let recovered = rows.runs.last().and_then(|run| run.until);
    let first = rows.runs.first().map_or(begin, |run| run.from);
    let outcome = match recovered {
        Some(at) => {
            let length = cx.times.duration(at - first);
            let time = moment(cx, at, Telling::Time);
            message(cx, "strip-recovered", &[("length", length.into())], vec![("time", time)])
        }
        None => vec![cx.say("strip-lasts").into_any()],
    };
    let height = rows.of.len() * BAR_STEP - (BAR_STEP - BAR_HEIGHT);
    view! {
        <div class="strip-row">
            <b>{label}</b>
            <svg class="strip-bars" height=height.to_string() aria-hidden="true">
                {grid(height)}
                {bars(rows, begin, end)}
            </svg>
            <span>{outcome}</span>
        </div>
    }
    .into_any()
}

fn grid(height: usize) -> AnyView {
    (1..=GRID_LINES)
        .map(|line| {
            let x = percent(AXIS * line / (GRID_LINES + 1));
            view! { <line x1=x.clone() x2=x y1="0" y2=height.to_string()></line> }.into_any()
        })
        .collect::<Vec<_>>()
        .into_any()
}

fn bars(rows: &Rows, begin: Instant, end: Instant) -> AnyView {
    let place = |at: Instant| {
        let whole = (end - begin).num_seconds().max(1);
        ((at - begin).num_seconds() * AXIS / whole).clamp(0, AXIS)
    };
    let mut bars: Vec<AnyView> = Vec::new();
    for row in 0..rows.of.len() {
        for run in &rows.runs {
            let (from, until) = (place(run.from), place(run.until.unwrap_or(end)));
            // A moment of trouble stays visible.
            let width = (until - from).max(4);
            bars.push(
                view! {
                    <rect
                        class=mark::class(run.status)
                        x=percent(from)
                        y=(row * BAR_STEP).to_string()
                        width=percent(width)
                        height=BAR_HEIGHT.to_string()
                    ></rect>
                }
                .into_any(),
            );
        }
    }
    bars.into_any()
}

/// Thousandths as a percentage: 375 is "37.5%".
fn percent(thousandths: i64) -> String {
    match thousandths % 10 {
        0 => format!("{}%", thousandths / 10),
        rest => format!("{}.{rest}%", thousandths / 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::catalog::Cell;

    #[test]
    fn the_worst_holds_where_spans_overlap() {
        let at = |minute: i64| Instant::from_timestamp(minute * 60, 0).expect("in range");
        let cell = Cell { component: ComponentId::of_code("a"), region: None };
        let span = |from, until: Option<i64>, status| CellSpan { cell, from: at(from), until: until.map(at), status };
        let (major, partial) = (ComponentStatus::MajorOutage, ComponentStatus::PartialOutage);
        let spans = [span(0, Some(10), partial), span(4, Some(6), major), span(20, None, partial)];
        let run = |from, until: Option<i64>, status| Run { from: at(from), until: until.map(at), status };
        let expected =
            vec![run(0, Some(4), partial), run(4, Some(6), major), run(6, Some(10), partial), run(20, None, partial)];
        assert_eq!(worst_over_time(&spans.iter().collect::<Vec<_>>()), expected);
    }

    #[test]
    fn places_are_percentages() {
        for (thousandths, text) in [(0, "0%"), (375, "37.5%"), (1000, "100%"), (5, "0.5%")] {
            assert_eq!(percent(thousandths), text);
        }
    }
}
