//! `/admin/incidents/…` and `/admin/maintenances/…`: writing, reviewing, publishing.

use super::{
    drafting,
    fields::Fields,
    page::{Desk, go_to, page, saved, saved_at},
    sent,
    sign_in::refusals_of,
};
use crate::{
    access::{Access, session::SignedIn},
    publish::PublishError,
};
use app::console::{self, Beside, Draft, Foreseen, Obstacle, Saved};
use axum::{
    Extension,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::{
    command::{Command, Reason, Refusal},
    id::{EventId, Id, IncidentId, TemplateId, UpdateId},
    incident::Incident,
    status::{Impact, Kind, Status},
};
use std::sync::Arc;

/// What every handler here is given.
struct Work<'a> {
    access: &'a Access,
    signed: &'a SignedIn,
    headers: &'a HeaderMap,
    kind: Kind,
    fields: &'a Fields,
}

fn folder(kind: Kind) -> &'static str {
    match kind {
        Kind::Incident => "incidents",
        Kind::Maintenance => "maintenances",
    }
}

pub(super) fn path_of(kind: Kind, id: IncidentId) -> String {
    format!("{}{}", super::BASE, below(kind, id))
}

/// The same below the console.
pub(super) fn below(kind: Kind, id: IncidentId) -> String {
    format!("/{}/{id}", folder(kind))
}

/// Twelve random characters: the id of what will be published.
fn fresh() -> Result<String, Refusal> {
    let mut entropy = [0; 16];
    getrandom::fill(&mut entropy).map_err(|error| {
        tracing::error!(%error, "no form was made: the operating system gives no random bytes");
        Obstacle::NoRandomness { error: error.to_string() }.at("")
    })?;
    Ok(Id::from_entropy(entropy).to_string())
}

fn first_draft(kind: Kind) -> Result<Draft, Refusal> {
    let (status, impact) = match kind {
        Kind::Incident => (Status::Investigating, Impact::Major),
        Kind::Maintenance => (Status::Scheduled, Impact::None),
    };
    let new = Draft::new(kind, None, fresh()?, String::new());
    Ok(Draft { status: status.word().to_owned(), impact: impact.word().to_owned(), ..new })
}

fn next_draft(incident: &Incident) -> Result<Draft, Refusal> {
    Ok(Draft::new(incident.kind, Some(incident.id), fresh()?, drafting::seen(&incident.heads)))
}

pub async fn new(
    State(access): State<Arc<Access>>,
    Extension(signed): Extension<Option<SignedIn>>,
    Extension(kind): Extension<Kind>,
    headers: HeaderMap,
) -> Response {
    let desk = Desk::new(&access.node, &headers, signed.as_ref());
    match first_draft(kind) {
        Ok(draft) => page(StatusCode::OK, console::incident(&desk.inputs(&[]), None, &draft, &Beside::default())),
        Err(refusal) => unable(&desk, refusal),
    }
}

/// Nothing can be written here at this moment.
fn unable(desk: &Desk, refusal: Refusal) -> Response {
    page(StatusCode::SERVICE_UNAVAILABLE, console::message(&desk.inputs(&[refusal])))
}

pub async fn show(
    State(access): State<Arc<Access>>,
    Extension(signed): Extension<Option<SignedIn>>,
    Extension(kind): Extension<Kind>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let incident = match find(&access, kind, &id).await {
        Ok(incident) => incident,
        Err(unfound) => return unfound.page(&access, &headers, signed.as_ref()),
    };
    let desk = Desk::new(&access.node, &headers, signed.as_ref());
    let draft = match next_draft(&incident) {
        Ok(draft) => draft,
        Err(refusal) => return unable(&desk, refusal),
    };
    let asked = Fields::parse(query.unwrap_or_default().as_bytes());
    let saved = saved_form(&access, &incident, &asked);
    let beside = Beside { saved, here_only: here_only(&access, &incident), ..Beside::default() };
    page(StatusCode::OK, console::incident(&desk.inputs(&[]), Some(&incident), &draft, &beside))
}

/// The form of an incident that was just saved, when the incident holds what it said.
fn saved_form(access: &Access, incident: &Incident, asked: &Fields) -> Option<Saved> {
    let event: EventId = asked.get("saved").parse().ok()?;
    let is_held = incident.heads.contains(&event) || incident.updates.iter().any(|update| update.event == event);
    let below = below(incident.kind, incident.id);
    let is_of = |form: &str| {
        let rest = form.strip_prefix(&below).and_then(|rest| rest.strip_prefix('/')).unwrap_or_default();
        let update = rest.strip_prefix("updates/").and_then(|id| id.parse::<UpdateId>().ok());
        matches!(rest, "updates" | "edit" | "postmortem") || update.is_some()
    };
    saved(&access.node, asked, is_of).filter(|_| is_held)
}

