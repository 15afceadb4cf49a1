//! Erasing: a body is gone from every log, in whatever order it and its redaction arrive, from the pages and from the
//! files; and nothing is erased by those whose word does not count.

use crate::{
    store::{all_records, append, at, author, identity, incident_id, member, open_as, opening, post, update},
    test_app::TestApp,
};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::Request,
};
use domain::{change::*, command::Command, fold::ProblemKind, id::*, incident::Incident, status::*, text::Text};
use redb::ReadableDatabase;
use serde_json::{Value, json};
use server::{
    api,
    publish::Node,
    store::{Record, Store, redact, tables},
};
use std::{path::Path, sync::Arc};
use tower::ServiceExt;

/// What must not be left anywhere.
const LEAKED: &str = "Zhang-Leaked-Customer-4711";

fn incident(store: &Store) -> Incident {
    store.incident(incident_id(1)).unwrap().unwrap()
}

/// Redacts as a node does, without the questions that come before.
fn redacted(store: &Store, id: EventId, seconds: i64) -> Event {
    let target = store.redactable(id).unwrap().unwrap();
    let residue = target.change.as_ref().and_then(|(author, change)| redact::residue(author, change));
    let change = Change::Redacted(Redacted { event: id, residue, reason: None });
    append(store, (target.header.subject, change), seconds)
}

/// An incident that opens, leaks, and is resolved by the very update that leaks.
fn leaking(store: &Store) -> Event {
    append(store, opening(1, 0, "We are looking"), 0);
    let cell = domain::catalog::Cell { component: ComponentId::of_code("cloud-api"), region: None };
    let mut hit = post(30, Status::Identified, "Found");
    hit.scope = vec![ScopeChange { cell, status: ComponentStatus::MajorOutage }];
    append(store, (Subject::Incident(incident_id(1)), Change::UpdatePosted(hit)), 30);
    let text = format!("Fixed for {LEAKED}");
    let mut leak = post(60, Status::Resolved, &text);
    leak.scope = vec![ScopeChange { cell, status: ComponentStatus::Operational }];
    leak.root_cause = Some(text.as_str().into());
    append(store, (Subject::Incident(incident_id(1)), Change::UpdatePosted(leak)), 60)
}

fn holds(records: &[Record], text: &str) -> bool {
    records.iter().any(|record| contains(record.body.as_deref().unwrap_or_default(), text))
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// The files of a directory that hold a text, at any depth.
fn files_with(directory: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(&path, text));
        } else if contains(&std::fs::read(&path).unwrap(), text) {
            found.push(path.display().to_string());
        }
    }
    found
}

#[test]
fn the_text_goes_and_what_the_update_did_stays() {
    let directory = tempfile::tempdir().unwrap();
    let store = open_as(directory.path(), 1);
    let leak = leaking(&store);
    let before = incident(&store);
    let redaction = redacted(&store, leak.id, 90);
    let after = incident(&store);
    assert_eq!(after.updates[2].text, Text::redacted());
    assert_eq!(after.root_cause, Some(Text::redacted()));
    let mut expected = before.clone();
    for update in &mut expected.updates {
        if update.event == leak.id {
            (update.text, update.root_cause) = (Text::redacted(), Some(Text::redacted()));
        }
    }
    expected.root_cause = Some(Text::redacted());
    expected.heads = after.heads.clone();
    assert_eq!(after, expected, "resolved when it was, for as long as it was, and no conflict");

    let records = all_records(&store);
    assert!(!holds(&records, LEAKED));
    let record = records.iter().find(|record| record.id() == leak.id).unwrap();
    assert_eq!(record.body, None);
    record.verify().unwrap();
    assert!(records.iter().find(|record| record.id() == redaction.id).unwrap().verify().unwrap().must_understand());
    let (events, problems) = store.subject(Subject::Incident(incident_id(1))).unwrap();
    assert_eq!(problems, []);
    assert_eq!(events[2].author, Author { name: String::new(), way: "cli".to_owned() }, "the author goes too");
    let board = store.load_board().unwrap();
    assert_eq!(board.problems().count(), 0);
    // What is written later has seen the redaction and stands beside nothing.
    append(&store, update(1, 120, Status::Resolved, "Done"), 120);
    assert!(!incident(&store).conflict);
}

