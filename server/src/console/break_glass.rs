//! `/admin/break-glass`: a printed code instead of a name and a password.

use super::{
    fields::Fields,
    page::{Desk, go_to, page},
    sign_in::{refusal_of, refused_page, with_cookies},
};
use crate::{
    access::{Access, break_glass::NotBroken, code::CodeError},
    client::Client,
};
use app::console::{self, Obstacle};
use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use std::sync::Arc;

pub async fn ask(State(access): State<Arc<Access>>, headers: HeaderMap) -> Response {
    let desk = Desk::new(&access.node, &headers, None);
    page(StatusCode::OK, console::break_glass(&desk.inputs(&[]), ""))
}

pub async fn take(
    State(access): State<Arc<Access>>,
    Extension(fields): Extension<Fields>,
    client: Option<Extension<Client>>,
    headers: HeaderMap,
) -> Response {
    let address = client.and_then(|Extension(client)| client.address);
    let typed = fields.get("code");
    let desk = Desk::new(&access.node, &headers, None);
    match access.break_glass(address, typed).await {
        Ok(cookies) => with_cookies(go_to(super::BASE), cookies),
        // What was mistyped is kept: it is no code, and is corrected sooner than it is typed anew.
        Err(NotBroken::Mistyped(error)) => {
            let obstacle = match error {
                CodeError::Length { given, right } => Obstacle::GlassLength { given, right },
                CodeError::Character => Obstacle::GlassCharacter,
                CodeError::Mistyped => Obstacle::GlassMistyped,
            };
            let refusals = [obstacle.at("code")];
            page(StatusCode::UNPROCESSABLE_ENTITY, console::break_glass(&desk.inputs(&refusals), typed))
        }
        Err(NotBroken::Refused(refused)) => {
            let refusals = [refusal_of(refused, Obstacle::WrongGlass)];
            refused_page(refused, console::break_glass(&desk.inputs(&refusals), ""))
        }
    }
}
