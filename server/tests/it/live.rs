//! The live stream.

use crate::test_app::{self, TestApp};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use server::http::{Settings, settings::Limits};

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
    let said = until(&mut body, "event: confirmed\ndata: 2024-04-08T07:00:00Z\n\n").await;
    assert!(said.starts_with(&format!("retry: 3000\n\nevent: board\ndata: {version}\n\n")), "{said}");

    let receipt = app.play_until("15:24").await.expect("a post");
    let event = format!("event: board\ndata: {}\n\n", receipt.board_version);
    assert!(receipt.board_version > version);
    let said = until(&mut body, &event).await;
    assert!(said.contains(&event), "{said}");

    app.advance(30);
    app.renew().await;
    let said = until(&mut body, "07:24:30Z").await;
    assert!(said.contains("event: confirmed\ndata: 2024-04-08T07:24:30Z\n\n"), "{said}");

    app.end().await;
    assert_eq!(until(&mut body, "anything else").await, "", "it ends");
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
