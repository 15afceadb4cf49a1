//! `/api/v1/tokens`: who may write over the network.

use super::{
    body::Json,
    caller::Caller,
    idempotency,
    problem::Problem,
    receipt::{self, Receipt},
    text,
    token_secret::TokenSecret,
};
use crate::publish::Node;
use app::words::first_language;
use axum::{
    Json as Answer,
    extract::{Extension, Path, State},
    http::StatusCode,
};
use chrono::{DateTime, Utc};
use domain::{change::TokenCreated, command::Command, id::TokenId, operator::Role};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// The state of a token that may be used.
pub const VALID: &str = "valid";

/// A token to make.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateRequest {
    /// Who uses it; stands in the audit trail.
    #[schema(example = "deploy pipeline")]
    pub name: String,
    /// RFC 3339; never when left out.
    #[serde(default)]
    pub expires_at: Option<String>,
    /// What it may do: `poster` by default.
    #[schema(value_type = Option<String>, example = "poster")]
    #[serde(default)]
    pub role: Option<Role>,
}

/// A new token. Its secret is shown here and never again.
#[derive(Clone, Serialize, ToSchema)]
pub struct Created {
    /// For `Authorization: Bearer`.
    pub secret: String,
    #[serde(flatten)]
    pub receipt: Receipt,
}

/// A token without its secret.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TokenView {
    pub id: String,
    pub name: String,
    pub created_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    #[schema(value_type = String)]
    pub role: Role,
    /// `valid`, `expired` or `revoked`.
    pub state: &'static str,
}

/// Every token, oldest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Tokens {
    pub tokens: Vec<TokenView>,
}

/// The tokens of the board, oldest first.
pub fn listed(node: &Node) -> Vec<TokenView> {
    let now = node.clock().now();
    let mut tokens: Vec<TokenView> = node
        .board()
        .tokens
        .values()
        .map(|token| TokenView {
            id: token.id.to_string(),
            name: first_language(&token.name.as_str().into()).to_owned(),
            created_at: token.created_at,
            expires_at: token.expires_at,
            role: token.role,
            state: match token.expires_at {
                _ if token.revoked => "revoked",
                Some(at) if at <= now => "expired",
                _ => VALID,
            },
        })
        .collect();
    tokens.sort_by_key(|token| token.created_at);
    tokens
}

#[utoipa::path(get, path = "/tokens", tag = "tokens", responses((status = 200, body = Tokens)))]
pub async fn list(State(node): State<Arc<Node>>) -> Answer<Tokens> {
    Answer(Tokens { tokens: listed(&node) })
}

#[utoipa::path(post, path = "/tokens", tag = "tokens", request_body = CreateRequest,
    responses((status = 201, body = Created), (status = 422, body = Problem)))]
pub async fn create(
    State(node): State<Arc<Node>>,
    Extension(caller): Extension<Caller>,
    Json(request): Json<CreateRequest>,
) -> Result<(StatusCode, Extension<idempotency::Secret>, Answer<Created>), Problem> {
    let mut refusals = Vec::new();
    let expires_at = text::optional_moment(request.expires_at.as_deref(), "expires_at", &mut refusals);
    if !refusals.is_empty() {
        return Err(refusals.into());
    }
    let token = TokenSecret::generate().map_err(|error| Problem::unavailable(&error))?;
    let sealed_hash = node.store().seal(&token.hash()).map_err(|error| Problem::unavailable(&error))?;
    let role = Some(request.role.unwrap_or(Role::Poster));
    let created = TokenCreated { name: request.name, sealed_hash, expires_at, role };
    let receipt = receipt::publish(&node, Command::CreateToken { id: token.id, created }, &caller).await?;
    let receipt = Receipt { token: Some(token.id.to_string()), ..receipt };
    let created = Created { secret: token.reveal(), receipt };
    Ok((StatusCode::CREATED, Extension(idempotency::Secret), Answer(created)))
}

#[utoipa::path(delete, path = "/tokens/{id}", tag = "tokens", params(("id" = String, Path)),
    responses((status = 200, body = Receipt), (status = 404, body = Problem)))]
pub async fn revoke(
    State(node): State<Arc<Node>>,
    Path(id): Path<String>,
    Extension(caller): Extension<Caller>,
) -> Result<Answer<Receipt>, Problem> {
    let token: TokenId = receipt::id_in_path("token", &id)?;
    if !node.board().tokens.contains_key(&token) {
        return Err(Problem::unknown("token", &id));
    }
    let receipt = receipt::publish(&node, Command::RevokeToken { id: token }, &caller).await?;
    Ok(Answer(Receipt { token: Some(token.to_string()), ..receipt }))
}