#[test]
fn a_region_that_was_cut_off_comes_to_the_same_whichever_arrives_first() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (store, cut_off) = (open_as(here.path(), 1), open_as(there.path(), 2));
    let leak = leaking(&store);
    let with_body = all_records(&store);
    cut_off.insert(&with_body, at(70)).unwrap();
    redacted(&store, leak.id, 90);
    // Meanwhile the other region goes on, and has seen nothing of it.
    append(&cut_off, update(1, 100, Status::Resolved, "Still fixed"), 100);
    let theirs = all_records(&cut_off);
    assert!(holds(&theirs, LEAKED));

    cut_off.insert(&all_records(&store), at(200)).unwrap();
    store.insert(&theirs, at(200)).unwrap();
    assert_eq!(incident(&store), incident(&cut_off));
    assert_eq!(store.load_board().unwrap(), cut_off.load_board().unwrap());
    assert!(!holds(&all_records(&cut_off), LEAKED) && !holds(&all_records(&store), LEAKED));

    // A third one hears everything in the worst order: the body after its redaction, alone or in one batch.
    for one_by_one in [true, false] {
        let directory = tempfile::tempdir().unwrap();
        let third = open_as(directory.path(), 3);
        let mut records: Vec<Record> = all_records(&store);
        records.reverse();
        records.extend(with_body.iter().cloned());
        match one_by_one {
            true => records.iter().for_each(|record| {
                third.insert(std::slice::from_ref(record), at(300)).unwrap();
            }),
            false => drop(third.insert(&records, at(300)).unwrap()),
        }
        assert_eq!(incident(&third), incident(&store));
        assert!(!holds(&all_records(&third), LEAKED));
        let mut file = Vec::new();
        third.export(1, &mut file).unwrap();
        assert!(!contains(&file, LEAKED));
        drop(third);
        assert_eq!(files_with(directory.path(), LEAKED), Vec::<String>::new(), "it never reached the disk");
    }
}

#[test]
fn an_edit_that_removed_the_leak_and_the_leak_itself_can_both_go() {
    let directory = tempfile::tempdir().unwrap();
    let store = open_as(directory.path(), 1);
    let leak = leaking(&store);
    let edit = UpdateEdited {
        update: UpdateId::of_event(&leak.id),
        at: at(70),
        text: format!("not {LEAKED}").as_str().into(),
    };
    let edit = append(&store, (Subject::Incident(incident_id(1)), Change::UpdateEdited(edit)), 70);
    redacted(&store, leak.id, 90);
    let held = incident(&store);
    assert_eq!(held.updates[2].edits[0].before, Text::redacted(), "the history of edits does not tell it either");
    redacted(&store, edit.id, 100);
    assert!(!format!("{:?}", incident(&store)).contains(LEAKED));
}

#[test]
fn a_stranger_erases_nothing_until_it_is_trusted() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = Store::open(here.path(), identity(1)).unwrap();
    let leak = leaking(&store);
    let stranger = open_as(there.path(), 2);
    stranger.insert(&all_records(&store), at(70)).unwrap();
    let redaction = redacted(&stranger, leak.id, 90);
    store.insert(&all_records(&stranger), at(100)).unwrap();
    assert!(holds(&all_records(&store), LEAKED));
    let board = store.load_board().unwrap();
    let held: Vec<_> = board.problems().map(|problem| (problem.event, problem.kind)).collect();
    assert_eq!(held, [(redaction.id, ProblemKind::Held)]);

    // By the configuration; and in another log by an event, which may come with it in one batch.
    drop(store);
    let store = open_as(here.path(), 1);
    assert!(!holds(&all_records(&store), LEAKED));
    assert_eq!(store.load_board().unwrap().problems().count(), 0);
    let directory = tempfile::tempdir().unwrap();
    let third = Store::open(directory.path(), identity(3)).unwrap();
    third.seed(vec![member(1)]).unwrap();
    third.insert(&all_records(&stranger), at(100)).unwrap();
    let key = member(2).key;
    let trusted = NodeTrusted { key, name: "2".to_owned(), region: String::new(), address: String::new() };
    append(&third, (Subject::Node(NodeId::of_key(&key)), Change::NodeTrusted(trusted)), 110);
    assert_eq!(incident(&third), incident(&store));
}

