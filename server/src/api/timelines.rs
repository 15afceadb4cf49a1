//! What incidents and maintenances share: reading one, listing them, and posting an update.

use super::{
    caller::Caller,
    problem::Problem,
    receipt::{self, Receipt},
    scope::{self, ScopeEntry},
    text::{self, WITHDRAWN},
    view::{IncidentView, SummaryView},
};
use crate::{catalog_file::Written, publish::Node};
use domain::{
    Instant,
    catalog::Catalog,
    change::{Expectation, Schedule, UpdatePosted},
    command::{Command, Refusal},
    id::IncidentId,
    incident::Incident,
    listing::{Listing, Wanted},
    status::*,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Entries of one page of a list at most, and by default.
pub const LIST_MAX: usize = 100;

/// One further update of a timeline.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateRequest {
    /// Markdown.
    #[serde(default)]
    pub text: Option<Written>,
    /// Left out for a further word without a change of status.
    #[schema(value_type = Option<String>, example = "identified")]
    #[serde(default)]
    pub status: Option<Status>,
    /// When it happened, RFC 3339; by default now.
    #[schema(example = "2024-04-08T15:57:00+08:00")]
    #[serde(default)]
    pub at: Option<String>,
    /// Only what this update changes.
    #[serde(default)]
    pub scope: Vec<ScopeEntry>,
    #[schema(value_type = Option<String>, example = "major")]
    #[serde(default)]
    pub impact: Option<Impact>,
    /// RFC 3339, or `withdrawn`.
    #[serde(default)]
    pub expected_recovery_at: Option<String>,
    /// When the next word is due, RFC 3339.
    #[serde(default)]
    pub next_update_at: Option<String>,
    /// Markdown.
    #[serde(default)]
    pub root_cause: Option<Written>,
    /// Chosen by the client: 12 characters of a-z and 0-9. The same update sent again, also through another region, is
    /// published once.
    #[serde(default)]
    pub id: Option<String>,
}

impl UpdateRequest {
    /// The update in the domain's words; `status` stands where the request leaves it out.
    pub fn posted(
        self,
        catalog: &Catalog,
        status: Option<Status>,
        now: Instant,
        refusals: &mut Vec<Refusal>,
    ) -> UpdatePosted {
        UpdatePosted {
            at: text::optional_moment(self.at.as_deref(), "at", refusals).unwrap_or_else(|| text::whole_seconds(now)),
            status: self.status.or(status),
            // An update without a text is refused by the domain, in its words.
            text: text::optional(self.text, "text", refusals).unwrap_or_default(),
            scope: scope::cells(catalog, &self.scope, refusals),
            impact: self.impact,
            expected_recovery: match self.expected_recovery_at.as_deref() {
                Some(WITHDRAWN) => Some(Expectation::Withdrawn),
                value => text::optional_moment(value, "expected_recovery_at", refusals).map(Expectation::At),
            },
            next_update_at: text::optional_moment(self.next_update_at.as_deref(), "next_update_at", refusals),
            root_cause: text::optional(self.root_cause, "root_cause", refusals),
            id: self.id.and_then(|id| match id.parse() {
                Ok(id) => Some(id),
                Err(error) => {
                    refusals.push(Refusal::new("id", format!("{error}"), "leave it out, or choose one at random"));
                    None
                }
            }),
        }
    }
}

/// From when to when a maintenance is planned.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleRequest {
    #[schema(example = "2024-05-01T02:00:00+08:00")]
    pub from: String,
    #[schema(example = "2024-05-01T04:00:00+08:00")]
    pub until: String,
}

impl ScheduleRequest {
    pub fn schedule(&self, refusals: &mut Vec<Refusal>) -> Option<Schedule> {
        let from = text::moment(&self.from, "schedule.from", refusals);
        let until = text::moment(&self.until, "schedule.until", refusals);
        Some(Schedule { from: from?, until: until? })
    }
}

/// Which incidents or maintenances to list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// `open`, `ended`, or one status.
    pub status: Option<String>,
    /// A component's code.
    pub component: Option<String>,
    /// A region's code.
    pub region: Option<String>,
    /// The id that the last page ended with.
    pub after: Option<String>,
    /// Entries at most, up to 100.
    pub limit: Option<usize>,
}

/// One page of a list, newest start first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Listed {
    pub incidents: Vec<SummaryView>,
    /// Give it as `after` for the next page; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Lists those of one kind.
