//! The operators' console, one file per page. Plain forms that work without script and keep what was typed.
//!
//! | file | what |
//! |---|---|
//! | `audit.rs` | who did what, when, from where |
//! | `catalog.rs` | the catalog as its file, with the plan before it is applied |
//! | `cluster.rs` | the other nodes, and events that are not shown |
//! | `people.rs` | operators and tokens |
//! | `obstacle.rs`, `told.rs` | why nothing was done, and how that is said in the operator's language |
//! | `frame.rs` | the document around a console page: navigation, who is signed in |
//! | `controls.rs` | fields, buttons and notices that forms are made of |
//! | `account.rs` | an operator's own password, second factor and sessions |
//! | `passkeys.rs` | passkeys, on both pages where they are used |
//! | `oidc.rs` | signing in by a provider, beside the other ways |
//! | `break_glass.rs` | a printed code instead of a name |
//! | `sign_in.rs` | signing in, and choosing a password |
//! | `overview.rs` | `/admin`: open incidents first |
//! | `past.rs` | what has ended, page by page |
//! | `draft.rs` | an update as it is being written |
//! | `compose.rs` | the form of a draft |
//! | `drafts.rs` | what keeps a form from being lost when its session ends |
//! | `proposal.rs` | what depends on what a draft names |
//! | `scope_picker.rs` | which service in which region, in that form |
//! | `languages.rs` | a text in every language of the page, in those forms |
//! | `live.rs` | an update as readers will see it, while it is being written |
//! | `overtaken.rs` | what somebody else changed while a form was being filled in |
//! | `review.rs` | what publishing a draft will change |
//! | `rewrite.rs` | changing a text that was posted, and the postmortem |
//! | `amend.rs` | changing title, impact and schedule |
//! | `templates.rs` | texts to begin updates with |
//! | `incident.rs` | one incident or maintenance, and the form for its next update |
//!
//! Like the public pages these are pure functions of their inputs; the server adds who asks and what they typed.

mod account;
mod amend;
mod audit;
mod break_glass;
mod catalog;
mod cluster;
mod compose;
mod controls;
pub mod draft;
mod drafts;
mod frame;
mod incident;
mod languages;
mod live;
mod obstacle;
mod oidc;
mod overtaken;
mod overview;
mod passkeys;
mod past;
mod people;
mod proposal;
mod review;
mod rewrite;
mod scope_picker;
mod sign_in;
mod templates;
mod told;

pub use crate::parts::prose::{POSTMORTEM_LEVEL, UPDATE_LEVEL};
pub use account::{Account, Factor, Notice, Offer, Picture, account, second_step};
pub use amend::{Amended, Standing, edit_incident, review_edit};
pub use audit::{AuditLine, Search, audit};
pub use break_glass::break_glass;
pub use catalog::{Catalog, CatalogChange, CatalogPlan, catalog};
pub use cluster::{Cluster, Listed, MirrorLine, PeerLine, ProblemLine, cluster};
pub use draft::Draft;
pub use drafts::{Onward, Saved, WRITER, go_on};
pub use frame::message;
pub use incident::{Beside, incident};
pub use languages::field as field_in_language;
pub use live::{live, live_text};
pub use obstacle::Obstacle;
pub use oidc::going_on;
pub use overview::{Overview, overview};
pub use passkeys::PasskeyLine;
pub use past::{Past, past};
pub use people::{OperatorLine, Shown, TokenLine, operators, tokens};
pub use proposal::Proposal;
pub use review::{Foreseen, review};
pub use rewrite::{Rewriting, rewrite};
pub use sign_in::{choose_password, sign_in};
pub use templates::{TemplateDraft, template_form, templates};
pub use told::refused;

use crate::{
    address::{Address, Page},
    locale::Locale,
    parts::Context,
    site::Site,
};
use domain::{board::Board, command::Refusal, id::IncidentId, operator::Role, stamp::Stamp, status::Kind};
use leptos::prelude::{AnyView, Owner};

/// Where the console is.
pub const BASE: &str = "/admin";

/// Who works in the console.
#[derive(Clone, Debug)]
pub struct Signed {
    pub name: String,
    pub role: Role,
    /// Whose drafts are whose in a browser that several use; not the name, which no page need tell.
    pub account: String,
    /// Every form carries it, so that no other page can send one.
    pub form_key: String,
}

/// The inputs of every console page.
pub struct Inputs<'a> {
    pub site: &'a Site,
    pub board: &'a Board,
    pub stamp: &'a Stamp,
    pub locale: Locale,
    /// `None` before somebody has signed in.
    pub signed: Option<&'a Signed>,
    /// What is wrong with what was sent.
    pub refusals: &'a [Refusal],
}

/// What a page's views need.
struct Console<'a> {
    cx: Context<'a>,
    signed: Option<&'a Signed>,
    refusals: &'a [Refusal],
}

impl<'a> std::ops::Deref for Console<'a> {
    type Target = Context<'a>;
    fn deref(&self) -> &Context<'a> {
        &self.cx
    }
}

impl Console<'_> {
    /// A path of the console as a link.
    fn at(&self, path: &str) -> String {
        self.site.link(&format!("{BASE}{path}"))
    }

    /// An incident or a maintenance: in the console where the role may work on it, else as readers see it.
    fn way_to(&self, kind: Kind, id: IncidentId) -> String {
        let may_work = |least: Role| self.signed.is_some_and(|signed| signed.role >= least);
        match kind {
            Kind::Incident => self.at(&format!("/incidents/{id}")),
            Kind::Maintenance if may_work(Role::Editor) => self.at(&format!("/maintenances/{id}")),
            Kind::Maintenance => self.link(Address::of_timeline(kind, id)),
        }
    }
}

/// The whole document of a page: its title and its `<main>`.
fn document(inputs: &Inputs, page: impl FnOnce(&Console) -> (String, AnyView)) -> String {
    within(inputs, |console| {
        let (title, main) = page(console);
        frame::html(console, title, main)
    })
}

/// Renders with what every page needs.
fn within(inputs: &Inputs, render: impl FnOnce(&Console) -> String) -> String {
    let owner = Owner::new_root(None);
    let html = owner.with(|| {
        let alone = Page::alone(Address::Home);
        let cx = Context::new(inputs.site, inputs.board, &alone, inputs.locale, inputs.stamp);
        render(&Console { cx, signed: inputs.signed, refusals: inputs.refusals })
    });
    owner.cleanup();
    html
}
