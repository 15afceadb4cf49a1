//! Two regions that cannot reach each other change one incident: both posts stay, the more cautious status is shown,
//! operators are told, and the next edit that has seen both settles it.

use crate::node::{TestNode, at};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Method, Request},
};
use domain::status::{ComponentStatus, Impact, Status};
use serde_json::{Value, json};
use server::{api, documents};
use std::sync::Arc;
use tower::ServiceExt;

const NOW: &str = "2024-04-08T16:00:00+08:00";
const CATALOG: &str = r#"
[page]
name = "Example"
url = "https://status.example.com"
time_zone = "Asia/Shanghai"
[[component]]
code = "console"
name = "Console"
plane = "control"
"#;

/// A region: a node, and its operators' API.
struct Region {
    node: TestNode,
    api: Router,
}

impl Region {
    fn number(number: u8) -> Region {
        let node = TestNode::number(number, NOW);
        let api = api::trusted_router(Arc::clone(&node.node));
        Region { node, api }
    }

    async fn ask(&self, method: Method, path: &str, content_type: &str, body: String) -> Value {
        let request = Request::builder().method(method).uri(format!("/api/v1{path}"));
        let request = request.header("content-type", content_type).body(Body::from(body)).expect("a request");
        let response = self.api.clone().oneshot(request).await.expect("an answer");
        let status = response.status();
        let bytes = to_bytes(response.into_body(), 1 << 20).await.expect("a body");
        assert!(status.is_success(), "{path}: {status} {}", String::from_utf8_lossy(&bytes));
        serde_json::from_slice(&bytes).expect("JSON")
    }

    async fn get(&self, path: &str) -> Value {
        self.ask(Method::GET, path, "application/json", String::new()).await
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        self.ask(Method::POST, path, "application/json", body.to_string()).await
    }

    /// Status, impact, conflict, and the texts of the timeline with whether they were posted apart.
    async fn told(&self, id: &str) -> (Value, Value, Value, Vec<(String, bool)>) {
        let shown = self.get(&format!("/incidents/{id}")).await;
        let updates = shown["updates"].as_array().expect("updates").iter().map(|update| {
            (
                update["text"]["default"].as_str().or(update["text"].as_str()).unwrap_or_default().to_owned(),
                update["apart"] == true,
            )
        });
        (shown["status"].clone(), shown["impact"].clone(), shown["conflict"].clone(), updates.collect())
    }
}

fn texts<'a>(entries: &'a [(&'a str, bool)]) -> Vec<(String, bool)> {
    entries.iter().map(|(text, apart)| ((*text).to_owned(), *apart)).collect()
}

#[tokio::test]
async fn both_posts_stay_the_more_cautious_is_shown_and_who_has_seen_both_settles_it() {
    let (east, west) = (Region::number(1), Region::number(2));
    east.ask(Method::PUT, "/catalog", "application/toml", CATALOG.to_owned()).await;
    let opened = east
        .post(
            "/incidents",
            json!({"title": "Console fails", "impact": "major", "text": "Broken.",
                "scope": [{"component": "console", "status": "major_outage"}]}),
        )
        .await;
    let id = opened["incident"].as_str().expect("an id").to_owned();
    assert_eq!(opened.get("conflict"), None);
    west.node.pull(&east.node).await;

    // Apart: East takes it for over, West for worse.
    let path = format!("/incidents/{id}/updates");
    east.node.clock.set(at("2024-04-08T16:05:00+08:00"));
    west.node.clock.set(at("2024-04-08T16:06:00+08:00"));
    let resolved = json!({"text": "It is over.", "status": "resolved", "impact": "minor",
        "scope": [{"component": "console", "status": "operational"}]});
    let receipt = east.post(&path, resolved).await;
    assert_eq!(receipt.get("conflict"), None, "nobody here knows of the other yet");
    let worse = json!({"text": "It is worse here.", "status": "identified", "impact": "critical",
        "scope": [{"component": "console", "status": "partial_outage"}]});
    west.post(&path, worse).await;

    east.node.pull(&west.node).await;
    west.node.pull(&east.node).await;
    let both = texts(&[("Broken.", false), ("It is over.", true), ("It is worse here.", true)]);
    for region in [&east, &west] {
        let told = region.told(&id).await;
        assert_eq!(told, (json!("identified"), json!("critical"), json!(true), both.clone()));
        assert_eq!(region.get("/incidents").await["incidents"][0]["conflict"], true);
        let board = region.node.node.board();
        let open = board.open_incidents();
        assert_eq!((open[0].status, open[0].impact), (Status::Identified, Impact::Critical));
        let console = board.catalog.component_by_code("console").expect("a component").id;
        assert_eq!(board.component_status(console), ComponentStatus::PartialOutage, "the worse of both");
        let document: Value =
            serde_json::from_str(&documents::status(&board, &region.node.node.stamp())).expect("JSON");
        assert_eq!(document["incidents"][0]["conflict"], true);
        assert_eq!(document["incidents"][0]["updates"].as_array().map(Vec::len), Some(3));
    }
    assert_eq!(east.node.node.board().version, west.node.node.board().version);

    // A further word of East's, which has seen both.
    east.node.clock.set(at("2024-04-08T16:10:00+08:00"));
    west.node.clock.set(at("2024-04-08T16:10:00+08:00"));
    let receipt = east.post(&path, json!({"text": "West is right.", "status": "identified"})).await;
    assert_eq!(receipt["conflict"], "settled");
    west.node.pull(&east.node).await;
    let all =
        texts(&[("Broken.", false), ("It is over.", false), ("It is worse here.", false), ("West is right.", false)]);
    for region in [&east, &west] {
        let told = region.told(&id).await;
        assert_eq!(told, (json!("identified"), json!("critical"), json!(false), all.clone()));
        assert_eq!(region.get("/incidents").await["incidents"][0]["conflict"], false);
    }
    let receipt = west.post(&path, json!({"text": "Found.", "status": "monitoring"})).await;
    assert_eq!(receipt.get("conflict"), None);
}
