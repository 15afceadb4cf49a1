//! The cache's promises: pages are replaced before a write is acknowledged, rendered once, kept when rendering fails,
//! and never fresher than what is confirmed.

use crate::test_app::{Reply, TestApp};
use app::{address::Address, locale::Locale};
use domain::{command::Command, stamp::Freshness, status::Kind};
use server::cache::Found;
use std::sync::atomic::Ordering;

fn shown(reply: &Reply) -> [&str; 3] {
    ["holdfast-as-of", "holdfast-freshness", "holdfast-fault"].map(|name| reply.header(name))
}

#[tokio::test]
async fn a_post_is_on_every_page_that_shows_it_when_it_is_acknowledged() {
    let app = TestApp::start().await;
    let paths = ["/", "/zh/", "/history", "/en/history/2024-04", "/api/v2/summary.json", "/api/v1/status"];
    let mut before = Vec::new();
    for path in paths {
        before.push(app.get(path).await.body);
    }
    let mut steps = app.replay.steps.iter();
    let first = steps.next().expect("a first step");
    app.clock.set(first.at);
    app.publish(first.command.clone()).await;
    for (path, before) in paths.iter().zip(before) {
        assert_ne!(app.get(path).await.body, before, "{path}");
    }
    let feed = app.get("/history.rss").await.body;
    app.pages.catch_up();
    assert_ne!(app.get("/history.rss").await.body, feed, "the feeds follow");
    let incident = app.incident();
    let newer = app.get(&incident).await.body;
    let second = steps.next().expect("a second step");
    app.clock.set(second.at);
    app.publish(second.command.clone()).await;
    assert_ne!(app.get(&incident).await.body, newer);
    app.end().await;
}

#[tokio::test]
async fn hot_pages_are_never_rendered_for_a_reader() {
    let app = TestApp::start().await;
    app.play_until("15:58").await;
    let renders = app.switches.renders.load(Ordering::SeqCst);
    let incident = app.incident();
    for path in
        ["/", "/en/", "/zh/", &incident, "/history.rss", "/history.atom", "/history.json", "/api/v2/summary.json"]
    {
        assert_eq!(app.get(path).await.status, 200, "{path}");
    }
    assert_eq!(app.get("/api/v1/status").await.status, 200);
    assert_eq!(app.get("/no/such/page").await.status, 404);
    assert_eq!(app.switches.renders.load(Ordering::SeqCst), renders);
    app.end().await;
}

#[tokio::test]
async fn however_many_wait_a_page_is_rendered_once_for_each_change() {
    let app = TestApp::start().await;
    app.play_until("15:24").await;
    let read = async |app: &TestApp| {
        let renders = app.switches.renders.load(Ordering::SeqCst);
        let mut readers = tokio::task::JoinSet::new();
        for _ in 0..50 {
            let pages = app.pages.clone();
            readers.spawn(async move { pages.get(Address::History(None), Locale::English).await });
        }
        while let Some(found) = readers.join_next().await {
            assert!(matches!(found, Ok(Found::Page(_))));
        }
        app.switches.renders.load(Ordering::SeqCst) - renders
    };
    assert_eq!(read(&app).await, 1);
    assert_eq!(read(&app).await, 0);
    app.advance(30);
    app.renew().await;
    assert_eq!(read(&app).await, 0, "the history does not state the present");
    app.play_until("15:58").await;
    assert_eq!(read(&app).await, 1);
    app.end().await;
}

#[tokio::test]
async fn a_change_leaves_alone_what_it_does_not_touch() {
    let app = TestApp::start().await;
    app.play_until("15:58").await;
    app.renew().await;
    let paths = ["/api/v2/components.json", "/maintenance.ics", "/en/history/2024-04"];
    for path in paths {
        app.get(path).await;
    }
    let renders = app.switches.renders.load(Ordering::SeqCst);
    let token = domain::change::TokenCreated {
        name: "deploy".to_owned(),
        sealed_hash: Vec::new(),
        expires_at: None,
        role: None,
    };
    let id = "0123456789ab".parse().expect("an id");
    app.publish(Command::CreateToken { id, created: token }).await;
    for path in paths {
        app.get(path).await;
    }
    let status = Address::Status;
    assert!(matches!(app.pages.get(status, Locale::English).await, Found::Page(_)));
    let copies = Address::Copies;
    assert!(matches!(app.pages.get(copies, Locale::English).await, Found::Page(_)));
    let rendered = app.switches.renders.load(Ordering::SeqCst) - renders;
    assert_eq!(rendered, 2, "only the status and the copies, which have the version");
    app.end().await;
}

