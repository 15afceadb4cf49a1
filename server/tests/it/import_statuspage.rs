//! The Statuspage v2 JSON: ids, scope, regions and schedules; from a file and over HTTP.

use crate::node::{TestNode, at, author};
use domain::{catalog::Cell, id::*, status::*};
use server::import::{self, Options, Report, statuspage};

pub const SUMMARY: &str = include_str!("../data/statuspage-summary.json");
const NOW: &str = "2024-04-09T00:00:00Z";

async fn import(test: &TestNode, documents: &[&str]) -> Report {
    let now = test.node.clock().now();
    let gathered = statuspage::gather(documents, &test.node.board().catalog, now).expect("a document");
    let options = Options { author: author("import"), keep_going: true };
    import::run(&test.node, gathered, &options, |_| {}).await.expect("imported")
}

#[tokio::test]
async fn ids_scope_and_schedule_are_kept_and_named_regions_recognised() {
    let test = TestNode::at(NOW);
    let report = import(&test, &[SUMMARY]).await;
    assert_eq!((report.incidents_new, &report.bad), (2, &Vec::new()));
    let board = test.node.board();
    let component = board.catalog.component_by_code("cloud-api").expect("one component of both regions");
    assert_eq!(component.id.to_string(), "b13yz5g2cw10");
    let codes: Vec<&str> = board.catalog.regions.iter().map(|region| region.code.as_str()).collect();
    assert_eq!(codes, ["ap-shanghai", "ap-guangzhou"]);

    let incident = test.node.incident("p31zjtct2jer".parse().unwrap()).await.unwrap().expect("held");
    let ids: Vec<String> = incident.updates.iter().map(|update| update.id.to_string()).collect();
    assert_eq!(ids, ["k2h4g9w7x5zt", "7dd8vw0n3c1q"], "oldest first");
    let cell = |code: &str| Cell { component: component.id, region: Some(RegionId::of_code(code)) };
    assert_eq!(board.cell_status(cell("ap-shanghai")), ComponentStatus::MajorOutage);
    assert_eq!(board.cell_status(cell("ap-guangzhou")), ComponentStatus::Operational);
    let recovered = incident.recoveries().iter().find(|r| r.cell == cell("ap-guangzhou")).unwrap().recovered_at;
    assert_eq!(recovered, Some(at("2024-04-08T08:05:00Z")));

    let maintenance = test.node.incident("w1zdr745wmfy".parse().unwrap()).await.unwrap().expect("held");
    assert_eq!((maintenance.kind, maintenance.status), (Kind::Maintenance, Status::Scheduled));
    assert_eq!(maintenance.schedule.map(|schedule| schedule.from), Some(at("2024-04-10T02:00:00Z")));
    assert_eq!(maintenance.named, [cell("ap-shanghai")]);
    assert_eq!(board.problems().count(), 0);

    let version = board.version.clone();
    let again = import(&test, &[SUMMARY]).await;
    assert_eq!((again.incidents_unchanged, again.catalog_added), (2, 0));
    assert_eq!(test.node.board().version, version);
}

#[tokio::test]
async fn groups_equal_names_and_components_that_are_gone() {
    let document = serde_json::json!({
        "page": {"url": "https://status.example.com"},
        "components": [
            {"id": "g00000000001", "name": "Europe", "group": true, "position": 1},
            {"id": "g00000000002", "name": "Asia", "group": true, "position": 2},
            {"id": "c00000000001", "name": "API", "group_id": "g00000000001", "position": 1, "created_at": "2023-01-01T00:00:00.000Z"},
            {"id": "c00000000002", "name": "API", "group_id": "g00000000002", "position": 1},
            {"id": "not an id", "name": "Odd", "position": 3},
        ],
        "incidents": [{
            "id": "i00000000001", "name": "Slow", "status": "postmortem", "impact": "minor", "created_at": "2024-01-01T10:00:00Z",
            "incident_updates": [
                {"id": "u00000000003", "status": "postmortem", "body": "Why", "created_at": "2024-01-02T10:00:00Z"},
                {"id": "u00000000002", "status": "resolved", "body": "Done", "created_at": "2024-01-01T11:00:00Z"},
                {"id": "u00000000001", "status": "investigating", "body": "Look", "created_at": "2024-01-01T10:00:00Z",
                 "affected_components": [
                    {"code": "c00000000002", "name": "API", "new_status": "degraded_performance"},
                    {"code": "c00000000009", "name": "Gone", "new_status": "partial_outage"}]},
            ]
        }, {
            "id": "i00000000002", "name": "No words", "status": "resolved", "impact": "none", "created_at": "2024-01-01T10:00:00Z",
            "incident_updates": [{"id": "u00000000004", "status": "resolved", "body": "", "created_at": "2024-01-01T10:00:00Z"}]
        }]
    })
    .to_string();
    let test = TestNode::at(NOW);
    let report = import(&test, &[&document]).await;
    let places: Vec<&str> = report.bad.iter().map(|bad| bad.place.as_str()).collect();
    assert_eq!(places, ["component `not an id`", "incidents[1]"]);
    let board = test.node.board();
    let components: Vec<(&str, Option<&str>)> = board
        .catalog
        .components
        .iter()
        .map(|c| (c.name.default.as_str(), c.group.and_then(|id| Some(board.catalog.group(id)?.code.as_str()))))
        .collect();
    assert_eq!(components, [("API", Some("europe")), ("API (Asia)", Some("asia")), ("Gone", None)]);
    let held = test.node.incident("i00000000001".parse().unwrap()).await.unwrap().expect("held");
    assert_eq!((held.status, held.updates.len()), (Status::Postmortem, 2));
    assert_eq!(held.postmortem.as_ref().map(|postmortem| postmortem.text.default.as_str()), Some("Why"));
    assert_eq!(held.spans.len(), 2);
    assert!(held.spans.iter().all(|span| span.until == Some(at("2024-01-01T11:00:00Z"))));
}

#[test]
fn what_is_no_document_is_refused() {
    let catalog = domain::catalog::Catalog::default();
    for (text, expected) in [("{}", "no `components`"), ("[1]", "not a Statuspage"), ("<html>", "not a Statuspage")] {
        let error = statuspage::gather(&[text], &catalog, at(NOW)).unwrap_err().to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
}

#[tokio::test]
async fn a_page_is_read_over_http_and_a_redirect_is_not_followed() {
    use axum::{Router, http::header, response::IntoResponse, routing::get};
    let moved =
        || async { (axum::http::StatusCode::FOUND, [(header::LOCATION, "http://elsewhere.example/")]).into_response() };
    let router = Router::new()
        .route("/api/v2/components.json", get(|| async { SUMMARY }))
        .route("/api/v2/incidents.json", get(|| async { SUMMARY }))
        .route("/api/v2/scheduled-maintenances.json", get(|| async { SUMMARY }))
        .route("/moved.json", get(moved));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let page = format!("http://{}", listener.local_addr().expect("an address"));
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let documents = statuspage::fetch::documents(&page, None).await.expect("read");
    assert_eq!(documents, [SUMMARY; 3]);
    let moved = statuspage::fetch::documents(&format!("{page}/moved.json"), None).await.unwrap_err().to_string();
    assert!(moved.contains("elsewhere.example"), "{moved}");
    let missing = statuspage::fetch::documents(&format!("{page}/none.json"), None).await.unwrap_err().to_string();
    assert!(missing.contains("404"), "{missing}");
    server.abort();
}
