//! `/admin/sign-in` and its second step, `/admin/sign-out`, and the two links that are used once: the first administrator's, and an
//! invitation.

use super::{
    fields::Fields,
    kept::Kept,
    page::{Desk, go_to, page},
};
use crate::{
    access::{
        Access, password, secret,
        session::{Holder, SignedIn},
        sign_in::{Entered, Refused, Typed, normalised},
    },
    client::Client,
    publish::PublishError,
};
use app::console::{self, Obstacle, Onward};
use axum::{
    Extension,
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use domain::{
    change::{Author, Bytes, OperatorSet, PasswordSet, SessionsEnded},
    command::{Command, Reason, Refusal, break_glass, operators::Wish},
    id::OperatorId,
    operator::Role,
};
use std::sync::Arc;

/// Longest login or name that is looked at, in bytes.
const TYPED_BYTES_MAX: usize = 1024;

pub fn of_query(query: Option<&str>, name: &str) -> String {
    Fields::parse(query.unwrap_or_default().as_bytes()).get(name).chars().take(TYPED_BYTES_MAX).collect()
}

/// A page of this console; anything else would send people elsewhere.
pub fn own(next: &str) -> &str {
    let is_own = next == super::BASE || next.starts_with("/admin/") || next.starts_with("/admin?");
    if is_own && !next.contains(['\\', '\r', '\n']) { next } else { super::BASE }
}

pub async fn ask(State(access): State<Arc<Access>>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let desk = Desk::new(&access.node, &headers, None);
    let next = of_query(query.as_deref(), "next");
    page(StatusCode::OK, console::sign_in(&desk.inputs(&[]), "", Onward::to(own(&next))))
}

pub async fn sign_in(
    State(access): State<Arc<Access>>,
    Extension(fields): Extension<Fields>,
    client: Option<Extension<Client>>,
    headers: HeaderMap,
) -> Response {
    let typed = Typed { login: fields.get("login").to_owned(), password: fields.get("password").to_owned() };
    let address = client.and_then(|Extension(client)| client.address);
    let onward = onward(&fields);
    match access.sign_in(&headers, address, typed).await {
        Ok(entered) => went_on(&access, &headers, entered, onward),
        Err(refused) => {
            let desk = Desk::new(&access.node, &headers, None);
            let refusals = [refusal_of(refused, Obstacle::WrongPassword)];
            refused_page(refused, console::sign_in(&desk.inputs(&refusals), fields.get("login"), onward))
        }
    }
}

/// Where a form of signing in goes on.
fn onward(fields: &Fields) -> Onward<'_> {
    Onward { next: own(fields.get("next")), kept: fields.get("kept") }
}

/// On with the session, or with the second step.
fn went_on(access: &Access, headers: &HeaderMap, entered: Entered, onward: Onward) -> Response {
    match entered {
        Entered::Session(cookies) => {
            with_cookies(arrived(access, headers, onward), [cookies, access.end_second()].concat())
        }
        Entered::SecondStep(cookies) if !onward.kept.is_empty() => {
            let desk = Desk::new(&access.node, headers, None);
            with_cookies(page(StatusCode::OK, console::second_step(&desk.inputs(&[]), onward)), cookies)
        }
        Entered::SecondStep(cookies) => {
            let next = onward.next;
            let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
            with_cookies(go_to(&format!("/admin/sign-in/code?next={next}")), cookies)
        }
    }
}

/// To the page that was asked for, or to the form that was kept.
fn arrived(access: &Access, headers: &HeaderMap, onward: Onward) -> Response {
    let Some(kept) = Kept::read(onward.kept) else { return go_to(onward.next) };
    let desk = Desk::new(&access.node, headers, None);
    let fields: Vec<(&str, &str)> = kept.fields.all().collect();
    page(StatusCode::OK, console::go_on(&desk.inputs(&[]), &kept.action, &fields))
}

/// What the page says of a refusal.
pub fn refusal_of(refused: Refused, wrong: Obstacle) -> Refusal {
    let obstacle = match refused {
        Refused::Wrong => wrong,
        Refused::Wait(seconds) => Obstacle::Wait { seconds: seconds.unsigned_abs() },
        Refused::Crowded => Obstacle::Crowded,
        Refused::Over => Obstacle::SecondStepOver,
        Refused::NotSaved => Obstacle::CodeNotSaved,
    };
    obstacle.at("")
}

