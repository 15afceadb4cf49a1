//! Whose events count: held events, trust that changes while a node runs, removal, and a rotated key.

use crate::{
    node::TestNode,
    store::{all_records, append, at, author, identity, incident_id, member, open_as, opening, update},
};
use domain::{
    board::Board,
    change::*,
    fold::{Problem, ProblemKind},
    id::*,
    status::Status,
    trust::Member,
};
use server::{
    publish::PublishError,
    store::{Identity, Record, Store},
};
use std::path::Path;

/// The log of node number `node`, which trusts itself and nobody else.
fn alone(directory: &Path, node: u8) -> Store {
    Store::open(directory, identity(node)).unwrap()
}

fn trusting(node: u8) -> (Subject, Change) {
    let Member { key, name, region, address } = member(node);
    (Subject::Node(NodeId::of_key(&key)), Change::NodeTrusted(NodeTrusted { key, name, region, address }))
}

fn removing(node: u8, up_to: Hlc) -> (Subject, Change) {
    let key = member(node).key;
    (Subject::Node(NodeId::of_key(&key)), Change::NodeRemoved(NodeRemoved { key, up_to }))
}

fn problems(board: &Board, kind: ProblemKind) -> Vec<&Problem> {
    board.problems().filter(|problem| problem.kind == kind).collect()
}

/// Gives everything that one log holds to another.
fn give(from: &Store, to: &Store) {
    to.insert(&all_records(from), at(1000)).unwrap();
}

#[test]
fn what_a_stranger_signed_is_kept_and_handed_on_but_not_shown_until_it_is_trusted() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (store, stranger) = (alone(here.path(), 1), alone(there.path(), 2));
    append(&stranger, opening(1, 0, "A"), 0);
    append(&stranger, update(1, 60, Status::Identified, "B"), 60);
    give(&stranger, &store);
    assert_eq!(all_records(&store), all_records(&stranger));
    let board = store.load_board().unwrap();
    assert_eq!((board.incident_count(), board.version.total()), (0, 2));
    let held = problems(&board, ProblemKind::Held);
    assert_eq!(held.len(), 2);
    let node = identity(2).node_key();
    assert_eq!(
        held[0].reason,
        format!("signed by node {node}, which is not trusted here: `holdfast node trust {node} --name NAME` admits it")
    );
    store.settle().unwrap();

    append(&store, trusting(2), 100);
    let board = store.load_board().unwrap();
    assert_eq!(board.problems().count(), 0);
    assert_eq!(board.incident(incident_id(1)), Some(&stranger.incident(incident_id(1)).unwrap().unwrap().into()));
}

#[test]
fn a_board_that_was_folded_by_another_configuration_is_not_taken_from_the_index() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (store, other) = (open_as(here.path(), 1), open_as(there.path(), 2));
    append(&other, opening(1, 0, "A"), 0);
    give(&other, &store);
    let board = store.load_board().unwrap();
    assert_eq!(board.incident_count(), 1);
    store.settle().unwrap();
    store.seed(vec![member(1), member(3)]).unwrap();
    assert_eq!(store.load_board().unwrap().incident_count(), 0);
    store.seed(vec![member(1), member(2)]).unwrap();
    assert_eq!(store.load_board().unwrap(), board);
}

#[test]
fn trust_spreads_by_events_in_whatever_order_they_arrive() {
    let directories = [(); 4].map(|()| tempfile::tempdir().unwrap());
    let first = alone(directories[0].path(), 1);
    let second = alone(directories[1].path(), 2);
    append(&first, trusting(2), 0);
    give(&first, &second);
    append(&second, trusting(3), 10);
    let third = alone(directories[2].path(), 3);
    append(&third, opening(1, 20, "A"), 20);
    give(&second, &third);
    let mut records = all_records(&third);
    for _ in 0..records.len() {
        records.rotate_left(1);
        let directory = tempfile::tempdir().unwrap();
        let store = alone(directory.path(), 4);
        store.seed(vec![member(1)]).unwrap();
        for record in &records {
            store.insert(std::slice::from_ref(record), at(100)).unwrap();
        }
        let board = store.load_board().unwrap();
        assert_eq!(board.problems().collect::<Vec<_>>(), Vec::<&Problem>::new());
        assert_eq!(board.incident_count(), 1);
    }
}

