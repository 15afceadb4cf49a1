//! `/api/v1/mirrors`: the copies of the site that this node keeps elsewhere, and who writes them.

use super::{caller::Caller, problem::Problem};
use crate::{
    publish::Node,
    snapshot::publisher::{Publishers, State as Standing, Status},
};
use axum::{
    Json as Answer,
    extract::{Extension, Path, State},
    http::StatusCode,
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// Added to the routers of a node that keeps copies; a process that only reads the data directory has none.
pub type Keeping = Option<Extension<Arc<Publishers>>>;

/// A copy, as this node keeps it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MirrorView {
    pub name: String,
    /// A directory's path or a bucket's address.
    pub target: String,
    /// Where readers find it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// `waiting`, `updating`, `complete`, `standing_by` (another node writes it) or `failing`.
    pub state: &'static str,
    /// The node that writes it, while this one stands by: its name, or its key where it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub written_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<DateTime<Utc>>,
    /// Why it fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// When this node last brought it up to date, since it started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub succeeded_at: Option<DateTime<Utc>>,
    /// Events that the board there was made of by then.
    pub board_version: u64,
    /// Number of the newest update.
    pub sequence: u64,
    /// Files that it is made of.
    pub files: u64,
    /// Of the files that the newest update looked at.
    pub bytes: u64,
    /// How long that took, in milliseconds.
    pub took_ms: u64,
    /// Since this node started.
    pub updates: u64,
    pub failures: u64,
}

/// The copies that this node keeps.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Mirrors {
    /// Events that this node's board is made of.
    pub board_version: u64,
    pub mirrors: Vec<MirrorView>,
}

fn view(status: Status, node: &Node) -> MirrorView {
    let name = |key| node.trust().members().find(|member| member.key == key).map(|member| member.name.clone());
    let state = status.state.name();
    let (written_by, failing_since, trouble) = match status.state {
        Standing::StandingBy(key) => (Some(name(key).unwrap_or_else(|| key.to_string())), None, None),
        Standing::Failing(since, reason) => (None, Some(since), Some(reason)),
        Standing::Waiting | Standing::Updating | Standing::Complete => (None, None, None),
    };
    MirrorView {
        name: status.name,
        target: status.target,
        url: status.url,
        state,
        written_by,
        failing_since,
        trouble,
        succeeded_at: status.succeeded_at,
        board_version: status.done.board_version,
        sequence: status.done.sequence,
        files: status.done.files,
        bytes: status.done.bytes,
        took_ms: status.done.took_ms,
        updates: status.updates,
        failures: status.failures,
    }
}

/// The copies that `node` keeps, as they stand now.
pub fn seen(node: &Node, keeping: Option<&Publishers>) -> Mirrors {
    let statuses = keeping.map(Publishers::statuses).unwrap_or_default();
    Mirrors {
        board_version: node.board().version.total(),
        mirrors: statuses.into_iter().map(|status| view(status, node)).collect(),
    }
}

#[utoipa::path(get, path = "/mirrors", tag = "mirrors", responses((status = 200, body = Mirrors)))]
pub async fn list(State(node): State<Arc<Node>>, keeping: Keeping) -> Answer<Mirrors> {
    Answer(seen(&node, keeping.as_ref().map(|Extension(publishers)| &**publishers)))
}

/// Makes this node the writer of a copy that another one writes. The other one stops at its next update.
#[utoipa::path(post, path = "/mirrors/{name}/take", tag = "mirrors", params(("name" = String, Path)),
    responses((status = 202, body = Mirrors), (status = 404, body = Problem)))]
pub async fn take(
    State(node): State<Arc<Node>>,
    keeping: Keeping,
    Path(name): Path<String>,
    Extension(caller): Extension<Caller>,
) -> Result<(StatusCode, Answer<Mirrors>), Problem> {
    let publishers = keeping.as_ref().map(|Extension(publishers)| &**publishers);
    if !publishers.is_some_and(|publishers| publishers.take(&name)) {
        return Err(Problem::unknown("mirror that this node writes", &name));
    }
    tracing::warn!(
        mirror = name,
        by = caller.author.name,
        way = caller.author.way,
        "this node was told to take it over"
    );
    Ok((StatusCode::ACCEPTED, Answer(seen(&node, publishers))))
}
