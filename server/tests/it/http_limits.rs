//! What is too large, too long or too slow, and the end.

use crate::test_app::TestApp;
use server::http::{
    Settings,
    settings::{BODY_BYTES_MAX, Limits},
};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Sends bytes and reads until the other side closes.
async fn raw(app: &TestApp, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(app.address).await.expect("a connection");
    stream.write_all(bytes).await.expect("written");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("read to the end");
    String::from_utf8_lossy(&answer).into_owned()
}

fn short() -> Settings {
    let limits = Limits {
        head_timeout: Duration::from_millis(200),
        request_timeout: Duration::from_millis(200),
        ..Limits::default()
    };
    Settings { limits, ..Settings::default() }
}

#[tokio::test]
async fn a_long_target_is_414_and_a_large_head_431() {
    let app = TestApp::start().await;
    let path = format!("/{}", "a".repeat(3000));
    assert_eq!(app.get(&path).await.status, 414);
    let query = format!("/?{}", "a".repeat(3000));
    assert_eq!(app.get(&query).await.status, 414);
    let head = format!("GET / HTTP/1.1\r\nhost: a\r\nx-large: {}\r\n\r\n", "a".repeat(40_000));
    let answer = raw(&app, head.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    let many = format!("GET / HTTP/1.1\r\nhost: a\r\n{}\r\n", "x: y\r\n".repeat(200));
    let answer = raw(&app, many.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    app.end().await;
}

#[tokio::test]
async fn a_large_body_is_413_whether_it_says_so_or_not() {
    let app = TestApp::start().await;
    let fits = "a".repeat(BODY_BYTES_MAX);
    let reply = app.send("POST", "/api/v1/length", &[], &fits).await;
    assert_eq!((reply.status.as_u16(), reply.text()), (200, BODY_BYTES_MAX.to_string().as_str()));
    let said = format!("POST /api/v1/length HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n", BODY_BYTES_MAX + 1);
    let answer = raw(&app, said.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    let mut unsaid =
        b"POST /api/v1/length HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n".to_vec();
    unsaid.extend(format!("{:x}\r\n{}\r\n0\r\n\r\n", BODY_BYTES_MAX + 1, "a".repeat(BODY_BYTES_MAX + 1)).into_bytes());
    let answer = raw(&app, &unsaid).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    app.end().await;
}

#[tokio::test]
async fn a_slow_body_is_408_and_a_slow_head_is_cut_off() {
    let app = TestApp::with(short()).await;
    let answer = raw(&app, b"POST /api/v1/length HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nfive!").await;
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("connection: close"), "{answer}");
    let answer = raw(&app, b"GET / HTTP/1.1\r\nhost: a\r\n").await;
    assert_eq!(answer, "", "no request, no answer");
    let answer = raw(&app, b"GET /live-not HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 404 "), "answered, then closed when idle: {answer}");
    app.end().await;
}

#[tokio::test]
async fn connections_over_the_bound_wait_for_their_turn() {
    let limits = Limits { connections_max: 1, ..Limits::default() };
    let app = TestApp::with(Settings { limits, ..Settings::default() }).await;
    let mut first = TcpStream::connect(app.address).await.expect("a connection");
    first.write_all(b"GET /history.json HTTP/1.1\r\nhost: a\r\n\r\n").await.expect("written");
    let mut byte = [0];
    first.read_exact(&mut byte).await.expect("answered");
    let mut second = TcpStream::connect(app.address).await.expect("in the system's queue");
    second.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.expect("written");
    let waiting = tokio::time::timeout(Duration::from_millis(100), second.read_exact(&mut byte)).await;
    assert!(waiting.is_err(), "the first connection is still open");
    drop(first);
    second.read_exact(&mut byte).await.expect("answered once there is room");
    drop(second);
    app.end().await;
}

#[tokio::test]
async fn a_request_under_way_is_answered_before_the_end() {
    let app = TestApp::start().await;
    let mut stream = TcpStream::connect(app.address).await.expect("a connection");
    let head = b"POST /api/v1/length HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\nexpect: 100-continue\r\n\r\n";
    stream.write_all(head).await.expect("written");
    // The server asks for the body: so the request is under way.
    let mut asked = [0; 25];
    stream.read_exact(&mut asked).await.expect("asked for the body");
    assert!(asked.starts_with(b"HTTP/1.1 100 Continue"));
    let address = app.address;
    let end = tokio::spawn(app.end());
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    stream.write_all(b"four").await.expect("written");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("read to the end");
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("\r\n\r\n4"), "{answer}");
    end.await.expect("the end");
}
