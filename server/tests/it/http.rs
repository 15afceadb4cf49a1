//! Pages, feeds and documents over HTTP: every header, methods, validators, encodings and languages.

use crate::test_app::TestApp;
use app::site::{CopyKind, SiteCopy};
use axum::http::StatusCode;
use server::http::Settings;
use std::io::Read;

const PRESENT: &str = "public, max-age=5, stale-while-revalidate=10, stale-if-error=86400";
const FEED: &str = "public, max-age=15, stale-while-revalidate=30, stale-if-error=86400";
const HISTORY: &str = "public, max-age=60, stale-while-revalidate=3600, stale-if-error=604800";
const BOTH: &str = "Accept-Encoding, Accept-Language";
const ENCODING: &str = "Accept-Encoding";

#[tokio::test]
async fn each_path_has_its_type_lifetime_language_and_vary() {
    let app = TestApp::start().await;
    app.play_until("15:58").await;
    let html = "text/html; charset=utf-8";
    let json = "application/json; charset=utf-8";
    let incident = app.incident();
    let in_chinese = format!("/zh{incident}");
    let cases = [
        // path, status, type, lifetime, language, vary
        ("/", 200, html, PRESENT, "en", BOTH),
        ("/en/", 200, html, PRESENT, "en", ENCODING),
        ("/zh/", 200, html, PRESENT, "zh-CN", ENCODING),
        ("/zh", 200, html, PRESENT, "zh-CN", ENCODING),
        ("/?from=mail", 200, html, PRESENT, "en", BOTH),
        (incident.as_str(), 200, html, PRESENT, "en", BOTH),
        (in_chinese.as_str(), 200, html, PRESENT, "zh-CN", ENCODING),
        ("/history", 200, html, HISTORY, "en", BOTH),
        ("/en/history/2024-04", 200, html, HISTORY, "en", ENCODING),
        ("/regions/ap-shanghai", 200, html, PRESENT, "en", BOTH),
        ("/history.rss", 200, "application/rss+xml; charset=utf-8", FEED, "en", BOTH),
        ("/zh/history.atom", 200, "application/atom+xml; charset=utf-8", FEED, "zh-CN", ENCODING),
        ("/history.json", 200, "application/feed+json; charset=utf-8", FEED, "en", BOTH),
        ("/maintenance.ics", 200, "text/calendar; charset=utf-8", FEED, "", ENCODING),
        ("/badge.svg", 200, "image/svg+xml; charset=utf-8", PRESENT, "", ENCODING),
        ("/api/v2/summary.json", 200, json, PRESENT, "", ENCODING),
        ("/api/v2/incidents.json", 200, json, PRESENT, "", ENCODING),
        ("/api/v1/status", 200, json, PRESENT, "", ENCODING),
        ("/api/v1/copies.json", 200, json, PRESENT, "", ENCODING),
        ("/no/such/page", 404, html, "public, max-age=5", "en", BOTH),
        ("/zh/no/such/page", 404, html, "public, max-age=5", "zh-CN", ENCODING),
        ("/api/v2/nothing.json", 404, "application/problem+json", "no-store", "", ""),
    ];
    for (path, status, kind, lifetime, language, vary) in cases {
        let reply = app.get(path).await;
        assert_eq!(reply.status, status, "{path}");
        let shown = ["content-type", "cache-control", "content-language", "vary"].map(|name| reply.header(name));
        assert_eq!(shown, [kind, lifetime, language, vary], "{path}");
        assert_eq!(reply.header("content-length"), reply.body.len().to_string(), "{path}");
        assert_eq!(reply.header("access-control-allow-origin"), "*", "{path}");
        assert!(!reply.body.is_empty(), "{path}");
    }
    app.end().await;
}

