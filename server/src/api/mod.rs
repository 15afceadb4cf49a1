//! The write API, `/api/v1`: what the command line, the network and later the console write through.
//!
//! | module | what is there |
//! |---|---|
//! | [`incidents`], [`maintenances`] | timelines; what they share is in `timelines` |
//! | [`catalog`] | regions, groups, components |
//! | [`break_glass`] | codes to lock away: for the node's own user |
//! | [`tokens`], [`operators`] | who may write over the network, who in the console |
//! | [`events`] | the log itself |
//! | [`peers`] | the other nodes, and where an event is saved |
//! | [`mirrors`] | the copies that this node keeps elsewhere |
//! | [`nodes`] | whose events count here: for the node's own user |
//! | [`import`], [`snapshot`] | history from elsewhere, the site as files: for the node's own user |
//! | `scope`, `text` | codes, texts and times of a request, to the domain's words |
//! | `view`, `receipt` | incidents and writes, as answers show them |
//! | [`caller`], [`token_secret`] | who asks |
//! | `origin`, `idempotency`, [`body`] | foreign pages, repeated requests, bounds |
//! | [`problem`] | every error, and the one map to HTTP codes |
//!
//! Every write is a domain command given to the node; nothing here decides what is legal.

pub mod body;
pub mod break_glass;
pub mod caller;
pub mod catalog;
pub mod events;
pub mod idempotency;
pub mod import;
pub mod incidents;
pub mod maintenances;
pub mod mirrors;
pub mod nodes;
mod openapi;
pub mod operators;
pub(crate) mod origin;
pub mod peers;
pub mod problem;
mod receipt;
mod scope;
pub mod snapshot;
mod text;
pub mod timelines;
pub mod token_secret;
pub mod tokens;
mod view;

pub use openapi::document;

use crate::publish::Node;
use axum::{
    Router,
    extract::Request,
    http::StatusCode,
    middleware::{from_fn, from_fn_with_state},
    routing::get,
};
use domain::operator::Role;
use problem::Problem;
use std::sync::Arc;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Where the API is.
pub const BASE: &str = "/api/v1";

/// The whole map of the API's addresses, by the role that each needs at least.
fn routes() -> OpenApiRouter<Arc<Node>> {
    let behind = |role: Role| from_fn_with_state(role, caller::require_role);
    let posters = OpenApiRouter::new()
        .routes(routes!(incidents::list, incidents::open))
        .routes(routes!(incidents::show))
        .routes(routes!(incidents::post_update))
        .routes(routes!(incidents::resolve))
        .routes(routes!(maintenances::list))
        .routes(routes!(maintenances::show))
        .routes(routes!(catalog::export))
        .routes(routes!(events::list))
        .routes(routes!(peers::saved))
        .routes(routes!(peers::list))
        .routes(routes!(mirrors::list))
        .route_layer(behind(Role::Poster));
    let editors = OpenApiRouter::new()
        .routes(routes!(incidents::edit))
        .routes(routes!(incidents::edit_update))
        .routes(routes!(incidents::postmortem))
        .routes(routes!(maintenances::schedule))
        .routes(routes!(maintenances::edit))
        .routes(routes!(maintenances::post_update))
        .routes(routes!(maintenances::start))
        .routes(routes!(maintenances::complete))
        .routes(routes!(maintenances::cancel))
        .routes(routes!(catalog::apply))
        .routes(routes!(catalog::plan))
        .route_layer(behind(Role::Editor));
    let administrators = OpenApiRouter::new()
        .routes(routes!(tokens::list, tokens::create))
        .routes(routes!(tokens::revoke))
        .routes(routes!(operators::list, operators::add))
        .routes(routes!(operators::set))
        .routes(routes!(operators::invite))
        .routes(routes!(operators::remove_second_factor))
        .routes(routes!(events::export))
        .routes(routes!(mirrors::take))
        .route_layer(behind(Role::Administrator));
    let own_user_only = OpenApiRouter::new()
        .routes(routes!(events::import))
        .routes(routes!(events::redact))
        .routes(routes!(nodes::list, nodes::trust))
        .routes(routes!(nodes::remove))
        .routes(routes!(nodes::rotate))
        .routes(routes!(break_glass::list, break_glass::issue))
        .routes(routes!(break_glass::revoke))
        .routes(routes!(import::import))
        .routes(routes!(snapshot::write))
        .route_layer(from_fn(caller::require_trusted));
    posters.merge(editors).merge(administrators).merge(own_user_only)
}

/// The API for the network: every request needs a bearer token.
pub fn router(node: Arc<Node>) -> Router {
    let guard = idempotency::Guard { node: Arc::clone(&node), lanes: Arc::default() };
    let (routes, document) = OpenApiRouter::with_openapi(openapi::head()).nest(BASE, routes()).split_for_parts();
    // Outermost last: foreign pages, then who asks, then how much, then whether it was asked before.
    routes
        .method_not_allowed_fallback(async || {
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "this address has other methods: see /api/v1/openapi.json")
        })
        .route_layer(from_fn_with_state(guard, idempotency::once))
        .route_layer(from_fn(body::bounded))
        .route_layer(from_fn_with_state(Arc::clone(&node), caller::require))
        .route_layer(from_fn_with_state(Arc::clone(&node), origin::refuse_foreign))
        .route("/api/v1/openapi.json", get(async move || axum::Json(document)))
        .with_state(node)
}

/// The API for the node's own user: over the Unix socket, or in process.
pub fn trusted_router(node: Arc<Node>) -> Router {
    let unknown = async |request: Request| {
        Problem::new(StatusCode::NOT_FOUND, format!("there is nothing at `{}`", request.uri().path()))
    };
    router(node).fallback(unknown).layer(axum::Extension(caller::Trusted))
}
