//! `/admin/incidents/ID/updates/UPDATE`, `…/edit` and `…/postmortem`: changing what was posted.

use super::{
    amending::Typed,
    drafting,
    fields::Fields,
    page::{Desk, go_to, page, saved_at},
    sign_in::refusals_of,
    timelines::{Unfound, as_seen, below, find, is_overtaken, path_of},
};
use crate::{
    access::{Access, session::SignedIn},
    publish::Receipt,
};
use app::{
    console::{self, Amended, Obstacle, Rewriting, Standing},
    words::all_languages,
};
use axum::{
    Extension,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use chrono::SubsecRound;
use domain::{
    command::{Command, Refusal},
    id::{IncidentId, UpdateId},
    incident::Incident,
    status::Kind,
    text::Text,
};
use std::sync::Arc;

/// How often an incident is looked at for one form: again when somebody wrote on the way to the writer, and then the form
/// is one that was overtaken.
const LOOKS_MAX: usize = 2;

/// Where title, impact and times are changed, below the console.
fn edit_path(kind: Kind, incident: IncidentId) -> String {
    format!("{}/edit", below(kind, incident))
}

/// A text that is being rewritten.
struct Rewritten {
    heading: &'static str,
    /// Where the form is, below the console.
    form: String,
    incident: IncidentId,
    /// `None` for the postmortem.
    update: Option<UpdateId>,
    /// The heading of readers' page that it stands under.
    level: u8,
}

impl Rewritten {
    fn update(kind: Kind, incident: IncidentId, update: UpdateId) -> Self {
        let form = format!("{}/updates/{update}", below(kind, incident));
        Rewritten { heading: "console-edit-update", form, incident, update: Some(update), level: console::UPDATE_LEVEL }
    }

    fn postmortem(kind: Kind, incident: IncidentId) -> Self {
        let form = format!("{}/postmortem", below(kind, incident));
        Rewritten { heading: "console-postmortem", form, incident, update: None, level: console::POSTMORTEM_LEVEL }
    }

    /// The text that stands; `None` when there is no such update.
    fn present(&self, incident: &Incident) -> Option<Text> {
        let Some(id) = self.update else {
            let held = incident.postmortem.as_ref().map(|held| all_languages(&held.text));
            return Some(held.unwrap_or_default());
        };
        incident.updates.iter().find(|update| update.id == id).map(|held| all_languages(&held.text))
    }
}

pub async fn update(
    State(access): State<Arc<Access>>,
    Extension(signed): Extension<Option<SignedIn>>,
    Extension(kind): Extension<Kind>,
    Path((id, update)): Path<(String, String)>,
    fields: Option<Extension<Fields>>,
    headers: HeaderMap,
) -> Response {
    let work = Work { access: &access, signed: signed.as_ref(), headers: &headers, kind, fields: fields.as_deref() };
    let named = id.parse().ok().zip(update.parse().ok());
    work.rewrite(&id, named.map(|(id, update)| Rewritten::update(kind, id, update))).await
}

pub async fn postmortem(
    State(access): State<Arc<Access>>,
    Extension(signed): Extension<Option<SignedIn>>,
    Extension(kind): Extension<Kind>,
    Path(id): Path<String>,
    fields: Option<Extension<Fields>>,
    headers: HeaderMap,
) -> Response {
    let work = Work { access: &access, signed: signed.as_ref(), headers: &headers, kind, fields: fields.as_deref() };
    work.rewrite(&id, id.parse().ok().map(|id| Rewritten::postmortem(kind, id))).await
}

pub async fn edit(
    State(access): State<Arc<Access>>,
    Extension(signed): Extension<Option<SignedIn>>,
    Extension(kind): Extension<Kind>,
    Path(id): Path<String>,
    fields: Option<Extension<Fields>>,
    headers: HeaderMap,
) -> Response {
    let work = Work { access: &access, signed: signed.as_ref(), headers: &headers, kind, fields: fields.as_deref() };
    work.edit(&id).await
}

/// What every handler here is given.
struct Work<'a> {
    access: &'a Access,
    signed: Option<&'a SignedIn>,
    headers: &'a HeaderMap,
    kind: Kind,
    /// `None` where nothing was sent.
    fields: Option<&'a Fields>,
}

