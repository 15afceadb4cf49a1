//! A phone that loses its connection sends the form again through another region, which has not heard of the first: what it
//! says is published once, and whatever else is published counts after both.

use crate::log::*;
use domain::{
    Instant,
    board::Board,
    change::*,
    id::*,
    incident::Incident,
    status::{ComponentStatus::*, Impact, Status::*},
    text::Text,
};

const ID: &str = "incident0000";

fn subject() -> Subject {
    Subject::Incident(incident_id(ID))
}

/// Two regions that know the same catalog and no incident.
fn apart() -> (Replica, Replica, Cloud) {
    let mut east = Replica::new(1);
    let cloud = Cloud::written(&mut east);
    let west = Replica { node: NodeKey([2; 32]), ..east.clone() };
    (east, west, cloud)
}

/// Two regions that have heard of one incident.
fn both() -> (Replica, Replica, Cloud) {
    let (mut east, _, cloud) = apart();
    let first = post("15:00", Some(Investigating), &[(cloud.console(), MajorOutage)]);
    east.write(at("15:00"), subject(), Change::IncidentOpened(opened(first)));
    let west = Replica { node: NodeKey([2; 32]), ..east.clone() };
    (east, west, cloud)
}

/// What both come to when each has heard of the other.
fn met(east: &mut Replica, west: &mut Replica) -> Incident {
    east.pull(west);
    west.pull(east);
    let board = Board::of(&east.events);
    assert_eq!(board, Board::of(&west.events));
    let mut backwards = east.events.clone();
    backwards.reverse();
    assert_eq!(board, Board::of(&backwards), "whatever came first");
    (**board.incident(incident_id(ID)).expect("it is held")).clone()
}

/// The form of an incident, as a region that takes it at `clock` writes it: its promises are minutes.
fn reported(clock: &str, cloud: &Cloud) -> IncidentOpened {
    opened(promising(post(clock, Some(Investigating), &[(cloud.console(), MajorOutage)])))
}

/// The next word in 20 minutes, and an end in 40.
fn promising(update: UpdatePosted) -> UpdatePosted {
    let minutes = chrono::TimeDelta::minutes;
    UpdatePosted {
        text: "we look into it".into(),
        next_update_at: Some(update.at + minutes(20)),
        expected_recovery: Some(Expectation::At(update.at + minutes(40))),
        ..update
    }
}

#[test]
fn one_update_through_two_regions_is_published_once() {
    let mut east = Replica::new(1);
    let cloud = Cloud::written(&mut east);
    let subject = Subject::Incident(incident_id("incident0000"));
    let first = post("15:00", Some(Investigating), &[(cloud.console(), MajorOutage)]);
    east.write(at("15:00"), subject, Change::IncidentOpened(opened(first)));
    let mut west = Replica { node: NodeKey([2; 32]), ..east.clone() };
    let id = Some("aaaaaaaaaaa1".parse().expect("an id"));
    let update = UpdatePosted { id, ..post("15:10", Some(Monitoring), &[(cloud.console(), Operational)]) };
    east.write(at("15:10"), subject, Change::UpdatePosted(update.clone()));
    let again = UpdatePosted { at: at("15:11"), ..update.clone() };
    west.write(at("15:11"), subject, Change::UpdatePosted(again));
    east.pull(&west);
    west.pull(&east);
    assert_eq!(Board::of(&east.events), Board::of(&west.events));
    let board = Board::of(&east.events);
    let incident = board.open_incidents()[0].clone();
    assert_eq!((incident.updates.len(), incident.conflict), (2, false));
    // The same id for something else is something else: nothing is lost.
    let other = UpdatePosted { text: "something else".into(), ..update };
    west.write(at("15:12"), subject, Change::UpdatePosted(other));
    assert_eq!(Board::of(&west.events).open_incidents()[0].updates.len(), 3);
}

#[test]
fn one_opening_through_two_regions_is_published_once() {
    let (mut east, mut west, cloud) = apart();
    east.write(at("15:10"), subject(), Change::IncidentOpened(reported("15:10", &cloud)));
    west.write(at("15:11"), subject(), Change::IncidentOpened(reported("15:11", &cloud)));
    let incident = met(&mut east, &mut west);
    assert_eq!((incident.updates.len(), incident.conflict), (1, false));
    assert_eq!((incident.started_at, incident.next_update_at), (at("15:10"), Some(at("15:30"))));
}

#[test]
fn an_opening_that_says_anything_else_is_another_account() {
    type Change_ = fn(&mut IncidentOpened);
    let others: [(&str, Change_); 8] = [
        ("title", |opened| opened.title = "Storage fails".into()),
        ("impact", |opened| opened.impact = Impact::Minor),
        ("schedule", |opened| opened.schedule = Some(Schedule { from: at("16:00"), until: at("17:00") })),
        ("status", |opened| opened.first.status = Some(Identified)),
        ("text", |opened| opened.first.text = "another account".into()),
        ("scope", |opened| opened.first.scope.clear()),
        ("promise", |opened| opened.first.next_update_at = Some(at("16:00"))),
        ("withdrawn", |opened| opened.first.expected_recovery = Some(Expectation::Withdrawn)),
    ];
    for (what, change) in others {
        let (mut east, mut west, cloud) = apart();
        east.write(at("15:10"), subject(), Change::IncidentOpened(reported("15:10", &cloud)));
        let mut other = reported("15:11", &cloud);
        change(&mut other);
        west.write(at("15:11"), subject(), Change::IncidentOpened(other));
        let incident = met(&mut east, &mut west);
        assert_eq!((incident.updates.len(), incident.conflict), (2, true), "{what}");
    }
}