#[test]
fn trust_and_redactions_are_never_erased_and_nothing_across_subjects() {
    let directory = tempfile::tempdir().unwrap();
    let store = open_as(directory.path(), 1);
    let leak = leaking(&store);
    let key = member(2).key;
    let about = Subject::Node(NodeId::of_key(&key));
    let trusted = NodeTrusted { key, name: "2".to_owned(), region: String::new(), address: String::new() };
    let trusted = append(&store, (about, Change::NodeTrusted(trusted)), 70);
    let elsewhere = Redacted { event: leak.id, residue: None, reason: None };
    let elsewhere = append(&store, (Subject::Incident(incident_id(2)), Change::Redacted(elsewhere)), 80);
    let of_trust =
        append(&store, (about, Change::Redacted(Redacted { event: trusted.id, residue: None, reason: None })), 81);
    assert!(holds(&all_records(&store), LEAKED));
    let redaction = redacted(&store, leak.id, 90);
    let again = Redacted { event: redaction.id, residue: None, reason: None };
    let of_redaction = append(&store, (Subject::Incident(incident_id(1)), Change::Redacted(again)), 91);
    assert_eq!(incident(&store).status, Status::Resolved, "the residue is still there");
    assert!(store.trust().is_trusted(&key));
    let board = store.load_board().unwrap();
    for (event, reason) in [
        (&elsewhere, "of another subject"),
        (&of_trust, "redacts a node_trusted"),
        (&of_redaction, "redacts a redacted"),
    ] {
        let problem = board.problems().find(|problem| problem.event == event.id).unwrap();
        assert!(problem.reason.contains(reason), "{}", problem.reason);
    }
    assert_eq!(board.problems().count(), 3);
}

#[test]
fn without_a_residue_the_event_is_passed_over_and_listed() {
    let directory = tempfile::tempdir().unwrap();
    let store = open_as(directory.path(), 1);
    let leak = leaking(&store);
    let bare = Redacted { event: leak.id, residue: None, reason: None };
    append(&store, (Subject::Incident(incident_id(1)), Change::Redacted(bare)), 90);
    assert_eq!(incident(&store).status, Status::Identified);
    let board = store.load_board().unwrap();
    assert_eq!(board.problems().map(|problem| problem.kind).collect::<Vec<_>>(), [ProblemKind::Erased]);
    assert!(!board.has_newer());
}

async fn send(router: &Router, method: &str, path: &str, key: Option<&str>, body: Value) -> (u16, Value) {
    let mut request = Request::builder().method(method).uri(format!("/api/v1{path}")).header("host", "localhost");
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    let request = request.header("content-type", "application/json").body(Body::from(body.to_string())).unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

/// A node on a directory that outlives it.
fn start(directory: &Path) -> Arc<Node> {
    crate::node::in_directory(directory, "2024-04-08T16:00:00+08:00").0
}

#[tokio::test]
async fn after_the_next_start_no_file_of_the_node_holds_the_text() {
    let directory = tempfile::tempdir().unwrap();
    let node = start(directory.path());
    let router = api::trusted_router(Arc::clone(&node));
    let opened = json!({"title": format!("For {LEAKED}"), "impact": "minor", "text": format!("Hello {LEAKED}")});
    let (status, answer) = send(&router, "POST", "/incidents", Some("open-1"), opened).await;
    assert_eq!(status, 201, "{answer}");
    let id = answer["incident"].as_str().unwrap().to_owned();
    // Enough around it that it does not lie alone in its page.
    for number in 0..40 {
        let text = format!("Update {number}, {}", "word ".repeat(200));
        let (status, answer) =
            send(&router, "POST", &format!("/incidents/{id}/updates"), None, json!({"text": text})).await;
        assert_eq!(status, 201, "{answer}");
    }
    node.settle();
    assert_eq!(files_with(directory.path(), LEAKED).len(), 2, "the log and the index");

    let event = answer["events"][0].as_str().unwrap();
    let path = format!("/events/{event}/redact");
    let (status, answer) = send(&router, "POST", &path, None, json!({"reason": "a customer name"})).await;
    assert_eq!((status, &answer["restart_to_overwrite"]), (200, &Value::Bool(true)), "{answer}");
    let (status, again) = send(&router, "POST", &path, None, json!({})).await;
    assert_eq!(status, 422);
    assert!(again["errors"][0]["what"].as_str().unwrap().contains("redacted already"), "{again}");
    let redaction = answer["events"][0].as_str().unwrap();
    let (status, refused) = send(&router, "POST", &format!("/events/{redaction}/redact"), None, json!({})).await;
    assert_eq!(status, 422, "{refused}");
    let nowhere = format!("/events/{}/redact", "0".repeat(64));
    assert_eq!(send(&router, "POST", &nowhere, None, json!({})).await.0, 422);
    let (_, shown) = send(&router, "GET", &format!("/incidents/{id}"), None, Value::Null).await;
    assert_eq!(shown["title"]["default"], "Removed by the operators.", "{shown}");
    assert_eq!(shown["updates"].as_array().unwrap().len(), 41);
    let (_, listed) = send(&router, "GET", "/events", None, Value::Null).await;
    let last = listed["events"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["redacts"], &last["reason"]), (&event.into(), &"a customer name".into()));

    let (records, board) = (all_records(node.store()), node.board());
    drop(router);
    node.settle();
    drop(node);
    let node = start(directory.path());
    assert_eq!(files_with(directory.path(), LEAKED), Vec::<String>::new());
    assert_eq!(all_records(node.store()), records, "everything else is as it was");
    assert_eq!(*node.board(), *board);
    assert!(!node.store().wants_rewriting().unwrap());
}