#[tokio::test]
async fn when_rendering_fails_the_last_good_page_is_served_and_marked() {
    let app = TestApp::start().await;
    app.play_until("15:24").await;
    let incident = app.incident();
    let paths = ["/", incident.as_str(), "/history", "/history.rss"];
    let mut good = Vec::new();
    for path in paths {
        good.push(app.get(path).await.body);
    }
    app.switches.render_panics.store(true, Ordering::SeqCst);
    let title = Some("Another title".into());
    let edit = domain::change::IncidentEdited { title, ..Default::default() };
    let receipt = app.publish(Command::EditIncident { incident: app.replay.incident, edit }).await;
    assert_eq!(receipt.events.len(), 1, "a write is taken all the same");
    app.pages.catch_up();
    for (path, good) in paths.iter().zip(&good) {
        for _ in 0..2 {
            let reply = app.get(path).await;
            assert_eq!((reply.status.as_u16(), reply.header("holdfast-fault")), (200, "render"), "{path}");
            assert_eq!(reply.body, good, "{path}");
        }
    }
    assert_eq!(app.get("/regions/ap-shanghai").await.status, 503, "never rendered, so there is no last good page");
    let ready = app.operated("/readyz").await;
    assert_eq!(ready.status, 503, "loud: {}", ready.text());

    // Past the bound the last good page is still shown, but no machine may take it for the present.
    app.advance(600);
    app.renew().await;
    let home = app.get("/").await;
    assert_eq!((home.status.as_u16(), home.header("holdfast-freshness"), &home.body), (503, "grey", &good[0]));
    assert_eq!(app.get("/history").await.status, 200, "history does not state the present");

    app.switches.render_panics.store(false, Ordering::SeqCst);
    app.renew().await;
    for (path, good) in paths.iter().zip(&good) {
        let reply = app.get(path).await;
        assert_eq!((reply.status.as_u16(), reply.header("holdfast-fault")), (200, ""), "{path}");
        assert_ne!(reply.body, good, "{path}");
    }
    app.end().await;
}

