//! The demonstration on a node: loaded up to a moment, played on, a directory that is not its own; and in several
//! regions.

use crate::{
    cluster::{json, until},
    node::{TestNode, at},
    process::{asked, program, refused},
};
use app::site::Site;
use domain::{change::Change, status::*};
use server::demo::{self, Demonstration, Moment, Replay, Start};
use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

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

/// `holdfast demo --regions`, ended by a signal when the test is done with it.
struct Regions {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

/// A region as it is told: its name, where its page is, its process.
struct Told {
    name: String,
    address: String,
    process: String,
}

impl Regions {
    fn start(directory: &Path) -> Regions {
        let arguments = ["demo", "--regions", "3", "--listen", "127.0.0.1:0", "--dir", "demo"];
        let mut child = program(directory, &arguments).stdout(Stdio::piped()).spawn().expect("the demonstration");
        let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        Regions { child, lines }
    }

    fn line(&mut self) -> String {
        self.lines.next().expect("a line").expect("a text")
    }

    /// What is told of the next region, past the link to a console.
    fn told(&mut self) -> Told {
        let is_of_console = |line: &String| line.starts_with("Work in its console") || line.starts_with("  http://");
        let line = std::iter::repeat_with(|| self.line()).find(|line| !is_of_console(line)).expect("a line");
        let told = line.strip_prefix("The demonstration in ").and_then(|rest| rest.split_once(" is at http://"));
        let (name, rest) = told.unwrap_or_else(|| panic!("{line}"));
        let (address, process) = rest.split_once(" (process ").expect("a process");
        let process = process.trim_end_matches(')').to_owned();
        Told { name: name.to_owned(), address: address.to_owned(), process }
    }
}

impl Drop for Regions {
    fn drop(&mut self) {
        // Its regions end with it; this is for a test that fails.
        let _gone = self.child.kill();
        let _ended = self.child.wait();
    }
}

fn signal(name: &str, process: &str) {
    assert!(Command::new("kill").args(["-s", name, process]).status().expect("kill").success());
}

#[test]
fn several_regions_are_processes_that_show_one_anothers_posts_and_end_together() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut regions = Regions::start(directory.path());
    let told: Vec<Told> = (0..3).map(|_| regions.told()).collect();
    let names: Vec<&str> = told.iter().map(|region| region.name.as_str()).collect();
    assert_eq!(names, ["Guangzhou", "Shanghai", "Nanjing"]);
    let hint = regions.line();
    assert!(hint.contains(&format!("`kill -STOP {}` stops Nanjing", told[2].process)), "{hint}");
    let home = |region: usize| asked(&told[region].address, "GET /en/ HTTP/1.1");
    until("each shows the replay", || (0..3).all(|region| home(region).contains("16 of 17 regions have recovered")));
    let place = directory.path().join("demo");
    let data = place.join("region-2");
    let post = ["incident", "open", "--title", "Posted in Shanghai", "--impact", "minor", "--status", "investigating"];
    let post = [&["--data", data.to_str().expect("a path")], &post[..], &["--text", "x"]].concat();
    let receipt = json(directory.path(), &post);
    assert_eq!((receipt["saved_in"].as_u64(), receipt["regions"].as_u64()), (Some(3), Some(3)), "{receipt}");
    until("the page of another region shows it", || home(2).contains("Posted in Shanghai"));
    assert!(home(2).contains("from Nanjing"), "{}", home(2));

    // Cut off by hand, it is not waited for long, and has everything when it is back.
    signal("STOP", &told[2].process);
    let receipt = json(directory.path(), &post);
    assert_eq!((receipt["saved_in"].as_u64(), receipt["regions"].as_u64()), (Some(2), Some(3)), "{receipt}");
    signal("CONT", &told[2].process);
    until("all show both", || {
        let shown = |region: usize| home(region).matches("Posted in Shanghai").count();
        shown(0) > 1 && shown(0) == shown(2)
    });

    // One that is stopped ends with the others.
    signal("STOP", &told[1].process);
    signal("TERM", &regions.child.id().to_string());
    assert!(regions.child.wait().expect("its end").success());
    for region in &told {
        assert!(!Path::new("/proc").join(&region.process).exists(), "{} goes on", region.name);
    }
}

#[test]
fn the_regions_of_a_demonstration_end_when_what_started_them_is_killed() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut regions = Regions::start(directory.path());
    let told: Vec<Told> = (0..3).map(|_| regions.told()).collect();
    regions.child.kill().expect("killed");
    for region in &told {
        // One that has ended and that nobody has waited for is still in the list, as a zombie.
        let state = || std::fs::read_to_string(Path::new("/proc").join(&region.process).join("stat"));
        until("it has ended", || state().map_or(true, |stat| stat.contains(") Z ")));
    }
}

#[test]
fn a_port_of_the_demonstration_that_is_taken_is_named_with_what_it_is_for() {
    let directory = tempfile::tempdir().expect("a directory");
    let taken = TcpListener::bind("127.0.0.2:0").expect("a port");
    let port = taken.local_addr().expect("its address").port();
    let demo = |port: u16| {
        let listen = format!("127.0.0.1:{port}");
        refused(directory.path(), &["demo", "--regions", "2", "--dir", "demo", "--listen", &listen])
    };
    let (code, error) = demo(port);
    assert!(code == 1 && error.contains(&format!("127.0.0.2:{port}, for the page of Shanghai, cannot")), "{error}");
    // The peers' ports follow from the page's.
    let (code, error) = demo(port - 100);
    let what = format!("127.0.0.2:{port}, for the peers of Shanghai, 100 from the port of its page, cannot be used");
    assert!(code == 1 && error.contains(&what), "{error}");
}
