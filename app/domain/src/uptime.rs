//! Days and percentages: what a cell's spans come to over a window of UTC days (DESIGN section 4).

use crate::{
    Instant,
    catalog::{Cell, Component},
    incident::CellSpan,
    status::ComponentStatus,
};
use chrono::{Days, NaiveDate, NaiveTime};
use std::collections::BTreeMap;

/// Days that the page's bars show.
pub const WINDOW_DAYS: u64 = 90;
/// Of a partial outage's time, the tenths that count as down.
const PARTIAL_OUTAGE_TENTHS: u64 = 3;

/// Seconds of one UTC day that a cell spent in each status; what is missing to the whole day has no data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Day {
    seconds: [u32; ComponentStatus::ALL.len()],
}

impl Day {
    pub fn seconds(&self, status: ComponentStatus) -> u32 {
        self.seconds[status as usize]
    }

    fn add(&mut self, status: ComponentStatus, seconds: i64) {
        self.seconds[status as usize] += u32::try_from(seconds).unwrap_or(0);
    }

    /// The worst status of the day; `None` without data, and `Unknown` only when nothing worse is known.
    pub fn worst(&self) -> Option<ComponentStatus> {
        ComponentStatus::ALL.iter().rev().copied().find(|status| self.seconds(*status) > 0)
    }

    /// Seconds with data: time in an unknown status counts for nothing.
    fn known(&self) -> u64 {
        let known = |status: &&ComponentStatus| **status != ComponentStatus::Unknown;
        ComponentStatus::ALL.iter().filter(known).map(|status| u64::from(self.seconds(*status))).sum()
    }

    fn down_tenths(&self) -> u64 {
        u64::from(self.seconds(ComponentStatus::MajorOutage)) * 10
            + u64::from(self.seconds(ComponentStatus::PartialOutage)) * PARTIAL_OUTAGE_TENTHS
    }
}

/// A share of time in millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Uptime(pub u32);

impl Uptime {
    /// Hundredths of a percent, rounded down: 100.00 is shown only for a window without any outage.
    pub fn percent_hundredths(self) -> u32 {
        self.0 / 100
    }

    /// The mean; `None` of none.
    pub fn mean(of: impl IntoIterator<Item = Uptime>) -> Option<Uptime> {
        let (sum, count) = of.into_iter().fold((0_u64, 0_u64), |(sum, count), up| (sum + u64::from(up.0), count + 1));
        sum.checked_div(count).map(|mean| Uptime(u32::try_from(mean).unwrap_or(u32::MAX)))
    }
}

/// The window that ends with the day of `now`: its first day.
pub fn window_start(now: Instant) -> NaiveDate {
    now.date_naive().checked_sub_days(Days::new(WINDOW_DAYS - 1)).unwrap_or(NaiveDate::MIN)
}

fn midnight(day: NaiveDate) -> Instant {
    day.and_time(NaiveTime::MIN).and_utc()
}

/// A cell's days from `first` to the day of `now`, oldest first. Where spans overlap, the worst counts. Data begins
/// at `since` and ends at `now`.
pub fn days(spans: &[CellSpan], first: NaiveDate, since: Instant, now: Instant) -> Vec<Day> {
    let begin = midnight(first).max(since);
    let count = (now.date_naive() - first).num_days() + 1;
    let mut days = vec![Day::default(); usize::try_from(count).unwrap_or(0)];
    // Between two neighbouring edges every status holds throughout.
    let mut edges: Vec<Instant> = vec![begin, now];
    edges.extend(spans.iter().flat_map(|span| [span.from, span.until.unwrap_or(now)]));
    edges.extend((0..days.len() as u64).filter_map(|offset| first.checked_add_days(Days::new(offset))).map(midnight));
    edges.retain(|edge| (begin..=now).contains(edge));
    edges.sort();
    edges.dedup();
    for pair in edges.windows(2) {
        let (from, until) = (pair[0], pair[1]);
        let holds = |span: &&CellSpan| span.from <= from && span.until.is_none_or(|end| end >= until);
        let status = ComponentStatus::worst(spans.iter().filter(holds).map(|span| span.status));
        let index = (from.date_naive() - first).num_days();
        if let Some(day) = usize::try_from(index).ok().and_then(|index| days.get_mut(index)) {
            day.add(status, (until - from).num_seconds());
        }
    }
    days
}

/// 1 - (major outage + 0.3 x partial outage) / time with data; `None` without data.
pub fn uptime(days: &[Day]) -> Option<Uptime> {
    let known: u64 = days.iter().map(Day::known).sum();
    let down_tenths: u64 = days.iter().map(Day::down_tenths).sum();
    // Down is rounded up, so that the share is rounded down.
    let down = (down_tenths * 100_000).div_ceil(known.max(1)).min(1_000_000);
    (known > 0).then(|| Uptime(1_000_000 - u32::try_from(down).unwrap_or(1_000_000)))
}

/// The days of the window that begins with `first` (the worst of the component's cells) and its uptime (the mean of its
/// cells). Data ends at `until`.
pub fn of_component(
    component: &Component,
    spans: &BTreeMap<Cell, Vec<CellSpan>>,
    first: NaiveDate,
    until: Instant,
) -> (Vec<Option<ComponentStatus>>, Option<Uptime>) {
    let of_cell = |cell| days(spans.get(&cell).map_or(&[][..], Vec::as_slice), first, component.since, until);
    let cells: Vec<Vec<Day>> = component.cells().into_iter().map(of_cell).collect();
    let worst_of_day = |index: usize| cells.iter().filter_map(|days| days.get(index)?.worst()).max();
    let worst = (0..WINDOW_DAYS as usize).map(worst_of_day).collect();
    (worst, Uptime::mean(cells.iter().filter_map(|days| uptime(days))))
}
