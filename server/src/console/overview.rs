//! `/admin`.

use super::{
    cluster::Problems,
    page::{Desk, page},
};
use crate::access::{Access, session::SignedIn};
use app::console::{self, Obstacle, Overview};
use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use std::sync::Arc;

pub async fn show(
    State(access): State<Arc<Access>>,
    Extension(signed): Extension<Option<SignedIn>>,
    headers: HeaderMap,
) -> Response {
    let desk = Desk::new(&access.node, &headers, signed.as_ref());
    let problems = Problems::of(&access, desk.board());
    let overview = Overview {
        alarming: problems.alarming.len(),
        kept: problems.kept.len(),
        regions: desk.stamp().peers + 1,
        silent: desk.stamp().silent.iter().map(|silent| silent.region.clone()).collect(),
    };
    page(StatusCode::OK, console::overview(&desk.inputs(&[]), &overview))
}

/// Nothing is at this address.
pub async fn nowhere(
    State(access): State<Arc<Access>>,
    Extension(signed): Extension<Option<SignedIn>>,
    headers: HeaderMap,
) -> Response {
    let desk = Desk::new(&access.node, &headers, signed.as_ref());
    let refusals = [Obstacle::NoSuchPage.at("")];
    page(StatusCode::NOT_FOUND, console::message(&desk.inputs(&refusals)))
}
