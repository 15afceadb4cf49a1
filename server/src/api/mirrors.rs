//! `/api/v1/mirrors`: the copies of the site that this node keeps elsewhere, and who writes them.

use super::{caller::Caller, problem::Problem, receipt};
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
use domain::{
    change::MirrorTaken,
    command::{Command, Refusal},
};
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
    /// That node was removed for good: it writes the copy no more, and `take` makes another one the writer.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub writer_removed: bool,
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
    let trust = node.trust();
    let name = |key| trust.known(&key).map(|member| member.name.clone()).filter(|name| !name.is_empty());
    let writer_removed = match status.state {
        Standing::StandingBy(key) => trust.removed().any(|(removed, _)| *removed == key),
        _ => false,
    };
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
        writer_removed,
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

/// Makes this node the writer of a copy that another one writes. The other one stops at its next update. Who said so
/// stands in the audit trail of every region.
#[utoipa::path(post, path = "/mirrors/{name}/take", tag = "mirrors", params(("name" = String, Path)),
    responses((status = 202, body = Mirrors), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn take(
    State(node): State<Arc<Node>>,
    keeping: Keeping,
    Path(name): Path<String>,
    Extension(caller): Extension<Caller>,
) -> Result<(StatusCode, Answer<Mirrors>), Problem> {
    let Some(Extension(publishers)) = &keeping else {
        let detail = format!(
            "no node runs here; start the one that is to write `{}`, with `holdfast serve`, and say it again",
            shown(&name)
        );
        return Err(Problem::new(StatusCode::CONFLICT, detail));
    };
    let statuses = publishers.statuses();
    let Some(status) = statuses.iter().find(|status| status.name == name) else {
        let names: Vec<String> = statuses.iter().map(|status| format!("`{}`", status.name)).collect();
        let right = match names.is_empty() {
            true => "a `[[mirror]]` with a `target` in the configuration of this node".to_owned(),
            false => format!("one of {}", names.join(", ")),
        };
        let what = format!("this node's configuration names no copy `{}` that it could write", shown(&name));
        return Err(Problem::not_found(Refusal::new("mirror", what, right)));
    };
    let from = match status.state {
        Standing::StandingBy(key) => Some(key),
        _ => None,
    };
    // Recorded before it is done: what cannot be recorded is not done.
    let taken = MirrorTaken { mirror: status.name.clone(), target: status.target.clone(), from };
    receipt::publish(&node, Command::TakeMirror(taken), &caller).await?;
    publishers.take(&name);
    tracing::warn!(
        mirror = name,
        by = caller.author.name,
        way = caller.author.way,
        "this node was told to take it over"
    );
    Ok((StatusCode::ACCEPTED, Answer(seen(&node, Some(publishers)))))
}

/// What was typed, cut where it would get long.
fn shown(name: &str) -> String {
    const SHOWN_LENGTH_MAX: usize = 40;
    name.chars().take(SHOWN_LENGTH_MAX).collect()
}
