//! Two regions that changed an incident apart: nothing is lost, the worst is shown, one who has seen both settles it.

use crate::log::*;
use domain::{
    board::Board,
    change::*,
    id::*,
    status::{ComponentStatus::*, Status::*, *},
};

fn both() -> (Replica, Replica, Cloud, Subject) {
    let mut east = Replica::new(1);
    let cloud = Cloud::written(&mut east);
    let subject = Subject::Incident(incident_id("incident0000"));
    let first = post("15:00", Some(Investigating), &[(cloud.console(), MajorOutage)]);
    east.write(at("15:00"), subject, Change::IncidentOpened(opened(first)));
    let west = Replica { node: NodeKey([2; 32]), ..east.clone() };
    (east, west, cloud, subject)
}

#[test]
fn apart_the_least_resolved_status_and_the_worst_severity_win_until_someone_decides() {
    let (mut east, mut west, cloud, subject) = both();
    east.write(
        at("15:10"),
        subject,
        Change::UpdatePosted(post("15:10", Some(Resolved), &[(cloud.console(), Operational)])),
    );
    let partly = post("15:12", Some(Identified), &[(cloud.console(), PartialOutage)]);
    west.write(at("15:12"), subject, Change::UpdatePosted(partly));
    east.pull(&west);
    let board = Board::of(&east.events);
    let incident = board.open_incidents()[0].clone();
    assert!(incident.conflict);
    assert_eq!((incident.status, board.cell_status(cloud.console())), (Identified, PartialOutage));
    assert_eq!(incident.updates.len(), 3, "both posts stay in the timeline");

    east.write(at("15:20"), subject, Change::UpdatePosted(post("15:20", Some(Resolved), &[])));
    let settled = Board::of(&east.events);
    assert!(settled.open_incidents().is_empty());
    assert_eq!(settled.cell_status(cloud.console()), Operational);
}

#[test]
fn whoever_has_seen_the_other_supersedes_it_whatever_the_clocks_say() {
    let (mut east, mut west, cloud, subject) = both();
    west.write(
        at("18:00"),
        subject,
        Change::UpdatePosted(post("15:30", Some(Identified), &[(cloud.console(), PartialOutage)])),
    );
    east.pull(&west);
    // East's clock is hours behind, and the time it shows is earlier too.
    east.write(
        at("15:01"),
        subject,
        Change::UpdatePosted(post("15:20", Some(Monitoring), &[(cloud.console(), DegradedPerformance)])),
    );
    let board = Board::of(&east.events);
    assert_eq!(board.open_incidents()[0].status, Monitoring);
    assert_eq!(board.cell_status(cloud.console()), DegradedPerformance);
    assert!(!board.open_incidents()[0].conflict);
}

#[test]
fn an_update_that_arrives_before_its_incident_waits_as_a_problem() {
    let (mut east, _, _, subject) = both();
    east.write(at("15:10"), subject, Change::UpdatePosted(post("15:10", Some(Identified), &[])));
    let late: Vec<Event> =
        east.events.iter().filter(|e| !matches!(e.change, Change::IncidentOpened(_))).cloned().collect();
    let board = Board::of(&late);
    assert_eq!(board.problems().count(), 1);
    assert_eq!(board.incident_count(), 0);
    let whole = Board::of(&east.events);
    assert_eq!((whole.problems().count(), whole.incident_count()), (0, 1));
}

#[test]
fn an_edit_keeps_the_text_before_it() {
    let (mut east, _, _, subject) = both();
    let opening = east.heads(subject)[0];
    let update = UpdateId::of_event(&opening);
    let edit = UpdateEdited { update, at: at("15:05"), text: "better words".into() };
    east.write(at("15:05"), subject, Change::UpdateEdited(edit));
    let board = Board::of(&east.events);
    let incident = board.open_incidents()[0].clone();
    assert_eq!(incident.updates[0].text.default, "better words");
    assert_eq!(incident.updates[0].edits[0].before.default, "what is known at 15:00");
    assert_eq!(incident.updated_at, at("15:05"));
}

