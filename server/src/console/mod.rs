//! The operators' console under `/admin`: forms to commands, and back to pages ([`app::console`]).
//!
//! | module | what is there |
//! |---|---|
//! | [`guard`] | who asks, whether they may, and whether the form is the console's own |
//! | `fields` | the fields of a form |
//! | `kept` | a form that was sent when its session was over |
//! | `page` | a page as a response |
//! | `sign_in` | `/admin/sign-in`, `/admin/sign-out`, the first link, invitations |
//! | `passkeys` | `/admin/passkey`, `/admin/account/passkeys` |
//! | `oidc` | `/admin/oidc`: off to the provider, and back |
//! | `break_glass` | `/admin/break-glass` |
//! | `account` | `/admin/account`: own password, second factor and sessions |
//! | `qr` | a text as a picture to scan |
//! | `overview` | `/admin` |
//! | `past` | `/admin/past`: what has ended |
//! | `drafting` | from a form to a draft, and from a draft to a command |
//! | `sent` | a form that was sent before |
//! | `people` | `/admin/operators`, `/admin/tokens` |
//! | `catalog`, `cluster`, `audit` | `/admin/catalog`, `/admin/cluster`, `/admin/audit` |
//! | `templates` | `/admin/templates` |
//! | `rewriting`, `amending` | changing what was posted |
//! | `saved` | where what was published is saved |
//! | `timelines` | `/admin/incidents/…`, `/admin/maintenances/…` |
//!
//! Every write is a domain command given to the node, as with the API; nothing here decides what is legal.

mod account;
mod amending;
mod audit;
mod break_glass;
mod catalog;
mod cluster;
mod drafting;
mod fields;
pub mod guard;
mod kept;
mod oidc;
mod overview;
mod page;
mod passkeys;
mod past;
mod people;
mod qr;
mod rewriting;
mod sent;
mod sign_in;
mod templates;
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
    let door = |role: Option<Role>, keeps: bool| {
        from_fn_with_state(Door { access: Arc::clone(&access), role, keeps }, guard::pass)
    };
    let behind = |role: Option<Role>| door(role, false);
    // Every form here that holds a text carries who wrote it, and is kept when the session is over.
    let writing = |role: Role| door(Some(role), true);
    let anybody = Router::new()
        .route("/admin/sign-in", get(sign_in::ask).post(sign_in::sign_in))
        .route("/admin/sign-in/code", get(sign_in::ask_code).post(sign_in::sign_in_code))
        .route("/admin/passkey", post(passkeys::take))
        .route("/admin/passkey/begin", post(passkeys::ask))
        .route("/admin/oidc", get(oidc::ask))
        .route("/admin/oidc/back", get(oidc::take))
        .route("/admin/break-glass", get(break_glass::ask).post(break_glass::take))
        .route("/admin/first", get(sign_in::ask_first).post(sign_in::first))
        .route("/admin/invited", get(sign_in::ask_invited).post(sign_in::invited))
        .route_layer(behind(None));
    let posters = Router::new()
        .route("/admin", get(overview::show))
        .route("/admin/sign-out", post(sign_in::sign_out))
        .route("/admin/account", get(account::show))
        .route("/admin/account/password", post(account::change_password))
        .route("/admin/account/sessions", post(account::end_sessions))
        .route("/admin/account/second-factor", post(account::offer))
        .route("/admin/account/second-factor/confirm", post(account::confirm))
        .route("/admin/account/second-factor/remove", post(account::remove))
        .route("/admin/account/passkeys", post(passkeys::add))
        .route("/admin/account/passkeys/begin", post(passkeys::begin))
        .route("/admin/account/passkeys/remove", post(passkeys::remove))
        .route("/admin/cluster", get(cluster::show))
        .route("/admin/past", get(past::show))
        .route("/admin/audit", get(audit::show))
        .route("/admin/audit/export", get(audit::export))
        .route_layer(behind(Some(Role::Poster)));
    let incidents = Router::new()
        .route("/admin/incidents/new", get(timelines::new).post(timelines::open))
        .route("/admin/incidents/{id}", get(timelines::show))
        .route("/admin/incidents/{id}/updates", post(timelines::update))
        .route_layer(axum::Extension(Kind::Incident))
        .route_layer(writing(Role::Poster));
    let rewriting = |kind: Kind| {
        let folder = match kind {
            Kind::Incident => "/admin/incidents/{id}",
            Kind::Maintenance => "/admin/maintenances/{id}",
        };
        Router::new()
            .route(&format!("{folder}/edit"), get(rewriting::edit).post(rewriting::edit))
            .route(&format!("{folder}/updates/{{update}}"), get(rewriting::update).post(rewriting::update))
            .route(&format!("{folder}/postmortem"), get(rewriting::postmortem).post(rewriting::postmortem))
            .route_layer(axum::Extension(kind))
            .route_layer(writing(Role::Editor))
    };
    let editors = Router::new()
        .route("/admin/templates", get(templates::show).post(templates::keep))
        .route("/admin/catalog", get(catalog::show).post(catalog::change))
        .route("/admin/maintenances/new", get(timelines::new).post(timelines::open))
        .route("/admin/maintenances/{id}", get(timelines::show))
        .route("/admin/maintenances/{id}/updates", post(timelines::update))
        .route_layer(axum::Extension(Kind::Maintenance))
        .route_layer(writing(Role::Editor));
    let administrators = Router::new()
        .route("/admin/operators", get(people::operators).post(people::keep_operator))
        .route("/admin/tokens", get(people::tokens).post(people::keep_token))
        .route_layer(behind(Some(Role::Administrator)));
    let elsewhere =
        Router::new().route("/admin/{*rest}", get(overview::nowhere)).route_layer(behind(Some(Role::Poster)));
    anybody
        .merge(posters)
        .merge(incidents)
        .merge(editors)
        .merge(rewriting(Kind::Incident))
        .merge(rewriting(Kind::Maintenance))
        .merge(administrators)
        .merge(elsewhere)
        .with_state(access)
}
