//! The answer to a write: what was made, and where it is saved.

use super::{caller::Caller, problem::Problem};
use crate::publish::{Node, Receipt as Published};
use app::address::Address;
use axum::http::StatusCode;
use domain::{
    board::Board,
    change::Change,
    command::Command,
    id::{EventId, Id, IncidentId, Subject, UpdateId},
    status::Kind,
};
use serde::Serialize;
use utoipa::ToSchema;

/// Where a write is saved. It is durable on the answering node before this is sent.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Receipt {
    /// The events written, by id; none when nothing differed.
    pub events: Vec<String>,
    /// Regions that hold them.
    pub saved_in: u32,
    /// Regions that there are.
    pub regions: u32,
    pub board_version: u64,
    /// Tells two board versions with the same sum apart.
    pub board_digest: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incident: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// `settled`: two regions had changed the incident apart from each other, and this write, which has seen both, decides.
    /// `open`: they still have; the more cautious status is shown until a write that has seen both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conflict: Option<&'static str>,
    /// The address of the page that shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
}

impl From<Published> for Receipt {
    fn from(published: Published) -> Self {
        Receipt {
            events: published.events.iter().map(ToString::to_string).collect(),
            saved_in: published.saved_in,
            regions: published.regions,
            board_version: published.board_version,
            board_digest: published.digest,
            incident: None,
            update: None,
            token: None,
            conflict: None,
            page: None,
        }
    }
}

impl Receipt {
    /// This and a later write as one.
    pub fn and(self, later: Receipt) -> Self {
        let events = self.events.into_iter().chain(later.events.iter().cloned()).collect();
        Receipt { events, ..later }
    }

    /// About an incident or a maintenance: whether it had a conflict on the board that the operator could see, and has one
    /// on the board that has the write.
    fn about(mut self, before: bool, after: bool, board: &Board, kind: Kind, id: IncidentId) -> Self {
        self.conflict = match (before, after) {
            (_, true) => Some("open"),
            (true, false) => Some("settled"),
            (false, false) => None,
        };
        self.incident = Some(id.to_string());
        self.page = Some(page(board, kind, id));
        self
    }
}

/// The absolute address of an incident's or maintenance's page.
pub fn page(board: &Board, kind: Kind, id: IncidentId) -> String {
    let path = Address::of_timeline(kind, id).path(&board.catalog, None);
    format!("{}{path}", board.catalog.page.url)
}

/// Publishes a command of `caller`.
pub async fn publish(node: &Node, command: Command, caller: &Caller) -> Result<Receipt, Problem> {
    Ok(node.publish_once(command, caller.author.clone(), caller.request.clone()).await?.into())
}

/// Whether two regions have changed it apart from each other, and nobody has decided since.
async fn conflicts(node: &Node, id: IncidentId) -> Result<bool, Problem> {
    let summary = node.summary(id).await.map_err(|error| Problem::unavailable(&error))?;
    Ok(summary.is_some_and(|summary| summary.conflict))
}

/// Publishes a command about `incident`.
pub async fn publish_about(
    node: &Node,
    command: Command,
    kind: Kind,
    incident: IncidentId,
    caller: &Caller,
) -> Result<Receipt, Problem> {
    let before = conflicts(node, incident).await?;
    let receipt = publish(node, command, caller).await?;
    Ok(receipt.about(before, conflicts(node, incident).await?, &node.board(), kind, incident))
}

/// Publishes a command that adds an update to `incident`.
pub async fn publish_update(
    node: &Node,
    command: Command,
    kind: Kind,
    incident: IncidentId,
    caller: &Caller,
) -> Result<Receipt, Problem> {
    let before = conflicts(node, incident).await?;
    let published = node.publish_once(command, caller.author.clone(), caller.request.clone()).await?;
    let update = published.events.first().map(|event| UpdateId::of_event(event).to_string());
    let receipt = Receipt { update, ..published.into() };
    Ok(receipt.about(before, conflicts(node, incident).await?, &node.board(), kind, incident))
}

/// The answer to a request whose events are known and whose own answer was lost: a process that was killed between the
/// two, or a client that left.
pub async fn of_events(node: &Node, ids: Vec<EventId>) -> Result<Receipt, Problem> {
    let published = node.receipt_of(ids.clone()).await?;
    let store = node.store().clone();
    let read = tokio::task::spawn_blocking(move || store.events(&ids)).await;
    let events = read.map_err(|error| Problem::unavailable(&error))?.map_err(|error| Problem::unavailable(&error))?;
    let board = node.board();
    let mut receipt = Receipt::from(published);
    for event in &events {
        let about = match event.subject {
            Subject::Incident(id) => node.summary(id).await.map_err(|error| Problem::unavailable(&error))?,
            _ => None,
        };
        if let Some(summary) = about {
            receipt = receipt.about(summary.conflict, summary.conflict, &board, summary.kind, summary.id);
        }
        match (&event.subject, &event.change) {
            (_, Change::TokenCreated(_)) => {
                let detail = "the token of this request was created, and its secret is shown only once: \
                    revoke it and create another with a new idempotency key";
                return Err(Problem::new(StatusCode::CONFLICT, detail));
            }
            (_, Change::OperatorInvited(_)) => {
                let detail = "the operator of this request was invited, and the link is shown only once: \
                    invite them again with a new idempotency key";
                return Err(Problem::new(StatusCode::CONFLICT, detail));
            }
            (_, Change::BreakGlassIssued(_)) => {
                let detail = "the codes of this request were issued, and are shown only once: \
                    revoke them and issue others with a new idempotency key";
                return Err(Problem::new(StatusCode::CONFLICT, detail));
            }
            (Subject::Incident(_), Change::IncidentOpened(_) | Change::UpdatePosted(_)) => {
                receipt.update = Some(UpdateId::of_event(&event.id).to_string());
            }
            (Subject::Incident(_), Change::UpdateEdited(edit)) => {
                receipt.update = Some(edit.update.to_string());
            }
            (Subject::Incident(_), _) => {}
            (Subject::Token(id), _) => receipt.token = Some(id.to_string()),
            _ => receipt.page = Some(board.catalog.page.url.clone()),
        }
    }
    Ok(receipt)
}

/// A fresh id.
pub fn fresh_id() -> Result<Id, Problem> {
    let mut entropy = [0; 16];
    getrandom::fill(&mut entropy).map_err(|error| Problem::unavailable(&error))?;
    Ok(Id::from_entropy(entropy))
}

/// An id in a path.
pub fn id_in_path<T: std::str::FromStr>(what: &str, text: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| Problem::unknown(what, text))
}
