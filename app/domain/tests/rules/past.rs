//! A board that leaves the past to a store says the same as one that holds everything, or says that it cannot.

use crate::log::*;
use chrono::TimeDelta;
use domain::{
    Instant,
    board::{Board, NEWEST_KEPT, Past},
    catalog::Cell,
    change::*,
    fold::{self, Folded},
    id::*,
    incident::{Incident, Summary},
    listing::{Listing, Wanted},
    status::*,
};
use proptest::prelude::*;
use std::{collections::BTreeMap, sync::Arc};

/// What an incident has become: all of it, as if its events had been written, redacted or completed.
#[derive(Clone, Debug)]
struct Became {
    incident: u16,
    is_maintenance: bool,
    day: i64,
    hours: i64,
    is_open: bool,
    cells: Vec<u8>,
    is_gone: bool,
}

fn became() -> impl Strategy<Value = Became> {
    let cells = prop::collection::vec(0..6_u8, 0..3);
    (0..150_u16, prop::bool::weighted(0.4), 0..300_i64, 0..100_i64, prop::bool::weighted(0.1), cells).prop_flat_map(
        |(incident, is_maintenance, day, hours, is_open, cells)| {
            let became = Became { incident, is_maintenance, day, hours, is_open, cells, is_gone: false };
            prop::bool::weighted(0.05).prop_map(move |is_gone| Became { is_gone, ..became.clone() })
        },
    )
}

fn begin() -> Instant {
    at("00:00") - TimeDelta::days(300)
}

fn cell(number: u8) -> Cell {
    let region = (!number.is_multiple_of(3)).then(|| RegionId::of_code(REGIONS[usize::from(number % 3)]));
    Cell { component: ComponentId::of_code(if number < 3 { "api" } else { "console" }), region }
}

fn id(became: &Became) -> IncidentId {
    incident_id(&format!("incident{:04}", became.incident))
}

fn folded(became: &Became) -> Option<Box<Incident>> {
    let subject = Subject::Incident(id(became));
    let mut replica = Replica::new(1);
    let started_at = begin() + TimeDelta::days(became.day);
    let scope: Vec<_> = became.cells.iter().map(|at| (cell(*at), ComponentStatus::PartialOutage)).collect();
    let (first, last) = match became.is_maintenance {
        true => (Status::InProgress, Status::Completed),
        false => (Status::Identified, Status::Resolved),
    };
    let kind = if became.is_maintenance { Kind::Maintenance } else { Kind::Incident };
    let first = UpdatePosted { at: started_at, ..post("00:00", Some(first), &scope) };
    let opening = IncidentOpened { kind, ..opened(first) };
    replica.write(started_at, subject, Change::IncidentOpened(opening));
    if !became.is_open {
        let end = started_at + TimeDelta::hours(became.hours);
        let last = UpdatePosted { at: end, ..post("00:00", Some(last), &[]) };
        replica.write(end, subject, Change::UpdatePosted(last));
    }
    match fold::subject(subject, &replica.events).0 {
        Folded::Incident(_, incident) if !became.is_gone => incident,
        _ => None,
    }
}

/// Stands in for the store's index.
#[derive(Default)]
struct Index(BTreeMap<IncidentId, Arc<Summary>>);

impl Index {
    fn changed(&self, of: Option<Cell>) -> Option<Instant> {
        let names = |summary: &&Arc<Summary>| of.is_none_or(|cell| summary.named.contains(&cell));
        self.0.values().filter(names).map(|summary| summary.updated_at).max()
    }

    fn put(&mut self, board: &mut Board, id: IncidentId, incident: Option<Box<Incident>>) {
        let before = match &incident {
            Some(incident) => self.0.insert(id, Arc::new(incident.summary())),
            None => self.0.remove(&id),
        };
        if let Some(before) = before.filter(|_| board.summary(id).is_none()) {
            board.recall(before);
        }
        board.put_folded(Subject::Incident(id), Folded::Incident(id, incident), Vec::new());
        for of in board.take_doubtful() {
            board.set_changed(of, self.changed(of));
        }
    }

    fn trim(&self, board: &mut Board, horizon: Instant) {
        board.trim(horizon);
        for (kind, listing) in board.lacking() {
            let mut listed: Vec<_> = self.0.values().filter(|summary| listing.takes(summary)).cloned().collect();
            listed.sort_by_key(|summary| std::cmp::Reverse((summary.started_at, summary.id)));
            listed.truncate(listing.at_most);
            board.refill(kind, listed);
        }
    }
}

