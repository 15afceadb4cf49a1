//! `/admin/past`: what has ended, page by page.

use super::{
    fields::Fields,
    page::{Desk, page},
};
use crate::access::{Access, session::SignedIn};
use app::console::{self, Obstacle, Past};
use axum::{
    Extension,
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::{
    id::IncidentId,
    listing::{Listing, Wanted},
    status::Kind,
};
use std::sync::Arc;

/// Entries of one page.
pub const PAGE_ENTRIES: usize = 30;

pub async fn show(
    State(access): State<Arc<Access>>,
    Extension(signed): Extension<Option<SignedIn>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let asked = Fields::parse(query.unwrap_or_default().as_bytes());
    let kind = [Kind::Incident, Kind::Maintenance].into_iter().find(|kind| kind.word() == asked.get("kind"));
    let after: Option<IncidentId> = asked.get("after").parse().ok();
    let desk = Desk::new(&access.node, &headers, signed.as_ref());
    match listed(&access, kind, after).await {
        Ok(past) => page(StatusCode::OK, console::past(&desk.inputs(&[]), &past)),
        Err(error) => {
            tracing::error!(%error, "the log cannot be read");
            let refusals = [Obstacle::LogUnreadable.at("")];
            page(StatusCode::SERVICE_UNAVAILABLE, console::message(&desk.inputs(&refusals)))
        }
    }
}

async fn listed(
    access: &Access,
    kind: Option<Kind>,
    after: Option<IncidentId>,
) -> Result<Past, crate::store::ReadError> {
    let place = match after {
        Some(id) => access.node.summary(id).await?.map(|summary| (summary.started_at, summary.id)),
        None => None,
    };
    let listing = Listing { kind, status: Wanted::Ended, after: place, ..Listing::newest(PAGE_ENTRIES + 1) };
    let mut ended = access.node.listed(listing).await?;
    let is_more = ended.len() > PAGE_ENTRIES;
    ended.truncate(PAGE_ENTRIES);
    let after = ended.last().filter(|_| is_more).map(|summary| summary.id);
    Ok(Past { kind, ended, after, is_first: place.is_none() })
}