#[test]
fn what_a_removed_node_signed_before_stays_and_what_it_signed_after_is_held() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (store, lost) = (open_as(here.path(), 1), open_as(there.path(), 2));
    let last = append(&lost, opening(1, 0, "A"), 0);
    give(&lost, &store);
    append(&store, removing(2, last.hlc), 10);
    // Cut off, or in other hands: it goes on, and even trusts somebody.
    let late = append(&lost, update(1, 60, Status::Resolved, "all is well"), 60);
    append(&lost, trusting(5), 61);
    give(&lost, &store);
    let board = store.load_board().unwrap();
    assert_eq!(board.incident(incident_id(1)).unwrap().status, Status::Investigating);
    let held = problems(&board, ProblemKind::Held);
    assert_eq!(held.len(), 2);
    let of_late = held.iter().find(|problem| problem.event == late.id).unwrap();
    assert!(of_late.reason.contains("post anew what is right in it"), "{}", of_late.reason);
    assert!(!store.trust().is_trusted(&member(5).key));

    // The removed one comes to the same, and everybody holds the same events.
    give(&store, &lost);
    assert_eq!(lost.load_board().unwrap().incident(incident_id(1)), board.incident(incident_id(1)));
}

/// A node that runs, and a stranger's log.
async fn running() -> (TestNode, Store, tempfile::TempDir) {
    let node = TestNode::at("2024-04-08T16:00:00+08:00");
    let directory = tempfile::tempdir().unwrap();
    // Of the same cluster: it shares the cluster's key, and has one of its own.
    let cluster_key = *node.node.store().identity().cluster_key;
    let stranger = Store::open(directory.path(), Identity::new([8; 32], cluster_key)).unwrap();
    append(&stranger, opening(1, 0, "A"), 0);
    (node, stranger, directory)
}

#[tokio::test]
async fn a_running_node_shows_what_it_held_as_soon_as_the_writer_is_trusted() {
    let (node, stranger, _directory) = running().await;
    let receipt = node.node.insert(all_records(&stranger)).await.unwrap();
    assert_eq!(receipt.events.len(), 1);
    assert_eq!(node.node.board().incident_count(), 0);

    let key = stranger.identity().node_key();
    let member = Member { key, name: "other".to_owned(), region: String::new(), address: String::new() };
    node.node.trust_nodes(vec![member.clone()], author()).await.unwrap();
    assert_eq!(node.node.board().incident_count(), 1);
    assert!(node.node.trust().is_trusted(&key));
    let again = node.node.trust_nodes(vec![member.clone()], author()).await.unwrap();
    assert_eq!(again.events, [], "it is trusted already");

    node.node.remove_node(key, None, author()).await.unwrap();
    assert_eq!(node.node.board().incident_count(), 1, "what it signed so far stays");
    append(&stranger, opening(2, 10, "B"), 10);
    node.node.insert(all_records(&stranger)).await.unwrap();
    assert_eq!(node.node.board().incident_count(), 1);
    for refused in [
        node.node.trust_nodes(vec![member], author()).await.unwrap_err(),
        node.node.remove_node(key, None, author()).await.unwrap_err(),
        node.node.remove_node(node.node.store().identity().node_key(), None, author()).await.unwrap_err(),
    ] {
        assert!(matches!(refused, PublishError::Refused(_)), "{refused}");
    }
    // But its key may have been in other hands for longer than that.
    node.node.remove_node(key, Some(at(-10)), author()).await.unwrap();
    assert_eq!(node.node.board().incident_count(), 0);
}

#[tokio::test]
async fn a_node_whose_clock_ran_ahead_is_not_removed_so_that_it_may_go_on() {
    let (node, stranger, _directory) = running().await;
    let key = stranger.identity().node_key();
    append(&stranger, opening(1, 0, "A"), 0);
    append(&stranger, update(1, 86_400, Status::Identified, "of tomorrow"), 86_400);
    node.node.insert(all_records(&stranger)).await.unwrap();
    let member = Member { key, name: "other".to_owned(), region: String::new(), address: String::new() };
    node.node.trust_nodes(vec![member], author()).await.unwrap();
    let refused = node.node.remove_node(key, None, author()).await.unwrap_err();
    assert!(refused.to_string().contains("--since"), "{refused}");
    node.node.remove_node(key, Some(at(60)), author()).await.unwrap();
    assert!(!node.node.trust().is_trusted(&key));
}

#[tokio::test]
async fn a_node_that_was_removed_says_so_instead_of_saving_what_nobody_would_show() {
    let (node, other, _directory) = running().await;
    let own = node.node.store().identity().node_key();
    let key = other.identity().node_key();
    let member = Member { key, name: "other".to_owned(), region: String::new(), address: String::new() };
    node.node.trust_nodes(vec![member], author()).await.unwrap();
    let removed = NodeRemoved { key: own, up_to: Hlc(u64::MAX) };
    append(&other, (Subject::Node(NodeId::of_key(&own)), Change::NodeRemoved(removed)), 20);
    node.node.insert(all_records(&other)).await.unwrap();
    let before = node.node.board().version.clone();
    let refused = node.node.trust_nodes(vec![self::member(7)], author()).await.unwrap_err();
    assert!(refused.to_string().contains("was removed, and what it signs counts nowhere"), "{refused}");
    assert_eq!(node.node.board().version, before);
}