#[test]
fn a_promise_in_minutes_is_one_promise_and_so_is_one_time() {
    let id: Option<UpdateId> = "aaaaaaaaaaa1".parse().ok();
    let (mut east, mut west, _) = both();
    let minutes = |clock: &str| UpdatePosted { id, ..promising(post(clock, Some(Identified), &[])) };
    east.write(at("15:10"), subject(), Change::UpdatePosted(minutes("15:10")));
    west.write(at("15:12"), subject(), Change::UpdatePosted(minutes("15:12")));
    let incident = met(&mut east, &mut west);
    assert_eq!((incident.updates.len(), incident.conflict), (2, false));
    assert_eq!(incident.next_update_at, Some(at("15:30")));

    let until = |clock: &str, promised: Instant| {
        let promised = Some(Expectation::At(promised));
        Change::UpdatePosted(UpdatePosted { id, expected_recovery: promised, ..minutes(clock) })
    };
    for (promised, entries) in [(at("16:00"), 2), (at("16:01"), 3)] {
        let (mut east, mut west, _) = both();
        east.write(at("15:10"), subject(), until("15:10", at("16:00")));
        west.write(at("15:12"), subject(), until("15:12", promised));
        let incident = met(&mut east, &mut west);
        assert_eq!((incident.updates.len(), incident.conflict), (entries, entries == 3), "{promised}");
    }
}

/// Each region goes on from what it holds: whoever has seen one of both has seen the word that both are.
#[test]
fn what_follows_either_of_both_counts_after_both() {
    let over = |cloud: &Cloud| Change::UpdatePosted(post("15:30", Some(Resolved), &[(cloud.console(), Operational)]));
    for follows_west in [false, true] {
        let (mut east, mut west, cloud) = apart();
        east.write(at("15:10"), subject(), Change::IncidentOpened(reported("15:10", &cloud)));
        west.write(at("15:11"), subject(), Change::IncidentOpened(reported("15:11", &cloud)));
        let one = if follows_west { &mut west } else { &mut east };
        one.write(at("15:30"), subject(), over(&cloud));
        let incident = met(&mut east, &mut west);
        assert_eq!((incident.status, incident.conflict), (Resolved, false), "opened, then over, west: {follows_west}");
        assert_eq!((incident.updates.len(), incident.affected().count()), (2, 0));

        let (mut east, mut west, cloud) = both();
        let id = "aaaaaaaaaaa1".parse().ok();
        let word = |clock: &str| UpdatePosted { id, ..promising(post(clock, Some(Identified), &[])) };
        east.write(at("15:10"), subject(), Change::UpdatePosted(word("15:10")));
        west.write(at("15:11"), subject(), Change::UpdatePosted(word("15:11")));
        let one = if follows_west { &mut west } else { &mut east };
        one.write(at("15:30"), subject(), over(&cloud));
        let incident = met(&mut east, &mut west);
        assert_eq!((incident.status, incident.conflict), (Resolved, false), "a word, then over, west: {follows_west}");
    }
    // Two that went on apart are a conflict, as ever.
    let (mut east, mut west, cloud) = apart();
    east.write(at("15:10"), subject(), Change::IncidentOpened(reported("15:10", &cloud)));
    west.write(at("15:11"), subject(), Change::IncidentOpened(reported("15:11", &cloud)));
    east.write(at("15:30"), subject(), over(&cloud));
    west.write(at("15:31"), subject(), Change::UpdatePosted(post("15:31", Some(Identified), &[])));
    let incident = met(&mut east, &mut west);
    assert_eq!((incident.status, incident.updates.len(), incident.conflict), (Identified, 3, true));
}

#[test]
fn an_edit_of_either_of_both_is_an_edit_of_the_one_that_stands() {
    let (mut east, mut west, cloud) = apart();
    let openings = [
        east.write(at("15:10"), subject(), Change::IncidentOpened(reported("15:10", &cloud))),
        west.write(at("15:11"), subject(), Change::IncidentOpened(reported("15:11", &cloud))),
    ];
    let edit = |opening: &EventId, text: Text| {
        Change::UpdateEdited(UpdateEdited { update: UpdateId::of_event(opening), at: at("15:20"), text })
    };
    west.write(at("15:20"), subject(), edit(&openings[1], "better words".into()));
    let title = IncidentEdited { title: Some("A better title".into()), ..IncidentEdited::default() };
    west.write(at("15:21"), subject(), Change::IncidentEdited(title));
    let incident = met(&mut east, &mut west);
    assert_eq!((incident.updates.len(), incident.conflict), (1, false));
    assert_eq!(
        (incident.updates[0].text.default.as_str(), incident.title.default.as_str()),
        ("better words", "A better title")
    );
}
