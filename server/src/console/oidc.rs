//! `/admin/oidc`: off to the sign-in provider, and back. Whatever goes wrong, the answer is the sign-in page with the other
//! ways in.

use super::{
    fields::Fields,
    page::{Desk, go_to, page},
    sign_in::{of_query, own, refusal_of, refused_page, with_cookies},
};
use crate::{
    access::{
        Access,
        oidc::{Answer, NotIn},
        sign_in::Entered,
    },
    client::Client,
};
use app::console::{self, Obstacle, Onward};
use axum::{
    Extension,
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
    response::Response,
};
use std::sync::Arc;

/// Longest query of an answer that is looked at, in bytes.
const ANSWER_BYTES_MAX: usize = 8192;

pub async fn ask(
    State(access): State<Arc<Access>>,
    client: Option<Extension<Client>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let address = client.and_then(|Extension(client)| client.address);
    let next = of_query(query.as_deref(), "next");
    match access.ask_provider(address, own(&next)).await {
        Ok(away) => with_cookies(go_to(&away.url), away.cookies),
        Err(not_in) => refused(&access, &headers, not_in, own(&next)),
    }
}

pub async fn take(
    State(access): State<Arc<Access>>,
    client: Option<Extension<Client>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let address = client.and_then(|Extension(client)| client.address);
    let query = query.filter(|query| query.len() <= ANSWER_BYTES_MAX).unwrap_or_default();
    let fields = Fields::parse(query.as_bytes());
    let field = |name| fields.get(name).to_owned();
    let answer = Answer { state: field("state"), code: field("code"), error: field("error"), issuer: field("iss") };
    let response = match access.take_provider(&headers, address, answer).await {
        Ok(back) => {
            let next = own(&back.next);
            match back.entered {
                Entered::Session(cookies) => {
                    with_cookies(going_on(&access, &headers, next), [cookies, access.end_second()].concat())
                }
                Entered::SecondStep(cookies) => {
                    let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
                    with_cookies(going_on(&access, &headers, &format!("/admin/sign-in/code?next={next}")), cookies)
                }
            }
        }
        Err(not_in) => refused(&access, &headers, not_in, super::BASE),
    };
    with_cookies(response, access.end_flow())
}

/// A page that goes on by itself. No redirect: the provider's page has led here, and the session's cookie is sent along
/// only from a page of our own.
fn going_on(access: &Access, headers: &HeaderMap, next: &str) -> Response {
    let desk = Desk::new(&access.node, headers, None);
    let mut response = page(StatusCode::OK, console::going_on(&desk.inputs(&[]), next));
    if let Ok(value) = HeaderValue::from_str(&format!("0; url={next}")) {
        response.headers_mut().insert(HeaderName::from_static("refresh"), value);
    }
    response
}

fn refused(access: &Access, headers: &HeaderMap, not_in: NotIn, next: &str) -> Response {
    let desk = Desk::new(&access.node, headers, None);
    let told = |status: StatusCode, obstacle: Obstacle| {
        page(status, console::sign_in(&desk.inputs(&[obstacle.at("")]), "", Onward::to(next)))
    };
    match not_in {
        NotIn::NoProvider => told(StatusCode::NOT_FOUND, Obstacle::NoProvider),
        NotIn::Unreachable => told(StatusCode::SERVICE_UNAVAILABLE, Obstacle::ProviderUnreachable),
        NotIn::Untrue => told(StatusCode::UNAUTHORIZED, Obstacle::ProviderUntrue),
        NotIn::Refused(refused) => {
            let refusals = [refusal_of(refused, Obstacle::WrongPassword)];
            refused_page(refused, console::sign_in(&desk.inputs(&refusals), "", Onward::to(next)))
        }
    }
}
