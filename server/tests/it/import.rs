//! Real history as JSON lines: all of it, field by field, twice, grown, and with hostile lines.

use crate::node::{TestNode, at, author};
use domain::{catalog::Cell, id::IncidentId, status::*};
use server::import::{self, Bad, ImportError, Options, Report};
use std::{collections::BTreeMap, io::Read};

const EXCERPT: &str = include_str!("../data/github-status-excerpt.jsonl");
const WHOLE: &[u8] = include_bytes!("../data/github-status-2022-2026.jsonl.gz");
const NOW: &str = "2026-09-01T00:00:00Z";

fn whole() -> String {
    let mut text = String::new();
    flate2::read::GzDecoder::new(WHOLE).read_to_string(&mut text).expect("gzip");
    text
}

async fn import(test: &TestNode, file: &[u8], keep_going: bool) -> Result<Report, ImportError> {
    let now = test.node.clock().now();
    let gathered = import::history::gather(file, &test.node.board().catalog, now).expect("readable");
    let options = Options { author: author("import"), keep_going };
    import::run(&test.node, gathered, &options, |_| {}).await
}

fn id(text: &str) -> IncidentId {
    text.parse().expect("an id")
}

/// Every incident of a file against what the node holds, field by field.
async fn assert_held(test: &TestNode, file: &str) {
    let catalog = &test.node.board().catalog;
    for line in file.lines() {
        let source: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let text = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
        let url = text(&source["url"]);
        let held = test.node.incident(id(&url[url.len() - 12..])).await.expect("readable").expect("held");
        let is_maintenance = source["impact"] == "maintenance";
        assert_eq!(held.title.default, text(&source["title"]));
        assert_eq!(held.kind == Kind::Maintenance, is_maintenance, "{url}");
        assert_eq!(
            held.impact.word(),
            if is_maintenance { "none" } else { source["impact"].as_str().unwrap() },
            "{url}"
        );
        assert_eq!(held.started_at, at(&text(&source["started_at"])), "{url}");
        assert_eq!(held.ended_at, Some(at(&text(&source["resolved_at"]))), "{url}");
        let origin = held.source.as_ref().expect("a source");
        assert_eq!((&origin.url, &origin.id), (&url, &text(&source["id"])));
        let updates: Vec<_> = held
            .updates
            .iter()
            .map(|update| {
                (update.at, update.status.map(|status| status.word().to_owned()), update.text.default.clone())
            })
            .collect();
        let expected = source["updates"].as_array().expect("updates").iter().map(|update| {
            let word = text(&update["status"]).to_lowercase().replace(' ', "_");
            (at(&text(&update["at"])), Some(word).filter(|word| word != "update"), text(&update["message"]))
        });
        assert_eq!(updates, expected.collect::<Vec<_>>(), "{url}");
        let mut named: Vec<&str> =
            held.components().iter().map(|id| catalog.component(*id).unwrap().name.default.as_str()).collect();
        let mut expected: Vec<&str> = match source.get("components") {
            Some(names) => names.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect(),
            None => Vec::new(),
        };
        named.sort();
        expected.sort();
        assert_eq!(named, expected, "{url}");
        for span in &held.spans {
            let affected = if is_maintenance { ComponentStatus::UnderMaintenance } else { ComponentStatus::Unknown };
            assert_eq!((span.status, span.until), (affected, held.ended_at), "{url}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_history_is_there_field_by_field_and_importing_it_again_changes_nothing() {
    let (test, file) = (TestNode::at(NOW), whole());
    let report = import(&test, file.as_bytes(), false).await.expect("imported");
    assert_eq!((report.incidents_new, report.updates_new, report.catalog_added), (819, 4570, 12));
    let board = test.node.board();
    assert_eq!(board.incident_count(), 819);
    assert_eq!(board.newest(Kind::Maintenance).count(), 18);
    assert_eq!(board.problems().count(), 0);
    assert_eq!(board.open_incidents().len() + board.open_maintenances().len(), 0);
    assert_held(&test, &file).await;

    // The bars begin with the first incident that named the component.
    let since = |name: &str| board.catalog.components.iter().find(|c| c.name.default == name).map(|c| c.since);
    assert_eq!(since("Codespaces"), Some(at("2022-03-26T01:43:00Z")));
    let version = board.version.clone();
    let again = import(&test, file.as_bytes(), false).await.expect("imported");
    assert_eq!(again, Report { entries: 819, incidents_unchanged: 819, ..Report::default() });
    assert_eq!(test.node.board().version, version);
}

#[tokio::test]
async fn what_happened_is_kept_also_where_no_operator_could_have_done_it() {
    let test = TestNode::at(NOW);
    import(&test, EXCERPT.as_bytes(), false).await.expect("imported");
    assert_held(&test, EXCERPT).await;
    let line = |sequence: &[(&str, &str)]| {
        let updates: Vec<_> = sequence
            .iter()
            .map(|(time, status)| serde_json::json!({"at": format!("2024-01-01T{time}:00Z"), "status": status, "message": "said"}))
            .collect();
        serde_json::json!({"id": "1", "url": "https://a.example/incidents/aaaaaaaaaaaa", "title": "Back", "impact": "none",
            "components": ["Pages"], "updates": updates})
        .to_string()
    };
    let back = [
        ("10:00", "Monitoring"),
        ("10:30", "Resolved"),
        ("11:00", "Investigating"),
        ("11:00", "Update"),
        ("12:00", "Resolved"),
    ];
    import(&test, line(&back).as_bytes(), false).await.expect("imported");
    let held = test.node.incident(id("aaaaaaaaaaaa")).await.unwrap().expect("held");
    let standing: Vec<Status> = held.updates.iter().map(|update| update.standing).collect();
    use Status::*;
    assert_eq!(standing, [Monitoring, Resolved, Investigating, Investigating, Resolved]);
    let component = test.node.board().catalog.component_by_code("pages").expect("Pages").id;
    let spans: Vec<_> = held.spans.iter().map(|span| (span.cell, span.from, span.until)).collect();
    let cell = Cell { component, region: None };
    let time = |clock: &str| at(&format!("2024-01-01T{clock}:00Z"));
    assert_eq!(
        spans,
        [(cell, time("10:00"), Some(time("10:30"))), (cell, time("11:00"), Some(time("12:00")))],
        "not affected while it was resolved"
    );
}

#[tokio::test]
async fn of_a_timeline_that_grew_only_what_is_new_is_taken() {
    let test = TestNode::at(NOW);
    let line = |count: usize, text: &str| {
        let updates: Vec<_> = (0..count)
            .map(|n| serde_json::json!({"at": format!("2024-01-01T1{n}:00:00Z"), "status": "Update", "message": format!("{text} {n}")}))
            .collect();
        serde_json::json!({"id": "7", "url": "https://a.example/incidents/bbbbbbbbbbbb", "title": "Grows", "impact": "minor",
            "updates": updates}).to_string()
    };
    import(&test, line(2, "word").as_bytes(), false).await.expect("imported");
    let report = import(&test, line(5, "word").as_bytes(), false).await.expect("imported");
    assert_eq!((report.incidents_extended, report.updates_new, report.updates_differing), (1, 3, 0));
    let report = import(&test, line(5, "other").as_bytes(), false).await.expect("imported");
    assert_eq!((report.incidents_unchanged, report.updates_new, report.updates_differing), (1, 0, 5));
    let held = test.node.incident(id("bbbbbbbbbbbb")).await.unwrap().expect("held");
    let texts: Vec<&str> = held.updates.iter().map(|update| update.text.default.as_str()).collect();
    assert_eq!(texts, ["word 0", "word 1", "word 2", "word 3", "word 4"]);
}

#[tokio::test]
async fn a_bad_line_is_named_and_nothing_is_imported_unless_asked() {
    let good: BTreeMap<usize, &str> = EXCERPT.lines().take(2).enumerate().collect();
    let change = |from: &str, to: &str| good[&0].replacen(from, to, 1);
    let twice = good[&0].to_owned();
    let cases: Vec<(String, &str)> = vec![
        ("{".to_owned(), "is not an incident"),
        ("[]".to_owned(), "is not an incident"),
        ("{\"id\": \"1\"}".to_owned(), "missing field"),
        (change("5jfkz8q1mlql", "../../etc"), "url:"),
        (change("\"minor\"", "\"terrible\""), "impact:"),
        (
            change("\"Investigating\"}, ", "\"x\"}, ").replacen(
                "\"status\": \"Investigating\"",
                "\"status\": \"Exploding\"",
                1,
            ),
            "updates[0].status",
        ),
        (change("2022-03-26T01:44:00Z", "yesterday"), "is not an incident"),
        (change("\"at\": \"2022-03-26T01:44:00Z\"", "\"at\": \"2022-03-26T01:00:00Z\""), "updates[1].at"),
        (change("\"at\": \"2022-03-26T03:35:00Z\"", "\"at\": \"2099-03-26T03:35:00Z\""), "in the future"),
        (change("Incident with Codespaces", "Incident \\u202e with"), "title"),
        (change("Incident with Codespaces", "a\\u0000b"), "title"),
        (change("This incident has been resolved.", " "), "updates[3].text"),
        (change("[\"Codespaces\"]", "[\"a\\nb\"]"), "components"),
        (change("\"status\": \"Resolved\"", "\"status\": \"Completed\""), "updates[3].status"),
        (format!("{}{}{}", change("This incident has been resolved.", &"x".repeat(50_000)), "", ""), "updates[3].text"),
        (format!("{}1{}", "[".repeat(5000), "]".repeat(5000)), "is not an incident"),
        (twice, "repeats the incident"),
    ];
    for (bad, expected) in cases {
        let test = TestNode::at(NOW);
        let repeats = expected.starts_with("repeats");
        let file = if repeats { format!("{}\n\n{bad}\n", good[&0]) } else { format!("{}\n\n{bad}\n", good[&1]) };
        match import(&test, file.as_bytes(), false).await {
            Err(ImportError::Bad(all)) => {
                let [Bad { place, reason }] = all.as_slice() else { panic!("{all:?}") };
                assert_eq!(place, "line 3", "{expected}");
                assert!(reason.contains(expected), "{expected}: {reason}");
            }
            other => panic!("{expected}: {other:?}"),
        }
        assert_eq!(test.node.board().version.total(), 0, "{expected}: nothing is written");
        let report = import(&test, file.as_bytes(), true).await.expect("the rest");
        assert_eq!((report.incidents_new, report.bad.len(), report.entries), (1, 1, 2), "{expected}");
        assert_eq!(test.node.board().incident_count(), 1);
    }
}

#[tokio::test]
async fn components_that_the_catalog_has_stay_as_they_are() {
    use domain::command::{Command, catalog::*};
    let test = TestNode::at(NOW);
    let component = |code: &str, name: &str| WantedComponent {
        id: None,
        code: code.to_owned(),
        name: name.into(),
        description: Some("Ours".into()),
        group: None,
        plane: Plane::Control,
        regions: WantedRegions::All,
        depends_on: Vec::new(),
        since: Some(at("2020-01-01T00:00:00Z")),
    };
    let wanted = Wanted {
        page: None,
        regions: vec![WantedEntry { code: "eu".to_owned(), name: "Europe".into() }],
        groups: Vec::new(),
        components: vec![component("spaces", "Codespaces"), component("pull-requests", "Reviews")],
    };
    test.node.publish(Command::ApplyCatalog(wanted), author("cli")).await.expect("applied");
    let before = test.node.board().catalog.components.clone();
    let report = import(&test, whole().as_bytes(), false).await.expect("imported");
    assert_eq!(report.catalog_added, 10, "one is known by its name, one by its code");
    let catalog = &test.node.board().catalog;
    assert_eq!(catalog.components[..2], before[..]);
    let first = test.node.incident(id("5jfkz8q1mlql")).await.unwrap().expect("held");
    assert_eq!(first.named, before[0].cells(), "a component stands for each of its cells");
}

#[tokio::test]
async fn an_id_that_is_taken_is_refused() {
    let test = TestNode::at(NOW);
    let line = EXCERPT.lines().next().expect("a line");
    import(&test, line.as_bytes(), false).await.expect("imported");
    let elsewhere = line.replace("www.githubstatus.com", "other.example");
    match import(&test, elsewhere.as_bytes(), false).await {
        Err(ImportError::Bad(bad)) => assert!(bad[0].reason.contains("did not come from there"), "{bad:?}"),
        other => panic!("{other:?}"),
    }
}
