//! The Statuspage v2 documents against the shape that clients know, and `/api/v1/status`.

use crate::board_builder::*;
use app::address::V2;
use chrono::TimeDelta;
use domain::{board::Board, change::*, stamp::Stamp, status::*};
use serde_json::{Value, json};
use server::documents;
use std::collections::{BTreeMap, BTreeSet};

/// A whole document by example, from the description of the public API.
const EXAMPLE: &str = include_str!("fixtures/statuspage-v2-summary.example.json");

fn v2(document: V2, board: &Board) -> Value {
    serde_json::from_str(&documents::v2(document, board)).expect("JSON")
}

fn status_at(board: &Board, stamp: &Stamp) -> Value {
    serde_json::from_str(&documents::status(board, stamp)).expect("JSON")
}

/// The entry of `list` whose `key` has that value.
fn entry<'a>(list: &'a Value, key: &str, wanted: &str) -> &'a Value {
    let found = list.as_array().expect("a list").iter().find(|entry| entry[key] == wanted);
    found.unwrap_or_else(|| panic!("no {key} `{wanted}` in {list:#}"))
}

fn is_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase())
}

/// Compares two documents: the same keys and values, but for ids, which must map one to one.
fn compare(path: &str, ours: &Value, example: &Value, ids: &mut BTreeMap<String, String>) {
    match (ours, example) {
        (Value::Object(ours), Value::Object(example)) => {
            assert_eq!(ours.keys().collect::<Vec<_>>(), example.keys().collect::<Vec<_>>(), "keys at {path}");
            ours.iter().for_each(|(key, value)| compare(&format!("{path}.{key}"), value, &example[key], ids));
        }
        (Value::Array(ours), Value::Array(example)) => {
            assert_eq!(ours.len(), example.len(), "length at {path}");
            let pairs = ours.iter().zip(example).enumerate();
            pairs.for_each(|(index, (ours, example))| compare(&format!("{path}[{index}]"), ours, example, ids));
        }
        (Value::String(ours), Value::String(example)) if is_id(example) => {
            assert!(is_id(ours), "{path} is {ours}");
            assert_eq!(ids.entry(example.clone()).or_insert(ours.clone()), ours, "id at {path}");
        }
        _ => assert_eq!(ours, example, "at {path}"),
    }
}

fn example_board() -> Board {
    let mut builder = BoardBuilder::default();
    let regions = ["ap-shanghai", "ap-guangzhou"];
    builder.catalog(
        at("2024-01-01T00:00:00Z"),
        &regions.map(|code| (code, code)),
        &[],
        &[("cloud-api", "Cloud API", None, Plane::Control, &regions)],
    );
    let board = builder.board();
    let scheduled = UpdatePosted {
        scope: scope(&board, &["cloud-api@ap-shanghai"], ComponentStatus::UnderMaintenance),
        ..update(at("2024-04-08T01:00:00Z"), Some(Status::Scheduled), "The console is upgraded.")
    };
    let (from, until) = (at("2024-04-10T02:00:00Z"), at("2024-04-10T03:00:00Z"));
    let first = UpdatePosted {
        scope: scope(&board, &["cloud-api@*"], ComponentStatus::MajorOutage),
        ..update(april("15:23"), Some(Status::Investigating), "The cloud API is unavailable in all regions.")
    };
    let second = UpdatePosted {
        scope: scope(&board, &["cloud-api@ap-guangzhou"], ComponentStatus::Operational),
        ..update(april("16:05"), Some(Status::Identified), "Every region but Shanghai has recovered.")
    };
    builder
        .open("w1zdr745wmfy", maintenance("Console upgrade", from, until, scheduled))
        .open("p31zjtct2jer", incident("Cloud API unavailable", Impact::Critical, first))
        .post("p31zjtct2jer", second);
    builder.board()
}

#[test]
fn the_summary_is_the_example_for_the_same_board() {
    let mut example: Value = serde_json::from_str(EXAMPLE).expect("JSON");
    let mut ours = v2(V2::Summary, &example_board());
    // The example leaves out the step by which Guangzhou came to a partial outage.
    example["incidents"][0]["incident_updates"][0]["affected_components"][0]["old_status"] = json!("major_outage");
    // A maintenance has a page of its own here, and always a first update.
    let maintenance = &mut ours["scheduled_maintenances"][0];
    assert_eq!(maintenance["shortlink"], "https://status.example.com/maintenance/w1zdr745wmfy");
    assert_eq!(maintenance["incident_updates"][0]["status"], "scheduled");
    let update = maintenance["incident_updates"].take();
    let key_set = |update: &Value| update.as_object().expect("an update").keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(key_set(&update[0]), key_set(&example["incidents"][0]["incident_updates"][0]));
    maintenance["incident_updates"] = json!([]);
    example["scheduled_maintenances"][0]["shortlink"] = maintenance["shortlink"].clone();
    let mut ids = BTreeMap::new();
    compare("summary", &ours, &example, &mut ids);
    let different: BTreeSet<&String> = ids.values().collect();
    assert_eq!(different.len(), ids.len(), "two of {ids:?} became one");
    assert_eq!(ids["p31zjtct2jer"], "p31zjtct2jer");
}