/// Both steps of a rotation that the log and the files take part in.
fn rotate(directory: &Path) -> (NodeKey, NodeKey) {
    let store = Store::open(directory, Identity::load_or_create(directory).unwrap()).unwrap();
    let old = store.identity().node_key();
    let key = store.new_key().unwrap();
    let said = NodeTrusted { key, name: "new".to_owned(), region: String::new(), address: String::new() };
    append(&store, (Subject::Node(NodeId::of_key(&key)), Change::NodeTrusted(said)), 10);
    store.swap_keys().unwrap();
    assert!(store.new_key().is_err(), "not twice before a start");
    append(&store, update(1, 20, Status::Identified, "the old key is still in use"), 20);
    (old, key)
}

fn start(directory: &Path) -> (Store, Option<Event>) {
    let store = Store::open(directory, Identity::load_or_create(directory).unwrap()).unwrap();
    store.seed(Vec::new()).unwrap();
    let finished = store.finish_rotation(at(30)).unwrap();
    (store, finished)
}

#[test]
fn a_rotated_key_takes_over_and_everything_that_the_old_one_signed_stays() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path(), Identity::load_or_create(directory.path()).unwrap()).unwrap();
    append(&store, opening(1, 0, "A"), 0);
    drop(store);
    let (old, new) = rotate(directory.path());

    let (store, finished) = start(directory.path());
    assert_eq!(store.identity().node_key(), new);
    let last = store.last_clock(old).unwrap().unwrap();
    assert_eq!(finished.unwrap().change, Change::NodeRemoved(NodeRemoved { key: old, up_to: last }));
    assert!(!directory.path().join("node.key.old").exists());
    assert_eq!(store.load_board().unwrap().problems().count(), 0);
    append(&store, update(1, 40, Status::Resolved, "by the new key"), 40);
    drop(store);
    let (store, finished) = start(directory.path());
    assert_eq!(finished, None, "it is done once");

    // A node that knows only the old key follows, whichever comes first.
    for reversed in [false, true] {
        let there = tempfile::tempdir().unwrap();
        let other = Store::open(there.path(), Identity::new([6; 32], *store.identity().cluster_key)).unwrap();
        let seed = Member { key: old, name: "old".to_owned(), region: String::new(), address: String::new() };
        other.seed(vec![seed]).unwrap();
        let mut records: Vec<Record> = all_records(&store);
        if reversed {
            records.reverse();
        }
        for record in records {
            other.insert(&[record], at(100)).unwrap();
        }
        assert!(other.trust().is_trusted(&new) && !other.trust().is_trusted(&old));
        let board = other.load_board().unwrap();
        assert_eq!(board.problems().count(), 0);
        assert_eq!(board.incident(incident_id(1)).unwrap().status, Status::Resolved);
    }
}

#[test]
fn a_crash_in_the_middle_of_a_rotation_leaves_a_key_that_works() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str| directory.path().join(name);
    let store = Store::open(directory.path(), Identity::load_or_create(directory.path()).unwrap()).unwrap();
    append(&store, opening(1, 0, "A"), 0);
    // After the new key is made; after the old one is copied.
    let old = store.identity().node_key();
    let new = store.new_key().unwrap();
    drop(store);
    for copied in [false, true] {
        if copied {
            std::fs::copy(file("node.key"), file("node.key.old")).unwrap();
        }
        let (store, finished) = start(directory.path());
        assert_eq!((store.identity().node_key(), finished), (old, None));
        assert!(!file("node.key.old").exists());
        assert_eq!(store.new_key().unwrap(), new, "the same new key is used when it is tried again");
    }
    // After the swap and before the removal is saved, as often as it may happen.
    rotate(directory.path());
    let store = Store::open(directory.path(), Identity::load_or_create(directory.path()).unwrap()).unwrap();
    assert_eq!(store.identity().node_key(), new);
    drop(store);
    let saved = std::fs::read(file("node.key.old")).unwrap();
    let (store, finished) = start(directory.path());
    assert!(finished.is_some());
    drop(store);
    // After the removal and before the old key is deleted.
    std::fs::write(file("node.key.old"), saved).unwrap();
    std::process::Command::new("chmod").arg("600").arg(file("node.key.old")).status().unwrap();
    let (_store, finished) = start(directory.path());
    assert_eq!(finished, None);
    assert!(!file("node.key.old").exists());
}
