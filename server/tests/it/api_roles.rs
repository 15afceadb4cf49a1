//! Every address of the write API and every role of a token, cell by cell.

use crate::api::{Api, send};
use axum::http::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Who may do it at least: a role, or only the node's own user.
const LEAST: &[(&str, &str, &str)] = &[
    ("GET", "/incidents", "poster"),
    ("POST", "/incidents", "poster"),
    ("GET", "/incidents/{id}", "poster"),
    ("PATCH", "/incidents/{id}", "editor"),
    ("POST", "/incidents/{id}/updates", "poster"),
    ("PATCH", "/incidents/{id}/updates/{update}", "editor"),
    ("POST", "/incidents/{id}/resolve", "poster"),
    ("POST", "/incidents/{id}/postmortem", "editor"),
    ("GET", "/maintenances", "poster"),
    ("POST", "/maintenances", "editor"),
    ("GET", "/maintenances/{id}", "poster"),
    ("PATCH", "/maintenances/{id}", "editor"),
    ("POST", "/maintenances/{id}/updates", "editor"),
    ("POST", "/maintenances/{id}/start", "editor"),
    ("POST", "/maintenances/{id}/complete", "editor"),
    ("POST", "/maintenances/{id}/cancel", "editor"),
    ("GET", "/catalog", "poster"),
    ("PUT", "/catalog", "editor"),
    ("POST", "/catalog/plan", "editor"),
    ("GET", "/tokens", "administrator"),
    ("POST", "/tokens", "administrator"),
    ("DELETE", "/tokens/{id}", "administrator"),
    ("GET", "/operators", "administrator"),
    ("POST", "/operators", "administrator"),
    ("PATCH", "/operators/{login}", "administrator"),
    ("POST", "/operators/{login}/invite", "administrator"),
    ("DELETE", "/operators/{login}/second-factor", "administrator"),
    ("GET", "/break-glass", "own user"),
    ("POST", "/break-glass", "own user"),
    ("DELETE", "/break-glass/{batch}", "own user"),
    ("GET", "/events", "poster"),
    ("GET", "/events/export", "administrator"),
    ("POST", "/events/import", "own user"),
    ("POST", "/events/{id}/redact", "own user"),
    ("GET", "/events/{id}/saved", "poster"),
    ("GET", "/peers", "poster"),
    ("GET", "/mirrors", "poster"),
    ("POST", "/mirrors/{name}/take", "administrator"),
    ("GET", "/nodes", "own user"),
    ("POST", "/nodes", "own user"),
    ("DELETE", "/nodes/{key}", "own user"),
    ("POST", "/nodes/rotate", "own user"),
    ("POST", "/import", "own user"),
    ("POST", "/snapshot", "own user"),
];
/// From the least to the most.
const RANKS: [&str; 4] = ["poster", "editor", "administrator", "own user"];

#[tokio::test]
async fn each_token_may_do_what_its_role_says() {
    let api = Api::new().await;
    let document = serde_json::to_value(server::api::document()).expect("a document");
    let mut documented = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for method in methods.as_object().expect("methods").keys() {
            documented.insert((method.to_uppercase(), path.trim_start_matches("/api/v1").to_owned()));
        }
    }
    let listed: BTreeSet<_> =
        LEAST.iter().map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned())).collect();
    assert_eq!(listed, documented, "the table has every address");

    let rank = |word: &str| RANKS.iter().position(|held| *held == word).expect("a rank");
    let expires = json!({"name": "expired", "role": "administrator", "expires_at": "2024-04-08T17:00:00+08:00"});
    let expired = api.post("/tokens", &expires).await.body;
    let revoked = api.post("/tokens", &json!({"name": "revoked", "role": "administrator"})).await.body;
    let bearer = |created: &Value| format!("Bearer {}", created["secret"].as_str().expect("a secret"));
    let mut headers = vec![Some(bearer(&expired)), Some(bearer(&revoked)), None];
    for good in headers.iter().flatten() {
        let answer = send(&api.network, Method::GET, "/tokens", &[("authorization", good.as_str())], b"").await;
        assert_eq!(answer.status, 200, "it was good once");
    }
    let gone = format!("/tokens/{}", revoked["token"].as_str().expect("an id"));
    assert_eq!(send(&api.trusted, Method::DELETE, &gone, &[], b"").await.status, 200);
    api.node.clock.set(crate::node::at("2024-04-08T17:00:00+08:00"));
    headers.push(Some("Bearer hf_000000000000_00".to_owned()));
    let before = api.version();
    for (method, path, _) in LEAST {
        let method: Method = method.parse().expect("a method");
        let path = path.replace("{id}", "aaaaaaaaaaa1").replace(['{', '}'], "");
        for (who, bearer) in ["expired", "revoked", "none", "unknown"].iter().zip(&headers) {
            let mut headers = vec![("content-type", "application/json")];
            headers.extend(bearer.as_ref().map(|bearer| ("authorization", bearer.as_str())));
            let answer = send(&api.network, method.clone(), &path, &headers, b"").await;
            assert_eq!(answer.status, 401, "{who} {method} {path}: {}", answer.body);
        }
    }
    assert_eq!(api.version(), before, "nothing was changed");

    for role in &RANKS[..3] {
        let created = api.post("/tokens", &json!({"name": role, "role": role})).await.body;
        let bearer = bearer(&created);
        for (method, path, least) in LEAST {
            let method: Method = method.parse().expect("a method");
            let path = path.replace("{id}", "aaaaaaaaaaa1").replace(['{', '}'], "");
            let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
            // An empty body is malformed everywhere, so that nothing is done where it is let through.
            let answer = send(&api.network, method.clone(), &path, &headers, b"").await;
            let may = rank(role) >= rank(least);
            assert_eq!(answer.status != 403, may, "{role} {method} {path}: {} {}", answer.status, answer.body);
        }
    }
}

#[tokio::test]
async fn a_token_of_an_editor_does_not_move_the_page() {
    let api = Api::new().await;
    for (role, status) in [("editor", 403), ("administrator", 200)] {
        let created = api.post("/tokens", &json!({"name": role, "role": role})).await.body;
        let bearer = format!("Bearer {}", created["secret"].as_str().expect("a secret"));
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        let mut catalog = send(&api.network, Method::GET, "/catalog", &headers, b"").await.body;
        let same = catalog.to_string();
        let kept = send(&api.network, Method::PUT, "/catalog", &headers, same.as_bytes()).await;
        assert_eq!(kept.status, 200, "{role}: {}", kept.body);
        catalog["page"]["url"] = json!("https://evil.example");
        let moved = send(&api.network, Method::PUT, "/catalog", &headers, catalog.to_string().as_bytes()).await;
        assert_eq!(moved.status, status, "{role}: {}", moved.body);
    }
}
