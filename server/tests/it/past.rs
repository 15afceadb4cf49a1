//! A long past: pages are the same bytes whether the board holds all of it or leaves it to the index, also as old
//! incidents change, and after a start.

use crate::{
    node::at,
    test_app::{Reply, TestApp},
};
use app::{
    address::{Address, Page},
    locale::Locale,
    site::Site,
};
use chrono::TimeDelta;
use domain::{
    Instant,
    board::{self, Board, NEWEST_KEPT},
    catalog::{Catalog, PageSettings},
    change::*,
    command::{Command, import::Timeline},
    id::*,
    listing::{Listing, Wanted},
    stamp::{self, Stamp},
    status::*,
};
use server::{
    clock::ManualClock,
    demo::Replay,
    publish::{Node, NodeOptions},
    render,
    store::{Identity, Store},
};
use std::{path::Path, sync::Arc, sync::atomic::Ordering};

const NOW: &str = "2024-04-08T07:00:00Z";
/// Of the whole, so that most of it lies before the horizon, and fifty of each kind are not all of that.
const INCIDENTS: u32 = 260;

fn author() -> Author {
    Author { name: "test".to_owned(), way: "test".to_owned() }
}

fn node(directory: &Path) -> Arc<Node> {
    let identity = Identity::load_or_create(directory).expect("an identity");
    let options = NodeOptions {
        clock: Arc::new(ManualClock::new(at(NOW))),
        site: Site::default(),
        origin: "test".to_owned(),
        default_page: PageSettings::default(),
        amber_seconds: stamp::AMBER_SECONDS,
        grey_seconds: stamp::GREY_SECONDS,
        seeds: Vec::new(),
        keep_free_mib: 0,
    };
    Node::start(Store::open(directory, identity).expect("a store"), options).expect("a node")
}

fn id(number: u32) -> IncidentId {
    IncidentId(Id::derived(&[b"past", &number.to_be_bytes()]))
}

/// The incident or maintenance of that number: the higher, the older, two of three before the horizon.
fn timeline(catalog: &Catalog, number: u32) -> Timeline {
    let component = &catalog.components[number as usize % catalog.components.len()];
    let cells = component.cells();
    let cell = cells[number as usize % 5 % cells.len()];
    let is_maintenance = number % 5 < 2;
    let begin = at(NOW) - TimeDelta::hours(35 * i64::from(number) + 5);
    let post = |minutes: i64, status: Status, after: ComponentStatus| UpdatePosted {
        at: begin + TimeDelta::minutes(minutes),
        status: Some(status),
        text: format!("What is known of {number} after {minutes} minutes").as_str().into(),
        scope: vec![ScopeChange { cell, status: after }],
        impact: None,
        expected_recovery: None,
        next_update_at: None,
        root_cause: None,
        id: Some(UpdateId(Id::derived(&[b"post", &number.to_be_bytes(), &minutes.to_be_bytes()]))),
    };
    let outage = if number.is_multiple_of(3) { ComponentStatus::MajorOutage } else { ComponentStatus::PartialOutage };
    let (first, last) = match is_maintenance {
        true => (Status::InProgress, Status::Completed),
        false => (Status::Investigating, Status::Resolved),
    };
    Timeline {
        id: id(number),
        opened: IncidentOpened {
            title: format!("Trouble number {number}").as_str().into(),
            impact: Impact::Major,
            schedule: is_maintenance.then(|| Schedule { from: begin, until: begin + TimeDelta::hours(2) }),
            kind: if is_maintenance { Kind::Maintenance } else { Kind::Incident },
            first: post(0, first, outage),
            source: Some(Source { url: format!("https://old.example.com/{number}"), id: number.to_string() }),
        },
        // One of them lasts from long ago until now.
        updates: (number != 200).then(|| post(95, last, ComponentStatus::Operational)).into_iter().collect(),
        postmortem: None,
    }
}

async fn publish(node: &Node, command: Command) {
    node.publish(command, author()).await.expect("published");
}

/// A node with the whole past, imported.
async fn long_past(directory: &Path) -> Arc<Node> {
    let node = node(directory);
    let catalog = Replay::parsed().expect("the replay").catalog;
    publish(&node, Command::ApplyCatalog(catalog)).await;
    let catalog = node.board().catalog.clone();
    let imports = (0..INCIDENTS).map(|number| Command::Import(timeline(&catalog, number))).collect();
    node.publish_all(imports, author()).await.expect("imported");
    node
}

