//! `/api/v1/operators`: who may work in the console.

use super::{body::Json, caller::Caller, idempotency, problem::Problem, receipt::Receipt};
use crate::{
    access::operators::{self, Invited},
    publish::Node,
};
use axum::{
    Json as Answer,
    extract::{Extension, Path, State},
    http::StatusCode,
};
use chrono::{DateTime, Utc};
use domain::{
    change::OperatorSet,
    command::{Command, operators::Wish},
    id::OperatorId,
    operator::{Operator, Role},
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// The state of an operator who may not sign in.
pub const OUT: &str = "out";
/// The state of an operator who has chosen a password.
pub const ACTIVE: &str = "active";

/// An operator to add.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddRequest {
    /// What they sign in with; an address of mail can be one.
    #[schema(example = "wei@example.com")]
    pub login: String,
    /// What the audit trail calls them.
    pub name: String,
    #[schema(value_type = String, example = "poster")]
    pub role: Role,
}

/// New values; what is left out stays.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetRequest {
    #[serde(default)]
    pub name: Option<String>,
    #[schema(value_type = Option<String>, example = "editor")]
    #[serde(default)]
    pub role: Option<Role>,
    /// `false` ends every session and every way in.
    #[serde(default)]
    pub active: Option<bool>,
}

/// An operator without secrets.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OperatorView {
    pub login: String,
    pub name: String,
    #[schema(value_type = String)]
    pub role: Role,
    pub created_at: DateTime<Utc>,
    /// `active`, `invited` (no password yet), or `out`.
    pub state: &'static str,
    /// Whether signing in asks for a second factor.
    pub second_factor: bool,
}

impl OperatorView {
    pub fn of(operator: &Operator) -> Self {
        OperatorView {
            login: operator.login.clone(),
            name: operator.name.clone(),
            role: operator.role,
            created_at: operator.created_at,
            state: match (operator.active, &operator.password) {
                (false, _) => OUT,
                (true, Some(_)) => ACTIVE,
                (true, None) => "invited",
            },
            second_factor: operator.second_factor.is_some(),
        }
    }
}

/// Every operator, by login.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Operators {
    pub operators: Vec<OperatorView>,
}

/// An invitation. Its link is shown here and never again.
#[derive(Clone, Serialize, ToSchema)]
pub struct Invitation {
    /// Whoever opens it chooses the password, once.
    pub link: String,
    pub expires_at: DateTime<Utc>,
    #[serde(flatten)]
    pub receipt: Receipt,
}

impl From<Invited> for Invitation {
    fn from(invited: Invited) -> Self {
        Invitation { link: invited.link, expires_at: invited.expires_at, receipt: invited.receipt.into() }
    }
}

/// The operators of the board, by login.
pub fn listed(node: &Node) -> Vec<OperatorView> {
    let board = node.board();
    let mut operators: Vec<OperatorView> =
        board.operators.values().map(|operator| OperatorView::of(operator)).collect();
    operators.sort_by(|a, b| a.login.cmp(&b.login));
    operators
}

#[utoipa::path(get, path = "/operators", tag = "operators", responses((status = 200, body = Operators)))]
pub async fn list(State(node): State<Arc<Node>>) -> Answer<Operators> {
    Answer(Operators { operators: listed(&node) })
}

#[utoipa::path(post, path = "/operators", tag = "operators", request_body = AddRequest,
    responses((status = 201, body = Invitation), (status = 422, body = Problem)))]
pub async fn add(
    State(node): State<Arc<Node>>,
    Extension(caller): Extension<Caller>,
    Json(request): Json<AddRequest>,
) -> Result<(StatusCode, Extension<idempotency::Secret>, Answer<Invitation>), Problem> {
    let set = OperatorSet { login: request.login, name: request.name, role: request.role, active: true };
    let invited = operators::add(&node, set, caller.author, caller.request).await?;
    Ok((StatusCode::CREATED, Extension(idempotency::Secret), Answer(invited.into())))
}

#[utoipa::path(patch, path = "/operators/{login}", tag = "operators", params(("login" = String, Path)),
    request_body = SetRequest, responses((status = 200, body = Receipt), (status = 422, body = Problem)))]
pub async fn set(
    State(node): State<Arc<Node>>,
    Path(login): Path<String>,
    Extension(caller): Extension<Caller>,
    Json(request): Json<SetRequest>,
) -> Result<Answer<Receipt>, Problem> {
    let held = find(&node, &login)?;
    let set = OperatorSet {
        login: held.login.clone(),
        name: request.name.unwrap_or_else(|| held.name.clone()),
        role: request.role.unwrap_or(held.role),
        active: request.active.unwrap_or(held.active),
    };
    let receipt = node.publish_once(Command::Operator(Wish::Set(set)), caller.author, caller.request).await?;
    Ok(Answer(receipt.into()))
}

#[utoipa::path(post, path = "/operators/{login}/invite", tag = "operators", params(("login" = String, Path)),
    responses((status = 201, body = Invitation), (status = 422, body = Problem)))]
pub async fn invite(
    State(node): State<Arc<Node>>,
    Path(login): Path<String>,
    Extension(caller): Extension<Caller>,
) -> Result<(StatusCode, Extension<idempotency::Secret>, Answer<Invitation>), Problem> {
    let held = find(&node, &login)?;
    let invited = operators::invite(&node, &held.login, caller.author, caller.request).await?;
    Ok((StatusCode::CREATED, Extension(idempotency::Secret), Answer(invited.into())))
}

/// For somebody whose authenticator and recovery codes are lost.
#[utoipa::path(delete, path = "/operators/{login}/second-factor", tag = "operators",
    params(("login" = String, Path)), responses((status = 200, body = Receipt), (status = 422, body = Problem)))]
pub async fn remove_second_factor(
    State(node): State<Arc<Node>>,
    Path(login): Path<String>,
    Extension(caller): Extension<Caller>,
) -> Result<Answer<Receipt>, Problem> {
    let wish = Wish::RemoveSecondFactor { operator: find(&node, &login)?.id };
    let by = caller.author.name.clone();
    let receipt = node.publish_once(Command::Operator(wish), caller.author, caller.request).await?;
    tracing::warn!(login, by, "a second factor was taken off");
    Ok(Answer(receipt.into()))
}

fn find(node: &Node, login: &str) -> Result<Arc<Operator>, Problem> {
    let board = node.board();
    board.operators.get(&OperatorId::of_login(login)).cloned().ok_or_else(|| Problem::unknown("operator", login))
}
