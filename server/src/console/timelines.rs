//! `/admin/incidents/…` and `/admin/maintenances/…`: writing, reviewing, publishing.

use super::{
    drafting,
    fields::Fields,
    page::{Desk, go_to, page},
    saved, sent,
    sign_in::refusals_of,
};
use crate::access::{Access, session::SignedIn};
use app::console::{self, Beside, Draft, Foreseen, Obstacle};
use axum::{
    Extension,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::{
    command::{Command, Refusal},
    id::{Id, IncidentId, TemplateId, UpdateId},
    incident::{Incident, Update},
    status::{Impact, Kind, Status},
};
use std::sync::Arc;

/// What every handler here is given.
struct Work<'a> {
    access: &'a Access,
    signed: &'a SignedIn,
    headers: &'a HeaderMap,
    kind: Kind,
    /// The template that is chosen.
    template: &'a str,
}

fn folder(kind: Kind) -> &'static str {
    match kind {
        Kind::Incident => "incidents",
        Kind::Maintenance => "maintenances",
    }
}

pub(super) fn path_of(kind: Kind, id: IncidentId) -> String {
    format!("{}/{}/{id}", super::BASE, folder(kind))
}

/// Twelve random characters: the id of what will be published.
fn fresh() -> String {
    let mut entropy = [0; 16];
    // Without randomness the id is refused when it is taken already.
    let _none = getrandom::fill(&mut entropy);
    Id::from_entropy(entropy).to_string()
}

fn first_draft(kind: Kind) -> Draft {
    let (status, impact) = match kind {
        Kind::Incident => (Status::Investigating, Impact::Major),
        Kind::Maintenance => (Status::Scheduled, Impact::None),
    };
    let new = Draft::new(kind, None, fresh(), String::new());
    Draft { status: status.word().to_owned(), impact: impact.word().to_owned(), ..new }
}

fn next_draft(incident: &Incident) -> Draft {
    Draft::new(incident.kind, Some(incident.id), fresh(), drafting::seen(&incident.heads))
}

pub async fn new(
    State(access): State<Arc<Access>>,
    Extension(signed): Extension<Option<SignedIn>>,
    Extension(kind): Extension<Kind>,
    headers: HeaderMap,
) -> Response {
    let desk = Desk::new(&access.node, &headers, signed.as_ref());
    page(StatusCode::OK, console::incident(&desk.inputs(&[]), None, &first_draft(kind), &Beside::default()))
}

pub async fn show(
    State(access): State<Arc<Access>>,
    Extension(signed): Extension<Option<SignedIn>>,
    Extension(kind): Extension<Kind>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let Some(incident) = find(&access, kind, &id).await else { return missing(&access, &headers, signed.as_ref()) };
    let desk = Desk::new(&access.node, &headers, signed.as_ref());
    let asked = Fields::parse(query.unwrap_or_default().as_bytes());
    let saved = saved::of(&access, incident.id, asked.get("saved")).await;
    let draft = next_draft(&incident);
    let beside = Beside { saved, here_only: here_only(&access, &incident), ..Beside::default() };
    page(StatusCode::OK, console::incident(&desk.inputs(&[]), Some(&incident), &draft, &beside))
}

/// The updates that no other region is known to hold.
fn here_only(access: &Access, incident: &Incident) -> Vec<UpdateId> {
    let updates = incident.updates.iter().filter(|update| access.node.is_held_here_only(&update.event));
    updates.map(|update| update.id).collect()
}

pub(super) async fn find(access: &Access, kind: Kind, id: &str) -> Option<Arc<Incident>> {
    let id: IncidentId = id.parse().ok()?;
    match access.node.incident(id).await {
        Ok(found) => found.filter(|incident| incident.kind == kind),
        Err(error) => {
            tracing::error!(%error, incident = %id, "the log cannot be read");
            None
        }
    }
}

pub(super) fn missing(access: &Access, headers: &HeaderMap, signed: Option<&SignedIn>) -> Response {
    let desk = Desk::new(&access.node, headers, signed);
    let refusals = [Obstacle::NoSuchTimeline.at("")];
    page(StatusCode::NOT_FOUND, console::message(&desk.inputs(&refusals)))
}

