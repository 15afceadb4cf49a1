//! What a running node shows when its drive fails in the middle of a commit: never less than its log holds, and never
//! an acknowledgement of what may not last.

use crate::{
    node::{at, author, on_store},
    process::waited_for,
    store::{incident_id, post},
    store_disk::Disk,
};
use domain::{
    change::{IncidentOpened, UpdatePosted},
    command::Command,
    status::{Impact, Kind, Status},
};
use server::publish::{Node, PublishError, Receipt};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

const NOW: &str = "2024-04-09T00:00:00Z";

async fn open(node: &Node) {
    let opened = IncidentOpened {
        title: "Cloud API unavailable".into(),
        impact: Impact::Critical,
        schedule: None,
        kind: Kind::Incident,
        first: post(0, Status::Investigating, "A"),
        source: None,
    };
    node.publish(Command::Open { id: incident_id(1), opened }, author("test")).await.expect("opened");
}

async fn update(node: &Node, update: UpdatePosted) -> Result<Receipt, PublishError> {
    node.publish(Command::Post { incident: incident_id(1), update }, author("test")).await
}

/// How many updates the board shows, and how many events the log holds.
fn shown_and_held(node: &Node) -> (usize, usize) {
    let board = node.board();
    let shown = board.incident(incident_id(1)).expect("open").updates.len();
    assert_eq!(board.version.total(), shown as u64);
    (shown, node.store().records(1).expect("readable").len())
}

#[tokio::test]
async fn a_commit_that_failed_and_landed_all_the_same_is_shown_and_not_acknowledged() {
    let mut landed = 0;
    for operation in 1.. {
        let disk = Disk::default();
        let (node, _) = on_store(disk.open(), NOW);
        open(&node).await;
        let told = Arc::new(AtomicU64::new(0));
        let listener = Arc::clone(&told);
        node.listen(Box::new(move |board, _| listener.store(board.version.total(), Ordering::SeqCst)));
        let version = node.subscribe();
        let fails_at = disk.platters().operations + operation;
        disk.platters().fails_at = Some(fails_at);
        let refused = match update(&node, post(60, Status::Identified, "B")).await {
            Ok(_) if disk.platters().operations < fails_at => {
                assert!(landed > 0, "no failure of {operation} has left the events in the file");
                return;
            }
            Ok(_) => panic!("operation {operation} failed, and the write was acknowledged"),
            Err(refused) => refused.to_string(),
        };
        let (shown, held) = shown_and_held(&node);
        assert_eq!(shown, held, "operation {operation}: {refused}");
        if held == 2 {
            landed += 1;
            assert!(refused.contains("look before you repeat"), "{refused}");
            assert_eq!((told.load(Ordering::SeqCst), *version.borrow()), (2, 2), "readers are told");
        } else {
            assert!(refused.contains("nothing was saved"), "{refused}");
        }
        update(&node, post(120, Status::Resolved, "C")).await.expect("the drive works again");
        assert_eq!(shown_and_held(&node), (held + 1, held + 1));
        assert_eq!(node.store().load_board().expect("readable").version, node.board().version);
    }
}

#[tokio::test]
async fn what_a_dead_drive_has_kept_is_shown_once_it_answers() {
    let mut landed = 0;
    for good_for in 0.. {
        let disk = Disk::default();
        let (node, clock) = on_store(disk.open(), NOW);
        clock.set(at(NOW));
        open(&node).await;
        let before = disk.platters().operations;
        disk.platters().good_for = Some(good_for);
        let outcome = update(&node, post(60, Status::Identified, "B")).await;
        if outcome.is_ok() && disk.platters().operations <= before + good_for {
            assert!(landed > 0, "no dead drive has kept the events");
            return;
        }
        let refused = outcome.expect_err("not acknowledged").to_string();
        // While it is dead, nothing is taken that would be planned on a board that may lack something.
        update(&node, post(90, Status::Monitoring, "X")).await.expect_err("still dead");
        disk.platters().good_for = None;
        let held = node.store().records(1).expect("readable").len();
        assert!(held == 1 || refused.contains("look before you repeat"), "after {good_for} operations: {refused}");
        landed += held - 1;
        waited_for("what the log holds on the board", || {
            let (shown, held) = shown_and_held(&node);
            (shown == held).then_some(())
        });
    }
}