/// A page that says why nobody is signed in.
pub fn refused_page(refused: Refused, html: String) -> Response {
    let status = match refused {
        Refused::Wrong | Refused::Over => StatusCode::UNAUTHORIZED,
        Refused::Wait(_) => StatusCode::TOO_MANY_REQUESTS,
        Refused::Crowded | Refused::NotSaved => StatusCode::SERVICE_UNAVAILABLE,
    };
    let mut response = page(status, html);
    if let Refused::Wait(seconds) = refused {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

pub async fn ask_code(State(access): State<Arc<Access>>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    if access.second_step(&headers).is_none() {
        return go_to("/admin/sign-in");
    }
    let desk = Desk::new(&access.node, &headers, None);
    let next = of_query(query.as_deref(), "next");
    page(StatusCode::OK, console::second_step(&desk.inputs(&[]), Onward::to(own(&next))))
}

pub async fn sign_in_code(
    State(access): State<Arc<Access>>,
    Extension(fields): Extension<Fields>,
    client: Option<Extension<Client>>,
    headers: HeaderMap,
) -> Response {
    let address = client.and_then(|Extension(client)| client.address);
    let onward = onward(&fields);
    match access.sign_in_second(&headers, address, fields.get("code")).await {
        Ok(cookies) => with_cookies(arrived(&access, &headers, onward), cookies),
        Err(refused) => {
            let desk = Desk::new(&access.node, &headers, None);
            let refusals = [refusal_of(refused, Obstacle::WrongCode)];
            let inputs = desk.inputs(&refusals);
            let html = match refused {
                Refused::Over => console::sign_in(&inputs, "", onward),
                _ => console::second_step(&inputs, onward),
            };
            refused_page(refused, html)
        }
    }
}

pub async fn sign_out(
    State(access): State<Arc<Access>>,
    Extension(signed): Extension<Option<SignedIn>>,
    headers: HeaderMap,
) -> Response {
    if let Some(signed) = signed {
        let session = signed.session;
        let command = match signed.holder {
            Holder::Operator(operator) => {
                let ended = SessionsEnded { session: Some(session) };
                Command::Operator(Wish::EndSessions { operator, ended })
            }
            Holder::BreakGlass(batch) => Command::BreakGlass(break_glass::Wish::EndSession { batch, session }),
        };
        // The browser forgets it in any case.
        if let Err(error) = access.node.publish(command, signed.author()).await {
            tracing::error!(%error, %session, "a session was not ended everywhere");
            let desk = Desk::new(&access.node, &headers, None);
            let refusals = [Obstacle::NotSignedOut.at("")];
            let html = console::sign_in(&desk.inputs(&refusals), "", Onward::to(super::BASE));
            return with_cookies(page(StatusCode::SERVICE_UNAVAILABLE, html), access.end());
        }
    }
    with_cookies(go_to("/admin/sign-in"), access.end())
}

pub async fn ask_first(State(access): State<Arc<Access>>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    first_form(&access, &headers, &of_query(query.as_deref(), "key"), ("", ""), &[])
}

fn first_form(access: &Access, headers: &HeaderMap, key: &str, typed: (&str, &str), refusals: &[Refusal]) -> Response {
    let desk = Desk::new(&access.node, headers, None);
    if !access.first.is(key) {
        return used_up(&desk);
    }
    let status = if refusals.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page(status, console::choose_password(&desk.inputs(refusals), "/first", key, None, typed))
}

/// The same for a link that never was, is used up, or is over.
fn used_up(desk: &Desk) -> Response {
    let refusals = [Reason::LinkOver.at("")];
    page(StatusCode::FORBIDDEN, console::sign_in(&desk.inputs(&refusals), "", Onward::to(super::BASE)))
}

pub async fn first(
    State(access): State<Arc<Access>>,
    Extension(fields): Extension<Fields>,
    headers: HeaderMap,
) -> Response {
    let key = fields.get("key");
    let (login, name) = (normalised(fields.get("login")), fields.get("name").trim().to_owned());
    let form = |refusals: &[Refusal]| first_form(&access, &headers, key, (&login, &name), refusals);
    if !access.first.is(key) {
        return form(&[]);
    }
    if let Err(refusal) = password::check(fields.get("password"), &login) {
        return form(&[refusal]);
    }
    let set = OperatorSet { login: login.clone(), name: name.clone(), role: Role::Administrator, active: true };
    let password = match sealed(&access, fields.get("password")).await {
        Ok(password) => password,
        Err(refusal) => return form(&[refusal]),
    };
    let author = Author { name: name.clone(), way: "console".to_owned() };
    let wish = Wish::First { set, password };
    match access.node.publish(Command::Operator(wish), author).await {
        Ok(_) => {
            access.first.forget();
            tracing::info!(login, "the first administrator is made");
            begun(&access, &headers, OperatorId::of_login(&login))
        }
        Err(error) => form(&refusals_of(error)),
    }
}

/// Who was invited.
struct Guest {
    operator: OperatorId,
    login: String,
    name: String,
    invitation: Vec<u8>,
}

/// The secret of an invitation is `LOGIN.SECRET`.
fn invited_operator(access: &Access, key: &str) -> Option<Guest> {
    let (login, secret) = key.rsplit_once('.')?;
    let id = OperatorId::of_login(login);
    let board = access.node.board();
    let operator = board.operators.get(&id).filter(|operator| operator.active)?;
    let invitation = operator.invitation.as_ref().filter(|held| held.expires_at > access.node.clock().now())?;
    secret::is(access.node.store(), secret, &invitation.sealed_hash).then(|| Guest {
        operator: id,
        login: operator.login.clone(),
        name: operator.name.clone(),
        invitation: invitation.sealed_hash.clone(),
    })
}

pub async fn ask_invited(State(access): State<Arc<Access>>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    invited_form(&access, &headers, &of_query(query.as_deref(), "key"), &[])
}

fn invited_form(access: &Access, headers: &HeaderMap, key: &str, refusals: &[Refusal]) -> Response {
    let desk = Desk::new(&access.node, headers, None);
    let Some(guest) = invited_operator(access, key) else { return used_up(&desk) };
    let status = if refusals.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page(status, console::choose_password(&desk.inputs(refusals), "/invited", key, Some(&guest.login), ("", "")))
}

pub async fn invited(
    State(access): State<Arc<Access>>,
    Extension(fields): Extension<Fields>,
    headers: HeaderMap,
) -> Response {
    let key = fields.get("key");
    let form = |refusals: &[Refusal]| invited_form(&access, &headers, key, refusals);
    let Some(guest) = invited_operator(&access, key) else { return form(&[]) };
    if let Err(refusal) = password::check(fields.get("password"), &guest.login) {
        return form(&[refusal]);
    }
    let set = match sealed(&access, fields.get("password")).await {
        Ok(password) => password,
        Err(refusal) => return form(&[refusal]),
    };
    let author = Author { name: guest.name, way: "console".to_owned() };
    let (operator, invitation) = (guest.operator, guest.invitation);
    let wish = Wish::AcceptInvitation { operator, invitation, set };
    match access.node.publish(Command::Operator(wish), author).await {
        Ok(_) => begun(&access, &headers, operator),
        Err(error) => form(&refusals_of(error)),
    }
}

/// A new password as the log keeps it.
pub async fn sealed(access: &Access, password: &str) -> Result<PasswordSet, Refusal> {
    let hash = access.hashing.hash(password.to_owned()).await.map_err(|_| Obstacle::Crowded.at(""))?;
    let no_randomness = |error: getrandom::Error| Obstacle::NoRandomness { error: error.to_string() }.at("");
    let sealed = access.node.store().seal(hash.as_bytes()).map_err(no_randomness)?;
    Ok(PasswordSet { sealed_hash: Bytes(sealed), invitation: None })
}

fn begun(access: &Access, headers: &HeaderMap, operator: OperatorId) -> Response {
    match access.enter(operator, headers) {
        Ok(entered) => went_on(access, headers, entered, Onward::to(super::BASE)),
        Err(error) => {
            tracing::error!(%error, %operator, "no session began after a password was chosen");
            go_to("/admin/sign-in")
        }
    }
}

/// What is wrong, for the page.
pub fn refusals_of(error: PublishError) -> Vec<Refusal> {
    let obstacle = match error {
        PublishError::Refused(refusals) => return refusals,
        PublishError::KeyRemoved(refusal) => return vec![refusal],
        PublishError::Unavailable(error) => Obstacle::LogUnwritable { error },
        PublishError::NearlyFull { free_mib, kept_mib } => Obstacle::DiskFull { free: free_mib, kept: kept_mib },
        PublishError::Repeated => Obstacle::DoneBefore,
        PublishError::Busy => Obstacle::Busy,
    };
    vec![obstacle.at("")]
}

pub fn with_cookies(mut response: Response, cookies: Vec<HeaderValue>) -> Response {
    for cookie in cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
