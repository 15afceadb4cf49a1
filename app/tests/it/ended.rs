//! What is over is told alike whenever, wherever and however late it is told, so that a copy need not follow the clock.

use crate::{replay, shown::*, story::*};
use app::{address::Address, locale::Locale};
use chrono::TimeDelta;
use domain::{
    board::Board,
    change::{IncidentOpened, Schedule},
    id::IncidentId,
    stamp::{Heard, Silent, Stamp},
    status::{ComponentStatus::*, Impact, Kind, Status},
};

/// The day of the incident after its end, with a maintenance that is over, and an incident that was resolved although
/// nobody had said that what it affected is back.
fn board() -> (Board, IncidentId) {
    let mut story = replay::story_until("18:00");
    let (from, until) = (replay::at("10:00"), replay::at("11:00"));
    let mut first = word(from, Some(Status::InProgress), both("Begun.", "已开始。"));
    first.scope = scope(&["networking"], &["ap-tokyo"], UnderMaintenance);
    let schedule = Some(Schedule { from, until });
    let opened = |title, kind, schedule, first| IncidentOpened {
        title,
        impact: Impact::Minor,
        schedule,
        kind,
        first,
        source: None,
    };
    let maintenance = "maintenance1".parse().expect("an id");
    story.open(maintenance, opened(both("Switches", "交换机"), Kind::Maintenance, schedule, first));
    story.post(maintenance, word(until, Some(Status::Completed), both("Done.", "完成。")));
    let unsaid: IncidentId = "unsaid000001".parse().expect("an id");
    let mut first = word(from, Some(Status::Investigating), both("Slow.", "变慢。"));
    first.scope = scope(&["networking"], &["ap-tokyo"], DegradedPerformance);
    story.open(unsaid, opened(both("Slow network", "网络变慢"), Kind::Incident, None, first));
    story.post(unsaid, word(until, Some(Status::Resolved), both("Fine.", "正常。")));
    (story.board(), unsaid)
}

/// Fresh and grey, at once and in another season of another year, from other regions, cut off.
fn stamps() -> Vec<Stamp> {
    let now = replay::at("18:00");
    let later = now + TimeDelta::days(500);
    let silent = vec![Silent { region: "Tokyo".to_owned(), as_of: Some(now) }];
    let heard = Some(Heard { region: "Shanghai".to_owned(), at: now });
    vec![
        fresh(now),
        grey(now),
        Stamp::new(later, later, "Tokyo"),
        grey(later).with_peers(1, silent.clone(), None),
        fresh(later).with_peers(2, silent, heard),
    ]
}

#[test]
fn what_does_not_state_the_present_is_the_same_under_every_stamp() {
    let (board, _) = board();
    let past: Vec<Address> =
        addresses(&board).into_iter().filter(|address| !address.states_the_present(&board)).collect();
    let timelines = past.iter().filter(|address| matches!(address, Address::Incident(_) | Address::Maintenance(_)));
    assert_eq!(timelines.count(), 4, "two incidents and two maintenances");
    for address in past {
        for locale in Locale::ALL.iter().copied() {
            let pages: Vec<String> = stamps().iter().map(|stamp| html(&board, address, locale, stamp)).collect();
            assert!(pages.iter().all(|page| *page == pages[0]), "{address:?}");
            assert!(!pages[0].contains("id=\"freshness\""), "{address:?}");
        }
    }
}

#[test]
fn an_ended_timeline_says_where_the_present_is_told() {
    let (board, unsaid) = board();
    for address in
        [Address::Incident(replay::incident_id()), Address::Maintenance("maintenance1".parse().expect("an id"))]
    {
        let page = html(&board, address, Locale::English, &fresh(replay::at("18:00")));
        assert!(text(&page).contains("stands on the |status page|"), "{address:?}");
        assert!(page.contains("id=\"over\""), "{address:?}");
    }
    let page = html(&board, Address::History(None), Locale::English, &fresh(replay::at("18:00")));
    assert!(text(&page).contains("What holds now, and as of when, stands on the |status page|"), "{page}");
    let page = html(&board, Address::Incident(unsaid), Locale::English, &fresh(replay::at("18:00")));
    assert!(!text(&page).contains("still affected"), "{page}");
}

#[test]
fn one_that_lasts_keeps_its_freshness_line() {
    let board = replay::board_at("16:06");
    let address = Address::Incident(replay::incident_id());
    assert!(address.states_the_present(&board));
    let page = html(&board, address, Locale::English, &fresh(replay::at("16:06")));
    assert!(page.contains("id=\"freshness\"") && !page.contains("id=\"over\""));
}
