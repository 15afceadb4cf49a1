//! The operators' listener: never the public's.
//!
//! | path | what answers |
//! |---|---|
//! | `/healthz` | the process runs |
//! | `/readyz` | it can answer readers with pages that state the present; 503 with the reasons when not |
//! | `/metrics` | OpenMetrics text |

use super::{metrics, public::Public, shutdown::Shutdown};
use crate::snapshot::publisher::Publishers;
use app::{address::Address, locale::Locale};
use axum::{
    Extension, Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
    routing::get,
};
use domain::stamp::Freshness;
use std::sync::Arc;

#[derive(Clone)]
struct Operated {
    public: Arc<Public>,
    shutdown: Shutdown,
}

pub fn router(public: Arc<Public>, shutdown: Shutdown) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(measured))
        .with_state(Operated { public, shutdown })
}

async fn measured(
    State(operated): State<Operated>,
    publishers: Option<Extension<Arc<Publishers>>>,
) -> impl IntoResponse {
    let mirrors = publishers.map(|Extension(publishers)| publishers.statuses()).unwrap_or_default();
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], metrics::text(&operated.public, &mirrors))
}

async fn ready(State(operated): State<Operated>) -> impl IntoResponse {
    let mut reasons = Vec::new();
    if operated.shutdown.has_begun() {
        reasons.push("shutting down".to_owned());
    }
    let hot = operated.public.pages.hot();
    match hot.pages.get(&(Address::Home, Locale::default())) {
        None => reasons.push("the home page cannot be rendered".to_owned()),
        Some(home) if home.fault => {
            reasons.push("the home page cannot be rendered; the last good one is served".to_owned())
        }
        Some(_) => {}
    }
    if hot.stamp.freshness == Freshness::Grey {
        reasons.push(format!("nothing confirmed since {}", hot.stamp.confirmed_at.to_rfc3339()));
    }
    let status = if reasons.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = serde_json::json!({
        "ready": reasons.is_empty(),
        "reasons": reasons,
        "board_version": hot.board.version.total(),
    });
    (status, Json(body))
}
