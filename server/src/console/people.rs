//! `/admin/operators` and `/admin/tokens`.

use super::{
    fields::Fields,
    page::{Desk, go_to, page},
    sign_in::refusals_of,
};
use crate::{
    access::{Access, operators as keeping, session::SignedIn, sign_in::normalised},
    api::{operators, token_secret::TokenSecret, tokens},
    publish::PublishError,
};
use app::console::{self, Obstacle, OperatorLine, Shown, TokenLine};
use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use chrono::TimeDelta;
use domain::{
    Instant,
    change::{OperatorSet, TokenCreated},
    command::{Command, Refusal, operators::Wish},
    id::OperatorId,
    operator::Role,
};
use std::sync::Arc;

/// Days that a token may be good for at most.
const DAYS_MAX: i64 = 3660;

pub async fn operators(
    State(access): State<Arc<Access>>,
    Extension(signed): Extension<Option<SignedIn>>,
    headers: HeaderMap,
) -> Response {
    operators_page(&access, signed.as_ref(), &headers, None, ("", ""), &[])
}

fn operators_page(
    access: &Access,
    signed: Option<&SignedIn>,
    headers: &HeaderMap,
    shown: Option<&Shown>,
    typed: (&str, &str),
    refusals: &[Refusal],
) -> Response {
    let desk = Desk::new(&access.node, headers, signed);
    let lines: Vec<OperatorLine> = operators::listed(&access.node)
        .into_iter()
        .map(|held| OperatorLine {
            login: held.login,
            name: held.name,
            role: held.role,
            active: held.state != operators::OUT,
            is_ready: held.state == operators::ACTIVE,
            has_second_factor: held.second_factor,
        })
        .collect();
    let status = if refusals.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page(status, console::operators(&desk.inputs(refusals), &lines, shown, typed))
}

pub async fn keep_operator(
    State(access): State<Arc<Access>>,
    Extension(signed): Extension<Option<SignedIn>>,
    Extension(fields): Extension<Fields>,
    headers: HeaderMap,
) -> Response {
    let Some(signed) = signed else { return go_to("/admin/sign-in") };
    let (login, name) = (normalised(fields.get("login")), fields.get("name").trim().to_owned());
    let again = |shown: Option<&Shown>, refusals: &[Refusal]| {
        let typed = if shown.is_some() { ("", "") } else { (login.as_str(), name.as_str()) };
        operators_page(&access, Some(&signed), &headers, shown, typed, refusals)
    };
    let (node, author) = (&access.node, signed.author());
    let role = match fields.get("role") {
        "" => Ok(Role::Poster),
        word => word.parse::<Role>(),
    };
    let role = match role {
        Ok(role) => role,
        Err(error) => return again(None, &[Obstacle::NotAChoice { given: error.given }.at("role")]),
    };
    let held = node.board().operators.get(&OperatorId::of_login(&login)).cloned();
    let set = |role: Role, active: bool| {
        let held = held.as_ref().ok_or_else(|| unknown(&login))?;
        Ok(OperatorSet { login: held.login.clone(), name: held.name.clone(), role, active })
    };
    let present = held.as_ref().map_or(Role::Poster, |held| held.role);
    let wanted = match fields.get("do") {
        "add" => {
            let set = OperatorSet { login: login.clone(), name: name.clone(), role, active: true };
            return match keeping::add(node, set, author, None).await {
                Ok(invited) => again(Some(&shown_once(invited)), &[]),
                Err(error) => again(None, &refusals_of(error)),
            };
        }
        "invite" if held.is_some() => {
            return match keeping::invite(node, &login, author, None).await {
                Ok(invited) => again(Some(&shown_once(invited)), &[]),
                Err(error) => again(None, &refusals_of(error)),
            };
        }
        "second-factor-off" if held.is_some() => {
            let wish = Wish::RemoveSecondFactor { operator: OperatorId::of_login(&login) };
            return match node.publish(Command::Operator(wish), author).await {
                Ok(_) => {
                    tracing::warn!(login, by = signed.login, "a second factor was taken off by an administrator");
                    go_to("/admin/operators")
                }
                Err(error) => again(None, &refusals_of(error)),
            };
        }
        "role" => set(role, held.as_ref().is_some_and(|held| held.active)),
        "out" => set(present, false),
        "back" => set(present, true),
        _ => Err(unknown(&login)),
    };
    match wanted {
        Err(refusal) => again(None, &[refusal]),
        Ok(set) => match node.publish(Command::Operator(Wish::Set(set)), author).await {
            Ok(_) => go_to("/admin/operators"),
            Err(error) => again(None, &refusals_of(error)),
        },
    }
}

