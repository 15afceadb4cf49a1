//! The write API: what is refused and how, tokens, idempotency, the OpenAPI document.

use crate::node::TestNode;
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Method, Request, StatusCode},
};
use serde_json::{Value, json};
use server::api;
use std::sync::Arc;
use tower::ServiceExt;

const NOW: &str = "2024-04-08T16:00:00+08:00";
const CATALOG: &str = r#"
[page]
name = "Example"
url = "https://status.example.com"
time_zone = "Asia/Shanghai"
[[region]]
code = "ap-shanghai"
name = "Shanghai"
[[region]]
code = "ap-tokyo"
name = "Tokyo"
[[component]]
code = "cloud-api"
name = "Cloud API"
plane = "control"
regions = "all"
[[component]]
code = "console"
name = "Console"
plane = "control"
"#;

/// A node with a catalog; requests go to its router without a network.
pub struct Api {
    pub node: TestNode,
    pub trusted: Router,
    pub network: Router,
}

pub struct Answer {
    pub status: u16,
    headers: axum::http::HeaderMap,
    pub body: Value,
}

impl Api {
    pub async fn new() -> Api {
        let node = TestNode::at(NOW);
        let trusted = api::trusted_router(Arc::clone(&node.node));
        let network = api::router(Arc::clone(&node.node));
        let api = Api { node, trusted, network };
        let headers = [("content-type", "application/toml")];
        let applied = send(&api.trusted, Method::PUT, "/catalog", &headers, CATALOG.as_bytes()).await;
        assert_eq!(applied.status, 200, "{}", applied.body);
        api
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        json(&self.trusted, Method::POST, path, &[], body).await
    }

    async fn opened(&self) -> String {
        let body = json!({"title": "API fails", "impact": "major", "text": "Broken.",
            "scope": [{"component": "cloud-api", "status": "major_outage"}]});
        let answer = self.post("/incidents", &body).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.body["incident"].as_str().expect("an id").to_owned()
    }

    pub fn version(&self) -> u64 {
        self.node.node.board().version.total()
    }
}

/// Method, path, headers and body of a request, and the status that it gets.
type Malformed<'a> = (Method, &'a str, &'a [(&'a str, &'a str)], &'a str, u16);

async fn json(router: &Router, method: Method, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
    let headers: Vec<_> = headers.iter().copied().chain([("content-type", "application/json")]).collect();
    send(router, method, path, &headers, body.to_string().as_bytes()).await
}

