//! Who asks: a bearer token's owner, or the node's own user over its Unix socket.

use super::{problem::Problem, token_secret::TokenSecret};
use crate::{publish::Node, store::requests::RequestKey};
use app::words::first_language;
use axum::{
    extract::{Extension, Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::{change::Author, id::TokenId, operator::Role};
use std::sync::Arc;
use subtle::ConstantTimeEq;

/// The header in which a trusted client names its operator, for the audit trail.
pub const OPERATOR_HEADER: &str = "holdfast-operator";
/// The header in which a trusted client names its way in, such as `import`.
pub const WAY_HEADER: &str = "holdfast-way";
/// Longest operator name, in bytes.
const OPERATOR_BYTES_MAX: usize = 100;
/// The ways that a trusted client may name.
const WAYS: &[&str] = &["cli", "import", "demo", "snapshot"];

/// Marks requests of the node's own user. Only the router of the Unix socket and of the process itself adds it.
#[derive(Clone, Copy, Debug)]
pub struct Trusted;

/// Who asks, once that is known.
#[derive(Clone, Debug)]
pub struct Caller {
    pub author: Author,
    /// Over the Unix socket or in process.
    pub is_trusted: bool,
    pub role: Role,
    /// What keeps the idempotency keys of two callers apart.
    pub realm: String,
    /// What the request is committed under, when it has an idempotency key.
    pub request: Option<RequestKey>,
}

/// Lets a request pass with its [`Caller`], or answers 401.
pub async fn require(State(node): State<Arc<Node>>, mut request: Request, next: Next) -> Response {
    let caller = match request.extensions().get::<Trusted>() {
        Some(Trusted) => Ok(trusted(request.headers())),
        None => bearer(&node, request.headers()),
    };
    match caller {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

/// Answers 403 to those who are not the node's own user.
pub async fn require_trusted(Extension(caller): Extension<Caller>, request: Request, next: Next) -> Response {
    if caller.is_trusted {
        return next.run(request).await;
    }
    let detail = "this is only for the node's own user: run the command line on the node's machine";
    Problem::new(StatusCode::FORBIDDEN, detail).into_response()
}

/// Answers 403 to those whose role is less than `least`.
pub async fn require_role(
    State(least): State<Role>,
    Extension(caller): Extension<Caller>,
    request: Request,
    next: Next,
) -> Response {
    if caller.role >= least {
        return next.run(request).await;
    }
    let detail = format!("this needs a token with the role {least}, and yours has {}", caller.role);
    Problem::new(StatusCode::FORBIDDEN, detail).into_response()
}

fn trusted(headers: &HeaderMap) -> Caller {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let name: String = header(OPERATOR_HEADER).chars().filter(|character| !character.is_control()).collect();
    let name = if name.is_empty() || name.len() > OPERATOR_BYTES_MAX { "operator".to_owned() } else { name };
    let way = WAYS.iter().find(|way| **way == header(WAY_HEADER)).copied().unwrap_or("cli");
    let author = Author { name, way: way.to_owned() };
    Caller { author, is_trusted: true, role: Role::Administrator, realm: "trusted".to_owned(), request: None }
}

/// The caller of a bearer token (RFC 6750). Which part of a wrong token is wrong is not told.
fn bearer(node: &Node, headers: &HeaderMap) -> Result<Caller, Problem> {
    let refused = |detail: &str| Problem::new(StatusCode::UNAUTHORIZED, detail);
    let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some(given) = header.and_then(|value| value.split_once(' ')) else {
        return Err(refused("send `Authorization: Bearer hf_...`; `holdfast token create` makes a token"));
    };
    let secret: Option<TokenSecret> = Some(given)
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .and_then(|(_, token)| token.parse().ok());
    let unknown = || refused("the token is not known");
    let secret = secret.ok_or_else(unknown)?;
    let board = node.board();
    let token = board.tokens.get(&secret.id).ok_or_else(unknown)?;
    let kept = node.store().open_sealed(&token.sealed_hash).ok_or_else(unknown)?;
    if !bool::from(secret.hash().as_slice().ct_eq(kept.as_slice())) {
        return Err(unknown());
    }
    if token.revoked {
        return Err(refused("the token is revoked; ask for a new one"));
    }
    if let Some(expires_at) = token.expires_at.filter(|at| *at <= node.clock().now()) {
        return Err(refused(&format!("the token expired at {}; ask for a new one", expires_at.to_rfc3339())));
    }
    Ok(Caller {
        author: Author { name: first_language(&token.name.as_str().into()).to_owned(), way: "api".to_owned() },
        is_trusted: false,
        role: token.role,
        realm: realm(token.id),
        request: None,
    })
}

fn realm(token: TokenId) -> String {
    format!("token {token}")
}
