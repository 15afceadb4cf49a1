//! The OpenAPI document, generated from the handlers.

use super::{BASE, routes};
use utoipa::{
    OpenApi as _,
    openapi::{
        OpenApi,
        security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};
use utoipa_axum::router::OpenApiRouter;

#[derive(utoipa::OpenApi)]
#[openapi(info(
    title = "Holdfast",
    description = "Writes to the status page. Every error is `application/problem+json` and names the field. A write may carry an `Idempotency-Key`."
))]
struct Head;

/// The document without its paths.
pub(super) fn head() -> OpenApi {
    let mut head = Head::openapi();
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("hf_...").build();
    let components = head.components.get_or_insert_default();
    components.security_schemes.insert("bearer".to_owned(), SecurityScheme::Http(bearer).into());
    head.security = Some(vec![SecurityRequirement::new("bearer", std::iter::empty::<String>())]);
    head
}

/// The whole document.
pub fn document() -> OpenApi {
    OpenApiRouter::with_openapi(head()).nest(BASE, routes()).into_openapi()
}