#[tokio::test]
async fn security_headers_are_on_every_response() {
    let app = TestApp::start().await;
    let requests = [
        ("GET", "/"),
        ("HEAD", "/"),
        ("GET", "/nothing"),
        ("GET", "/api/nothing"),
        ("GET", "/history.rss"),
        ("GET", "/history/1999-01"),
        ("GET", "/api/v1/client"),
        ("GET", "/api/v1/nothing"),
        ("POST", "/"),
        ("OPTIONS", "/"),
        ("HEAD", "/live"),
    ];
    for (method, path) in requests {
        let reply = app.ask(method, path, &[]).await;
        let policy = reply.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; "), "{method} {path}");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe-inline"), "{method} {path}");
        let others =
            ["x-content-type-options", "referrer-policy", "cross-origin-opener-policy", "cross-origin-resource-policy"];
        let values = others.map(|name| reply.header(name));
        assert_eq!(values, ["nosniff", "same-origin", "same-origin", "cross-origin"], "{method} {path}");
        assert!(reply.header("permissions-policy").contains("camera=()"), "{method} {path}");
        assert_eq!(reply.header("strict-transport-security"), "", "plain HTTP: {method} {path}");
    }
    app.end().await;
}

#[tokio::test]
async fn pages_and_their_worker_may_ask_the_copies_and_nobody_else() {
    let copy = |kind, url: &str| SiteCopy { kind, name: "a copy".to_owned(), url: url.to_owned() };
    let copies = vec![
        copy(CopyKind::Region, "https://eu.example.com"),
        copy(CopyKind::Mirror, "https://bucket.example.com:8443/status"),
    ];
    let app = TestApp::with(Settings { copies, ..Settings::default() }).await;
    let own = "connect-src 'self'; ";
    let all = "connect-src 'self' https://bucket.example.com:8443 https://eu.example.com; ";
    for path in
        ["/", "/history", "/en/regions/none", "/api/v1/copies.json", "/worker.js", "/worker.js?0123456789abcdef"]
    {
        let policy = app.get(path).await.header("content-security-policy").to_owned();
        assert!(policy.contains(all), "{path}: {policy}");
    }
    for path in ["/admin/", "/api/v1/incidents", "/admin/nothing"] {
        let policy = app.get(path).await.header("content-security-policy").to_owned();
        assert!(policy.contains(own), "{path}: {policy}");
    }
    let worker = app.get("/worker.js?0123456789abcdef").await;
    assert_eq!((worker.status.as_u16(), worker.header("cache-control")), (200, "no-cache"));
    assert!(worker.header("content-type").starts_with("text/javascript"));
    app.end().await;
}

#[tokio::test]
async fn every_page_and_document_says_as_of_when_of_which_board_and_from_where() {
    let app = TestApp::start().await;
    let receipt = app.play_until("15:24").await.expect("a post");
    app.pages.catch_up();
    app.renew().await;
    let version = format!("{}-{}", receipt.board_version, receipt.digest);
    for path in ["/", "/history", "/history.rss", "/maintenance.ics", "/api/v2/status.json", "/api/v1/status", "/no"] {
        let reply = app.get(path).await;
        let shown = ["as-of", "freshness", "board", "region"].map(|name| reply.header(&format!("holdfast-{name}")));
        assert_eq!(shown, ["2024-04-08T07:24:00Z", "fresh", version.as_str(), "ap-guangzhou"], "{path}");
        assert!(reply.header("access-control-expose-headers").contains("Holdfast-As-Of"), "{path}");
        assert_eq!(reply.header("holdfast-fault"), "", "{path}");
    }
    app.end().await;
}