#[test]
fn every_change_is_news_and_an_import_keeps_its_times() {
    let (mut east, _, _, subject) = both();
    let updated_at = |replica: &Replica| Board::of(&replica.events).open_incidents()[0].updated_at;
    assert_eq!(updated_at(&east), at("15:00"));
    east.write(at("15:10"), subject, Change::UpdatePosted(post("15:08", None, &[])));
    assert_eq!(updated_at(&east), at("15:08"), "the time that it shows");
    east.write(at("15:20"), subject, Change::UpdatePosted(post("15:04", None, &[])));
    assert_eq!(updated_at(&east), at("15:20"), "a word about the past");
    let edits = [
        IncidentEdited { title: Some("another".into()), ..IncidentEdited::default() },
        IncidentEdited { impact: Some(Impact::Minor), ..IncidentEdited::default() },
        IncidentEdited {
            schedule: Some(Schedule { from: at("16:00"), until: at("17:00") }),
            ..IncidentEdited::default()
        },
    ];
    for (edit, time) in edits.into_iter().zip(["15:30", "15:31", "15:32"]) {
        east.write(at(time), subject, Change::IncidentEdited(edit));
        assert_eq!(updated_at(&east), at(time));
    }
    let unfit = post("15:50", Some(Completed), &[]);
    east.write(at("15:50"), subject, Change::UpdatePosted(unfit));
    assert_eq!(updated_at(&east), at("15:32"), "what cannot be folded is no news");

    let mut importer = Replica::new(3);
    let subject = Subject::Incident(incident_id("imported0000"));
    let with_id = |clock: &str, id: &str| UpdatePosted { id: id.parse().ok(), ..post(clock, None, &[]) };
    let mut whole = opened(with_id("10:00", "update000001"));
    whole.source = Some(Source { url: "https://status.example.com".into(), id: "1".into() });
    importer.write(at("20:00"), subject, Change::IncidentOpened(whole));
    importer.write(at("20:00"), subject, Change::UpdatePosted(with_id("10:30", "update000002")));
    importer.write(at("20:00"), subject, Change::UpdatePosted(with_id("10:30", "update000003")));
    let postmortem = PostmortemPublished { at: at("10:15"), text: "why".into() };
    importer.write(at("20:00"), subject, Change::PostmortemPublished(postmortem));
    assert_eq!(updated_at(&importer), at("10:30"));
    importer.write(at("21:00"), subject, Change::UpdatePosted(with_id("10:20", "update000004")));
    assert_eq!(updated_at(&importer), at("10:30"), "also what a later import adds");
    let edit = IncidentEdited { title: Some("corrected here".into()), ..IncidentEdited::default() };
    importer.write(at("22:00"), subject, Change::IncidentEdited(edit));
    assert_eq!(updated_at(&importer), at("22:00"));
}

#[test]
fn statuses_go_only_where_they_may() {
    let legal: Vec<String> = Status::ALL
        .iter()
        .map(|from| {
            let next: Vec<&str> = from.successors().map(Status::word).collect();
            format!("{from}: {}", next.join(" "))
        })
        .collect();
    assert_eq!(
        legal,
        [
            "investigating: identified monitoring resolved",
            "identified: investigating monitoring resolved",
            "monitoring: investigating identified resolved",
            "resolved: postmortem",
            "postmortem: ",
            "scheduled: in_progress verifying completed",
            "in_progress: verifying completed",
            "verifying: in_progress completed",
            "completed: ",
        ]
    );
}

#[test]
fn a_maintenance_touches_its_cells_only_while_it_runs() {
    let (mut east, _, cloud, _) = both();
    let subject = Subject::Incident(incident_id("maintenance0"));
    let cell = cloud.cell(cloud.api, "ap-tokyo");
    let mut plan = opened(post("15:00", Some(Scheduled), &[(cell, UnderMaintenance)]));
    plan.kind = Kind::Maintenance;
    plan.impact = Impact::None;
    plan.schedule = Some(Schedule { from: at("16:00"), until: at("17:00") });
    east.write(at("15:00"), subject, Change::IncidentOpened(plan));
    assert_eq!(Board::of(&east.events).cell_status(cell), Operational);
    east.write(at("16:00"), subject, Change::UpdatePosted(post("16:00", Some(InProgress), &[])));
    assert_eq!(Board::of(&east.events).cell_status(cell), UnderMaintenance);
    east.write(at("17:00"), subject, Change::UpdatePosted(post("17:00", Some(Completed), &[])));
    let board = Board::of(&east.events);
    assert_eq!(board.cell_status(cell), Operational);
    let summary = board.summary(incident_id("maintenance0")).expect("known").clone();
    assert_eq!((summary.spans[0].from, summary.spans[0].until), (at("16:00"), Some(at("17:00"))));
}
