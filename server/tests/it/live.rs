//! The live stream.

use crate::test_app::{self, TestApp};
use chrono::TimeDelta;
use domain::stamp::{Heard, Silent};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use server::http::{Settings, settings::Limits};
use std::{sync::Arc, time::Duration};

/// Reads until the stream has said `text`, or ended; what it said.
async fn until(body: &mut Incoming, text: &str) -> String {
    let mut said = String::new();
    while !said.contains(text) {
        let Some(frame) = body.frame().await else { break };
        said.push_str(std::str::from_utf8(frame.expect("a frame").data_ref().expect("data")).expect("UTF-8"));
    }
    said
}

#[tokio::test]
async fn a_stream_begins_with_the_newest_version_hears_of_each_and_ends_with_the_server() {
    let app = TestApp::start().await;
    let response = test_app::open(app.address, "GET", "/live", &[], "").await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert_eq!(response.headers()["access-control-allow-origin"], "*");
    let mut body = response.into_body();
    let version = app.node.board().version.total();
    let said = until(&mut body, "event: confirmed\ndata: 2024-04-08T07:00:00Z ").await;
    let regions = app.node.stamp().regions_digest();
    let board = format!("retry: 3000\n\nevent: board\ndata: {version}\n\nevent: regions\ndata: {regions}\n\n");
    assert!(said.starts_with(&board), "{said}");

    let receipt = app.play_until("15:24").await.expect("a post");
    let event = format!("event: board\ndata: {}\n\n", receipt.board_version);
    assert!(receipt.board_version > version);
    let said = until(&mut body, &event).await;
    assert!(said.contains(&event), "{said}");

    app.advance(30);
    app.renew().await;
    let said = until(&mut body, "07:24:30Z").await;
    assert!(said.contains("event: confirmed\ndata: 2024-04-08T07:24:30Z "), "{said}");

    app.end().await;
    assert_eq!(until(&mut body, "anything else").await, "", "it ends");
}

/// The age that the newest event `confirmed` of a text tells, in seconds.
fn told_age(said: &str) -> u64 {
    let data = said.rsplit("event: confirmed\ndata: ").next().and_then(|rest| rest.lines().next());
    let age = data.and_then(|data| data.split_once(' ')).expect("a confirmation with its age").1;
    age.parse().expect("a number")
}

#[tokio::test]
async fn a_confirmation_is_never_told_as_younger_than_it_is() {
    let app = TestApp::start().await;
    let confirmed = "event: confirmed\ndata: 2024-04-08T07:00:00Z";
    // The stamp came to the pages a while ago: whoever comes now is told of its age.
    let mut hot = server::cache::Hot::clone(&app.pages.hot());
    hot.stamped = hot.stamped.checked_sub(Duration::from_secs(7)).expect("this machine runs for longer");
    app.public.live.tell(&hot);
    let mut late = test_app::open(app.address, "GET", "/live", &[], "").await.into_body();
    assert!(told_age(&until(&mut late, confirmed).await) >= 7);

    // A stamp may be old already when it is made: replication confirms the start of a round.
    let stamp = domain::stamp::Stamp::new(hot.stamp.confirmed_at, hot.stamp.now + TimeDelta::seconds(40), "ap-tokyo");
    let hot = server::cache::Hot { stamp: Arc::new(stamp), ..hot };
    app.public.live.tell(&hot);
    let mut later = test_app::open(app.address, "GET", "/live", &[], "").await.into_body();
    assert!(told_age(&until(&mut later, confirmed).await) >= 47);
    app.end().await;
}

#[tokio::test]
async fn a_region_that_falls_silent_is_on_the_stream_and_on_every_page() {
    let app = TestApp::start().await;
    let heard = |at| Some(Heard { region: "ap-tokyo".to_owned(), at });
    let say = |silent: Vec<Silent>| {
        *app.switches.regions.lock().expect("no panic") = Some((2, silent, heard(app.node.clock().now())));
    };
    say(Vec::new());
    app.renew().await;
    let region = "/en/regions/ap-tokyo";
    assert!(!app.get(region).await.text().contains("has not been heard from"));
    let mut body = test_app::open(app.address, "GET", "/live", &[], "").await.into_body();
    until(&mut body, "event: confirmed").await;

    let as_of = app.node.clock().now();
    app.advance(2);
    say(vec![Silent { region: "ap-shanghai".to_owned(), as_of: Some(as_of) }]);
    app.renew().await;
    let digest = app.pages.hot().stamp.regions_digest();
    let event = format!("event: regions\ndata: {digest}\n\n");
    assert!(until(&mut body, &event).await.contains(&event));
    for path in ["/en/", region] {
        let page = app.get(path).await;
        assert!(page.text().contains("The status server in Shanghai has not been heard from since"), "{path}");
        assert!(page.text().contains(&format!("data-regions=\"{digest}\"")), "{path}");
    }

    // Heard again by the time of a write: no page waits for the next renewal to say so.
    say(Vec::new());
    app.play_until("15:24").await;
    assert!(!app.get("/en/").await.text().contains("has not been heard from"));
    assert!(!app.get("/api/v1/status").await.text().contains("ap-shanghai\",\"as_of"));
    drop(body);
    app.end().await;
}

#[tokio::test]
async fn one_stream_too_many_is_told_to_come_again() {
    let limits = Limits { streams_max: 1, ..Limits::default() };
    let app = TestApp::with(Settings { limits, ..Settings::default() }).await;
    let first = test_app::open(app.address, "GET", "/live", &[], "").await;
    let second = app.get("/live").await;
    assert_eq!((second.status.as_u16(), second.header("retry-after")), (503, "10"));
    assert_eq!(app.public.live.open(), 1);
    drop(first);
    // The server hears of it when it reads the connection's end.
    while app.public.live.open() > 0 {
        tokio::task::yield_now().await;
    }
    let third = test_app::open(app.address, "GET", "/live", &[], "").await;
    assert_eq!(third.status(), 200);
    drop(third);
    app.end().await;
}
