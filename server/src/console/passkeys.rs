//! `/admin/passkey` and `/admin/account/passkeys`: passkeys, which need script. Its questions are answered as JSON, its
//! forms as pages.

use super::{
    account::{Answer, Own, answered},
    fields::Fields,
    page::{Desk, go_to},
    sign_in::{own, refusal_of, refused_page, with_cookies},
};
use crate::{
    access::{
        Access,
        passkeys::{Begun, NotAdded},
        session::SignedIn,
    },
    client::Client,
};
use app::console::{self, Notice, Obstacle, Onward};
use axum::{
    Extension, Json,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::command::{Refusal, operators::Wish};
use std::sync::Arc;

/// What the script is told: what it needs, or what is wrong in the operator's language.
fn told(access: &Access, headers: &HeaderMap, begun: Result<Begun, NotAdded>) -> Response {
    let mut response = match begun {
        Ok(begun) => Json(begun).into_response(),
        Err(error) => unable(access, headers, StatusCode::UNPROCESSABLE_ENTITY, &not_added(error)),
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn not_added(error: NotAdded) -> Refusal {
    let obstacle = match error {
        NotAdded::NoDomain => Obstacle::PasskeyNoDomain,
        NotAdded::Over => Obstacle::PasskeyOver,
        NotAdded::Wrong => Obstacle::PasskeyAnswer,
        NotAdded::Failed => Obstacle::PasskeyFailed,
    };
    obstacle.at("")
}

fn unable(access: &Access, headers: &HeaderMap, status: StatusCode, refusal: &Refusal) -> Response {
    let desk = Desk::new(&access.node, headers, None);
    let error = console::refused(&desk.inputs(&[]), refusal);
    (status, Json(serde_json::json!({ "error": error }))).into_response()
}

pub async fn ask(State(access): State<Arc<Access>>, headers: HeaderMap) -> Response {
    told(&access, &headers, access.ask_passkey())
}

pub async fn take(
    State(access): State<Arc<Access>>,
    Extension(fields): Extension<Fields>,
    client: Option<Extension<Client>>,
    headers: HeaderMap,
) -> Response {
    let address = client.and_then(|Extension(client)| client.address);
    let next = own(fields.get("next")).to_owned();
    match access.take_passkey(&headers, address, fields.get("state"), fields.get("credential")) {
        Ok(cookies) => with_cookies(go_to(&next), cookies),
        Err(refused) => {
            let desk = Desk::new(&access.node, &headers, None);
            let refusals = [refusal_of(refused, Obstacle::WrongPasskey)];
            refused_page(refused, console::sign_in(&desk.inputs(&refusals), "", Onward::to(&next)))
        }
    }
}

/// Asks for the present password first, as whatever opens the account does.
pub async fn begin(
    State(access): State<Arc<Access>>,
    Extension(signed): Extension<Option<SignedIn>>,
    Extension(fields): Extension<Fields>,
    client: Option<Extension<Client>>,
    headers: HeaderMap,
) -> Response {
    let Ok(own) = Own::new(Arc::clone(&access), headers.clone(), signed) else {
        return unable(&access, &headers, StatusCode::FORBIDDEN, &Obstacle::NoAccount.at(""));
    };
    match own.prove_field(client, "present-for-passkey", &fields).await {
        Ok(()) => told(&access, &headers, own.access.begin_passkey(&own.signed, own.operator)),
        Err((_, refusal)) => unable(&access, &headers, StatusCode::UNAUTHORIZED, &refusal),
    }
}

pub async fn add(
    State(access): State<Arc<Access>>,
    Extension(signed): Extension<Option<SignedIn>>,
    Extension(fields): Extension<Fields>,
    headers: HeaderMap,
) -> Response {
    let done: Answer = async {
        let own = Own::new(access, headers, signed)?;
        let name = fields.get("passkey-name").trim().to_owned();
        let added = own.access.end_passkey(&own.signed, fields.get("state"), fields.get("credential"), name);
        let added = added.map_err(|error| own.refuse(&[not_added(error)]))?;
        own.publish(Wish::AddPasskey { operator: own.operator, added }).await?;
        tracing::info!(operator = %own.operator, "a passkey was added");
        Ok(own.done(Notice::PasskeyAdded))
    }
    .await;
    answered(done)
}

pub async fn remove(
    State(access): State<Arc<Access>>,
    Extension(signed): Extension<Option<SignedIn>>,
    Extension(fields): Extension<Fields>,
    client: Option<Extension<Client>>,
    headers: HeaderMap,
) -> Response {
    let done: Answer = async {
        let own = Own::new(access, headers, signed)?;
        own.prove(client, "present-to-remove-passkey", &fields).await?;
        let Ok(passkey) = fields.get("passkey").parse() else {
            return Ok(own.refuse(&[Obstacle::NoSuchPasskey.at("passkey")]));
        };
        own.publish(Wish::RemovePasskey { operator: own.operator, passkey }).await?;
        tracing::warn!(operator = %own.operator, "a passkey was removed by its owner");
        Ok(own.done(Notice::PasskeyRemoved))
    }
    .await;
    answered(done)
}
