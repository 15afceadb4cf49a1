//! Who asks, whether they may, and whether the form is the console's own. No handler runs before all three are known.

use super::{
    fields::{FIELDS_MAX, FORM_BYTES_MAX, Fields},
    kept::{CARRYING_BYTES_MAX, Kept, is_preview, page_of},
    page::{Desk, go_to, page},
};
use crate::{access::Access, api::origin::is_foreign};
use app::console::{self, Obstacle, Onward, WRITER};
use axum::{
    body::to_bytes,
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode},
    middleware::Next,
    response::Response,
};
use domain::operator::Role;
use std::sync::Arc;

/// What a part of the console asks of whoever enters.
#[derive(Clone)]
pub struct Door {
    pub access: Arc<Access>,
    /// The least role; `None`: anybody.
    pub role: Option<Role>,
    /// What was typed here is kept when the session is over ([`super::kept`]); never where somebody types a password.
    pub keeps: bool,
}

/// Lets a request pass with its [`crate::access::session::SignedIn`] and its [`Fields`].
pub async fn pass(State(door): State<Door>, request: Request, next: Next) -> Response {
    let node = &door.access.node;
    let is_unsafe = !matches!(*request.method(), Method::GET | Method::HEAD);
    if is_unsafe && is_foreign(request.headers(), &node.board().catalog.page.url) {
        return refused(&door, request.headers(), StatusCode::FORBIDDEN, Obstacle::ForeignForm);
    }
    let signed = door.access.signed_in(request.headers());
    if let Some(least) = door.role {
        match &signed {
            None if is_unsafe => return session_over(&door, request).await,
            None => return go_to(&sign_in_then(&request)),
            Some(signed) if signed.role < least => {
                let obstacle = Obstacle::RoleTooLow { least, own: signed.role };
                return refused(&door, request.headers(), StatusCode::FORBIDDEN, obstacle);
            }
            Some(_) => {}
        }
    }
    let (mut parts, body) = request.into_parts();
    if is_unsafe {
        // Whoever signs in may bring a form that is kept.
        let max = if door.role.is_none() { CARRYING_BYTES_MAX } else { FORM_BYTES_MAX };
        let Ok(bytes) = to_bytes(body, max).await else {
            return refused(&door, &parts.headers, StatusCode::PAYLOAD_TOO_LARGE, Obstacle::FormTooLong { max });
        };
        let mut fields = Fields::parse(&bytes);
        if fields.are_too_many() {
            let obstacle = Obstacle::FormTooMany { max: FIELDS_MAX };
            return refused(&door, &parts.headers, StatusCode::PAYLOAD_TOO_LARGE, obstacle);
        }
        // Before somebody has signed in there is no key to carry, and the origin alone decides.
        let is_own = signed.as_ref().is_none_or(|signed| signed.is_own_form(fields.get("form_key")));
        if door.role.is_some() && !is_own {
            let is_theirs = signed.as_ref().is_some_and(|signed| signed.account == fields.get(WRITER));
            if !door.keeps || !is_theirs || is_preview(&fields) {
                return refused(&door, &parts.headers, StatusCode::FORBIDDEN, Obstacle::FormOfAnother);
            }
            // Of a session of theirs that is over: shown again under the key of this one, and no more.
            fields = fields.resumed();
        }
        parts.extensions.insert(fields);
    }
    parts.extensions.insert(signed);
    next.run(Request::from_parts(parts, axum::body::Body::empty())).await
}

/// The sign-in page, which goes on to what was asked for.
fn sign_in_then(request: &Request) -> String {
    let asked = request.uri().path_and_query().map(|asked| asked.as_str()).unwrap_or(super::BASE);
    let next: String = form_urlencoded::byte_serialize(asked.as_bytes()).collect();
    format!("{}/sign-in?next={next}", super::BASE)
}

/// The sign-in page, which carries what was typed.
async fn session_over(door: &Door, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let kept = match door.keeps {
        true => {
            to_bytes(body, FORM_BYTES_MAX).await.ok().and_then(|bytes| Kept::word(&parts.uri, &Fields::parse(&bytes)))
        }
        false => None,
    };
    let Some(kept) = kept else {
        return refused(door, &parts.headers, StatusCode::UNAUTHORIZED, Obstacle::SessionOver);
    };
    let desk = Desk::new(&door.access.node, &parts.headers, None);
    let onward = Onward { next: page_of(&parts.uri), kept: &kept };
    let refusals = [Obstacle::SessionOverKept.at("")];
    page(StatusCode::UNAUTHORIZED, console::sign_in(&desk.inputs(&refusals), "", onward))
}

/// Says why nothing was done, with the sign-in form where nobody is signed in.
fn refused(door: &Door, headers: &HeaderMap, status: StatusCode, obstacle: Obstacle) -> Response {
    let signed = door.access.signed_in(headers);
    let desk = Desk::new(&door.access.node, headers, signed.as_ref());
    let refusals = [obstacle.at("")];
    let html = match signed {
        Some(_) => console::message(&desk.inputs(&refusals)),
        None => console::sign_in(&desk.inputs(&refusals), "", Onward::to(super::BASE)),
    };
    page(status, html)
}