#[tokio::test]
async fn pages_feeds_and_documents_say_that_it_was_removed() {
    let app = TestApp::start().await;
    app.play_until("15:58").await;
    let mut leak = post(0, Status::Monitoring, &format!("Fixed for {LEAKED}"));
    leak.at = app.node.clock().now();
    leak.root_cause = Some(LEAKED.into());
    let receipt = app.publish(Command::Post { incident: app.replay.incident, update: leak }).await;
    let incident = app.incident();
    let places = [
        (format!("/en{incident}"), "Removed by the operators."),
        (format!("/zh{incident}"), "内容已由运维人员移除。"),
        ("/en/".to_owned(), "Removed by the operators."),
        ("/zh/".to_owned(), "内容已由运维人员移除。"),
        ("/api/v2/incidents.json".to_owned(), "Removed by the operators."),
        ("/api/v1/status".to_owned(), "内容已由运维人员移除。"),
        ("/history.atom".to_owned(), "Removed by the operators."),
        ("/history.rss".to_owned(), "Removed by the operators."),
    ];
    app.renew().await;
    app.pages.catch_up();
    for (place, _) in &places {
        let page = app.get(place).await;
        assert!(page.text().contains(LEAKED), "{place}: {}", page.status);
    }
    app.node.redact(receipt.events[0], None, author()).await.unwrap();
    app.renew().await;
    app.pages.catch_up();
    for (place, words) in &places {
        let page = app.get(place).await;
        assert!(!page.text().contains(LEAKED) && !page.text().contains('\u{FFFB}'), "{place}");
        assert!(page.text().contains(words), "{place}");
    }
    app.end().await;
}

#[test]
fn a_redaction_that_an_earlier_version_kept_is_carried_out_after_the_update() {
    let directory = tempfile::tempdir().unwrap();
    let store = open_as(directory.path(), 1);
    let leak = leaking(&store);
    let body = all_records(&store).into_iter().find(|record| record.id() == leak.id).unwrap().body.unwrap();
    redacted(&store, leak.id, 90);
    drop(store);
    // What such a version leaves: the redaction as an event like any other, and the body in its place.
    let path = directory.path().join("holdfast.redb");
    let database = redb::Database::open(&path).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction.open_table(tables::BODIES).unwrap().insert(&leak.id.0, body.as_slice()).unwrap();
    transaction.delete_table(tables::REDACTIONS).unwrap();
    for key in [tables::REDACTIONS_KEY, tables::REWRITE_KEY] {
        transaction.open_table(tables::META).unwrap().remove(key).unwrap();
    }
    transaction.commit().unwrap();
    drop(database);

    let store = open_as(directory.path(), 1);
    assert!(!holds(&all_records(&store), LEAKED));
    assert_eq!(incident(&store).updates[2].text, Text::redacted());
    drop(store);
    assert_eq!(files_with(directory.path(), LEAKED), Vec::<String>::new());
}

#[test]
fn a_file_with_a_table_of_a_newer_version_is_not_written_anew_without_it() {
    let directory = tempfile::tempdir().unwrap();
    let store = open_as(directory.path(), 1);
    let leak = leaking(&store);
    redacted(&store, leak.id, 90);
    drop(store);
    let newer: redb::TableDefinition<u64, u64> = redb::TableDefinition::new("newer");
    let path = directory.path().join("holdfast.redb");
    let database = redb::Database::open(&path).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction.open_table(newer).unwrap().insert(1, 2).unwrap();
    transaction.commit().unwrap();
    drop(database);

    let store = open_as(directory.path(), 1);
    assert!(store.wants_rewriting().unwrap(), "it is tried again when that version runs");
    assert_eq!(all_records(&store).len(), 4);
    drop(store);
    let database = redb::Database::open(&path).unwrap();
    let read = database.begin_read().unwrap();
    assert_eq!(read.open_table(newer).unwrap().get(1).unwrap().map(|value| value.value()), Some(2));
    let files = std::fs::read_dir(directory.path()).unwrap().count();
    assert_eq!(files, 1, "no half copy is left");
}
