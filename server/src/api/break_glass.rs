//! `/api/v1/break-glass`: codes to print and lock away. Only for the node's own user: whoever has one may post.

use super::{
    body::Json,
    caller::Caller,
    idempotency,
    problem::Problem,
    receipt::{self, Receipt},
};
use crate::{access::break_glass, publish::Node};
use axum::{
    Json as Answer,
    extract::{Extension, Path, State},
    http::StatusCode,
};
use chrono::{DateTime, Utc};
use domain::{
    break_glass::CodeBatch,
    command::{Command, break_glass::Wish},
    id::CodeBatchId,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// Codes to issue.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IssueRequest {
    /// Where they are kept, or for whom; stands in the audit trail.
    #[schema(example = "safe in Shenzhen")]
    pub label: String,
    pub count: u16,
}

/// Codes that were just issued. They are shown here and never again.
#[derive(Clone, Serialize, ToSchema)]
pub struct IssuedCodes {
    pub batch: String,
    /// In the order of their numbers, which the audit trail counts from one.
    pub codes: Vec<String>,
    #[serde(flatten)]
    pub receipt: Receipt,
}

/// Codes that were issued together, without the codes.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BatchView {
    pub batch: String,
    pub label: String,
    pub issued_at: DateTime<Utc>,
    pub count: u16,
    /// Codes that are good for a session.
    pub left: usize,
    pub revoked: bool,
    pub used: Vec<UseView>,
}

/// A use of a code.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UseView {
    /// Counted from one.
    pub code: u32,
    pub at: DateTime<Utc>,
    pub region: String,
    /// Another region took the same code before, while both were apart.
    pub again: bool,
}

/// Every batch, oldest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Batches {
    pub batches: Vec<BatchView>,
}

fn view(batch: &CodeBatch) -> BatchView {
    let uses = batch.spent.iter().flat_map(|(number, uses)| uses.iter().enumerate().map(move |used| (number, used)));
    BatchView {
        batch: batch.id.to_string(),
        label: app::words::first_language(&batch.label.as_str().into()).to_owned(),
        issued_at: batch.issued_at,
        count: batch.count,
        left: batch.left(),
        revoked: batch.revoked,
        used: uses
            .map(|(number, (at, used))| UseView {
                code: u32::from(*number) + 1,
                at: used.at,
                region: used.region.clone(),
                again: at > 0,
            })
            .collect(),
    }
}

#[utoipa::path(get, path = "/break-glass", tag = "break-glass", responses((status = 200, body = Batches)))]
pub async fn list(State(node): State<Arc<Node>>) -> Answer<Batches> {
    let mut batches: Vec<BatchView> = node.board().break_glass.values().map(|batch| view(batch)).collect();
    batches.sort_by_key(|batch| batch.issued_at);
    Answer(Batches { batches })
}

#[utoipa::path(post, path = "/break-glass", tag = "break-glass", request_body = IssueRequest,
    responses((status = 201, body = IssuedCodes), (status = 422, body = Problem)))]
pub async fn issue(
    State(node): State<Arc<Node>>,
    Extension(caller): Extension<Caller>,
    Json(request): Json<IssueRequest>,
) -> Result<(StatusCode, Extension<idempotency::Secret>, Answer<IssuedCodes>), Problem> {
    let issued = break_glass::issue(&node, request.label, request.count, caller.author, caller.request).await?;
    let answer = IssuedCodes { batch: issued.batch.to_string(), codes: issued.codes, receipt: issued.receipt.into() };
    Ok((StatusCode::CREATED, Extension(idempotency::Secret), Answer(answer)))
}

#[utoipa::path(delete, path = "/break-glass/{batch}", tag = "break-glass", params(("batch" = String, Path)),
    responses((status = 200, body = Receipt), (status = 404, body = Problem)))]
pub async fn revoke(
    State(node): State<Arc<Node>>,
    Path(batch): Path<String>,
    Extension(caller): Extension<Caller>,
) -> Result<Answer<Receipt>, Problem> {
    let id: CodeBatchId = receipt::id_in_path("batch of codes", &batch)?;
    if !node.board().break_glass.contains_key(&id) {
        return Err(Problem::unknown("batch of codes", &batch));
    }
    let receipt = receipt::publish(&node, Command::BreakGlass(Wish::Revoke { batch: id }), &caller).await?;
    tracing::warn!(batch = %id, "break-glass codes were revoked");
    Ok(Answer(receipt))
}
