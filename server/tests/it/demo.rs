//! The demonstration on a node: loaded up to a moment, played on, and a directory that is not its own.

use crate::node::{TestNode, at};
use app::site::Site;
use domain::{change::Change, status::*};
use server::demo::{self, Demonstration, Moment, Replay, Start};

#[tokio::test]
async fn loading_posts_what_has_happened_once_under_the_demonstrations_clock() {
    let test = TestNode::at("2024-04-08T16:06:00+08:00");
    let until = test.node.clock().now();
    assert_eq!(demo::load(&test.node, until).await.expect("loaded"), 5);
    let version = test.node.board().version.clone();
    assert_eq!(demo::load(&test.node, until).await.expect("loaded"), 0, "a second time posts nothing");
    assert_eq!(test.node.board().version, version);
    let replay = Replay::parsed().expect("the replay");
    let board = test.node.board();
    let incident = board.incident(replay.incident).expect("open").clone();
    assert_eq!((incident.status, incident.impact), (Status::Identified, Impact::Critical));
    assert_eq!(incident.newest().expect("an update").at, at("2024-04-08T16:05:00+08:00"));
    let (events, problems) =
        test.node.store().subject(domain::id::Subject::Incident(replay.incident)).expect("readable");
    assert!(problems.is_empty() && events.iter().all(|event| event.author.way == "demo"));
    assert!(events.iter().all(|event| (event.written_at() - until).num_seconds().abs() < 1), "no clock but its own");
    assert!(matches!(events[0].change, Change::IncidentOpened(_)));
}

#[tokio::test]
async fn playing_posts_every_later_step_when_its_time_comes() {
    // A day in one and a half seconds: the whole incident passes at once.
    let start = Start::new(Some("15:22".parse().unwrap()), Some(demo::moment::PLAY_SPEED_MAX));
    let demonstration = Demonstration::start(None, start, Site::default()).await.expect("started");
    let replay = Replay::parsed().expect("the replay");
    assert!(demonstration.node.site().demonstration_speed == Some(demo::moment::PLAY_SPEED_MAX));
    demonstration.play().await.expect("played");
    let held = demonstration.node.incident(replay.incident).await.unwrap().expect("held");
    assert_eq!((held.status, held.updates.len()), (Status::Postmortem, 9));
    assert!(demonstration.node.clock().now() >= replay.steps.last().unwrap().at, "nothing is posted before its time");
}

#[tokio::test]
async fn a_directory_with_a_later_moment_or_another_page_is_left_alone() {
    let directory = tempfile::tempdir().expect("a directory");
    let start = |time: &str| Start::new(Some(time.parse::<Moment>().unwrap()), None);
    let at_1606 = Demonstration::start(Some(directory.path()), start("16:06"), Site::default()).await.expect("started");
    drop(at_1606);
    let earlier = Demonstration::start(Some(directory.path()), start("15:50"), Site::default()).await;
    let error = earlier.err().expect("refused").to_string();
    assert!(error.contains("16:05 on 8 April 2024"), "{error}");
    let later = Demonstration::start(Some(directory.path()), start("16:26"), Site::default()).await.expect("goes on");
    let replay = Replay::parsed().expect("the replay");
    assert_eq!(later.node.board().incident(replay.incident).expect("held").updates.len(), 6);
}
