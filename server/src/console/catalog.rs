//! `/admin/catalog`: the catalog as its file, planned before it is applied.

use super::{
    fields::Fields,
    page::{Desk, go_to, page, saved, saved_at},
    sign_in::refusals_of,
};
use crate::{
    access::{Access, session::SignedIn},
    catalog_file::{self, difference},
};
use app::console::{self, Catalog, CatalogChange, CatalogPlan, Obstacle};
use axum::{
    Extension,
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::{
    command::{self, Command, Refusal},
    operator::Role,
};
use std::sync::Arc;

/// Where the form is sent, below the console.
const FORM: &str = "/catalog";

pub async fn show(
    State(access): State<Arc<Access>>,
    Extension(signed): Extension<Option<SignedIn>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let desk = Desk::new(&access.node, &headers, signed.as_ref());
    let file = catalog_file::write(&desk.board().catalog);
    let asked = Fields::parse(query.unwrap_or_default().as_bytes());
    let saved = saved(&access.node, &asked, |form| form == FORM);
    page(StatusCode::OK, console::catalog(&desk.inputs(&[]), &file, &Catalog::Present(saved.as_ref())))
}

/// What stands for the present catalog, and for it with the file whose plan is shown.
fn marks(present: &str, file: &str) -> (String, String) {
    let present = blake3::hash(present.as_bytes());
    let planned = blake3::Hasher::new().update(present.as_bytes()).update(file.as_bytes()).finalize();
    (present.to_hex().to_string(), planned.to_hex().to_string())
}

pub async fn change(
    State(access): State<Arc<Access>>,
    Extension(signed): Extension<Option<SignedIn>>,
    Extension(fields): Extension<Fields>,
    headers: HeaderMap,
) -> Response {
    let Some(signed) = signed else { return go_to("/admin/sign-in") };
    let file = fields.get("file");
    let board = access.node.board();
    let (present, planned_for) = marks(&catalog_file::write(&board.catalog), file);
    let again = |plan: Option<&CatalogPlan>, refusals: &[Refusal]| {
        let desk = Desk::new(&access.node, &headers, Some(&signed));
        let is_told = refusals.is_empty() || fields.notice().is_some();
        let status = if is_told { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        page(status, console::catalog(&desk.inputs(refusals), file, &Catalog::Sent(plan)))
    };
    let planned = catalog_file::parse(file).and_then(|wanted| {
        if signed.role < Role::Administrator && command::catalog::moves_page(&board.catalog, &wanted) {
            return Err(vec![Obstacle::PageAddress { least: Role::Administrator, own: signed.role }.at("file")]);
        }
        let now = access.node.clock().now();
        let planned = command::catalog::plan(&board.catalog, board.page_is_set(), wanted.clone(), now)?;
        Ok((wanted, difference::of_plan(&board.catalog, &planned)))
    });
    match planned {
        Err(refusals) => again(None, &refusals),
        Ok((wanted, _)) if fields.get("do") == "apply" && fields.get("planned") == planned_for => {
            match access.node.publish(Command::ApplyCatalog(wanted), signed.author()).await {
                Ok(receipt) => go_to(&saved_at("/admin/catalog", receipt.events.first(), FORM)),
                Err(error) => again(None, &refusals_of(error)),
            }
        }
        Ok((_, differences)) => {
            let changes = differences.iter().map(|difference| CatalogChange { line: difference.to_string() }).collect();
            let unseen = match fields.get("present") == present {
                true => Obstacle::FileChanged,
                false => Obstacle::CatalogChanged,
            };
            let refused = (fields.get("do") == "apply").then(|| unseen.at(""));
            let told = refused.or_else(|| fields.notice());
            again(Some(&CatalogPlan { changes, present, planned: planned_for }), told.as_slice())
        }
    }
}
