//! `/admin/incidents/ID/updates/UPDATE`, `…/edit` and `…/postmortem`: changing what was posted.

use super::{
    drafting,
    fields::Fields,
    page::{Desk, go_to, page},
    sign_in::refusals_of,
    timelines::{find, missing, path_of},
};
use crate::access::{Access, session::SignedIn};
use app::{
    console::{self, Rewriting},
    words::first_language,
};
use axum::{
    Extension,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use chrono::SubsecRound;
use domain::{
    change::IncidentEdited,
    command::{Command, Refusal},
    id::UpdateId,
    incident::Incident,
    status::{Impact, Kind},
};
use std::sync::Arc;

/// The path below the console.
fn below(kind: Kind, incident: &Incident) -> String {
    let path = path_of(kind, incident.id);
    path.strip_prefix(super::BASE).unwrap_or_default().to_owned()
}

/// A text that is being rewritten.
struct Text {
    heading: &'static str,
    action: String,
    present: String,
    update: Option<UpdateId>,
}

fn of_update(kind: Kind, incident: &Incident, update: &str) -> Option<Text> {
    let id: UpdateId = update.parse().ok()?;
    let held = incident.updates.iter().find(|update| update.id == id)?;
    Some(Text {
        heading: "console-edit-update",
        action: format!("{}/updates/{id}", below(kind, incident)),
        present: first_language(&held.text).to_owned(),
        update: Some(id),
    })
}

fn of_postmortem(kind: Kind, incident: &Incident) -> Text {
    let present = incident.postmortem.as_ref().map(|held| first_language(&held.text).to_owned());
    Text {
        heading: "console-postmortem",
        action: format!("{}/postmortem", below(kind, incident)),
        present: present.unwrap_or_default(),
        update: None,
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
    let incident = find(&access, kind, &id).await;
    let text = incident.as_ref().and_then(|incident| of_update(kind, incident, &update));
    let Some((incident, text)) = incident.zip(text) else { return missing(&access, &headers, signed.as_ref()) };
    rewrite(&access, signed.as_ref(), &headers, &incident, text, fields.map(|Extension(fields)| fields)).await
}

pub async fn postmortem(
    State(access): State<Arc<Access>>,
    Extension(signed): Extension<Option<SignedIn>>,
    Extension(kind): Extension<Kind>,
    Path(id): Path<String>,
    fields: Option<Extension<Fields>>,
    headers: HeaderMap,
) -> Response {
    let Some(incident) = find(&access, kind, &id).await else { return missing(&access, &headers, signed.as_ref()) };
    let text = of_postmortem(kind, &incident);
    rewrite(&access, signed.as_ref(), &headers, &incident, text, fields.map(|Extension(fields)| fields)).await
}

async fn rewrite(
    access: &Access,
    signed: Option<&SignedIn>,
    headers: &HeaderMap,
    incident: &Incident,
    text: Text,
    fields: Option<Fields>,
) -> Response {
    let desk = Desk::new(&access.node, headers, signed);
    let seen = drafting::seen(&incident.heads);
    let back = below(incident.kind, incident);
    let known = match &fields {
        Some(fields) if fields.get("seen") != seen => drafting::as_known(access, incident.id, fields.get("seen")).await,
        _ => None,
    };
    let form = |status: StatusCode, typed: &str, preview: bool, refusals: &[Refusal]| {
        let (action, back, known) = (text.action.clone(), back.clone(), known.as_ref());
        let rewriting = Rewriting { heading: text.heading, action, back, text: typed, seen: &seen, preview, known };
        page(status, console::rewrite(&desk.inputs(refusals), incident, &rewriting))
    };
    let Some((fields, signed)) = fields.zip(signed) else {
        return form(StatusCode::OK, &text.present, false, &[]);
    };
    let typed = fields.get("text").trim();
    if fields.get("seen") != seen {
        let right = "look at what changed, then review yours again; what you typed is kept";
        let refusals = [Refusal::new("", "somebody changed this incident while you were writing", right)];
        return form(StatusCode::CONFLICT, typed, true, &refusals);
    }
    let command = match text.update {
        Some(update) => Command::EditUpdate { incident: incident.id, update, text: typed.into() },
        None => {
            let at = access.node.clock().now().trunc_subsecs(0);
            Command::PublishPostmortem { incident: incident.id, text: typed.into(), at }
        }
    };
    let done = match fields.get("do") {
        "publish" => access.node.publish(command, signed.author()).await.map(|_| ()),
        _ => match access.node.foresee(command, signed.author()).await {
            Ok(_) => return form(StatusCode::OK, typed, true, &[]),
            Err(error) => Err(error),
        },
    };
    match done {
        Ok(()) => go_to(&path_of(incident.kind, incident.id)),
        Err(error) => form(StatusCode::UNPROCESSABLE_ENTITY, typed, false, &refusals_of(error)),
    }
}

pub async fn edit(
    State(access): State<Arc<Access>>,
    Extension(signed): Extension<Option<SignedIn>>,
    Extension(kind): Extension<Kind>,
    Path(id): Path<String>,
    fields: Option<Extension<Fields>>,
    headers: HeaderMap,
) -> Response {
    let Some(incident) = find(&access, kind, &id).await else { return missing(&access, &headers, signed.as_ref()) };
    let desk = Desk::new(&access.node, &headers, signed.as_ref());
    let action = format!("{}/edit", below(kind, &incident));
    let form = |status: StatusCode, title: &str, impact: &str, refusals: &[Refusal]| {
        page(status, console::edit_incident(&desk.inputs(refusals), &incident, title, impact, &action))
    };
    let present = first_language(&incident.title);
    let Some((Extension(fields), signed)) = fields.zip(signed.as_ref()) else {
        return form(StatusCode::OK, present, incident.impact.word(), &[]);
    };
    let (title, impact) = (fields.get("title").trim(), fields.get("impact"));
    let wanted = match impact.parse::<Impact>() {
        Ok(wanted) => wanted,
        Err(error) => {
            let refusals = [Refusal::new("impact", error.to_string(), "one of the choices")];
            return form(StatusCode::UNPROCESSABLE_ENTITY, title, incident.impact.word(), &refusals);
        }
    };
    let edit = IncidentEdited {
        title: (title != present).then(|| title.into()),
        impact: (wanted != incident.impact).then_some(wanted),
        schedule: None,
    };
    match access.node.publish(Command::EditIncident { incident: incident.id, edit }, signed.author()).await {
        Ok(_) => go_to(&path_of(kind, incident.id)),
        Err(error) => form(StatusCode::UNPROCESSABLE_ENTITY, title, impact, &refusals_of(error)),
    }
}