#[test]
fn every_document_has_its_own_keys() {
    let board = example_board();
    let expected: [(V2, &[&str]); 8] = [
        (V2::Summary, &["components", "incidents", "page", "scheduled_maintenances", "status"]),
        (V2::Status, &["page", "status"]),
        (V2::Components, &["components", "page"]),
        (V2::Incidents, &["incidents", "page"]),
        (V2::Unresolved, &["incidents", "page"]),
        (V2::Maintenances, &["page", "scheduled_maintenances"]),
        (V2::Upcoming, &["page", "scheduled_maintenances"]),
        (V2::Active, &["page", "scheduled_maintenances"]),
    ];
    for (document, keys) in expected {
        let document = v2(document, &board);
        assert_eq!(document.as_object().expect("an object").keys().collect::<Vec<_>>(), keys);
    }
    assert_eq!(v2(V2::Unresolved, &board)["incidents"].as_array().map(Vec::len), Some(1));
    assert_eq!(v2(V2::Upcoming, &board)["scheduled_maintenances"].as_array().map(Vec::len), Some(1));
    assert_eq!(v2(V2::Active, &board)["scheduled_maintenances"], json!([]));
}

#[test]
fn the_replay_reads_right_at_every_step() {
    // Time; indicator, description; Cloud API, its Shanghai cell, Console; newest update; status, updates.
    let steps = [
        ("15:22", "none", "All Systems Operational", "operational", "operational", "operational", None),
        (
            "15:24",
            "critical",
            "Major Service Outage",
            "major_outage",
            "major_outage",
            "major_outage",
            Some(("investigating", 1, "The cloud API is unavailable in **all regions**.")),
        ),
        (
            "15:58",
            "critical",
            "Major Service Outage",
            "major_outage",
            "major_outage",
            "major_outage",
            Some(("identified", 3, "Root cause found.")),
        ),
        (
            "16:06",
            "critical",
            "Major Service Outage",
            "major_outage",
            "major_outage",
            "partial_outage",
            Some(("identified", 5, "Every region but Shanghai has recovered.")),
        ),
        (
            "16:26",
            "major",
            "Partial System Outage",
            "partial_outage",
            "partial_outage",
            "partial_outage",
            Some(("identified", 6, "A circular dependency was found in Shanghai.")),
        ),
        (
            "16:46",
            "minor",
            "Partially Degraded Service",
            "operational",
            "operational",
            "degraded_performance",
            Some(("monitoring", 7, "Shanghai recovered. Console traffic surges.")),
        ),
        (
            "16:51",
            "minor",
            "Partially Degraded Service",
            "operational",
            "operational",
            "operational",
            Some(("monitoring", 8, "Console fully restored.")),
        ),
        ("17:46", "none", "All Systems Operational", "operational", "operational", "operational", None),
    ];
    for (time, indicator, description, cloud_api, shanghai, console, newest) in steps {
        let summary = v2(V2::Summary, &replay_at(time));
        assert_eq!(summary["status"], json!({"indicator": indicator, "description": description}), "at {time}");
        let status = |name: &str| entry(&summary["components"], "name", name)["status"].clone();
        assert_eq!(status("Cloud API"), cloud_api, "at {time}");
        assert_eq!(status("Cloud API (ap-shanghai)"), shanghai, "at {time}");
        assert_eq!(status("Console"), console, "at {time}");
        assert_eq!(status("Servers (ap-shanghai)"), "operational", "at {time}");
        match newest {
            None => assert_eq!(summary["incidents"], json!([]), "at {time}"),
            Some((standing, updates, body)) => {
                let incident = &summary["incidents"][0];
                assert_eq!(incident["status"], standing, "at {time}");
                assert_eq!(incident["incident_updates"].as_array().map(Vec::len), Some(updates), "at {time}");
                assert_eq!(incident["incident_updates"][0]["body"], body, "at {time}");
            }
        }
    }
    let after_all = v2(V2::Incidents, &replay_at("17:46"));
    let incident = &after_all["incidents"][0];
    assert_eq!(incident["monitoring_at"], "2024-04-08T08:45:00.000Z");
    assert_eq!(incident["resolved_at"], "2024-04-08T09:45:00.000Z");
    assert_eq!(after_all["page"]["updated_at"], "2024-04-08T09:45:00.000Z");
}

