//! Events whose bodies are missing: the log names them, whatever made them so, and names no others. That they are
//! fetched is shown in `replication::tests` and in the simulation.

use crate::store::{all_records, append, at, identity, incident_id, member, open_as, opening, update};
use domain::{change::*, fold::ProblemKind, id::*, status::*};
use server::store::{Record, Store, redact, tables};

fn missing(store: &Store) -> Vec<EventId> {
    let listed = store.missing_bodies(None, usize::MAX).unwrap();
    assert_eq!(store.body_counts().missing, listed.len() as u64);
    listed
}

fn redaction(store: &Store, id: EventId, seconds: i64) -> Event {
    let target = store.redactable(id).unwrap().unwrap();
    let residue = target.change.as_ref().and_then(|(author, change)| redact::residue(author, change));
    let change = Change::Redacted(Redacted { event: id, residue, reason: None });
    append(store, (target.header.subject, change), seconds)
}

fn without_bodies(records: &[Record]) -> Vec<Record> {
    records.iter().map(|record| Record { body: None, ..record.clone() }).collect()
}

/// What is taken in, and what is missing after it.
type Step<'a> = (&'a [Record], &'a [EventId]);

/// Two incidents of node 1, and node 2 that has redacted the first of them.
fn two_incidents() -> (tempfile::TempDir, Store, Vec<Record>, Record) {
    let directory = tempfile::tempdir().unwrap();
    let store = open_as(directory.path(), 2);
    let source = tempfile::tempdir().unwrap();
    let source = open_as(source.path(), 1);
    append(&source, opening(1, 0, "A"), 0);
    append(&source, opening(2, 1, "B"), 1);
    let posts = all_records(&source);
    store.insert(&posts, at(2)).unwrap();
    let redaction = redaction(&store, posts[0].id(), 10);
    let redaction = all_records(&store).into_iter().find(|record| record.id() == redaction.id).unwrap();
    (directory, store, posts, redaction)
}

#[test]
fn a_body_is_missing_unless_it_is_here_or_its_redaction_counts_in_whatever_order_they_come() {
    let (_there, _, posts, redaction) = two_incidents();
    let (first, second) = (posts[0].id(), posts[1].id());
    let (mut both, others) = ([first, second], [second]);
    both.sort();
    let bare = without_bodies(&posts);
    let redactor = std::slice::from_ref(&redaction);
    // On a node that trusts the redactor.
    let orders: [(&str, Vec<Step>); 5] = [
        ("bare, then redacted", vec![(&bare, &both), (redactor, &others)]),
        ("redacted, then bare", vec![(redactor, &[]), (&bare, &others)]),
        ("redacted, then whole", vec![(redactor, &[]), (&posts, &[])]),
        ("bare, then whole", vec![(&bare, &both), (&posts, &[]), (redactor, &[])]),
        ("whole, then bare", vec![(&posts, &[]), (&bare, &[]), (redactor, &[]), (&posts[1..], &[])]),
    ];
    for (what, steps) in orders {
        let directory = tempfile::tempdir().unwrap();
        let mut store = open_as(directory.path(), 3);
        for (records, expected) in steps {
            store.insert(records, at(20)).unwrap();
            assert_eq!(missing(&store), expected, "{what}");
            drop(store);
            store = open_as(directory.path(), 3);
            assert_eq!(missing(&store), expected, "{what}, after a start");
        }
    }
}

#[test]
fn a_redaction_that_itself_came_without_its_body_counts_as_soon_as_that_comes() {
    let (_there, _, posts, redaction) = two_incidents();
    let directory = tempfile::tempdir().unwrap();
    let store = open_as(directory.path(), 3);
    store.insert(&posts, at(20)).unwrap();
    store.insert(&without_bodies(std::slice::from_ref(&redaction)), at(21)).unwrap();
    assert_eq!(missing(&store), [redaction.id()]);
    assert!(all_records(&store)[0].body.is_some());
    store.insert(&[redaction], at(22)).unwrap();
    assert_eq!(missing(&store), []);
    assert_eq!(all_records(&store)[0].body, None);
}

#[test]
fn a_body_is_missing_when_its_redaction_no_longer_counts_and_goes_when_it_counts_again() {
    let (_there, _, posts, redaction) = two_incidents();
    let first = posts[0].id();
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path(), identity(3)).unwrap();
    let (with, without) = (vec![member(1), member(2)], vec![member(1)]);
    store.seed(with.clone()).unwrap();
    store.insert(&[posts.clone(), vec![redaction]].concat(), at(20)).unwrap();
    assert_eq!((all_records(&store)[0].body.clone(), missing(&store)), (None, vec![]));
    assert_eq!(store.load_board().unwrap().incident_count(), 2);

    // By the configuration.
    let before = store.body_counts();
    store.seed(without).unwrap();
    assert_eq!(missing(&store), [first]);
    assert!(store.body_counts().lost > before.lost, "peers are asked again");
    let board = store.load_board().unwrap();
    let told: Vec<_> = board.problems().filter(|problem| problem.kind == ProblemKind::Erased).collect();
    assert_eq!(told.len(), 1);
    assert!(told[0].reason.contains("asked of the other regions"), "{}", told[0].reason);
    let inserted = store.insert(&posts, at(30)).unwrap();
    assert_eq!((inserted.completed, missing(&store)), (vec![first], vec![]));
    assert!(store.body_counts().came > before.came, "peers learn that it is here now");
    assert_eq!(all_records(&store)[0], posts[0]);

    store.seed(with).unwrap();
    assert_eq!((all_records(&store)[0].body.clone(), missing(&store)), (None, vec![]));

    // And by an event, in the transaction that takes it in.
    let key = member(2).key;
    let removed = Change::NodeRemoved(NodeRemoved { key, up_to: Hlc(0) });
    append(&store, (Subject::Node(NodeId::of_key(&key)), removed), 40);
    assert_eq!(missing(&store), [first]);
    append(&store, update(2, 50, Status::Resolved, "Done"), 50);
    assert_eq!(missing(&store), [first], "other writes leave it so");
    let inserted = store.insert(&posts, at(60)).unwrap();
    assert_eq!((inserted.completed, missing(&store)), (vec![first], vec![]));
    assert!(store.incident(incident_id(1)).unwrap().is_some());
}

#[test]
fn a_log_of_an_earlier_version_is_looked_through_once() {
    let (_there, _, posts, redaction) = two_incidents();
    let directory = tempfile::tempdir().unwrap();
    let store = open_as(directory.path(), 3);
    store.insert(&[vec![redaction], without_bodies(&posts)].concat(), at(20)).unwrap();
    drop(store);
    let database = redb::Database::open(directory.path().join("holdfast.redb")).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction.delete_table(tables::MISSING).unwrap();
    transaction.open_table(tables::META).unwrap().remove(tables::MISSING_KEY).unwrap();
    transaction.commit().unwrap();
    drop(database);
    let store = open_as(directory.path(), 3);
    assert_eq!(missing(&store), [posts[1].id()], "the other one is redacted");
}

#[test]
fn they_are_listed_in_pages() {
    let (_there, _, posts, _) = two_incidents();
    let directory = tempfile::tempdir().unwrap();
    let store = open_as(directory.path(), 3);
    store.insert(&without_bodies(&posts), at(20)).unwrap();
    let all = missing(&store);
    let first = store.missing_bodies(None, 1).unwrap();
    let second = store.missing_bodies(first.last().copied(), 1).unwrap();
    assert_eq!([first, second.clone()].concat(), all);
    assert_eq!(store.missing_bodies(second.last().copied(), 1).unwrap(), []);
}