pub async fn list(node: &Node, kind: Kind, query: &ListQuery) -> Result<Listed, Problem> {
    let board = node.board();
    let mut refusals = Vec::new();
    let limit = query.limit.unwrap_or(LIST_MAX);
    if !(1..=LIST_MAX).contains(&limit) {
        refusals.push(Refusal::new("limit", format!("{limit} is out of range"), format!("1 to {LIST_MAX}")));
    }
    let status = match query.status.as_deref() {
        None => Wanted::Any,
        Some("open") => Wanted::Open,
        Some("ended") => Wanted::Ended,
        Some(word) => word.parse::<Status>().map(Wanted::Only).unwrap_or_else(|error| {
            refusals.push(Refusal::new("status", error.to_string(), "`open`, `ended` or one of these words"));
            Wanted::Any
        }),
    };
    let mut unknown = |field: &str, code: &str| {
        let right = "a code of the catalog (`holdfast catalog export` shows it)";
        refusals.push(Refusal::new(field, format!("there is no {field} `{code}`"), right));
    };
    let component = query.component.as_deref().map(|code| (code, board.catalog.component_by_code(code)));
    let region = query.region.as_deref().map(|code| (code, board.catalog.region_by_code(code)));
    component.iter().filter(|(_, found)| found.is_none()).for_each(|(code, _)| unknown("component", code));
    region.iter().filter(|(_, found)| found.is_none()).for_each(|(code, _)| unknown("region", code));
    let after = match query.after.as_deref() {
        None => None,
        Some(id) => {
            let found = match id.parse::<IncidentId>() {
                Ok(id) => node.summary(id).await.map_err(|error| Problem::unavailable(&error))?,
                Err(_) => None,
            };
            if found.is_none() {
                let right = "the `next` of the page before, or leave it out";
                refusals.push(Refusal::new("after", format!("there is no incident or maintenance `{id}`"), right));
            }
            found.map(|summary| (summary.started_at, summary.id))
        }
    };
    if !refusals.is_empty() {
        return Err(refusals.into());
    }
    let listing = Listing {
        kind: Some(kind),
        component: component.and_then(|(_, found)| found).map(|component| component.id),
        region: region.and_then(|(_, found)| found).map(|region| region.id),
        status,
        month: None,
        after,
        at_most: limit + 1,
    };
    let mut found = node.listed(listing).await.map_err(|error| Problem::unavailable(&error))?;
    let more = found.len() > limit;
    found.truncate(limit);
    Ok(Listed {
        next: found.last().filter(|_| more).map(|summary| summary.id.to_string()),
        incidents: found.iter().map(|summary| SummaryView::of(&board, summary)).collect(),
    })
}

/// The incident or maintenance that a path names.
pub async fn find(node: &Node, kind: Kind, id: &str) -> Result<Arc<Incident>, Problem> {
    let parsed: IncidentId = receipt::id_in_path(kind.word(), id)?;
    let found = node.incident(parsed).await.map_err(|error| Problem::unavailable(&error))?;
    found.filter(|incident| incident.kind == kind).ok_or_else(|| Problem::unknown(kind.word(), id))
}

/// The same, as the API shows it.
pub async fn show(node: &Node, kind: Kind, id: &str) -> Result<IncidentView, Problem> {
    let incident = find(node, kind, id).await?;
    Ok(IncidentView::of(&node.board(), &incident, |event| node.is_held_here_only(event)))
}

/// Posts an update; `status` stands where the request leaves it out.
pub async fn post(
    node: &Node,
    kind: Kind,
    id: &str,
    request: UpdateRequest,
    status: Option<Status>,
    caller: &Caller,
) -> Result<Receipt, Problem> {
    let incident = find(node, kind, id).await?.id;
    let mut refusals = Vec::new();
    let update = request.posted(&node.board().catalog, status, node.clock().now(), &mut refusals);
    if !refusals.is_empty() {
        return Err(refusals.into());
    }
    receipt::publish_update(node, Command::Post { incident, update }, kind, incident, caller).await
}

/// What has ended is not ended again: a further word is an update without a status.
pub async fn refuse_ended(node: &Node, kind: Kind, id: &str) -> Result<(), Problem> {
    let status = find(node, kind, id).await?.status;
    if !status.is_ended() {
        return Ok(());
    }
    let right = "post an update without a status to add a word";
    Err(Problem::refused([Refusal::new("status", format!("it is {status} already"), right)]))
}