#[test]
fn one_level_of_containers_holds_every_component_once() {
    let document = v2(V2::Components, &replay_at("16:06"));
    let components = document["components"].as_array().expect("a list");
    let names: Vec<&str> = components.iter().filter_map(|component| component["name"].as_str()).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "a name stands twice");
    let (containers, leaves): (Vec<&Value>, Vec<&Value>) =
        components.iter().partition(|component| component["group"] == true);
    assert_eq!(leaves.len(), 7 * 17 + 1);
    let mut contained = Vec::new();
    for (position, container) in (1..).zip(&containers) {
        assert_eq!((&container["group_id"], &container["position"]), (&Value::Null, &json!(position)));
        for (position, id) in (1..).zip(container["components"].as_array().expect("children")) {
            let child = entry(&document["components"], "id", id.as_str().unwrap_or_default());
            assert_eq!((&child["group_id"], &child["position"]), (&container["id"], &json!(position)));
            contained.push(id.clone());
        }
    }
    // `Management` holds Console, its only component without regions; `Compute` has none such and is left out.
    assert_eq!(entry(&document["components"], "name", "Management")["components"].as_array().map(Vec::len), Some(1));
    assert!(!names.contains(&"Compute"));
    assert_eq!(contained.len(), leaves.len());
}

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

#[test]
fn past_the_bound_nothing_claims_to_operate() {
    let confirmed_at = april("17:50");
    let well = replay_at("17:46");
    let document: Value =
        serde_json::from_str(&documents::v2_unconfirmed(V2::Status, &well, confirmed_at)).expect("JSON");
    let description = "Not confirmed since 2024-04-08T09:50:00Z";
    assert_eq!(document["status"], json!({"indicator": "minor", "description": description}));
    let outage = documents::v2_unconfirmed(V2::Status, &replay_at("15:58"), confirmed_at);
    assert!(outage.contains("\"indicator\":\"critical\""), "{outage}");

    let grey = Stamp::new(confirmed_at, confirmed_at + TimeDelta::minutes(6), "ap-guangzhou");
    let ours = status_at(&well, &grey);
    assert_eq!((&ours["headline"]["kind"], &ours["freshness"]["state"]), (&json!("unconfirmed"), &json!("grey")));
    assert!(!documents::status(&well, &grey).contains("\"operational\""));
    let trouble = status_at(&replay_at("16:06"), &grey);
    let cells = &entry(&trouble["components"], "code", "cloud-api")["cells"];
    assert_eq!(entry(cells, "region", "ap-shanghai")["status"], "major_outage");
    assert_eq!(entry(cells, "region", "ap-tokyo")["status"], "unknown");
}

#[test]
fn our_own_status_tells_cells_incidents_and_freshness() {
    let now = april("16:06");
    let board = replay_at("16:06");
    let status = status_at(&board, &fresh(now));
    assert_eq!(status["freshness"]["confirmed_at"], "2024-04-08T08:06:00Z");
    assert_eq!(status["freshness"]["trust_until"], "2024-04-08T08:11:00Z");
    assert_eq!(status["board"]["version"], board.version.total());
    assert_eq!(status["headline"]["kind"], "trouble");
    assert_eq!(status["headline"]["indicator"], "critical");
    assert_eq!(
        (&status["headline"]["regions_recovered"], &status["headline"]["regions_affected"]),
        (&json!(16), &json!(17))
    );
    assert_eq!(status["headline"]["unaffected"], json!(["servers"]));
    assert_eq!(status["headline"]["text"].as_object().map(|text| text.len()), Some(2));
    assert_eq!(entry(&status["regions"], "code", "ap-shanghai")["status"], "major_outage");
    assert_eq!(entry(&status["regions"], "code", "ap-tokyo")["status"], "operational");
    assert_eq!(entry(&status["groups"], "code", "management")["components"], json!(["cloud-api", "console"]));
    let cloud_api = entry(&status["components"], "code", "cloud-api");
    assert_eq!((&cloud_api["plane"], &cloud_api["status"]), (&json!("control"), &json!("major_outage")));
    let shanghai = entry(&cloud_api["cells"], "region", "ap-shanghai");
    assert_eq!(shanghai["affected_since"], "2024-04-08T07:23:00Z");
    assert_eq!(shanghai["affected_by"], json!([REPLAY_ID]));
    assert_eq!(entry(&cloud_api["cells"], "region", "ap-tokyo")["affected_since"], Value::Null);
    assert_eq!(entry(&status["components"], "code", "servers")["uptime_percent"], 100.0);
    let down = cloud_api["uptime_percent"].as_f64().expect("a figure");
    assert!((99.9..100.0).contains(&down), "{down}");
    let incident = &status["incidents"][0];
    assert_eq!(incident["expected_recovery_at"], "2024-04-08T08:30:00Z");
    assert_eq!(incident["root_cause"]["default"], "Erroneous configuration data.");
    assert_eq!(incident["updates"][0]["text"]["default"], "Every region but Shanghai has recovered.");
    let console = entry(&incident["scope"], "component", "console");
    assert_eq!((&console["status"], &console["worst"]), (&json!("partial_outage"), &json!("major_outage")));
    let tokyo = entry(&incident["scope"], "region", "ap-tokyo");
    assert_eq!(tokyo["recovered_at"], "2024-04-08T08:05:00Z");
}
