//! Days and percentages.

use crate::log::at;
use chrono::{NaiveDate, TimeDelta};
use domain::{
    Instant,
    catalog::Cell,
    id::*,
    incident::CellSpan,
    status::ComponentStatus::{self, *},
    uptime::*,
};
use proptest::prelude::*;

fn span(from: Instant, until: Option<Instant>, status: ComponentStatus) -> CellSpan {
    CellSpan { cell: Cell { component: ComponentId::of_code("x"), region: None }, from, until, status }
}

fn today() -> NaiveDate {
    at("20:00").date_naive()
}

#[test]
fn the_share_is_rounded_down_so_that_a_hundred_means_no_outage() {
    let now = at("20:00");
    let since = now - TimeDelta::days(89);
    let days_of = |spans: &[CellSpan]| uptime(&days(spans, window_start(now), since, now));
    assert_eq!(days_of(&[]), Some(Uptime(1_000_000)));
    let one_second = span(at("15:00"), Some(at("15:00") + TimeDelta::seconds(1)), MajorOutage);
    assert_eq!(days_of(&[one_second]).expect("data").percent_hundredths(), 9_999);
}

#[test]
fn time_without_data_and_unknown_time_count_for_nothing() {
    let now = at("20:00");
    assert_eq!(uptime(&days(&[], today(), now, now)), None);
    let unknown = days(&[span(at("15:00"), None, Unknown)], today(), at("16:00"), now);
    assert_eq!((unknown[0].worst(), uptime(&unknown)), (Some(Unknown), None));
    let since_noon = days(&[span(at("16:00"), Some(at("18:00")), MajorOutage)], today(), at("16:00"), now);
    assert_eq!(uptime(&since_noon), Some(Uptime(500_000)));
}

#[test]
fn degraded_and_maintenance_count_as_up_and_are_shown() {
    let day = &days(&[span(at("15:00"), None, DegradedPerformance)], today(), at("15:00"), at("16:00"))[0];
    assert_eq!((day.worst(), uptime(&[*day])), (Some(DegradedPerformance), Some(Uptime(1_000_000))));
}

proptest! {
    #[test]
    fn a_day_never_holds_more_than_a_day_and_the_worst_counts(
        spans in prop::collection::vec((0..5_000_i64, 1..3_000_i64, 0..6_usize), 0..30),
    ) {
        let now = at("20:00");
        let begin = now - TimeDelta::days(4);
        let spans: Vec<CellSpan> = spans.iter().map(|(from, length, status)| {
            let from = begin + TimeDelta::minutes(*from);
            span(from, Some(from + TimeDelta::minutes(*length)), ComponentStatus::ALL[*status])
        }).collect();
        let days = days(&spans, begin.date_naive(), begin, now);
        let total: u32 = days.iter().flat_map(|day| ComponentStatus::ALL.iter().map(|status| day.seconds(*status))).sum();
        prop_assert_eq!(i64::from(total), 4 * 86_400, "every second since the beginning counts once");
        // Minute by minute, the slow way.
        let mut major = 0;
        for minute in 0..4 * 24 * 60 {
            let instant = begin + TimeDelta::minutes(minute);
            let holds = |span: &&CellSpan| span.from <= instant && span.until.is_some_and(|until| until > instant);
            if ComponentStatus::worst(spans.iter().filter(holds).map(|span| span.status)) == MajorOutage {
                major += 60;
            }
        }
        prop_assert_eq!(days.iter().map(|day| day.seconds(MajorOutage)).sum::<u32>(), major);
    }
}
