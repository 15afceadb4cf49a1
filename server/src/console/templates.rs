//! `/admin/templates`.

use super::{
    fields::Fields,
    page::{Desk, go_to, page, saved, saved_at},
    sign_in::refusals_of,
};
use crate::access::{Access, session::SignedIn};
use app::{
    console::{self, Obstacle, TemplateDraft, template_form},
    words::all_languages,
};
use axum::{
    Extension,
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::{
    change::TemplateSet,
    command::{Command, Refusal},
    id::TemplateId,
    text::Text,
};
use std::sync::Arc;

pub async fn show(
    State(access): State<Arc<Access>>,
    Extension(signed): Extension<Option<SignedIn>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let desk = Desk::new(&access.node, &headers, signed.as_ref());
    let asked = Fields::parse(query.unwrap_or_default().as_bytes());
    let of = edited(&asked);
    let board = desk.board();
    let draft = of.and_then(|id| board.templates.get(&id)).map(|held| TemplateDraft {
        of,
        name: held.name.clone(),
        component: held
            .component
            .and_then(|id| board.catalog.component(id))
            .map(|c| c.code.clone())
            .unwrap_or_default(),
        status: held.status.map(|status| status.word().to_owned()).unwrap_or_default(),
        title: held.title.as_ref().map(all_languages).unwrap_or_default(),
        text: all_languages(&held.text),
    });
    let is_form = |form: &str| match form.strip_prefix(&format!("{}?edit=", template_form(None))) {
        Some(id) => id.parse::<TemplateId>().is_ok(),
        None => form == template_form(None),
    };
    let saved = saved(&access.node, &asked, is_form);
    page(StatusCode::OK, console::templates(&desk.inputs(&[]), &draft.unwrap_or_default(), true, saved.as_ref()))
}

/// The template that a form began with.
fn edited(asked: &Fields) -> Option<TemplateId> {
    asked.get("edit").parse().ok()
}

pub async fn keep(
    State(access): State<Arc<Access>>,
    Extension(signed): Extension<Option<SignedIn>>,
    RawQuery(query): RawQuery,
    Extension(fields): Extension<Fields>,
    headers: HeaderMap,
) -> Response {
    let Some(signed) = signed else { return go_to("/admin/sign-in") };
    let of = edited(&Fields::parse(query.unwrap_or_default().as_bytes()));
    let [name, component, status] = ["name", "component", "status"].map(|name| fields.get(name).trim().to_owned());
    let draft = TemplateDraft { name, component, status, title: fields.text("title"), text: fields.text("text"), of };
    if fields.get("do") == "preview" {
        let desk = Desk::new(&access.node, &headers, Some(&signed));
        return page(
            StatusCode::OK,
            console::live_text(&desk.inputs(&[]), &draft.text.trimmed(), console::UPDATE_LEVEL),
        );
    }
    let shown = |status: StatusCode, refusals: &[Refusal]| {
        let desk = Desk::new(&access.node, &headers, Some(&signed));
        page(status, console::templates(&desk.inputs(refusals), &draft, false, None))
    };
    let again = |refusals: &[Refusal]| shown(StatusCode::UNPROCESSABLE_ENTITY, refusals);
    let command = match fields.get("do") {
        "edit" => return shown(StatusCode::OK, fields.notice().as_slice()),
        "remove" => match fields.get("id").parse() {
            Ok(id) => Command::RemoveTemplate(id),
            Err(_) => return again(&[Obstacle::NoSuchTemplate.at("")]),
        },
        _ => match read(&draft, &access) {
            Ok(template) => Command::SetTemplate(template),
            Err(refusal) => return again(&[refusal]),
        },
    };
    // What is removed leaves the text alone that somebody else is writing here.
    let is_text = matches!(command, Command::SetTemplate(_));
    match access.node.publish(command, signed.author()).await {
        Ok(receipt) if is_text => go_to(&saved_at("/admin/templates", receipt.events.first(), &template_form(of))),
        Ok(_) => go_to("/admin/templates"),
        Err(error) => again(&refusals_of(error)),
    }
}

fn read(draft: &TemplateDraft, access: &Access) -> Result<TemplateSet, Refusal> {
    let board = access.node.board();
    let component = match draft.component.as_str() {
        "" => None,
        code => {
            let found = board.catalog.component_by_code(code);
            Some(found.ok_or_else(|| Obstacle::NoSuchService.at("component"))?.id)
        }
    };
    let status = match draft.status.as_str() {
        "" => None,
        word => Some(
            word.parse()
                .map_err(|error: domain::status::WordError| Obstacle::NotAChoice { given: error.given }.at("status"))?,
        ),
    };
    let title = draft.title.trimmed();
    Ok(TemplateSet {
        name: draft.name.clone(),
        component,
        status,
        title: (title != Text::default()).then_some(title),
        text: draft.text.trimmed(),
    })
}
