//! The Statuspage v2 documents against the shape that clients know, and `/api/v1/status`.
//!
//! - [`example`]: the summary against a whole document by example
//! - [`traps`]: where clients stumble

mod example;
mod traps;

use crate::{board_builder::*, replay::*};
use app::{
    address::V2,
    site::{CopyKind, Site, SiteCopy},
};
use chrono::TimeDelta;
use domain::{
    board::Board,
    stamp::{Heard, Silent, Stamp},
};
use serde_json::{Value, json};
use server::documents;
use std::collections::BTreeSet;

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
    assert_eq!(trouble["headline"]["unaffected"], json!([]), "that is a claim too");
    // The shape has no word for unknown: whatever keeps the word `operational` says so beside it.
    for document in V2::ALL.iter().copied() {
        for board in [&well, &replay_at("16:06")] {
            let text = documents::v2_unconfirmed(document, board, confirmed_at);
            let document: Value = serde_json::from_str(&text).expect("JSON");
            for component in document["components"].as_array().into_iter().flatten() {
                let is_claim = component["status"] == "operational";
                assert_eq!(component["unknown"] == json!(true), is_claim, "{component:#}");
            }
        }
    }
}

#[test]
fn our_own_status_tells_of_other_regions_and_of_what_it_cannot_read() {
    let now = april("16:06");
    let mut board = replay_at("16:06");
    let alone = status_at(&board, &fresh(now));
    let told = |status: &Value| ["peers", "silent", "heard", "newer"].map(|key| status[key].clone());
    assert_eq!(told(&alone), [json!(0), json!([]), Value::Null, json!(false)]);

    let silent = |region: &str, as_of| Silent { region: region.to_owned(), as_of };
    let silences = vec![silent("Tokyo", None), silent("Shanghai", Some(april("16:04")))];
    let heard = Some(Heard { region: "Nanjing".to_owned(), at: april("16:05") });
    note_newer(&mut board);
    let status = status_at(&board, &fresh(now).with_peers(3, silences, heard));
    let expected = [
        json!(3),
        json!([
            {"region": "Shanghai", "as_of": "2024-04-08T08:04:00Z"},
            {"region": "Tokyo", "as_of": null},
        ]),
        json!({"region": "Nanjing", "at": "2024-04-08T08:05:00Z"}),
        json!(true),
    ];
    assert_eq!(told(&status), expected);
    assert_eq!(status["components"], alone["components"], "a silent server says nothing of a service");
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

#[test]
fn the_copies_are_listed_with_the_board_in_full() {
    let board = replay_at("16:06");
    let now = at("2024-04-08T08:06:00Z");
    let copies = vec![
        SiteCopy { kind: CopyKind::Region, name: "Frankfurt".to_owned(), url: "https://eu.example.com".to_owned() },
        SiteCopy { kind: CopyKind::Mirror, name: "bucket".to_owned(), url: "https://b.example.com/status".to_owned() },
    ];
    let site = Site { copies, ..Site::default() };
    let document = documents::copies(&site, &board, &Stamp::new(now, now, "Guangzhou"));
    let document: Value = serde_json::from_str(&document).expect("JSON");
    let held: serde_json::Map<String, Value> =
        board.version.0.iter().map(|(node, count)| (node.to_string(), json!(count))).collect();
    assert_eq!(
        document,
        json!({
            "origin": "Guangzhou",
            "board": { "total": board.version.total(), "digest": board.version.digest(), "held": held },
            "confirmed_at": "2024-04-08T08:06:00Z",
            "whole_at": "2024-04-08T08:06:00Z",
            "trust_until": "2024-04-08T08:11:00Z",
            "copies": [
                { "kind": "region", "name": "Frankfurt", "url": "https://eu.example.com" },
                { "kind": "mirror", "name": "bucket", "url": "https://b.example.com/status" },
            ],
        })
    );
    assert!(document["board"]["held"].as_object().expect("an object").keys().all(|key| key.len() == 64));
}
