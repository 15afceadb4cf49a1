//! What is refused, in which field, and that nothing is planned then.

use crate::{log::*, replay};
use domain::{
    board::Board,
    command::*,
    id::*,
    incident::Incident,
    status::{ComponentStatus::*, Status::*},
};

const ID: &str = "p31zjtct2jer";

fn board(until: &str) -> (Board, Cloud) {
    let (replica, cloud) = replay::day(until);
    (Board::of(&replica.events), cloud)
}

fn fields(board: &Board, command: Command, now: &str) -> Vec<String> {
    let held: Option<&Incident> =
        command.incident().and_then(|id| board.incident(id)).map(|incident| incident.as_ref());
    match plan(board, held, command, at(now)) {
        Ok(planned) => panic!("planned {planned:?}"),
        Err(refusals) => refusals.into_iter().map(|refusal| refusal.field).collect(),
    }
}

fn posting(update: domain::change::UpdatePosted) -> Command {
    Command::Post { incident: incident_id(ID), update }
}

#[test]
fn an_update_is_refused_in_the_field_that_is_wrong() {
    let (open, cloud) = board("16:05");
    let tokyo = cloud.cell(cloud.api, "ap-tokyo");
    let nowhere = cloud.cell(cloud.api, "mars-north");
    let unknown = domain::catalog::Cell { component: ComponentId::of_code("x"), region: None };
    let with = |change: &dyn Fn(&mut domain::change::UpdatePosted)| {
        let mut update = post("16:10", None, &[]);
        change(&mut update);
        posting(update)
    };
    let cases: Vec<(Command, &str)> = vec![
        (with(&|update| update.text = " ".into()), "text"),
        (with(&|update| update.text = "a\u{202e}b".into()), "text"),
        (with(&|update| update.at = at("18:00")), "at"),
        (with(&|update| update.at = Default::default()), "at"),
        (with(&|update| update.status = Some(InProgress)), "status"),
        (with(&|update| update.status = Some(Postmortem)), "status"),
        (with(&|update| update.next_update_at = Some(at("16:09"))), "next_update_at"),
        (
            with(&|update| update.expected_recovery = Some(domain::change::Expectation::At(at("16:10")))),
            "expected_recovery_at",
        ),
        (posting(post("16:10", None, &[(nowhere, MajorOutage)])), "scope[0].region"),
        (posting(post("16:10", None, &[(unknown, MajorOutage)])), "scope[0].component"),
        (posting(post("16:10", None, &[(tokyo, MajorOutage), (tokyo, Operational)])), "scope[1].component"),
        (posting(post("16:01", Some(Monitoring), &[])), "at"),
        (Command::Post { incident: incident_id("nothing00000"), update: post("16:10", None, &[]) }, "incident"),
        (Command::PublishPostmortem { incident: incident_id(ID), text: "why".into(), at: at("16:10") }, "incident"),
    ];
    for (command, field) in cases {
        let described = format!("{command:?}");
        assert!(fields(&open, command, "16:12").contains(&field.to_owned()), "{field}: {described}");
    }
}

#[test]
fn what_was_decided_on_an_older_sight_is_refused_and_on_the_newest_it_is_like_any_other() {
    let (open, _) = board("16:05");
    let held = open.incident(incident_id(ID)).expect("held");
    let as_seen =
        |seen: &[EventId], update| Command::AsSeen { seen: seen.to_vec(), command: Box::new(posting(update)) };
    let word = || post("16:10", None, &[]);
    let plain = plan(&open, Some(held), posting(word()), at("16:12"));
    assert_eq!(plan(&open, Some(held), as_seen(&held.heads, word()), at("16:12")), plain);
    let (older, _) = board("15:40");
    let before = &older.incident(incident_id(ID)).expect("held").heads;
    for seen in [before.as_slice(), &[], &[held.heads[0], before[0]]] {
        let refused = plan(&open, Some(held), as_seen(seen, word()), at("16:12"));
        assert_eq!(refused, Err(vec![Reason::Overtaken.at("")]), "{seen:?}");
    }
    let nothing = Command::Post { incident: incident_id("nothing00000"), update: word() };
    let nothing = Command::AsSeen { seen: Vec::new(), command: Box::new(nothing) };
    assert_eq!(fields(&open, nothing, "16:12"), ["incident"]);
}

#[test]
fn what_has_ended_stays_so() {
    let (ended, cloud) = board("17:45");
    let again = posting(post("18:00", Some(Investigating), &[]));
    assert_eq!(fields(&ended, again, "18:01"), ["status"]);
    let scoped = posting(post("18:00", None, &[(cloud.console(), MajorOutage)]));
    assert_eq!(fields(&ended, scoped, "18:01"), ["scope"]);
    let word = posting(post("18:00", None, &[]));
    let held = ended.incident(incident_id(ID)).expect("held");
    assert_eq!(plan(&ended, Some(held), word, at("18:01")).map(|planned| planned.len()), Ok(1));
}

#[test]
fn a_word_may_be_backfilled_but_decides_nothing() {
    let (open, _) = board("16:05");
    let held = open.incident(incident_id(ID)).expect("held");
    assert!(plan(&open, Some(held), posting(post("15:50", None, &[])), at("16:12")).is_ok());
    assert_eq!(fields(&open, posting(post("15:00", None, &[])), "16:12"), ["at"]);
}

#[test]
fn a_maintenance_ends_after_it_begins() {
    let (open, _) = board("16:05");
    let mut opened = opened(post("16:10", Some(Scheduled), &[]));
    opened.kind = domain::status::Kind::Maintenance;
    opened.schedule = Some(domain::change::Schedule { from: at("18:00"), until: at("17:00") });
    let command = Command::Open { id: incident_id("maintenance0"), opened };
    assert_eq!(fields(&open, command, "16:12"), ["schedule.until"]);
}