impl Work<'_> {
    async fn rewrite(&self, id: &str, text: Option<Rewritten>) -> Response {
        let Some(text) = text else { return self.unfound(Unfound::Missing) };
        for _ in 0..LOOKS_MAX {
            let incident = match find(self.access, self.kind, id).await {
                Ok(incident) => incident,
                Err(Unfound::Unreadable) if self.fields.is_some() => return self.unread_text(&text),
                Err(unfound) => return self.unfound(unfound),
            };
            let Some(present) = text.present(&incident) else { return self.unfound(Unfound::Missing) };
            if let Some(response) = self.rewrite_in(&incident, &text, &present).await {
                return response;
            }
        }
        self.unread_text(&text)
    }

    /// `None` when somebody wrote on the way to the writer: looked at again, the form is one that was overtaken.
    async fn rewrite_in(&self, incident: &Incident, text: &Rewritten, present: &Text) -> Option<Response> {
        let (desk, seen, known) = (self.desk(), drafting::seen(&incident.heads), self.known(incident).await);
        let form = |status: StatusCode, typed: Option<&Text>, preview: bool, refusals: &[Refusal]| {
            let rewriting = Rewriting {
                heading: text.heading,
                action: text.form.clone(),
                back: below(self.kind, incident.id),
                text: typed.unwrap_or(present),
                level: text.level,
                seen: &seen,
                preview,
                is_fresh: typed.is_none(),
                known: known.as_ref(),
            };
            Some(page(status, console::rewrite(&desk.inputs(refusals), Some(incident), &rewriting)))
        };
        let Some((fields, signed)) = self.fields.zip(self.signed) else {
            return form(StatusCode::OK, None, false, &[]);
        };
        let typed = fields.text("text");
        match fields.get("do") {
            "preview" => {
                return Some(page(StatusCode::OK, console::live_text(&desk.inputs(&[]), &typed.trimmed(), text.level)));
            }
            _ if fields.get("seen") != seen => {
                return form(StatusCode::CONFLICT, Some(&typed), true, &[Obstacle::ChangedMeanwhile.at("")]);
            }
            "edit" => return form(StatusCode::OK, Some(&typed), false, fields.notice().as_slice()),
            _ => {}
        }
        let (node, id, trimmed) = (&self.access.node, incident.id, typed.trimmed());
        let command = match text.update {
            Some(update) => Command::EditUpdate { incident: id, update, text: trimmed },
            None => Command::PublishPostmortem { incident: id, text: trimmed, at: node.clock().now().trunc_subsecs(0) },
        };
        let done = match fields.get("do") {
            "publish" => node.publish(as_seen(incident, command), signed.author()).await,
            _ => match node.foresee(command, signed.author()).await {
                Ok(_) => return form(StatusCode::OK, Some(&typed), true, &[]),
                Err(error) => Err(error),
            },
        };
        match done {
            Ok(receipt) => Some(self.saved(incident, &receipt, &text.form)),
            Err(error) if is_overtaken(&error) => None,
            Err(error) => form(StatusCode::UNPROCESSABLE_ENTITY, Some(&typed), false, &refusals_of(error)),
        }
    }

    /// The form with what was typed, where the incident cannot be read.
    fn unread_text(&self, text: &Rewritten) -> Response {
        let typed = self.fields.map(|fields| fields.text("text")).unwrap_or_default();
        let rewriting = Rewriting {
            heading: text.heading,
            action: text.form.clone(),
            back: below(self.kind, text.incident),
            text: &typed,
            level: text.level,
            seen: self.fields.map_or("", |fields| fields.get("seen")),
            preview: false,
            is_fresh: false,
            known: None,
        };
        let refusals = [Unfound::Unreadable.refusal()];
        page(StatusCode::SERVICE_UNAVAILABLE, console::rewrite(&self.desk().inputs(&refusals), None, &rewriting))
    }

    async fn edit(&self, id: &str) -> Response {
        for _ in 0..LOOKS_MAX {
            let incident = match find(self.access, self.kind, id).await {
                Ok(incident) => incident,
                Err(Unfound::Unreadable) if self.fields.is_some() => return self.unread_edit(id),
                Err(unfound) => return self.unfound(unfound),
            };
            if let Some(response) = self.edit_in(&incident).await {
                return response;
            }
        }
        self.unread_edit(id)
    }

    /// `None` as of [`Work::rewrite_in`].
    async fn edit_in(&self, incident: &Incident) -> Option<Response> {
        let (desk, seen, known) = (self.desk(), drafting::seen(&incident.heads), self.known(incident).await);
        let zone = drafting::zone_of(&desk.board().catalog);
        let action = edit_path(self.kind, incident.id);
        let standing = |typed: &Typed, is_fresh: bool, shown: &dyn Fn(&Standing<'_>) -> String| {
            let back = below(self.kind, incident.id);
            let known = known.as_ref();
            let Typed { title, impact, from, until } = typed;
            let (action, kind, seen) = (action.clone(), self.kind, seen.as_str());
            shown(&Standing { action, back, kind, title, impact, from, until, seen, is_fresh, known })
        };
        let form = |status: StatusCode, typed: Option<&Typed>, refusals: &[Refusal]| {
            let (inputs, present) = (desk.inputs(refusals), Typed::present(incident, zone));
            let shown = |standing: &Standing<'_>| console::edit_incident(&inputs, Some(incident), standing);
            Some(page(status, standing(typed.unwrap_or(&present), typed.is_none(), &shown)))
        };
        let Some((fields, signed)) = self.fields.zip(self.signed) else { return form(StatusCode::OK, None, &[]) };
        let typed = Typed::sent(fields);
        if fields.get("seen") != seen {
            return form(StatusCode::CONFLICT, Some(&typed), &[Obstacle::ChangedMeanwhile.at("")]);
        }
        if fields.get("do") == "edit" {
            return form(StatusCode::OK, Some(&typed), fields.notice().as_slice());
        }
        let edit = match typed.edit(incident, zone) {
            Ok(edit) => edit,
            Err(refusals) => return form(StatusCode::UNPROCESSABLE_ENTITY, Some(&typed), &refusals),
        };
        let (node, command) = (&self.access.node, Command::EditIncident { incident: incident.id, edit });
        if fields.get("do") == "publish" {
            return match node.publish(as_seen(incident, command), signed.author()).await {
                Ok(receipt) => Some(self.saved(incident, &receipt, &action)),
                Err(error) if is_overtaken(&error) => None,
                Err(error) => form(StatusCode::UNPROCESSABLE_ENTITY, Some(&typed), &refusals_of(error)),
            };
        }
        match node.foresee(command, signed.author()).await {
            Ok(foreseen) => {
                let after = foreseen.incident.as_deref().unwrap_or(incident);
                let (inputs, amended) = (desk.inputs(&[]), Amended { board: &foreseen.board, incident: after });
                let shown = |standing: &Standing<'_>| console::review_edit(&inputs, incident, standing, &amended);
                Some(page(StatusCode::OK, standing(&typed, false, &shown)))
            }
            Err(error) => form(StatusCode::UNPROCESSABLE_ENTITY, Some(&typed), &refusals_of(error)),
        }
    }

    /// The form with what was typed, where the incident cannot be read.
    fn unread_edit(&self, id: &str) -> Response {
        let (Ok(id), Some(fields)) = (id.parse(), self.fields) else { return self.unfound(Unfound::Unreadable) };
        let Typed { title, impact, from, until } = &Typed::sent(fields);
        let standing = Standing {
            action: edit_path(self.kind, id),
            back: below(self.kind, id),
            kind: self.kind,
            title,
            impact,
            from,
            until,
            seen: fields.get("seen"),
            is_fresh: false,
            known: None,
        };
        let refusals = [Unfound::Unreadable.refusal()];
        page(StatusCode::SERVICE_UNAVAILABLE, console::edit_incident(&self.desk().inputs(&refusals), None, &standing))
    }

    fn desk(&self) -> Desk {
        Desk::new(&self.access.node, self.headers, self.signed)
    }

    fn unfound(&self, unfound: Unfound) -> Response {
        unfound.page(self.access, self.headers, self.signed)
    }

    fn saved(&self, incident: &Incident, receipt: &Receipt, form: &str) -> Response {
        go_to(&saved_at(&path_of(self.kind, incident.id), receipt.events.first(), form))
    }

    /// The incident as the writer of a form knew it, when somebody has changed it since.
    async fn known(&self, incident: &Incident) -> Option<Incident> {
        let seen = drafting::seen(&incident.heads);
        let known = self.fields.map(|fields| fields.get("seen")).filter(|known| *known != seen)?;
        drafting::as_known(self.access, incident.id, known).await
    }
}