pub async fn send(router: &Router, method: Method, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let mut request = Request::builder().method(method).uri(format!("/api/v1{path}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(body.to_vec())).expect("a request");
    let response = router.clone().oneshot(request).await.expect("an answer");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let bytes = to_bytes(response.into_body(), usize::MAX).await.expect("a body");
    let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    Answer { status, headers, body }
}

#[tokio::test]
async fn every_bad_input_is_refused_with_its_field_and_changes_nothing() {
    let api = Api::new().await;
    let id = api.opened().await;
    let update = format!("/incidents/{id}/updates");
    let open = |field: &str, value: Value| {
        let mut body = json!({"title": "T", "impact": "minor", "text": "x"});
        body[field] = value;
        ("/incidents".to_owned(), body)
    };
    let post = |body: Value| (update.clone(), body);
    let maintenance = |from: &str, until: &str| {
        let schedule = json!({"from": from, "until": until});
        ("/maintenances".to_owned(), json!({"title": "T", "text": "x", "schedule": schedule}))
    };
    let scope = |entry: Value| open("scope", json!([entry]));
    let cases = [
        (open("at", json!("15:23")), 422, "at"),
        (open("at", json!("2024-13-08T15:23:00Z")), 422, "at"),
        (open("at", json!("2030-01-01T00:00:00Z")), 422, "at"),
        (open("impact", json!("huge")), 422, "impact"),
        (open("status", json!("completed")), 422, "status"),
        (open("color", json!("red")), 422, "color"),
        (open("title", json!("bell\u{7}")), 422, "title"),
        (open("title", json!("evil \u{202e}txt")), 422, "title"),
        (open("title", json!("")), 422, "title"),
        (open("title", json!({"zh-CN": "x"})), 422, "title"),
        (open("text", json!("")), 422, "text"),
        (open("text", json!("x".repeat(65 * 1024))), 422, "text"),
        (open("text", json!("x".repeat(200 * 1024))), 413, ""),
        (open("next_update_at", json!("2024-04-08T07:00:00+08:00")), 422, "next_update_at"),
        (scope(json!({"component": "nope", "status": "operational"})), 422, "scope[0].component"),
        (scope(json!({"component": "cloud-api", "region": "mars", "status": "operational"})), 422, "scope[0].region"),
        (scope(json!({"component": "console", "region": "ap-tokyo", "status": "operational"})), 422, "scope[0].region"),
        (scope(json!({"component": "cloud-api", "status": "down"})), 422, "scope[0].status"),
        (scope(json!({"status": "operational"})), 422, "scope[0].component"),
        (post(json!({"text": "x", "status": "postmortem"})), 422, "status"),
        (post(json!({"text": "x", "status": "scheduled"})), 422, "status"),
        (post(json!({"text": "x", "expected_recovery_at": "soon"})), 422, "expected_recovery_at"),
        (("/incidents/nope/resolve".to_owned(), json!({"text": "x"})), 404, "incident"),
        (("/incidents/000000000000/updates".to_owned(), json!({"text": "x"})), 404, "incident"),
        ((format!("/incidents/{id}/postmortem"), json!({"text": "x"})), 422, "incident"),
        (maintenance("2024-05-01T04:00:00Z", "2024-05-01T02:00:00Z"), 422, "schedule.until"),
        (maintenance("02:00", "2024-05-01T02:00:00Z"), 422, "schedule.from"),
        ((format!("/maintenances/{id}/start"), json!({"text": "x"})), 404, "maintenance"),
        (("/tokens".to_owned(), json!({"name": ""})), 422, "name"),
        (("/tokens".to_owned(), json!({"name": "x", "expires_at": "2020-01-01T00:00:00Z"})), 422, "expires_at"),
    ];
    let before = api.version();
    for ((path, body), status, field) in cases {
        let shown: String = body.to_string().chars().take(120).collect();
        let answer = api.post(&path, &body).await;
        assert_eq!(answer.status, status, "{path} {shown}: {}", answer.body);
        assert_eq!(answer.headers["content-type"], "application/problem+json", "{shown}");
        assert_eq!(answer.body["status"], status, "{shown}");
        if !field.is_empty() {
            assert_eq!(answer.body["errors"][0]["field"], field, "{shown}: {}", answer.body);
            assert!(answer.body["errors"][0]["right"].as_str().is_some_and(|right| !right.is_empty()), "{shown}");
        }
    }
    assert_eq!(api.version(), before);
}

#[tokio::test]
async fn malformed_requests_are_told_apart() {
    let api = Api::new().await;
    let json_type = ("content-type", "application/json");
    let cases: [Malformed; 6] = [
        (Method::POST, "/incidents", &[json_type], "{\"title\": ", 400),
        (Method::POST, "/incidents", &[("content-type", "text/plain")], "{}", 415),
        (Method::PUT, "/catalog", &[("content-type", "application/toml")], "[page", 422),
        (Method::DELETE, "/incidents", &[], "", 405),
        (Method::GET, "/nothing", &[], "", 404),
        (Method::GET, "/incidents?limit=0", &[], "", 422),
    ];
    for (method, path, headers, body, status) in cases {
        let answer = send(&api.trusted, method, path, headers, body.as_bytes()).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        assert_eq!(answer.headers["content-type"], "application/problem+json", "{path}");
    }
    let foreign = [("origin", "https://evil.example"), ("host", "status.example.com")];
    let body = json!({"title": "T", "impact": "minor", "text": "x"});
    assert_eq!(json(&api.trusted, Method::POST, "/incidents", &foreign, &body).await.status, 403);
}

#[tokio::test]
async fn an_incident_runs_its_course() {
    let api = Api::new().await;
    let id = api.opened().await;
    let update = json!({"text": "Found.", "status": "identified", "expected_recovery_at": "2024-04-08T16:30:00+08:00",
        "scope": [{"component": "cloud-api", "except": ["ap-shanghai"], "status": "operational"}]});
    assert_eq!(api.post(&format!("/incidents/{id}/updates"), &update).await.status, 201);
    let shown = send(&api.trusted, Method::GET, &format!("/incidents/{id}"), &[], b"").await.body;
    assert_eq!(
        shown["updates"][1]["scope"],
        json!([
            {"component": "cloud-api", "region": "ap-tokyo", "status": "operational"}
        ])
    );
    assert_eq!(shown["expected_recovery_at"], "2024-04-08T08:30:00Z");
    let first = shown["updates"][0]["id"].as_str().expect("an id").to_owned();
    let path = format!("/incidents/{id}/updates/{first}");
    assert_eq!(json(&api.trusted, Method::PATCH, &path, &[], &json!({"text": "Failing."})).await.status, 200);
    let resolve = format!("/incidents/{id}/resolve");
    assert_eq!(api.post(&resolve, &json!({"text": "Over."})).await.status, 201);
    let again = api.post(&resolve, &json!({"text": "Over."})).await;
    assert_eq!((again.status, again.body["errors"][0]["field"].as_str()), (422, Some("status")));
    let postmortem = json!({"text": {"default": "Why.", "zh-CN": "原因"}});
    assert_eq!(api.post(&format!("/incidents/{id}/postmortem"), &postmortem).await.status, 201);
    let shown = send(&api.trusted, Method::GET, &format!("/incidents/{id}"), &[], b"").await.body;
    assert_eq!(shown["status"], "postmortem");
    assert_eq!(shown["updates"][0]["text"], "Failing.");
    assert_eq!(shown["postmortem"]["zh-CN"], "原因");
    let listed = send(&api.trusted, Method::GET, "/incidents?status=open", &[], b"").await.body;
    assert_eq!(listed["incidents"], json!([]));
}

#[tokio::test]
async fn a_maintenance_is_cancelled_only_before_it_begins() {
    let api = Api::new().await;
    let schedule = json!({"from": "2024-04-09T02:00:00+08:00", "until": "2024-04-09T04:00:00+08:00"});
    let body = json!({"title": "Upgrade", "text": "x", "schedule": schedule,
        "scope": [{"component": "console", "status": "under_maintenance"}]});
    let answer = api.post("/maintenances", &body).await;
    let id = answer.body["incident"].as_str().expect("an id").to_owned();
    let text = json!({"text": "x"});
    assert_eq!(api.post(&format!("/maintenances/{id}/start"), &text).await.status, 201);
    let refused = api.post(&format!("/maintenances/{id}/cancel"), &text).await;
    assert_eq!((refused.status, refused.body["errors"][0]["field"].as_str()), (422, Some("status")));
    assert_eq!(api.post(&format!("/maintenances/{id}/complete"), &text).await.status, 201);
    assert_eq!(api.post(&format!("/maintenances/{id}/complete"), &text).await.status, 422);
}

#[tokio::test]
async fn a_repeated_request_is_done_once() {
    let api = Api::new().await;
    let body = json!({"title": "T", "impact": "minor", "text": "x"});
    let key = [("idempotency-key", "deploy-17")];
    let first = json(&api.trusted, Method::POST, "/incidents", &key, &body).await;
    let version = api.version();
    let second = json(&api.trusted, Method::POST, "/incidents", &key, &body).await;
    assert_eq!((first.status, &first.body), (second.status, &second.body));
    assert_eq!(second.headers["idempotency-replayed"], "true");
    assert_eq!(api.version(), version);
    let other = json!({"title": "U", "impact": "minor", "text": "x"});
    let refused = json(&api.trusted, Method::POST, "/incidents", &key, &other).await;
    assert_eq!((refused.status, refused.body["errors"][0]["field"].as_str()), (422, Some("Idempotency-Key")));
    let empty = [("idempotency-key", "")];
    assert_eq!(json(&api.trusted, Method::POST, "/incidents", &empty, &body).await.status, 422);
}

#[tokio::test]
async fn a_token_writes_until_it_is_revoked_or_expires() {
    let api = Api::new().await;
    let create = json!({"name": "pipeline", "expires_at": "2024-04-08T17:00:00+08:00"});
    let created = api.post("/tokens", &create).await.body;
    let secret = created["secret"].as_str().expect("a secret").to_owned();
    let lasting = api.post("/tokens", &json!({"name": "lasting"})).await.body;
    let use_of = async |secret: &str| {
        let bearer = format!("Bearer {secret}");
        send(&api.network, Method::GET, "/incidents", &[("authorization", bearer.as_str())], b"").await
    };
    assert_eq!(use_of(&secret).await.status, 200);
    let wrong = secret[..secret.len() - 1].to_owned() + if secret.ends_with('0') { "1" } else { "0" };
    for wrong in [wrong.as_str(), "hf_000000000000_00", "", "x"] {
        let answer = use_of(wrong).await;
        assert_eq!(answer.status, 401, "{wrong}");
        assert!(answer.headers.contains_key("www-authenticate"));
    }
    assert_eq!(send(&api.network, Method::GET, "/incidents", &[], b"").await.status, 401);
    assert_eq!(send(&api.network, Method::GET, "/openapi.json", &[], b"").await.status, 200);
    let listed = send(&api.trusted, Method::GET, "/tokens", &[], b"").await.body.to_string();
    assert!(!listed.contains("hf_") && !listed.contains("sealed"), "{listed}");

    let bearer = format!("Bearer {secret}");
    let key = "0".repeat(64);
    let (of_event, of_node) = (format!("/events/{key}/redact"), format!("/nodes/{key}"));
    for (method, path) in [
        (Method::POST, "/events/import"),
        (Method::POST, of_event.as_str()),
        (Method::GET, "/nodes"),
        (Method::POST, "/nodes"),
        (Method::POST, "/nodes/rotate"),
        (Method::DELETE, of_node.as_str()),
    ] {
        let own_user_only = send(&api.network, method, path, &[("authorization", bearer.as_str())], b"").await;
        assert_eq!(own_user_only.status, 403, "{path}");
    }

    api.node.clock.set(crate::node::at("2024-04-08T17:00:00+08:00"));
    assert!(use_of(&secret).await.body["detail"].as_str().is_some_and(|detail| detail.contains("expired")));
    let lasting_secret = lasting["secret"].as_str().expect("a secret");
    assert_eq!(use_of(lasting_secret).await.status, 200);
    let path = format!("/tokens/{}", lasting["token"].as_str().expect("an id"));
    assert_eq!(send(&api.trusted, Method::DELETE, &path, &[], b"").await.status, 200);
    assert_eq!(use_of(lasting_secret).await.status, 401);
    assert_eq!(send(&api.trusted, Method::DELETE, &path, &[], b"").await.status, 422);
}

#[tokio::test]
async fn the_openapi_document_names_every_address_and_each_answers() {
    let api = Api::new().await;
    let served = send(&api.network, Method::GET, "/openapi.json", &[], b"").await.body;
    assert_eq!(served, serde_json::to_value(api::document()).expect("a document"));
    let paths = served["paths"].as_object().expect("paths");
    assert_eq!(paths.len(), 35, "{:?}", paths.keys());
    for (path, methods) in paths {
        for method in methods.as_object().expect("methods").keys() {
            let method: Method = method.to_uppercase().parse().expect("a method");
            let path = path.strip_prefix("/api/v1").expect("below the base").replace(['{', '}'], "");
            let answer = send(&api.network, method.clone(), &path, &[], b"").await;
            // Without a token each address that is there says so.
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED.as_u16(), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn events_travel_as_a_file_and_arrive_once() {
    let api = Api::new().await;
    let id = api.opened().await;
    let request = Request::get("/api/v1/events/export").body(Body::empty()).expect("a request");
    let exported = api.trusted.clone().oneshot(request).await.expect("an answer");
    let file = to_bytes(exported.into_body(), usize::MAX).await.expect("a file");
    let known = send(&api.trusted, Method::POST, "/events/import", &[], &file).await;
    assert_eq!((known.status, &known.body["events"]), (200, &json!([])));
    let cut = send(&api.trusted, Method::POST, "/events/import", &[], &file[..file.len() - 3]).await;
    assert_eq!((cut.status, cut.body["errors"][0]["field"].as_str()), (422, Some("file")));
    let listed = send(&api.trusted, Method::GET, "/events", &[], b"").await.body;
    let last = listed["events"].as_array().and_then(|events| events.last()).expect("an event").clone();
    assert_eq!((last["kind"].as_str(), last["way"].as_str()), (Some("incident_opened"), Some("cli")));
    assert_eq!(last["subject"], format!("incident {id}"));
}
