//! `/api/v1/incidents`: what is wrong, and what was.

use super::{
    body::Json,
    caller::Caller,
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
    change::{IncidentEdited, IncidentOpened},
    command::{Command, Refusal},
    id::{IncidentId, UpdateId},
    status::{Impact, Kind, Status},
};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// A new incident with its first update.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenRequest {
    /// One line.
    pub title: Written,
    #[schema(value_type = String, example = "critical")]
    pub impact: Impact,
    /// By default `investigating`.
    #[schema(value_type = Option<String>, example = "investigating")]
    #[serde(default)]
    pub status: Option<Status>,
    /// Markdown: what is known.
    pub text: Written,
    /// When it began, RFC 3339; by default now.
    #[serde(default)]
    pub at: Option<String>,
    #[serde(default)]
    pub scope: Vec<ScopeEntry>,
    #[serde(default)]
    pub expected_recovery_at: Option<String>,
    #[serde(default)]
    pub next_update_at: Option<String>,
    #[serde(default)]
    pub root_cause: Option<Written>,
}

/// New values for an incident's or maintenance's own fields; what is left out stays.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditRequest {
    #[serde(default)]
    pub title: Option<Written>,
    #[schema(value_type = Option<String>, example = "minor")]
    #[serde(default)]
    pub impact: Option<Impact>,
    /// Only of a maintenance.
    #[serde(default)]
    pub schedule: Option<ScheduleRequest>,
}

/// A text alone.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TextRequest {
    /// Markdown.
    pub text: Written,
    /// RFC 3339; by default now.
    #[serde(default)]
    pub at: Option<String>,
}

/// A new text for an update.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditUpdateRequest {
    /// Markdown; the old text stays readable.
    pub text: Written,
}

/// The query of a list, with its mistakes told as everywhere.
pub fn query<T>(parsed: Result<Query<T>, QueryRejection>) -> Result<T, Problem> {
    let refused = |error: QueryRejection| {
        let right = "the parameters that /api/v1/openapi.json describes";
        Problem::refused([Refusal::new("query", error.body_text(), right)])
    };
    parsed.map(|Query(query)| query).map_err(refused)
}

#[utoipa::path(get, path = "/incidents", tag = "incidents", params(ListQuery), responses((status = 200, body = Listed)))]
pub async fn list(
    State(node): State<Arc<Node>>,
    parsed: Result<Query<ListQuery>, QueryRejection>,
) -> Result<Answer<Listed>, Problem> {
    timelines::list(&node, Kind::Incident, &query(parsed)?).await.map(Answer)
}

#[utoipa::path(post, path = "/incidents", tag = "incidents", request_body = OpenRequest,
    responses((status = 201, body = Receipt), (status = 422, body = Problem)))]
pub async fn open(
    State(node): State<Arc<Node>>,
    Extension(caller): Extension<Caller>,
    Json(request): Json<OpenRequest>,
) -> Result<(StatusCode, Answer<Receipt>), Problem> {
    let mut refusals = Vec::new();
    let first = UpdateRequest {
        text: Some(request.text),
        status: request.status,
        at: request.at,
        scope: request.scope,
        impact: None,
        expected_recovery_at: request.expected_recovery_at,
        next_update_at: request.next_update_at,
        root_cause: request.root_cause,
        id: None,
    };
    let opened = IncidentOpened {
        title: request.title.text("title", &mut refusals),
        impact: request.impact,
        schedule: None,
        kind: Kind::Incident,
        first: first.posted(&node.board().catalog, Some(Status::Investigating), node.clock().now(), &mut refusals),
        source: None,
    };
    if !refusals.is_empty() {
        return Err(refusals.into());
    }
    let id = IncidentId(receipt::fresh_id()?);
    let receipt = receipt::publish_update(&node, Command::Open { id, opened }, Kind::Incident, id, &caller).await?;
    Ok((StatusCode::CREATED, Answer(receipt)))
}

#[utoipa::path(get, path = "/incidents/{id}", tag = "incidents", params(("id" = String, Path)),
    responses((status = 200, body = IncidentView), (status = 404, body = Problem)))]
pub async fn show(State(node): State<Arc<Node>>, Path(id): Path<String>) -> Result<Answer<IncidentView>, Problem> {
    timelines::show(&node, Kind::Incident, &id).await.map(Answer)
}

#[utoipa::path(patch, path = "/incidents/{id}", tag = "incidents", params(("id" = String, Path)),
    request_body = EditRequest, responses((status = 200, body = Receipt), (status = 422, body = Problem)))]
pub async fn edit(
    State(node): State<Arc<Node>>,
    Path(id): Path<String>,
    Extension(caller): Extension<Caller>,
    Json(request): Json<EditRequest>,
) -> Result<Answer<Receipt>, Problem> {
    edit_timeline(&node, Kind::Incident, &id, request, &caller).await.map(Answer)
}

