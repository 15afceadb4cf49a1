//! 8 April 2024, step by step: what the fold and the headline make of it.

use crate::log::*;
use domain::{
    board::Board,
    change::*,
    headline::{Headline, Place, Situation},
    id::*,
    status::{ComponentStatus::*, Status::*},
    uptime,
};

const ID: &str = "p31zjtct2jer";

/// The log of the day up to and including `until`, and the cloud it is about.
pub fn day(until: &str) -> (Replica, Cloud) {
    let mut replica = Replica::new(1);
    let cloud = Cloud::written(&mut replica);
    let all = |_: &str| true;
    let shanghai = |code: &str| code == "ap-shanghai";
    let api_everywhere: Vec<_> = REGIONS.iter().map(|code| (cloud.cell(cloud.api, code), PartialOutage)).collect();
    let join = |mut scope: Vec<_>, console| {
        scope.push((cloud.console(), console));
        scope
    };
    let back_but_shanghai = {
        let mut scope = cloud.services(|code| !shanghai(code), Operational);
        scope.extend(cloud.services(shanghai, MajorOutage));
        join(scope, PartialOutage)
    };
    let steps = [
        ("15:23", Some(Investigating), join(cloud.services(all, MajorOutage), MajorOutage)),
        ("15:47", None, vec![]),
        ("15:57", Some(Identified), vec![]),
        ("16:02", None, api_everywhere),
        ("16:05", None, back_but_shanghai),
        ("16:25", None, cloud.services(shanghai, PartialOutage)),
        ("16:45", Some(Monitoring), join(cloud.services(shanghai, Operational), DegradedPerformance)),
        ("16:50", None, vec![(cloud.console(), Operational)]),
        ("17:45", Some(Resolved), vec![]),
    ];
    let subject = Subject::Incident(incident_id(ID));
    for (clock, status, scope) in steps {
        if clock > until {
            break;
        }
        let mut update = post(clock, status, &scope);
        match clock {
            "16:02" => update.expected_recovery = Some(Expectation::At(at("16:30"))),
            "15:57" => update.next_update_at = Some(at("16:05")),
            "16:25" => update.expected_recovery = Some(Expectation::At(at("16:50"))),
            _ => {}
        }
        let change =
            if clock == "15:23" { Change::IncidentOpened(opened(update)) } else { Change::UpdatePosted(update) };
        replica.write(at(clock), subject, change);
    }
    (replica, cloud)
}

fn situation(until: &str) -> (Board, Situation, usize) {
    let (replica, _) = day(until);
    let board = Board::of(&replica.events);
    match Headline::of(&board) {
        Headline::Trouble { worst, unaffected, .. } => (board, worst, unaffected.len()),
        other => panic!("{until}: {other:?}"),
    }
}

#[test]
fn at_first_everything_of_the_control_plane_is_down_everywhere() {
    let (_, situation, unaffected) = situation("15:23");
    let [clause] = &situation.clauses[..] else { panic!("{situation:?}") };
    assert_eq!((clause.status, clause.others, &clause.place), (MajorOutage, 6, &Place::AllRegions(17)));
    assert_eq!(clause.first, ComponentId::of_code("cloud-api"));
    assert_eq!(situation.recovered, None);
    assert_eq!(unaffected, 3, "the data plane is not affected, and that is said");
}

#[test]
fn at_16_06_every_region_but_shanghai_is_back() {
    let (board, situation, _) = situation("16:05");
    let [down, partly] = &situation.clauses[..] else { panic!("{situation:?}") };
    assert_eq!((down.status, down.others), (MajorOutage, 5));
    assert_eq!(down.place, Place::Regions(vec![RegionId::of_code("ap-shanghai")]));
    assert_eq!(
        (partly.status, partly.first, &partly.place),
        (PartialOutage, ComponentId::of_code("console"), &Place::Nowhere)
    );
    assert_eq!(situation.recovered, Some((16, 17)));
    assert_eq!(situation.expected_recovery_at, Some(at("16:30")), "a promise stands until it is changed");
    assert_eq!(situation.next_update_at, None, "the next word was due at 16:05 and came");
    assert_eq!(board.component_status(ComponentId::of_code("ocr")), MajorOutage);
    assert_eq!(board.component_status(ComponentId::of_code("compute")), Operational);
}

#[test]
fn after_16_50_all_is_back_and_watched() {
    let (board, situation, _) = situation("16:50");
    assert!(situation.all_recovered && situation.clauses.is_empty(), "{situation:?}");
    assert_eq!(board.open_incidents()[0].status, Monitoring);
}

#[test]
fn the_recoveries_are_those_of_the_review() {
    let (replica, cloud) = day("17:45");
    let board = Board::of(&replica.events);
    assert_eq!(Headline::of(&board), Headline::Operating { maintenances: 0 });
    let incident = board.incident(incident_id(ID)).expect("newest are held whole");
    assert_eq!((incident.status, incident.ended_at), (Resolved, Some(at("17:45"))));
    let recoveries = incident.recoveries();
    let minutes = |cell| {
        let found = recoveries.iter().find(|recovery| recovery.cell == cell).expect("affected");
        (found.recovered_at.expect("recovered") - found.impacted_at).num_minutes()
    };
    assert_eq!(minutes(cloud.cell(cloud.api, "ap-guangzhou")), 42);
    assert_eq!(minutes(cloud.cell(cloud.api, "ap-shanghai")), 82);
    assert_eq!(minutes(cloud.console()), 87);
    let back_at_16_05 = REGIONS.iter().filter(|code| minutes(cloud.cell(cloud.api, code)) == 42).count();
    assert_eq!(back_at_16_05, 16);
}

#[test]
fn the_uptime_of_the_day_counts_a_partial_outage_at_three_tenths() {
    let (replica, cloud) = day("17:45");
    let board = Board::of(&replica.events);
    let now = at("20:00");
    let spans = board.spans_since(now - chrono::TimeDelta::days(90));
    let shanghai = cloud.cell(cloud.api, "ap-shanghai");
    let first = now.date_naive();
    let day = &uptime::days(&spans[&shanghai], first, first.and_time(chrono::NaiveTime::MIN).and_utc(), now)[0];
    // 15:23 to 16:02 down, to 16:05 partly, to 16:25 down, to 16:45 partly.
    assert_eq!(day.seconds(MajorOutage), (39 + 20) * 60);
    assert_eq!(day.seconds(PartialOutage), (3 + 20) * 60);
    let down_seconds = f64::from((39 + 20) * 60) + 0.3 * f64::from((3 + 20) * 60);
    let expected = (1.0 - down_seconds / (12.0 * 3600.0)) * 1_000_000.0;
    let actual = f64::from(uptime::uptime(&[*day]).expect("there is data").0);
    assert!((0.0..=1.0).contains(&(expected - actual)), "{expected} {actual}");
}
