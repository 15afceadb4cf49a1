//! `/api/v1/maintenances`: what is planned, under way and done.

use super::{
    body::Json,
    caller::Caller,
    incidents::{EditRequest, TextRequest, edit_timeline, query},
    problem::Problem,
    receipt::{self, Receipt},
    scope::ScopeEntry,
    timelines::{self, ListQuery, Listed, ScheduleRequest, UpdateRequest},
    view::IncidentView,
};
use crate::{catalog_file::Written, publish::Node};
use axum::{
    Json as Answer,
    extract::{Extension, Path, Query, State, rejection::QueryRejection},
    http::StatusCode,
};
use domain::{
    change::IncidentOpened,
    command::{Command, Refusal},
    id::IncidentId,
    status::{Impact, Kind, Status},
};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// A new maintenance with its first update.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleMaintenanceRequest {
    /// One line.
    pub title: Written,
    pub schedule: ScheduleRequest,
    /// Markdown: what is done, and what readers will notice.
    pub text: Written,
    /// By default `none`.
    #[schema(value_type = Option<String>, example = "minor")]
    #[serde(default)]
    pub impact: Option<Impact>,
    /// When it was announced, RFC 3339; by default now.
    #[serde(default)]
    pub at: Option<String>,
    /// What it will touch; usually with the status `under_maintenance`. It holds from the begin to the end.
    #[serde(default)]
    pub scope: Vec<ScopeEntry>,
}

#[utoipa::path(get, path = "/maintenances", tag = "maintenances", params(ListQuery),
    responses((status = 200, body = Listed)))]
pub async fn list(
    State(node): State<Arc<Node>>,
    parsed: Result<Query<ListQuery>, QueryRejection>,
) -> Result<Answer<Listed>, Problem> {
    timelines::list(&node, Kind::Maintenance, &query(parsed)?).await.map(Answer)
}

#[utoipa::path(post, path = "/maintenances", tag = "maintenances", request_body = ScheduleMaintenanceRequest,
    responses((status = 201, body = Receipt), (status = 422, body = Problem)))]
pub async fn schedule(
    State(node): State<Arc<Node>>,
    Extension(caller): Extension<Caller>,
    Json(request): Json<ScheduleMaintenanceRequest>,
) -> Result<(StatusCode, Answer<Receipt>), Problem> {
    let mut refusals = Vec::new();
    let first =
        UpdateRequest { text: Some(request.text), at: request.at, scope: request.scope, ..UpdateRequest::default() };
    let opened = IncidentOpened {
        title: request.title.text("title", &mut refusals),
        impact: request.impact.unwrap_or(Impact::None),
        schedule: request.schedule.schedule(&mut refusals),
        kind: Kind::Maintenance,
        first: first.posted(&node.board().catalog, Some(Status::Scheduled), node.clock().now(), &mut refusals),
        source: None,
    };
    if !refusals.is_empty() {
        return Err(refusals.into());
    }
    let id = IncidentId(receipt::fresh_id()?);
    let receipt = receipt::publish_update(&node, Command::Open { id, opened }, Kind::Maintenance, id, &caller).await?;
    Ok((StatusCode::CREATED, Answer(receipt)))
}

#[utoipa::path(get, path = "/maintenances/{id}", tag = "maintenances", params(("id" = String, Path)),
    responses((status = 200, body = IncidentView), (status = 404, body = Problem)))]
pub async fn show(State(node): State<Arc<Node>>, Path(id): Path<String>) -> Result<Answer<IncidentView>, Problem> {
    timelines::show(&node, Kind::Maintenance, &id).await.map(Answer)
}

#[utoipa::path(patch, path = "/maintenances/{id}", tag = "maintenances", params(("id" = String, Path)),
    request_body = EditRequest, responses((status = 200, body = Receipt), (status = 422, body = Problem)))]
pub async fn edit(
    State(node): State<Arc<Node>>,
    Path(id): Path<String>,
    Extension(caller): Extension<Caller>,
    Json(request): Json<EditRequest>,
) -> Result<Answer<Receipt>, Problem> {
    edit_timeline(&node, Kind::Maintenance, &id, request, &caller).await.map(Answer)
}

#[utoipa::path(post, path = "/maintenances/{id}/updates", tag = "maintenances", params(("id" = String, Path)),
    request_body = UpdateRequest, responses((status = 201, body = Receipt), (status = 422, body = Problem)))]
pub async fn post_update(
    State(node): State<Arc<Node>>,
    Path(id): Path<String>,
    Extension(caller): Extension<Caller>,
    Json(request): Json<UpdateRequest>,
) -> Result<(StatusCode, Answer<Receipt>), Problem> {
    let receipt = timelines::post(&node, Kind::Maintenance, &id, request, None, &caller).await?;
    Ok((StatusCode::CREATED, Answer(receipt)))
}

#[utoipa::path(post, path = "/maintenances/{id}/start", tag = "maintenances", params(("id" = String, Path)),
    request_body = TextRequest, responses((status = 201, body = Receipt), (status = 422, body = Problem)))]
pub async fn start(
    State(node): State<Arc<Node>>,
    Path(id): Path<String>,
    Extension(caller): Extension<Caller>,
    Json(request): Json<TextRequest>,
) -> Result<(StatusCode, Answer<Receipt>), Problem> {
    step(&node, &id, request, Status::InProgress, &caller).await
}

#[utoipa::path(post, path = "/maintenances/{id}/complete", tag = "maintenances", params(("id" = String, Path)),
    request_body = TextRequest, responses((status = 201, body = Receipt), (status = 422, body = Problem)))]
pub async fn complete(
    State(node): State<Arc<Node>>,
    Path(id): Path<String>,
    Extension(caller): Extension<Caller>,
    Json(request): Json<TextRequest>,
) -> Result<(StatusCode, Answer<Receipt>), Problem> {
    step(&node, &id, request, Status::Completed, &caller).await
}

/// Ends a maintenance that has not begun. The Statuspage words know no cancelled one: it becomes completed, its text
/// says why, and no cell was ever under maintenance.
#[utoipa::path(post, path = "/maintenances/{id}/cancel", tag = "maintenances", params(("id" = String, Path)),
    request_body = TextRequest, responses((status = 201, body = Receipt), (status = 422, body = Problem)))]
pub async fn cancel(
    State(node): State<Arc<Node>>,
    Path(id): Path<String>,
    Extension(caller): Extension<Caller>,
    Json(request): Json<TextRequest>,
) -> Result<(StatusCode, Answer<Receipt>), Problem> {
    let status = timelines::find(&node, Kind::Maintenance, &id).await?.status;
    if status != Status::Scheduled {
        let what = format!("it is {status} and can no longer be cancelled");
        let right = if status.is_ended() { "nothing to do" } else { "complete it instead" };
        return Err(Problem::refused([Refusal::new("status", what, right)]));
    }
    step(&node, &id, request, Status::Completed, &caller).await
}

async fn step(
    node: &Node,
    id: &str,
    request: TextRequest,
    status: Status,
    caller: &Caller,
) -> Result<(StatusCode, Answer<Receipt>), Problem> {
    timelines::refuse_ended(node, Kind::Maintenance, id).await?;
    let update = UpdateRequest { text: Some(request.text), at: request.at, ..UpdateRequest::default() };
    let receipt = timelines::post(node, Kind::Maintenance, id, update, Some(status), caller).await?;
    Ok((StatusCode::CREATED, Answer(receipt)))
}
