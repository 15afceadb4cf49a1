//! `/api/v1/snapshot`: the whole site as files, on the node's machine. Only for the node's own user.

use super::{body::Json, problem::Problem};
use crate::{publish::Node, snapshot};
use axum::{Json as Answer, extract::State};
use domain::command::Refusal;
use serde::Deserialize;
use std::{path::PathBuf, sync::Arc};
use utoipa::ToSchema;

/// Where to write.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SnapshotRequest {
    /// An absolute path on the node's machine.
    #[schema(value_type = String, example = "/srv/status")]
    pub directory: PathBuf,
}

#[utoipa::path(post, path = "/snapshot", tag = "snapshot", request_body = SnapshotRequest,
    responses((status = 200, body = Object), (status = 422, body = Problem)))]
pub async fn write(
    State(node): State<Arc<Node>>,
    Json(request): Json<SnapshotRequest>,
) -> Result<Answer<snapshot::Report>, Problem> {
    let refusal = |what: String| {
        Problem::refused([Refusal::new("directory", what, "an empty directory, or one that a snapshot was written to")])
    };
    if !request.directory.is_absolute() {
        return Err(refusal(format!("`{}` is not an absolute path", request.directory.display())));
    }
    let written = snapshot::write(node, request.directory).await;
    written.map(Answer).map_err(|error| refusal(error.to_string()))
}
