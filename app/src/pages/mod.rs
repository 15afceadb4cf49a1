//! Every page of the public site, one file per page.
//!
//! | file | address |
//! |---|---|
//! | `home.rs` | `/` |
//! | `region.rs` | `/regions/CODE` |
//! | `component.rs` | `/components/CODE` |
//! | `incident.rs` | `/incidents/ID` |
//! | `maintenance.rs` | `/maintenance/ID` |
//! | `history.rs` | `/history`, `/history/YYYY-MM` |
//! | `verify.rs` | `/verify` |
//! | `not_found.rs` | everything else |
//!
//! [`html`] is a pure function: equal inputs give equal bytes, on every thread and node (DESIGN, invariant 5).

mod component;
mod history;
mod home;
mod incident;
mod maintenance;
mod not_found;
mod region;
mod verify;

use crate::{
    address::{Address, Page},
    locale::Locale,
    parts::{Context, shell},
    site::Site,
};
use domain::{board::Board, stamp::Stamp};
use leptos::prelude::Owner;

/// The whole document of a page. An address that is no page, or whose subject the board does not know, is told as not
/// found.
pub fn html(site: &Site, board: &Board, page: &Page, locale: Locale, stamp: &Stamp) -> String {
    let owner = Owner::new_root(None);
    let html = owner.with(|| {
        let cx = Context::new(site, board, page, locale, stamp);
        match document(&cx) {
            Some(document) => shell::html(&cx, document),
            None => {
                let page = Page::alone(Address::NotFound);
                let cx = Context::new(site, board, &page, locale, stamp);
                shell::html(&cx, not_found::page(&cx))
            }
        }
    });
    owner.cleanup();
    html
}

fn document(cx: &Context) -> Option<shell::Document> {
    match cx.page.address {
        Address::Home => Some(home::page(cx)),
        Address::Region(id) => cx.board.catalog.region(id).map(|region| region::page(cx, region)),
        Address::Component(id) => cx.board.catalog.component(id).map(|component| component::page(cx, component)),
        Address::Incident(_) => cx.page.incidents.first().map(|incident| incident::page(cx, incident)),
        Address::Maintenance(_) => cx.page.incidents.first().map(|incident| maintenance::page(cx, incident)),
        Address::History(month) => Some(history::page(cx, month)),
        Address::Verify => Some(verify::page(cx)),
        _ => None,
    }
}
