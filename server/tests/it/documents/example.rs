//! The summary against a whole document by example.

use super::v2;
use crate::board_builder::*;
use app::address::V2;
use domain::{board::Board, change::*, status::*};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// A whole document by example, from the description of the public API.
const EXAMPLE: &str = include_str!("../fixtures/statuspage-v2-summary.example.json");

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
