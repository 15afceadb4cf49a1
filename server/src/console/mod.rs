//! The operators' console under `/admin`: forms to commands, and back to pages ([`app::console`]).
//!
//! | module | what is there |
//! |---|---|
//! | [`guard`] | who asks, whether they may, and whether the form is the console's own |
//! | `fields` | the fields of a form |
//! | `page` | a page as a response |
//! | `sign_in` | `/admin/sign-in`, `/admin/sign-out`, the first link, invitations |
//! | `overview` | `/admin` |
//! | `drafting` | from a form to a draft, and from a draft to a command |
//! | `timelines` | `/admin/incidents/…`, `/admin/maintenances/…` |
//!
//! Every write is a domain command given to the node, as with the API; nothing here decides what is legal.

mod drafting;
mod fields;
pub mod guard;
mod overview;
mod page;
mod sign_in;
mod timelines;

use crate::access::Access;
use axum::{
    Router,
    middleware::from_fn_with_state,
    routing::{get, post},
};
use domain::{operator::Role, status::Kind};
use guard::Door;
use std::sync::Arc;

/// Where the console is.
pub use app::console::BASE;

/// The whole map of the console's addresses, by the role that each needs at least.
pub fn router(access: Arc<Access>) -> Router {
    let behind = |role: Option<Role>| from_fn_with_state(Door { access: Arc::clone(&access), role }, guard::pass);
    let anybody = Router::new()
        .route("/admin/sign-in", get(sign_in::ask).post(sign_in::sign_in))
        .route("/admin/first", get(sign_in::ask_first).post(sign_in::first))
        .route("/admin/invited", get(sign_in::ask_invited).post(sign_in::invited))
        .route_layer(behind(None));
    let posters = Router::new()
        .route("/admin", get(overview::show))
        .route("/admin/sign-out", post(sign_in::sign_out))
        .route("/admin/incidents/new", get(timelines::new).post(timelines::open))
        .route("/admin/incidents/{id}", get(timelines::show))
        .route("/admin/incidents/{id}/updates", post(timelines::update))
        .route_layer(axum::Extension(Kind::Incident))
        .route_layer(behind(Some(Role::Poster)));
    let editors = Router::new()
        .route("/admin/maintenances/new", get(timelines::new).post(timelines::open))
        .route("/admin/maintenances/{id}", get(timelines::show))
        .route("/admin/maintenances/{id}/updates", post(timelines::update))
        .route_layer(axum::Extension(Kind::Maintenance))
        .route_layer(behind(Some(Role::Editor)));
    let elsewhere =
        Router::new().route("/admin/{*rest}", get(overview::nowhere)).route_layer(behind(Some(Role::Poster)));
    anybody.merge(posters).merge(editors).merge(elsewhere).with_state(access)
}
