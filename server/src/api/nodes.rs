//! `/api/v1/nodes`: whose events count here. Only for the node's own user: whoever may say this may say anything.

use super::{body::Json, caller::Caller, incidents::query, problem::Problem, receipt::Receipt, text};
use crate::publish::Node;
use axum::{
    Json as Answer,
    extract::{Extension, Path, Query, State, rejection::QueryRejection},
};
use domain::{id::NodeKey, trust::Member};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Characters of a key that stand for a name while nobody has given one.
const NAME_LENGTH: usize = 12;

/// A node as this one knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct NodeView {
    pub key: String,
    pub name: String,
    pub region: String,
    /// Host and port of its peers' listener.
    pub address: String,
    /// `trusted` or `removed`.
    pub state: &'static str,
    /// Whether it is the answering node itself.
    pub is_own: bool,
}

/// Every node that is or was trusted.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Nodes {
    pub nodes: Vec<NodeView>,
}

/// A node to trust.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrustRequest {
    /// What `holdfast node key` prints there.
    pub key: String,
    pub name: String,
    #[serde(default)]
    pub region: String,
    /// Host and port of its peers' listener; left out for one that nobody connects to.
    #[serde(default)]
    pub address: String,
}

/// How much of what a removed node signed stays valid.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RemoveQuery {
    /// RFC 3339: what it signed from then on is held. Without, everything of it that is here stays valid.
    pub since: Option<String>,
}

/// A new key.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Rotated {
    /// In use from the next start on.
    pub key: String,
    #[serde(flatten)]
    pub receipt: Receipt,
}

/// A node of which nothing is known but its key.
pub fn nameless(key: NodeKey) -> Member {
    let name = key.to_string().chars().take(NAME_LENGTH).collect();
    Member { key, name, region: String::new(), address: String::new() }
}

#[utoipa::path(get, path = "/nodes", tag = "nodes", responses((status = 200, body = Nodes)))]
pub async fn list(State(node): State<Arc<Node>>) -> Answer<Nodes> {
    let (trust, own) = (node.trust(), node.store().identity().node_key());
    let view = |member: Member, state| NodeView {
        key: member.key.to_string(),
        is_own: member.key == own,
        name: member.name,
        region: member.region,
        address: member.address,
        state,
    };
    let trusted = trust.members().cloned().map(|member| view(member, "trusted"));
    let known = |key: &NodeKey| trust.known(key).cloned().unwrap_or_else(|| nameless(*key));
    let removed = trust.removed().map(|(key, _)| view(known(key), "removed"));
    let mut nodes: Vec<NodeView> = trusted.chain(removed).collect();
    nodes.sort_by(|a, b| (a.state == "removed", &a.name, &a.key).cmp(&(b.state == "removed", &b.name, &b.key)));
    Answer(Nodes { nodes })
}

#[utoipa::path(post, path = "/nodes", tag = "nodes", request_body = TrustRequest,
    responses((status = 200, body = Receipt), (status = 422, body = Problem)))]
pub async fn trust(
    State(node): State<Arc<Node>>,
    Extension(caller): Extension<Caller>,
    Json(request): Json<TrustRequest>,
) -> Result<Answer<Receipt>, Problem> {
    let key = key(&request.key)?;
    let member = Member { key, name: request.name, region: request.region, address: request.address };
    Ok(Answer(node.trust_nodes(vec![member], caller.author).await?.into()))
}

#[utoipa::path(delete, path = "/nodes/{key}", tag = "nodes", params(("key" = String, Path), RemoveQuery),
    responses((status = 200, body = Receipt), (status = 422, body = Problem)))]
pub async fn remove(
    State(node): State<Arc<Node>>,
    Path(named): Path<String>,
    Extension(caller): Extension<Caller>,
    parsed: Result<Query<RemoveQuery>, QueryRejection>,
) -> Result<Answer<Receipt>, Problem> {
    let (key, mut refusals) = (key(&named)?, Vec::new());
    let since = text::optional_moment(query(parsed)?.since.as_deref(), "since", &mut refusals);
    if !refusals.is_empty() {
        return Err(refusals.into());
    }
    Ok(Answer(node.remove_node(key, since, caller.author).await?.into()))
}

/// Makes a new key for the answering node, and has the old one trust it.
#[utoipa::path(post, path = "/nodes/rotate", tag = "nodes",
    responses((status = 200, body = Rotated), (status = 422, body = Problem)))]
pub async fn rotate(
    State(node): State<Arc<Node>>,
    Extension(caller): Extension<Caller>,
) -> Result<Answer<Rotated>, Problem> {
    let (key, receipt) = node.rotate_key(caller.author).await?;
    Ok(Answer(Rotated { key: key.to_string(), receipt: receipt.into() }))
}

fn key(text: &str) -> Result<NodeKey, Problem> {
    text.parse().map_err(|error: domain::id::HexError| {
        let right = "the 64 digits that `holdfast node key` prints on that node";
        Problem::refused([domain::command::Refusal::new("key", error.to_string(), right)])
    })
}