/// The updates that no other region is known to hold.
fn here_only(access: &Access, incident: &Incident) -> Vec<UpdateId> {
    let updates = incident.updates.iter().filter(|update| access.node.is_held_here_only(&update.event));
    updates.map(|update| update.id).collect()
}

/// Why an incident is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unfound {
    /// There is none of this kind and id.
    Missing,
    /// The log cannot be read: whether there is one is not known.
    Unreadable,
}

impl Unfound {
    pub(super) fn refusal(self) -> Refusal {
        match self {
            Unfound::Missing => Obstacle::NoSuchTimeline.at(""),
            Unfound::Unreadable => Obstacle::LogUnreadable.at(""),
        }
    }

    /// Says so, where nothing was typed.
    pub(super) fn page(self, access: &Access, headers: &HeaderMap, signed: Option<&SignedIn>) -> Response {
        let status = match self {
            Unfound::Missing => StatusCode::NOT_FOUND,
            Unfound::Unreadable => StatusCode::SERVICE_UNAVAILABLE,
        };
        let desk = Desk::new(&access.node, headers, signed);
        page(status, console::message(&desk.inputs(&[self.refusal()])))
    }
}

pub(super) async fn find(access: &Access, kind: Kind, id: &str) -> Result<Arc<Incident>, Unfound> {
    let id: IncidentId = id.parse().map_err(|_| Unfound::Missing)?;
    let found = access.node.incident(id).await.map_err(|error| {
        tracing::error!(%error, incident = %id, "the log cannot be read");
        Unfound::Unreadable
    })?;
    found.filter(|incident| incident.kind == kind).ok_or(Unfound::Missing)
}

pub async fn open(
    State(access): State<Arc<Access>>,
    Extension(signed): Extension<Option<SignedIn>>,
    Extension(kind): Extension<Kind>,
    Extension(fields): Extension<Fields>,
    headers: HeaderMap,
) -> Response {
    let Some(signed) = signed else { return go_to("/admin/sign-in") };
    let work = Work { access: &access, signed: &signed, headers: &headers, kind, fields: &fields };
    let mut draft = drafting::read(&fields, kind, None);
    let wanted = fields.get("do");
    match find(&access, kind, &draft.once).await {
        // Sent again: what was published stands.
        Ok(held) if is_done(&fields) && sent::published(&draft, &access.node.board(), &held).is_some() => {
            let opening = sent::published(&draft, &access.node.board(), &held).map(|update| &update.event);
            go_to(&saved_posted(kind, held.id, opening))
        }
        // Another text in a form that the browser had kept: it is not dropped, and not published unseen either.
        Ok(_) => {
            let used = renewed(&mut draft);
            match is_sent(wanted) {
                true => work.form(StatusCode::CONFLICT, &draft, None, &[used]),
                false => work.act(wanted, draft, None).await,
            }
        }
        // Whether it was published is not known, so it is not published again.
        Err(Unfound::Unreadable) => {
            work.form(StatusCode::SERVICE_UNAVAILABLE, &draft, None, &[Unfound::Unreadable.refusal()])
        }
        Err(Unfound::Missing) => work.act(wanted, draft, None).await,
    }
}

pub async fn update(
    State(access): State<Arc<Access>>,
    Extension(signed): Extension<Option<SignedIn>>,
    Extension(kind): Extension<Kind>,
    Path(id): Path<String>,
    Extension(fields): Extension<Fields>,
    headers: HeaderMap,
) -> Response {
    let Some(signed) = signed else { return go_to("/admin/sign-in") };
    let work = Work { access: &access, signed: &signed, headers: &headers, kind, fields: &fields };
    let incident = match find(&access, kind, &id).await {
        Ok(incident) => incident,
        Err(Unfound::Unreadable) => {
            let draft = drafting::read(&fields, kind, id.parse().ok());
            return work.form(StatusCode::SERVICE_UNAVAILABLE, &draft, None, &[Unfound::Unreadable.refusal()]);
        }
        Err(unfound) => return unfound.page(&access, &headers, Some(&signed)),
    };
    let mut draft = drafting::read(&fields, kind, Some(incident.id));
    let wanted = fields.get("do");
    if sent::is_used(&draft, &incident) {
        let held = sent::published(&draft, &access.node.board(), &incident).filter(|_| is_done(&fields));
        if let Some(held) = held {
            return go_to(&saved_posted(kind, incident.id, Some(&held.event)));
        }
        let used = renewed(&mut draft);
        if is_sent(wanted) {
            return work.reviewed_again(draft, &incident, used).await;
        }
    }
    if let Some(what) = wanted.strip_prefix("recover.") {
        drafting::recover(&mut draft, what, &access.node.board().catalog, &incident);
        return work.form(StatusCode::OK, &draft, Some(&incident), &[]);
    }
    if is_sent(wanted) && draft.seen != drafting::seen(&incident.heads) {
        return work.reviewed_again(draft, &incident, Obstacle::PostedMeanwhile.at("")).await;
    }
    work.act(wanted, draft, Some(&incident)).await
}

