//! `/admin/incidents/ID/updates/UPDATE`, `…/edit` and `…/postmortem`: changing what was posted.

use super::{
    amending::Typed,
    drafting,
    fields::Fields,
    page::{Desk, page},
    saved,
    sign_in::refusals_of,
    timelines::{find, missing, path_of},
};
use crate::access::{Access, session::SignedIn};
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
    id::UpdateId,
    incident::Incident,
    status::Kind,
    text::Text,
};
use std::sync::Arc;

/// The path below the console.
fn below(kind: Kind, incident: &Incident) -> String {
    let path = path_of(kind, incident.id);
    path.strip_prefix(super::BASE).unwrap_or_default().to_owned()
}

/// A text that is being rewritten.
struct Rewritten {
    heading: &'static str,
    action: String,
    present: Text,
    update: Option<UpdateId>,
    /// The heading of readers' page that it stands under.
    level: u8,
}

fn of_update(kind: Kind, incident: &Incident, update: &str) -> Option<Rewritten> {
    let id: UpdateId = update.parse().ok()?;
    let held = incident.updates.iter().find(|update| update.id == id)?;
    Some(Rewritten {
        heading: "console-edit-update",
        action: format!("{}/updates/{id}", below(kind, incident)),
        present: all_languages(&held.text),
        update: Some(id),
        level: console::UPDATE_LEVEL,
    })
}

fn of_postmortem(kind: Kind, incident: &Incident) -> Rewritten {
    let present = incident.postmortem.as_ref().map(|held| all_languages(&held.text));
    Rewritten {
        heading: "console-postmortem",
        action: format!("{}/postmortem", below(kind, incident)),
        present: present.unwrap_or_default(),
        update: None,
        level: console::POSTMORTEM_LEVEL,
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

/// The incident as the writer of a form knew it, when somebody has changed it since.
async fn known(access: &Access, incident: &Incident, seen: &str, fields: Option<&Fields>) -> Option<Incident> {
    let known = fields.map(|fields| fields.get("seen")).filter(|known| *known != seen)?;
    drafting::as_known(access, incident.id, known).await
}

async fn rewrite(
    access: &Access,
    signed: Option<&SignedIn>,
    headers: &HeaderMap,
    incident: &Incident,
    text: Rewritten,
    fields: Option<Fields>,
) -> Response {
    let desk = Desk::new(&access.node, headers, signed);
    let seen = drafting::seen(&incident.heads);
    let back = below(incident.kind, incident);
    let known = known(access, incident, &seen, fields.as_ref()).await;
    let form = |status: StatusCode, typed: &Text, preview: bool, refusals: &[Refusal]| {
        let (action, back, known) = (text.action.clone(), back.clone(), known.as_ref());
        let rewriting = Rewriting {
            heading: text.heading,
            action,
            back,
            text: typed,
            level: text.level,
            seen: &seen,
            preview,
            known,
        };
        page(status, console::rewrite(&desk.inputs(refusals), incident, &rewriting))
    };
    let Some((fields, signed)) = fields.zip(signed) else {
        return form(StatusCode::OK, &text.present, false, &[]);
    };
    let typed = fields.text("text");
    if fields.get("do") == "preview" {
        return page(StatusCode::OK, console::live_text(&desk.inputs(&[]), &typed.trimmed(), text.level));
    }
    if fields.get("seen") != seen {
        return form(StatusCode::CONFLICT, &typed, true, &[Obstacle::ChangedMeanwhile.at("")]);
    }
    let command = match text.update {
        Some(update) => Command::EditUpdate { incident: incident.id, update, text: typed.trimmed() },
        None => {
            let at = access.node.clock().now().trunc_subsecs(0);
            Command::PublishPostmortem { incident: incident.id, text: typed.trimmed(), at }
        }
    };
    let done = match fields.get("do") {
        "publish" => access.node.publish(command, signed.author()).await,
        _ => match access.node.foresee(command, signed.author()).await {
            Ok(_) => return form(StatusCode::OK, &typed, true, &[]),
            Err(error) => Err(error),
        },
    };
    match done {
        Ok(receipt) => saved::go_on(incident.kind, incident.id, receipt.events.first()),
        Err(error) => form(StatusCode::UNPROCESSABLE_ENTITY, &typed, false, &refusals_of(error)),
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
    let seen = drafting::seen(&incident.heads);
    let known = known(&access, &incident, &seen, fields.as_ref().map(|Extension(fields)| fields)).await;
    let zone = drafting::zone_of(&desk.board().catalog);
    let back = below(kind, &incident);
    let standing = |typed: &Typed, shown: &dyn Fn(&Standing<'_>) -> String| {
        let (action, back, known) = (format!("{back}/edit"), back.clone(), known.as_ref());
        let Typed { title, impact, from, until } = typed;
        shown(&Standing { action, back, title, impact, from, until, seen: &seen, known })
    };
    let form = |status: StatusCode, typed: &Typed, refusals: &[Refusal]| {
        let inputs = desk.inputs(refusals);
        page(status, standing(typed, &|standing| console::edit_incident(&inputs, &incident, standing)))
    };
    let Some((Extension(fields), signed)) = fields.zip(signed.as_ref()) else {
        return form(StatusCode::OK, &Typed::present(&incident, zone), &[]);
    };
    let (typed, wanted) = (Typed::sent(&fields), fields.get("do"));
    if wanted == "edit" {
        return form(StatusCode::OK, &typed, &[]);
    }
    if fields.get("seen") != seen {
        return form(StatusCode::CONFLICT, &typed, &[Obstacle::ChangedMeanwhile.at("")]);
    }
    let edit = match typed.edit(&incident, zone) {
        Ok(edit) => edit,
        Err(refusals) => return form(StatusCode::UNPROCESSABLE_ENTITY, &typed, &refusals),
    };
    let command = Command::EditIncident { incident: incident.id, edit };
    if wanted == "publish" {
        return match access.node.publish(command, signed.author()).await {
            Ok(receipt) => saved::go_on(kind, incident.id, receipt.events.first()),
            Err(error) => form(StatusCode::UNPROCESSABLE_ENTITY, &typed, &refusals_of(error)),
        };
    }
    match access.node.foresee(command, signed.author()).await {
        Ok(foreseen) => {
            let after = foreseen.incident.as_deref().unwrap_or(&incident);
            let (inputs, amended) = (desk.inputs(&[]), Amended { board: &foreseen.board, incident: after });
            let shown = |standing: &Standing<'_>| console::review_edit(&inputs, &incident, standing, &amended);
            page(StatusCode::OK, standing(&typed, &shown))
        }
        Err(error) => form(StatusCode::UNPROCESSABLE_ENTITY, &typed, &refusals_of(error)),
    }
}