/// Edits an incident's or maintenance's own fields.
pub async fn edit_timeline(
    node: &Node,
    kind: Kind,
    id: &str,
    request: EditRequest,
    caller: &Caller,
) -> Result<Receipt, Problem> {
    let incident = timelines::find(node, kind, id).await?.id;
    let mut refusals = Vec::new();
    let edit = IncidentEdited {
        title: super::text::optional(request.title, "title", &mut refusals),
        impact: request.impact,
        schedule: request.schedule.and_then(|schedule| schedule.schedule(&mut refusals)),
    };
    if !refusals.is_empty() {
        return Err(refusals.into());
    }
    receipt::publish_about(node, Command::EditIncident { incident, edit }, kind, incident, caller).await
}

#[utoipa::path(post, path = "/incidents/{id}/updates", tag = "incidents", params(("id" = String, Path)),
    request_body = UpdateRequest, responses((status = 201, body = Receipt), (status = 422, body = Problem)))]
pub async fn post_update(
    State(node): State<Arc<Node>>,
    Path(id): Path<String>,
    Extension(caller): Extension<Caller>,
    Json(request): Json<UpdateRequest>,
) -> Result<(StatusCode, Answer<Receipt>), Problem> {
    let receipt = timelines::post(&node, Kind::Incident, &id, request, None, &caller).await?;
    Ok((StatusCode::CREATED, Answer(receipt)))
}

#[utoipa::path(patch, path = "/incidents/{id}/updates/{update}", tag = "incidents",
    params(("id" = String, Path), ("update" = String, Path)), request_body = EditUpdateRequest,
    responses((status = 200, body = Receipt), (status = 422, body = Problem)))]
pub async fn edit_update(
    State(node): State<Arc<Node>>,
    Path((id, update)): Path<(String, String)>,
    Extension(caller): Extension<Caller>,
    Json(request): Json<EditUpdateRequest>,
) -> Result<Answer<Receipt>, Problem> {
    let found = timelines::find(&node, Kind::Incident, &id).await?;
    let update: UpdateId = receipt::id_in_path("update", &update)?;
    if !found.updates.iter().any(|held| held.id == update) {
        return Err(Problem::unknown("update", &update.to_string()));
    }
    let mut refusals = Vec::new();
    let text = request.text.text("text", &mut refusals);
    if !refusals.is_empty() {
        return Err(refusals.into());
    }
    let command = Command::EditUpdate { incident: found.id, update, text };
    let receipt = receipt::publish_about(&node, command, Kind::Incident, found.id, &caller).await?;
    Ok(Answer(Receipt { update: Some(update.to_string()), ..receipt }))
}

#[utoipa::path(post, path = "/incidents/{id}/resolve", tag = "incidents", params(("id" = String, Path)),
    request_body = TextRequest, responses((status = 201, body = Receipt), (status = 422, body = Problem)))]
pub async fn resolve(
    State(node): State<Arc<Node>>,
    Path(id): Path<String>,
    Extension(caller): Extension<Caller>,
    Json(request): Json<TextRequest>,
) -> Result<(StatusCode, Answer<Receipt>), Problem> {
    timelines::refuse_ended(&node, Kind::Incident, &id).await?;
    let update = UpdateRequest { text: Some(request.text), at: request.at, ..UpdateRequest::default() };
    let receipt = timelines::post(&node, Kind::Incident, &id, update, Some(Status::Resolved), &caller).await?;
    Ok((StatusCode::CREATED, Answer(receipt)))
}

#[utoipa::path(post, path = "/incidents/{id}/postmortem", tag = "incidents", params(("id" = String, Path)),
    request_body = TextRequest, responses((status = 201, body = Receipt), (status = 422, body = Problem)))]
pub async fn postmortem(
    State(node): State<Arc<Node>>,
    Path(id): Path<String>,
    Extension(caller): Extension<Caller>,
    Json(request): Json<TextRequest>,
) -> Result<(StatusCode, Answer<Receipt>), Problem> {
    let incident = timelines::find(&node, Kind::Incident, &id).await?.id;
    let mut refusals = Vec::new();
    let text = request.text.text("text", &mut refusals);
    let at = super::text::optional_moment(request.at.as_deref(), "at", &mut refusals);
    if !refusals.is_empty() {
        return Err(refusals.into());
    }
    let at = at.unwrap_or_else(|| super::text::whole_seconds(node.clock().now()));
    let command = Command::PublishPostmortem { incident, text, at };
    let receipt = receipt::publish_about(&node, command, Kind::Incident, incident, &caller).await?;
    Ok((StatusCode::CREATED, Answer(receipt)))
}