#[tokio::test]
async fn a_held_page_is_not_sent_again() {
    let app = TestApp::start().await;
    app.play_until("15:58").await;
    for path in ["/", "/zh/", "/history", "/api/v2/summary.json", "/history.rss"] {
        for encoding in ["br", "gzip", "identity"] {
            let first = app.ask("GET", path, &[("accept-encoding", encoding)]).await;
            let etag = first.header("etag").to_owned();
            assert!(etag.starts_with('"') && etag.ends_with('"'), "a strong validator: {path} {etag}");
            let weak = format!("\"other\", W/{etag}");
            for held in [etag.as_str(), weak.as_str(), "*"] {
                let again = app.ask("GET", path, &[("accept-encoding", encoding), ("if-none-match", held)]).await;
                assert_eq!(again.status, StatusCode::NOT_MODIFIED, "{path} {encoding} {held}");
                assert!(again.body.is_empty());
                for name in ["etag", "cache-control", "vary", "date"] {
                    assert_eq!(
                        again.header(name).is_empty(),
                        name != "date" && first.header(name).is_empty(),
                        "{name}"
                    );
                    if name != "date" {
                        assert_eq!(again.header(name), first.header(name), "{path} {name}");
                    }
                }
                assert_eq!(again.header("content-encoding"), "", "{path}");
            }
            let other = app.ask("GET", path, &[("accept-encoding", encoding), ("if-none-match", "\"x\"")]).await;
            assert_eq!(other.status, StatusCode::OK);
        }
        let etags: std::collections::BTreeSet<String> = {
            let mut etags = std::collections::BTreeSet::new();
            for encoding in ["br", "gzip", "identity"] {
                etags.insert(app.ask("GET", path, &[("accept-encoding", encoding)]).await.header("etag").to_owned());
            }
            etags
        };
        assert_eq!(etags.len(), 3, "each encoding has its own: {path}");
    }
    let missing = app.ask("GET", "/no/such/page", &[("if-none-match", "*")]).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    app.end().await;
}

#[tokio::test]
async fn encodings_hold_the_same_page() {
    let app = TestApp::start().await;
    for path in ["/", "/history", "/api/v1/status"] {
        let plain = app.get(path).await;
        assert_eq!(plain.header("content-encoding"), "", "{path}");
        let brotli = app.ask("GET", path, &[("accept-encoding", "gzip, deflate, br, zstd")]).await;
        assert_eq!(brotli.header("content-encoding"), "br", "{path}");
        let mut body = Vec::new();
        brotli::Decompressor::new(&brotli.body[..], 4096).read_to_end(&mut body).expect("brotli");
        assert_eq!(body, plain.body, "{path}");
        let gzip = app.ask("GET", path, &[("accept-encoding", "gzip, br;q=0.2")]).await;
        assert_eq!(gzip.header("content-encoding"), "gzip", "{path}");
        body.clear();
        flate2::read::GzDecoder::new(&gzip.body[..]).read_to_end(&mut body).expect("gzip");
        assert_eq!(body, plain.body, "{path}");
        assert!(brotli.body.len() < plain.body.len() && gzip.body.len() < plain.body.len(), "{path}");
    }
    app.end().await;
}

#[tokio::test]
async fn the_language_is_negotiated_only_where_the_path_does_not_fix_it() {
    let app = TestApp::start().await;
    let chinese = [("accept-language", "zh-CN,zh;q=0.9,en;q=0.5")];
    for (path, language) in [
        ("/", "zh-CN"),
        ("/en/", "en"),
        ("/zh/", "zh-CN"),
        ("/history", "zh-CN"),
        ("/en/history", "en"),
        ("/no", "zh-CN"),
    ] {
        assert_eq!(app.ask("GET", path, &chinese).await.header("content-language"), language, "{path}");
    }
    let (negotiated, fixed) = (app.ask("GET", "/", &chinese).await, app.get("/zh/").await);
    assert_eq!(negotiated.body, fixed.body);
    app.end().await;
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let app = TestApp::start().await;
    for path in ["/", "/history", "/api/v2/summary.json", "/no/such/page"] {
        let (get, head) = (app.get(path).await, app.ask("HEAD", path, &[]).await);
        assert_eq!(head.status, get.status, "{path}");
        assert!(head.body.is_empty(), "{path}");
        let without_date = |headers: &axum::http::HeaderMap| {
            let mut headers = headers.clone();
            headers.remove("date");
            headers
        };
        assert_eq!(without_date(&head.headers), without_date(&get.headers), "{path}");
    }
    app.end().await;
}