#[tokio::test]
async fn without_a_confirmation_pages_lose_their_freshness() {
    let app = TestApp::start().await;
    app.renew().await;
    let component = {
        let board = app.node.board();
        Address::Component(board.catalog.components[0].id).path(&board.catalog, None)
    };
    let paths = ["/", component.as_str(), "/history", "/api/v1/status"];
    let mut fresh = Vec::new();
    for path in paths {
        let reply = app.get(path).await;
        assert_eq!(shown(&reply), ["2024-04-08T07:00:00Z", "fresh", ""], "{path}");
        fresh.push(reply.body);
    }
    app.switches.store_is_gone.store(true, Ordering::SeqCst);
    for (seconds, freshness) in [(61, "amber"), (240, "grey")] {
        app.advance(seconds);
        app.renew().await;
        for (path, fresh) in paths.iter().zip(&fresh) {
            let reply = app.get(path).await;
            assert_eq!(shown(&reply), ["2024-04-08T07:00:00Z", freshness, ""], "{path}");
            if *path != "/history" {
                assert_ne!(reply.body, fresh, "{path} states the present");
            }
        }
    }
    app.switches.store_is_gone.store(false, Ordering::SeqCst);
    app.renew().await;
    assert_eq!(shown(&app.get("/").await), ["2024-04-08T07:05:01Z", "fresh", ""]);
    assert_eq!(app.pages.measures.store_faults.get(), 2, "the two checks that failed, and no other");
    app.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_hangs_does_not_keep_pages_fresh() {
    let app = TestApp::start().await;
    let switches = app.switches.clone();
    let (release, held) = std::sync::mpsc::channel::<()>();
    let (holding, holds) = tokio::sync::oneshot::channel();
    let holder = std::thread::spawn(move || {
        let _hang = switches.store_hangs.lock();
        holding.send(()).expect("waited for");
        let _released = held.recv();
    });
    holds.await.expect("the store hangs");
    app.advance(400);
    let mut renewal = server::cache::upkeep::Renewal::new(app.pages.clone());
    renewal.renew(std::time::Duration::from_millis(1)).await;
    assert_eq!(app.pages.hot().stamp.freshness, Freshness::Grey);
    assert_eq!(shown(&app.get("/").await), ["2024-04-08T07:00:00Z", "grey", ""]);
    release.send(()).expect("released");
    holder.join().expect("released");
    renewal.renew(std::time::Duration::from_secs(60)).await;
    assert_eq!(app.pages.hot().stamp.freshness, Freshness::Fresh);
    app.end().await;
}

#[tokio::test]
async fn bytes_that_stay_the_same_keep_their_validator() {
    let app = TestApp::start().await;
    app.play_until("15:58").await;
    app.pages.catch_up();
    let before = app.get("/history.rss").await;
    app.advance(10);
    app.renew().await;
    let after = app.get("/history.rss").await;
    assert_eq!(after.header("etag"), before.header("etag"));
    assert_ne!(after.header("holdfast-as-of"), before.header("holdfast-as-of"), "its headers go on");
    app.end().await;
}

#[tokio::test]
async fn a_feed_that_follows_speaks_of_the_board_that_it_was_rendered_from() {
    let app = TestApp::start().await;
    app.play_until("15:58").await;
    app.pages.catch_up();
    app.renew().await;
    let headers = async |path: &str| {
        let reply = app.get(path).await;
        (reply.header("holdfast-board").to_owned(), reply.header("holdfast-as-of").to_owned(), reply.body)
    };
    let home = headers("/").await;
    let before = headers("/history.rss").await;
    assert_eq!((&before.0, &before.1), (&home.0, &home.1));

    // A change that does not touch it moves its headers and not its bytes.
    app.advance(10);
    let token = domain::change::TokenCreated {
        name: "deploy".to_owned(),
        sealed_hash: Vec::new(),
        expires_at: None,
        role: None,
    };
    app.publish(Command::CreateToken { id: "0123456789ab".parse().expect("an id"), created: token }).await;
    let untouched = headers("/history.rss").await;
    assert_eq!(untouched.0, headers("/api/v1/status").await.0);
    assert_eq!((untouched.1 > before.1, &untouched.2), (true, &before.2));

    // Ones that do leave its headers where its bytes are, also over a new stamp, until it has followed.
    for title in ["Another title", "A third title"] {
        app.advance(10);
        let edit = domain::change::IncidentEdited { title: Some(title.into()), ..Default::default() };
        app.publish(Command::EditIncident { incident: app.replay.incident, edit }).await;
        app.renew().await;
        assert_ne!(headers("/").await.0, untouched.0);
        assert_eq!(headers("/history.rss").await, untouched, "{title}");
    }
    app.pages.catch_up();
    let (home, after) = (headers("/").await, headers("/history.rss").await);
    assert_eq!((&after.0, &after.1), (&home.0, &home.1));
    assert!(String::from_utf8_lossy(&after.2).contains("A third title"));

    // The last good page speaks of its own board too.
    app.switches.render_panics.store(true, Ordering::SeqCst);
    let edit = domain::change::IncidentEdited { title: Some("A fourth title".into()), ..Default::default() };
    app.publish(Command::EditIncident { incident: app.replay.incident, edit }).await;
    app.pages.catch_up();
    for path in ["/", "/history.rss"] {
        let reply = app.get(path).await;
        assert_eq!((reply.header("holdfast-fault"), reply.header("holdfast-board")), ("render", after.0.as_str()));
    }
    app.end().await;
}

#[tokio::test]
async fn what_a_writer_compressed_swiftly_is_compressed_better_later() {
    let app = TestApp::start().await;
    app.play_until("15:58").await;
    let brotli = [("accept-encoding", "br")];
    let swift = app.ask("GET", "/", &brotli).await;
    assert!(app.pages.hot().is_coarse());
    app.pages.refine();
    assert!(!app.pages.hot().is_coarse());
    let thorough = app.ask("GET", "/", &brotli).await;
    assert!(thorough.body.len() < swift.body.len(), "{} < {}", thorough.body.len(), swift.body.len());
    assert_ne!(thorough.header("etag"), swift.header("etag"), "a strong validator names exact bytes");
    app.end().await;
}

#[tokio::test]
async fn an_ended_incident_is_no_longer_pinned_and_still_found() {
    let app = TestApp::start().await;
    app.play_until("15:58").await;
    let key = (Address::of_timeline(Kind::Incident, app.replay.incident), Locale::English);
    assert!(app.pages.hot().pages.contains_key(&key));
    app.play_until("23:00").await;
    assert!(!app.pages.hot().pages.contains_key(&key));
    assert_eq!(app.get(&app.incident()).await.status, 200);
    app.end().await;
}