fn unknown(login: &str) -> Refusal {
    Obstacle::NoSuchOperator { login: login.to_owned() }.at("login")
}

fn shown_once(invited: keeping::Invited) -> Shown {
    Shown { secret: invited.link, expires_at: Some(invited.expires_at) }
}

pub async fn tokens(
    State(access): State<Arc<Access>>,
    Extension(signed): Extension<Option<SignedIn>>,
    headers: HeaderMap,
) -> Response {
    tokens_page(&access, signed.as_ref(), &headers, None, "", &[])
}

fn tokens_page(
    access: &Access,
    signed: Option<&SignedIn>,
    headers: &HeaderMap,
    shown: Option<&Shown>,
    typed: &str,
    refusals: &[Refusal],
) -> Response {
    let desk = Desk::new(&access.node, headers, signed);
    let lines: Vec<TokenLine> = tokens::listed(&access.node)
        .into_iter()
        .map(|held| TokenLine {
            id: held.id,
            name: held.name,
            role: held.role,
            expires_at: held.expires_at,
            is_valid: held.state == tokens::VALID,
        })
        .collect();
    let status = if refusals.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page(status, console::tokens(&desk.inputs(refusals), &lines, shown, typed))
}

pub async fn keep_token(
    State(access): State<Arc<Access>>,
    Extension(signed): Extension<Option<SignedIn>>,
    Extension(fields): Extension<Fields>,
    headers: HeaderMap,
) -> Response {
    let Some(signed) = signed else { return go_to("/admin/sign-in") };
    let name = fields.get("name").trim();
    let again = |shown: Option<&Shown>, refusals: &[Refusal]| {
        let typed = if shown.is_some() { "" } else { name };
        tokens_page(&access, Some(&signed), &headers, shown, typed, refusals)
    };
    if fields.get("do") == "revoke" {
        let Ok(id) = fields.get("id").parse() else {
            return again(None, &[Obstacle::NoSuchToken.at("")]);
        };
        return match access.node.publish(Command::RevokeToken { id }, signed.author()).await {
            Ok(_) => go_to("/admin/tokens"),
            Err(error) => again(None, &refusals_of(error)),
        };
    }
    let made = match token(&fields, access.node.clock().now()) {
        Ok(wanted) => make(&access, &signed, name, wanted).await.map_err(refusals_of),
        Err(refusals) => Err(refusals),
    };
    match made {
        Ok(shown) => again(Some(&shown), &[]),
        Err(refusals) => again(None, &refusals),
    }
}

/// The role and the end that a form asks for.
fn token(fields: &Fields, now: Instant) -> Result<(Role, Option<Instant>), Vec<Refusal>> {
    let role = fields.get("role").parse::<Role>();
    let role = role.map_err(|error| vec![Obstacle::NotAChoice { given: error.given }.at("role")])?;
    let expires_at = match fields.get("days") {
        "" => None,
        days => match days.parse::<i64>() {
            Ok(days) if (1..=DAYS_MAX).contains(&days) => Some(now + TimeDelta::days(days)),
            _ => return Err(vec![Obstacle::NotAChoice { given: days.chars().take(20).collect() }.at("days")]),
        },
    };
    Ok((role, expires_at))
}

async fn make(
    access: &Access,
    signed: &SignedIn,
    name: &str,
    (role, expires_at): (Role, Option<Instant>),
) -> Result<Shown, PublishError> {
    let unavailable = |error: getrandom::Error| PublishError::Unavailable(error.to_string());
    let token = TokenSecret::generate().map_err(unavailable)?;
    let sealed_hash = access.node.store().seal(&token.hash()).map_err(unavailable)?;
    let created = TokenCreated { name: name.to_owned(), sealed_hash, expires_at, role: Some(role) };
    access.node.publish(Command::CreateToken { id: token.id, created }, signed.author()).await?;
    Ok(Shown { secret: token.reveal(), expires_at })
}