/// Whether a button is on the way to publishing; the others help with the form.
fn is_sent(wanted: &str) -> bool {
    let is_help = matches!(wanted, "edit" | "preview" | "propose" | "template");
    !is_help && !["open.", "recover."].iter().any(|prefix| wanted.starts_with(prefix))
}

/// Whether a form that was published goes on to where that is saved: also one that came back from a session that is over.
fn is_done(fields: &Fields) -> bool {
    is_sent(fields.get("do")) || fields.notice().is_some()
}

/// Gives a draft whose form is used a new id; what is to be said of it.
fn renewed(draft: &mut Draft) -> Refusal {
    match fresh() {
        Ok(once) => {
            draft.once = once;
            Obstacle::FormUsed.at("")
        }
        Err(refusal) => refusal,
    }
}

/// The page of an incident to which something was posted.
fn saved_posted(kind: Kind, id: IncidentId, event: Option<&EventId>) -> String {
    saved_at(&path_of(kind, id), event, &format!("{}/updates", below(kind, id)))
}

impl Work<'_> {
    /// Does what the pressed button asks for.
    async fn act(&self, wanted: &str, mut draft: Draft, incident: Option<&Incident>) -> Response {
        let board = self.access.node.board();
        match wanted {
            "edit" => return self.form(StatusCode::OK, &draft, incident, self.fields.notice().as_slice()),
            "propose" => {
                let proposal = draft.propose(&board);
                let here_only = incident.map(|incident| here_only(self.access, incident)).unwrap_or_default();
                let beside = Beside { here_only, proposal: Some(proposal), ..Beside::default() };
                let desk = Desk::new(&self.access.node, self.headers, Some(self.signed));
                return page(StatusCode::OK, console::incident(&desk.inputs(&[]), incident, &draft, &beside));
            }
            "template" => {
                let chosen = self.fields.get("template").parse().ok();
                let template = chosen.and_then(|id: TemplateId| board.templates.get(&id));
                if let Some(template) = template {
                    drafting::begin_with(&mut draft, template);
                }
                return self.form(StatusCode::OK, &draft, incident, &[]);
            }
            _ => {}
        }
        if let Some(code) = wanted.strip_prefix("open.") {
            draft.opened.insert(code.to_owned());
            return self.form(StatusCode::OK, &draft, incident, &[]);
        }
        if wanted == "preview" {
            return self.preview(&draft, incident).await;
        }
        let (board, now) = (self.access.node.board(), self.access.node.clock().now());
        match drafting::command(&draft, &board, incident, now) {
            Err(refusals) => self.form(StatusCode::UNPROCESSABLE_ENTITY, &draft, incident, &refusals),
            Ok(command) if wanted == "publish" => self.publish(command, &draft, incident).await,
            Ok(command) => self.review(command, &draft, incident).await,
        }
    }

    fn form(&self, status: StatusCode, draft: &Draft, incident: Option<&Incident>, refusals: &[Refusal]) -> Response {
        let desk = Desk::new(&self.access.node, self.headers, Some(self.signed));
        let here_only = incident.map(|incident| here_only(self.access, incident)).unwrap_or_default();
        let beside = Beside { here_only, ..Beside::default() };
        page(status, console::incident(&desk.inputs(refusals), incident, draft, &beside))
    }

    /// Something was posted since the form was made: what changed, and the form with what was typed.
    async fn reviewed_again(&self, mut draft: Draft, incident: &Incident, why: Refusal) -> Response {
        let known = match draft.seen == drafting::seen(&incident.heads) {
            true => None,
            false => drafting::as_known(self.access, incident.id, &draft.seen).await,
        };
        draft.seen = drafting::seen(&incident.heads);
        let refusals = [why];
        let desk = Desk::new(&self.access.node, self.headers, Some(self.signed));
        let beside = Beside { here_only: here_only(self.access, incident), known, ..Beside::default() };
        page(StatusCode::CONFLICT, console::incident(&desk.inputs(&refusals), Some(incident), &draft, &beside))
    }

    /// The update as it would show, as a fragment; of one that would be refused as it stands, what is written of it.
    async fn preview(&self, draft: &Draft, incident: Option<&Incident>) -> Response {
        let (board, now) = (self.access.node.board(), self.access.node.clock().now());
        let foreseen = match drafting::command(draft, &board, incident, now) {
            Ok(command) => self.access.node.foresee(command, self.signed.author()).await.ok(),
            Err(_) => None,
        };
        let update = foreseen.and_then(|foreseen| foreseen.update().cloned());
        let update = update.unwrap_or_else(|| drafting::outline(draft, &board, now));
        let desk = Desk::new(&self.access.node, self.headers, Some(self.signed));
        page(StatusCode::OK, console::live(&desk.inputs(&[]), &update))
    }

    async fn review(&self, command: Command, draft: &Draft, incident: Option<&Incident>) -> Response {
        let foreseen = match self.access.node.foresee(command, self.signed.author()).await {
            Ok(foreseen) => foreseen,
            Err(error) => {
                return self.form(StatusCode::UNPROCESSABLE_ENTITY, draft, incident, &refusals_of(error));
            }
        };
        let Some((after, update)) = foreseen.incident.as_ref().zip(foreseen.update()) else {
            return self.form(StatusCode::UNPROCESSABLE_ENTITY, draft, incident, &[Obstacle::NotShown.at("")]);
        };
        let desk = Desk::new(&self.access.node, self.headers, Some(self.signed));
        let foreseen = Foreseen { board: &foreseen.board, incident: after, update };
        page(StatusCode::OK, console::review(&desk.inputs(&[]), draft, &foreseen))
    }

    async fn publish(&self, command: Command, draft: &Draft, incident: Option<&Incident>) -> Response {
        let id = command.incident();
        let command = match incident {
            Some(incident) => as_seen(incident, command),
            None => command,
        };
        match self.access.node.publish(command, self.signed.author()).await {
            Ok(receipt) => match id {
                Some(id) => go_to(&saved_posted(self.kind, id, receipt.events.first())),
                None => go_to(super::BASE),
            },
            Err(error) => match id {
                Some(id) => self.unpublished(error, draft, id, incident).await,
                None => self.form(StatusCode::UNPROCESSABLE_ENTITY, draft, incident, &refusals_of(error)),
            },
        }
    }

    /// Nothing was written: the same form came first, or somebody else did, or something is wrong with it.
    async fn unpublished(
        &self,
        error: PublishError,
        draft: &Draft,
        id: IncidentId,
        incident: Option<&Incident>,
    ) -> Response {
        let is_overtaken = is_overtaken(&error);
        let now = match find(self.access, self.kind, &id.to_string()).await {
            Ok(now) => now,
            Err(unfound @ Unfound::Unreadable) if is_overtaken => {
                return self.form(StatusCode::SERVICE_UNAVAILABLE, draft, incident, &[unfound.refusal()]);
            }
            Err(_) => return self.form(StatusCode::UNPROCESSABLE_ENTITY, draft, incident, &refusals_of(error)),
        };
        if let Some(update) = sent::published(draft, &self.access.node.board(), &now) {
            return go_to(&saved_posted(self.kind, id, Some(&update.event)));
        }
        let mut draft = draft.clone();
        let why = match sent::is_used(&draft, &now) {
            true => renewed(&mut draft),
            false if is_overtaken => Obstacle::PostedMeanwhile.at(""),
            false => return self.form(StatusCode::UNPROCESSABLE_ENTITY, &draft, incident, &refusals_of(error)),
        };
        match incident {
            Some(_) => self.reviewed_again(draft, &now, why).await,
            None => self.form(StatusCode::CONFLICT, &draft, None, &[why]),
        }
    }
}

/// A command of somebody who has seen all of the incident as it is here.
pub(super) fn as_seen(incident: &Incident, command: Command) -> Command {
    Command::AsSeen { seen: incident.heads.clone(), command: Box::new(command) }
}

/// Somebody wrote between the look at what there is and the writer's turn.
pub(super) fn is_overtaken(error: &PublishError) -> bool {
    matches!(error, PublishError::Refused(refusals) if refusals.contains(&Reason::Overtaken.at("")))
}
