//! `/api/v1/catalog`: the whole catalog, as JSON or as its TOML file.

use super::{
    body::{self, media_type},
    caller::Caller,
    idempotency::Secret,
    problem::Problem,
    receipt::{self, Receipt},
};
use crate::{
    catalog_file::{self, CatalogDocument, difference, difference::Difference},
    publish::Node,
};
use axum::{
    Json as Answer,
    extract::{Extension, FromRequest, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    command::{self, Command, Refusal, catalog::Wanted},
    operator::Role,
};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// The media type of a catalog file.
pub const TOML: &str = "application/toml";

/// A catalog in a request, as JSON or TOML by its `Content-Type`.
#[derive(Debug)]
pub struct WantedCatalog(pub Wanted);

impl<S: Send + Sync> FromRequest<S> for WantedCatalog {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let media_type = media_type(request.headers());
        let bytes = body::bytes(request).await?;
        let wanted = match media_type.as_str() {
            "application/json" => catalog_file::wanted(body::parse::<CatalogDocument>(&bytes)?)?,
            TOML => {
                let text = std::str::from_utf8(&bytes).map_err(|error| {
                    let what = format!("is not UTF-8 after byte {}", error.valid_up_to());
                    Problem::malformed(Refusal::new("", what, "a TOML file in UTF-8"))
                })?;
                catalog_file::parse(text)?
            }
            other => {
                let detail = format!("the body is `{other}`; send `application/json` or `{TOML}`");
                return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
            }
        };
        Ok(WantedCatalog(wanted))
    }
}

/// What applying a catalog would change.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Plan {
    /// Empty when nothing differs.
    pub differences: Vec<Difference>,
}

/// What applying a catalog has changed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Applied {
    pub differences: Vec<Difference>,
    #[serde(flatten)]
    pub receipt: Receipt,
}

/// The present catalog: JSON, or with `Accept: application/toml` the file that `apply` takes.
#[utoipa::path(get, path = "/catalog", tag = "catalog",
    responses((status = 200, content((CatalogDocument = "application/json"), (String = "application/toml")))))]
pub async fn export(State(node): State<Arc<Node>>, headers: HeaderMap) -> Response {
    let catalog = &node.board().catalog;
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match accepted.contains(TOML) {
        true => ([(header::CONTENT_TYPE, TOML)], catalog_file::write(catalog)).into_response(),
        false => Answer(CatalogDocument::from(catalog)).into_response(),
    }
}

#[utoipa::path(post, path = "/catalog/plan", tag = "catalog", request_body = CatalogDocument,
    responses((status = 200, body = Plan), (status = 422, body = Problem)))]
pub async fn plan(
    State(node): State<Arc<Node>>,
    WantedCatalog(wanted): WantedCatalog,
) -> Result<(Extension<Secret>, Answer<Plan>), Problem> {
    Ok((Extension(Secret), Answer(Plan { differences: differences(&node, wanted)? })))
}

#[utoipa::path(put, path = "/catalog", tag = "catalog", request_body = CatalogDocument,
    responses((status = 200, body = Applied), (status = 422, body = Problem)))]
pub async fn apply(
    State(node): State<Arc<Node>>,
    Extension(caller): Extension<Caller>,
    WantedCatalog(wanted): WantedCatalog,
) -> Result<(Extension<Secret>, Answer<Applied>), Problem> {
    if caller.role < Role::Administrator && command::catalog::moves_page(&node.board().catalog, &wanted) {
        let detail = format!(
            "invitations lead to the page's address and passkeys are bound to it: to change `page.url` needs a token \
             with the role {}, and yours has {}",
            Role::Administrator,
            caller.role
        );
        return Err(Problem::new(StatusCode::FORBIDDEN, detail));
    }
    let differences = differences(&node, wanted.clone())?;
    let receipt = receipt::publish(&node, Command::ApplyCatalog(wanted), &caller).await?;
    let page = Some(node.board().catalog.page.url.clone());
    Ok((Extension(Secret), Answer(Applied { differences, receipt: Receipt { page, ..receipt } })))
}

fn differences(node: &Node, wanted: Wanted) -> Result<Vec<Difference>, Problem> {
    let board = node.board();
    let planned = command::catalog::plan(&board.catalog, board.page_is_set(), wanted, node.clock().now())?;
    Ok(difference::of_plan(&board.catalog, &planned))
}
