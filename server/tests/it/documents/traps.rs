//! Where clients stumble: unknown cells, incidents without scope, words without a status, maintenances.

use super::v2;
use crate::board_builder::*;
use app::address::V2;
use domain::{change::*, status::*};
use serde_json::{Value, json};
use server::documents;

fn board_with_one_component(first: UpdatePosted, impact: Impact, affected: Option<ComponentStatus>) -> BoardBuilder {
    let mut builder = BoardBuilder::default();
    builder.catalog(at("2024-01-01T00:00:00Z"), &[], &[], &[("mail", "Mail", None, Plane::Data, &[])]);
    let scope = affected.map(|status| scope(&builder.board(), &["mail"], status)).unwrap_or_default();
    builder.open("aaaaaaaaaaaa", incident("Mail is slow", impact, UpdatePosted { scope, ..first }));
    builder
}

#[test]
fn an_unknown_cell_keeps_its_last_word_and_the_page_is_not_well() {
    let first = update(april("10:00"), Some(Status::Investigating), "Mail may be affected.");
    let mut builder = board_with_one_component(first, Impact::Minor, Some(ComponentStatus::Unknown));
    let summary = v2(V2::Summary, &builder.board());
    assert_eq!(summary["components"][0]["status"], "operational");
    assert_eq!(summary["components"][0]["unknown"], true);
    assert_eq!(summary["status"], json!({"indicator": "minor", "description": "Minor Service Outage"}));
    let worse = scope(&builder.board(), &["mail"], ComponentStatus::PartialOutage);
    builder.post("aaaaaaaaaaaa", UpdatePosted { scope: worse, ..update(april("10:10"), None, "Worse.") });
    let unknown = scope(&builder.board(), &["mail"], ComponentStatus::Unknown);
    builder.post("aaaaaaaaaaaa", UpdatePosted { scope: unknown, ..update(april("10:20"), None, "We cannot tell.") });
    let document = documents::v2(V2::Summary, &builder.board());
    let summary: Value = serde_json::from_str(&document).expect("JSON");
    assert_eq!(summary["components"][0]["status"], "partial_outage");
    assert_eq!(summary["status"]["indicator"], "minor");
    let newest = &summary["incidents"][0]["incident_updates"][0]["affected_components"][0];
    assert_eq!((&newest["old_status"], &newest["new_status"]), (&json!("partial_outage"), &json!("partial_outage")));
    assert!(!document.contains("\"unknown\",") && !document.contains(":\"unknown\""), "{document}");
}

#[test]
fn an_incident_without_scope_counts_with_its_impact() {
    let first = || update(april("10:00"), Some(Status::Investigating), "Something is wrong.");
    let cases = [
        (Impact::None, "none", "All Systems Operational"),
        (Impact::Minor, "minor", "Minor Service Outage"),
        (Impact::Major, "major", "Partial System Outage"),
        (Impact::Critical, "critical", "Major Service Outage"),
    ];
    for (impact, indicator, description) in cases {
        let document = v2(V2::Status, &board_with_one_component(first(), impact, None).board());
        assert_eq!(document["status"], json!({"indicator": indicator, "description": description}));
        let incidents = v2(V2::Incidents, &board_with_one_component(first(), impact, None).board());
        assert_eq!(incidents["incidents"][0]["components"], json!([]));
        assert_eq!(incidents["incidents"][0]["incident_updates"][0]["affected_components"], Value::Null);
    }
}

#[test]
fn a_word_without_a_status_carries_the_standing_one_and_a_postmortem_leads() {
    let first = update(april("10:00"), Some(Status::Identified), "Found.");
    let mut builder = board_with_one_component(first, Impact::Major, Some(ComponentStatus::MajorOutage));
    builder
        .post("aaaaaaaaaaaa", update(april("10:10"), None, "Still at it."))
        .post("aaaaaaaaaaaa", update(april("10:20"), Some(Status::Resolved), "Done."))
        .postmortem("aaaaaaaaaaaa", april("12:00"), "What happened.");
    let document = v2(V2::Incidents, &builder.board());
    let incident = &document["incidents"][0];
    let updates = incident["incident_updates"].as_array().expect("updates");
    let words: Vec<&Value> = updates.iter().map(|update| &update["status"]).collect();
    assert_eq!(words, ["postmortem", "resolved", "identified", "identified"]);
    assert_eq!(
        (&incident["status"], &incident["resolved_at"]),
        (&json!("postmortem"), &json!("2024-04-08T02:20:00.000Z"))
    );
    assert_eq!(incident["updated_at"], "2024-04-08T04:00:00.000Z");
    assert_eq!(updates[1]["affected_components"][0]["new_status"], "operational");
}

#[test]
fn a_maintenance_in_progress_is_active_and_no_outage() {
    let mut builder = BoardBuilder::default();
    builder.catalog(at("2024-01-01T00:00:00Z"), &[], &[], &[("mail", "Mail", None, Plane::Data, &[])]);
    let scope = scope(&builder.board(), &["mail"], ComponentStatus::UnderMaintenance);
    let first = UpdatePosted { scope, ..update(april("10:00"), Some(Status::Scheduled), "Planned.") };
    builder
        .open("mmmmmmmmmmmm", maintenance("New disks", april("12:00"), april("13:00"), first))
        .post("mmmmmmmmmmmm", update(april("12:01"), Some(Status::InProgress), "Begun."));
    let board = builder.board();
    assert_eq!(
        v2(V2::Status, &board)["status"],
        json!({"indicator": "none", "description": "Service Under Maintenance"})
    );
    assert_eq!(v2(V2::Upcoming, &board)["scheduled_maintenances"], json!([]));
    let active = v2(V2::Active, &board);
    let maintenance = &active["scheduled_maintenances"][0];
    assert_eq!((&maintenance["impact"], &maintenance["status"]), (&json!("maintenance"), &json!("in_progress")));
    assert_eq!(maintenance["components"][0]["status"], "under_maintenance");
    assert_eq!(v2(V2::Incidents, &board)["incidents"], json!([]));
}