fn listings() -> Vec<Listing> {
    let all = Listing::newest(7);
    let open = Listing { status: Wanted::Open, ..Listing::newest(usize::MAX) };
    let middle = (begin() + TimeDelta::days(150), IncidentId::FIRST);
    let mut listings = vec![
        all.clone(),
        open,
        Listing { kind: Some(Kind::Maintenance), ..Listing::newest(NEWEST_KEPT + 10) },
        Listing { status: Wanted::Ended, region: cell(1).region, ..all.clone() },
        Listing { component: Some(cell(4).component), ..all.clone() },
        Listing { after: Some(middle), ..all.clone() },
        Listing { after: Some(middle), kind: Some(Kind::Incident), ..all },
    ];
    for day in (0..=300).step_by(25) {
        let month = domain::board::Month::of(begin() + TimeDelta::days(day));
        listings.push(Listing::of_month(month));
        listings.push(Listing {
            after: Some((begin() + TimeDelta::days(day), IncidentId::FIRST)),
            ..Listing::of_month(month)
        });
    }
    listings
}

fn agree(partial: &Board, complete: &Board, horizon: Instant) -> Result<(), TestCaseError> {
    prop_assert_eq!(partial.incident_count(), complete.incident_count());
    prop_assert!(partial.months().eq(complete.months()));
    prop_assert_eq!(partial.newest_change(), complete.newest_change());
    for cell in (0..6).map(cell) {
        prop_assert_eq!(partial.changed_at(cell), complete.changed_at(cell));
        prop_assert_eq!(partial.cell_status(cell), complete.cell_status(cell));
    }
    let spans = |board: &Board| {
        let mut spans = board.spans_since(horizon);
        spans.values_mut().for_each(|spans| spans.sort());
        spans
    };
    prop_assert_eq!(spans(partial), spans(complete));
    for kind in [Kind::Incident, Kind::Maintenance] {
        let newest = |board: &Board| board.newest(kind).take(NEWEST_KEPT).cloned().collect::<Vec<_>>();
        prop_assert_eq!(newest(partial), newest(complete));
        let ended = |board: &Board| board.newest(kind).find(|summary| !summary.is_open()).cloned();
        prop_assert_eq!(ended(partial), ended(complete));
    }
    let mut reaching = complete.all_newest().filter(|summary| summary.reaches(horizon));
    prop_assert!(reaching.all(|summary| partial.summary(summary.id) == Some(summary)));
    let recent = |board: &Board| {
        let since = board.all_newest().take_while(|summary| summary.started_at >= horizon);
        since.cloned().collect::<Vec<_>>()
    };
    prop_assert_eq!(recent(partial), recent(complete));
    for listing in listings() {
        let all = complete.listed(&listing);
        prop_assert!(all.is_some(), "{:?}", listing);
        prop_assert!(all.iter().flatten().all(|summary| listing.takes(summary)));
        let told = partial.listed(&listing);
        prop_assert!(told.is_none() || told == all, "{:?}", listing);
        prop_assert!(!listing.status.is_open() || told.is_some(), "what is open is held");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_trimmed_board_says_what_a_whole_one_says(
        puts in prop::collection::vec(became(), 150..400),
        horizon_day in 100..300_i64,
    ) {
        let horizon = begin() + TimeDelta::days(horizon_day);
        let (mut partial, mut complete, mut index) = (Board::default(), Board::default(), Index::default());
        for (number, became) in puts.iter().enumerate() {
            let (id, incident) = (id(became), folded(became));
            complete.put_folded(Subject::Incident(id), Folded::Incident(id, incident.clone()), Vec::new());
            index.put(&mut partial, id, incident);
            // As after one write, and as after several.
            if number % 3 > 0 {
                index.trim(&mut partial, horizon);
            }
        }
        index.trim(&mut partial, horizon);
        prop_assert!(complete.holds_all());
        prop_assert!(!partial.holds_all() || partial.all_newest().count() == complete.incident_count());
        agree(&partial, &complete, horizon)?;

        // Told of the past, as at a start.
        let missing = complete.all_newest().filter(|summary| partial.summary(summary.id).is_none());
        let mut gaps = BTreeMap::new();
        for summary in missing {
            gaps.entry(summary.kind).or_insert((summary.started_at, summary.id));
        }
        let past = Past {
            months: complete.months().collect(),
            changed: (0..6).map(cell).map(Some).chain([None]).filter_map(|of| Some((of, index.changed(of)?))).collect(),
            gaps,
        };
        let told = Board::of_past(past, partial.all_newest().cloned());
        agree(&told, &complete, horizon)?;
    }
}

#[test]
fn memory_does_not_grow_with_what_lies_before_the_horizon() {
    let horizon = begin() + TimeDelta::days(299);
    let (mut board, mut index) = (Board::default(), Index::default());
    for incident in 0..1000 {
        let became = Became {
            incident,
            is_maintenance: incident % 2 == 0,
            day: i64::from(incident % 200),
            hours: 5,
            is_open: false,
            cells: vec![1],
            is_gone: false,
        };
        index.put(&mut board, id(&became), folded(&became));
        index.trim(&mut board, horizon);
        assert!(board.all_newest().count() <= 2 * NEWEST_KEPT);
    }
    let listed = board.listed(&Listing { kind: Some(Kind::Incident), ..Listing::newest(NEWEST_KEPT) });
    assert_eq!(listed.map(|listed| listed.len()), Some(NEWEST_KEPT), "the newest are told without the store");
    assert_eq!(board.incident_count(), 1000);
}