#[tokio::test]
async fn what_is_read_is_only_read() {
    let app = TestApp::start().await;
    for path in ["/", "/history.rss", "/api/v2/summary.json", "/live", "/no/such/page"] {
        for method in ["POST", "PUT", "DELETE", "PATCH", "BREW"] {
            let reply = app.ask(method, path, &[]).await;
            assert_eq!(reply.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
            assert_eq!(reply.header("allow"), "GET, HEAD, OPTIONS", "{method} {path}");
        }
        let asked = [("origin", "https://example.org"), ("access-control-request-method", "GET")];
        let reply = app.ask("OPTIONS", path, &asked).await;
        assert_eq!(reply.status, StatusCode::NO_CONTENT, "{path}");
        assert_eq!(reply.header("access-control-allow-origin"), "*", "{path}");
        assert_eq!(reply.header("access-control-allow-methods"), "GET, HEAD, OPTIONS", "{path}");
        assert!(reply.header("access-control-allow-headers").contains("If-None-Match"), "{path}");
    }
    app.end().await;
}

#[tokio::test]
async fn forwarded_headers_are_believed_from_the_named_proxy_only() {
    use server::http::{Settings, forwarded::Networks};
    let forwarded = [("x-forwarded-for", "198.51.100.1, 203.0.113.9"), ("x-forwarded-proto", "https")];
    let cases = [("127.0.0.0/8", "203.0.113.9 true", "max-age=31536000"), ("10.0.0.0/8", "127.0.0.1 false", "")];
    for (proxy, client, strict_transport) in cases {
        let proxies = Networks(vec![proxy.parse().expect("a network")]);
        let app = TestApp::with(Settings { trusted_proxies: proxies, ..Settings::default() }).await;
        assert_eq!(app.ask("GET", "/api/v1/client", &forwarded).await.text(), client, "{proxy}");
        for path in ["/", "/history", "/live"] {
            let reply = app.ask("HEAD", path, &forwarded).await;
            assert_eq!(reply.header("strict-transport-security"), strict_transport, "{proxy} {path}");
        }
        app.end().await;
    }
}

#[tokio::test]
async fn operators_see_health_readiness_and_metrics() {
    let app = TestApp::start().await;
    app.play_until("15:24").await;
    app.get("/").await;
    app.get("/nothing").await;
    assert_eq!(app.operated("/healthz").await.status, StatusCode::OK);
    let ready = app.operated("/readyz").await;
    assert_eq!((ready.status, ready.text().contains("\"ready\":true")), (StatusCode::OK, true), "{}", ready.text());
    let metrics = app.operated("/metrics").await;
    assert!(metrics.header("content-type").starts_with("application/openmetrics-text"));
    let version = app.node.board().version.total();
    for line in [
        "holdfast_requests_total{class=\"Page\",status=\"200\"} 1".to_owned(),
        "holdfast_requests_total{class=\"Missing\",status=\"404\"} 1".to_owned(),
        format!("holdfast_board_version {version}"),
        "holdfast_live_streams 0".to_owned(),
        "holdfast_render_faults_total 0".to_owned(),
    ] {
        assert!(metrics.text().lines().any(|held| held == line), "{line} in\n{}", metrics.text());
    }
    assert_eq!(app.get("/metrics").await.status, StatusCode::NOT_FOUND, "never on the public listener");
    app.switches.store_is_gone.store(true, std::sync::atomic::Ordering::SeqCst);
    app.advance(301);
    app.renew().await;
    let ready = app.operated("/readyz").await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(ready.text().contains("nothing confirmed since"), "{}", ready.text());
    app.end().await;
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("bound");
    let error = server::http::listen::tcp(address).await.expect_err("the port is taken").to_string();
    assert!(error.contains(&address.to_string()) && error.contains("another program"), "{error}");
}