pub async fn open(
    State(access): State<Arc<Access>>,
    Extension(signed): Extension<Option<SignedIn>>,
    Extension(kind): Extension<Kind>,
    Extension(fields): Extension<Fields>,
    headers: HeaderMap,
) -> Response {
    let Some(signed) = signed else { return go_to("/admin/sign-in") };
    let work = Work { access: &access, signed: &signed, headers: &headers, kind, template: fields.get("template") };
    let mut draft = drafting::read(&fields, kind, None);
    let wanted = fields.get("do");
    if let Some(held) = find(&access, kind, &draft.once).await {
        // Sent again: what was published stands.
        if is_sent(wanted)
            && let Some(update) = sent::published(&draft, &access.node.board(), &held)
        {
            return go_to(&saved_at(kind, held.id, update));
        }
        // Another text in a form that the browser had kept: it is not dropped, and not published unseen either.
        draft.once = fresh();
        if is_sent(wanted) {
            return work.form(StatusCode::CONFLICT, &draft, None, &[Obstacle::FormUsed.at("")]);
        }
    }
    work.act(wanted, draft, None).await
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
    let Some(incident) = find(&access, kind, &id).await else { return missing(&access, &headers, Some(&signed)) };
    let work = Work { access: &access, signed: &signed, headers: &headers, kind, template: fields.get("template") };
    let mut draft = drafting::read(&fields, kind, Some(incident.id));
    let wanted = fields.get("do");
    if sent::is_used(&draft, &incident) {
        let held = sent::published(&draft, &access.node.board(), &incident).filter(|_| is_sent(wanted));
        if let Some(held) = held {
            return go_to(&saved_at(kind, incident.id, held));
        }
        draft.once = fresh();
        if is_sent(wanted) {
            return work.reviewed_again(draft, &incident, Obstacle::FormUsed).await;
        }
    }
    if let Some(what) = wanted.strip_prefix("recover.") {
        drafting::recover(&mut draft, what, &access.node.board().catalog, &incident);
        return work.form(StatusCode::OK, &draft, Some(&incident), &[]);
    }
    if is_sent(wanted) && draft.seen != drafting::seen(&incident.heads) {
        return work.reviewed_again(draft, &incident, Obstacle::PostedMeanwhile).await;
    }
    work.act(wanted, draft, Some(&incident)).await
}

/// Whether a button is on the way to publishing; the others help with the form.
fn is_sent(wanted: &str) -> bool {
    let is_help = matches!(wanted, "edit" | "preview" | "propose" | "template");
    !is_help && !["open.", "recover."].iter().any(|prefix| wanted.starts_with(prefix))
}

/// The page that says where an update is saved.
fn saved_at(kind: Kind, incident: IncidentId, update: &Update) -> String {
    format!("{}?saved={}", path_of(kind, incident), update.event)
}

impl Work<'_> {
    /// Does what the pressed button asks for.
    async fn act(&self, wanted: &str, mut draft: Draft, incident: Option<&Incident>) -> Response {
        let board = self.access.node.board();
        match wanted {
            "edit" => return self.form(StatusCode::OK, &draft, incident, &[]),
            "propose" => {
                let proposal = draft.propose(&board);
                let here_only = incident.map(|incident| here_only(self.access, incident)).unwrap_or_default();
                let beside = Beside { here_only, proposal: Some(proposal), ..Beside::default() };
                let desk = Desk::new(&self.access.node, self.headers, Some(self.signed));
                return page(StatusCode::OK, console::incident(&desk.inputs(&[]), incident, &draft, &beside));
            }
            "template" => {
                let template = self.template.parse().ok().and_then(|id: TemplateId| board.templates.get(&id));
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
    async fn reviewed_again(&self, mut draft: Draft, incident: &Incident, why: Obstacle) -> Response {
        let known = match draft.seen == drafting::seen(&incident.heads) {
            true => None,
            false => drafting::as_known(self.access, incident.id, &draft.seen).await,
        };
        draft.seen = drafting::seen(&incident.heads);
        let refusals = [why.at("")];
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
        match self.access.node.publish(command, self.signed.author()).await {
            Ok(receipt) => {
                let path = id.map_or_else(|| super::BASE.to_owned(), |id| path_of(self.kind, id));
                match receipt.events.first() {
                    Some(event) => go_to(&format!("{path}?saved={event}")),
                    None => go_to(&path),
                }
            }
            Err(error) => match self.sent_before(draft, id).await {
                Some(there) => go_to(&there),
                None => self.form(StatusCode::UNPROCESSABLE_ENTITY, draft, incident, &refusals_of(error)),
            },
        }
    }

    /// Where what a draft says is saved, when another click was under way with it and came first.
    async fn sent_before(&self, draft: &Draft, id: Option<IncidentId>) -> Option<String> {
        let held = find(self.access, self.kind, &id?.to_string()).await?;
        let update = sent::published(draft, &self.access.node.board(), &held)?;
        Some(saved_at(self.kind, held.id, update))
    }
}