fn bytes(node: &Node, board: &Board, page: &Page, locale: Locale) -> Vec<u8> {
    let stamp = Stamp::new(at(NOW), at(NOW), "test");
    render::render(node.site(), board, page, locale, &stamp).body
}

/// Every page of the node's board against those of a board that holds everything; of timelines one in seven.
fn pages_agree(node: &Node) {
    let (held, mut whole) = (node.board(), node.store().load_board().expect("the log"));
    whole.set_default_page(PageSettings::default());
    // Not of the log alone: whom the configuration trusts.
    whole.signers.clone_from(&held.signers);
    assert!(whole.holds_all() && !held.holds_all(), "there is a past that is not held");
    assert_eq!(held.version, whole.version);
    let timelines = node.timelines(&held).expect("the index");
    assert_eq!(timelines, node.timelines(&whole).expect("the board"));
    let some = timelines.into_iter().enumerate().filter(|(place, _)| place % 7 == 0).map(|(_, timeline)| timeline);
    let addresses = Address::all(&whole, some);
    assert!(addresses.contains(&Address::History(Some("2023-05".parse().expect("a month")))));
    for address in addresses {
        let page = node.page(address, &held).expect("the store");
        let expected = node.page(address, &whole).expect("the store");
        assert_eq!(page.address, address);
        for locale in Locale::ALL {
            let (told, expected) = (bytes(node, &held, &page, *locale), bytes(node, &whole, &expected, *locale));
            let name = address.path(&whole.catalog, Some(*locale));
            assert!(told == expected, "{name}:\n{}", String::from_utf8_lossy(&told));
        }
        let path = address.path(&held.catalog, None);
        if address != Address::NotFound {
            let (parsed, _) = Address::parse(&path, &held).expect("a path of the page");
            assert_eq!(node.page(parsed, &held).expect("the store").address, address, "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_the_same_bytes_as_those_of_a_board_that_holds_everything() {
    let directory = tempfile::tempdir().expect("a directory");
    let node_ = long_past(directory.path()).await;
    pages_agree(&node_);

    // Old ones change: an account, a title, a word, and one more is imported that began before all others.
    let now = at(NOW);
    let text = "What came of it".into();
    let old = id(159);
    assert!(node_.board().summary(old).is_none(), "not held");
    publish(&node_, Command::PublishPostmortem { incident: old, text, at: now }).await;
    let edit = IncidentEdited { title: Some("Renamed".into()), ..IncidentEdited::default() };
    publish(&node_, Command::EditIncident { incident: id(163), edit }).await;
    let catalog = node_.board().catalog.clone();
    publish(&node_, Command::Import(timeline(&catalog, INCIDENTS + 40))).await;
    let mut more = timeline(&catalog, 180);
    more.updates.push(UpdatePosted {
        at: more.updates[0].at + TimeDelta::days(40),
        id: Some(UpdateId(Id::derived(&[b"later"]))),
        ..more.updates[0].clone()
    });
    publish(&node_, Command::Import(more)).await;
    // The one that has lasted ends, and is past by that.
    let end = UpdatePosted { at: now, status: Some(Status::Completed), ..timeline(&catalog, 200).opened.first };
    publish(&node_, Command::Post { incident: id(200), update: UpdatePosted { scope: vec![], id: None, ..end } }).await;
    pages_agree(&node_);

    drop(node_);
    let node = node(directory.path());
    pages_agree(&node);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_go_on_into_the_past() {
    let directory = tempfile::tempdir().expect("a directory");
    let node = long_past(directory.path()).await;
    let whole = node.store().load_board().expect("the log");
    let region = whole.catalog.regions[1].id;
    for kind in [Kind::Incident, Kind::Maintenance] {
        for (status, region) in [
            (Wanted::Any, None),
            (Wanted::Open, None),
            (Wanted::Ended, Some(region)),
            (Wanted::Only(Status::Completed), None),
        ] {
            let listing = Listing { kind: Some(kind), status, region, ..Listing::newest(9) };
            let (mut listed, mut after) = (Vec::new(), None);
            loop {
                let page = node.listed(Listing { after, ..listing.clone() }).await.expect("the index");
                assert!(page.len() <= 9);
                let Some(last) = page.last() else { break };
                after = Some((last.started_at, last.id));
                listed.extend(page);
            }
            let all = whole.listed(&Listing { at_most: usize::MAX, ..listing }).expect("held");
            assert_eq!(listed, all);
        }
    }
    assert_eq!(node.summary(id(259)).await.expect("the index").as_ref(), whole.summary(id(259)));
    assert_eq!(node.summary(id(999)).await.expect("the index"), None);
}

/// A server with more old incidents than it holds.
async fn old_app() -> TestApp {
    let app = TestApp::start().await;
    let count = 3 * NEWEST_KEPT as u32 + 10;
    let imports =
        (100..100 + count).map(|number| Command::Import(timeline(&app.node.board().catalog, number))).collect();
    app.node.publish_all(imports, author()).await.expect("imported");
    app
}

fn renders(app: &TestApp) -> usize {
    app.switches.renders.load(Ordering::SeqCst)
}

#[tokio::test]
async fn old_incidents_are_found_under_their_own_address_and_others_are_not() {
    let app = old_app().await;
    let (incident, maintenance) = (id(214), id(250));
    let kind = |id| app.node.store().summary(id).expect("the index").expect("there").kind;
    assert_eq!((kind(incident), kind(maintenance)), (Kind::Incident, Kind::Maintenance));
    assert!([incident, maintenance].iter().all(|id| app.node.board().summary(*id).is_none()), "not held");

    let before = renders(&app);
    let page = app.get(&format!("/incidents/{incident}")).await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("Trouble number 214"));
    assert_eq!(renders(&app), before + 1);
    assert_eq!(app.get(&format!("/incidents/{incident}")).await.body, page.body);
    assert_eq!(renders(&app), before + 1, "the second reader is not waited for");

    let own = app.get(&format!("/maintenance/{maintenance}")).await;
    let other = app.get(&format!("/incidents/{maintenance}")).await;
    assert_eq!((own.status, other.status), (200.try_into().expect("a status"), own.status));
    assert_eq!(own.body, other.body, "which names its own address as canonical");

    let rendered = renders(&app);
    let missing = app.get("/no/such/page").await;
    for path in [format!("/maintenance/{incident}"), "/incidents/000000000000".to_owned(), "/incidents/x".to_owned()] {
        let reply = app.get(&path).await;
        assert_eq!((reply.status, &reply.body), (missing.status, &missing.body), "{path}");
    }
    assert_eq!(renders(&app), rendered, "what is not there is never rendered for");
    app.end().await;
}

#[tokio::test]
async fn a_change_of_an_old_incident_is_on_its_pages_when_it_is_acknowledged() {
    let app = old_app().await;
    let old = id(214);
    let month = board::Month::of(timeline(&app.node.board().catalog, 214).opened.first.at);
    let paths = [format!("/incidents/{old}"), format!("/history/{month}"), "/api/v2/status.json".to_owned()];
    let mut before: Vec<Reply> = Vec::new();
    for path in &paths {
        before.push(app.get(path).await);
    }
    app.advance(60);
    let edit = IncidentEdited { title: Some("Renamed".into()), ..IncidentEdited::default() };
    app.publish(Command::EditIncident { incident: old, edit }).await;
    let at = app.node.clock().now();
    app.publish(Command::PublishPostmortem { incident: old, text: "Why".into(), at }).await;
    for (path, before) in paths.iter().zip(before) {
        let reply = app.get(path).await;
        assert_eq!((reply.status, before.status), (before.status, 200.try_into().expect("a status")), "{path}");
        assert_ne!(reply.body, before.body, "{path}");
    }
    assert!(app.get(&paths[1]).await.text().contains("Renamed"));
    // It has changed and is still not held.
    assert!(app.node.board().summary(old).is_none());
    let taken =
        app.node.publish(Command::Open { id: old, opened: timeline(&app.node.board().catalog, 1).opened }, author());
    assert!(taken.await.expect_err("refused").to_string().contains("exists already"));
    app.end().await;
}

#[test]
fn what_is_held_reaches_past_the_window_of_the_uptime() {
    let now: Instant = at(NOW);
    let first = domain::uptime::window_start(now).and_time(chrono::NaiveTime::MIN).and_utc();
    assert!(board::horizon(now) + TimeDelta::days(20) < first);
    assert_eq!(board::horizon(Instant::MIN_UTC), Instant::MIN_UTC);
}
