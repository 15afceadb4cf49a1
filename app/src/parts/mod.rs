//! What pages are put together from, one part per file.
//!
//! | file | what |
//! |---|---|
//! | `context.rs` | everything that a view needs, and the short ways to names, links and words |
//! | `shell.rs` | the whole document around a page's `<main>` |
//! | `masthead.rs`, `footer.rs` | its first and last lines |
//! | `copied.rs` | what a page says when it stands in for an address that does not answer |
//! | `headline.rs` | the card with the first sentence |
//! | `freshness.rs` | the line that says as of when the page is true |
//! | `over.rs` | the line in its place where everything told is over |
//! | `other_regions.rs` | what this server has not heard from the other regions |
//! | `mark.rs` | the shape of a status |
//! | `moment.rs` | a time, and messages with times or links inside |
//! | `prose.rs` | Markdown of operators |
//! | `scope.rs` | sets of cells in words |
//! | `matrix.rs`, `matrix_table.rs` | components and regions, as a list and as a table |
//! | `day_bars.rs` | ninety days of a component |
//! | `timeline.rs` | the updates of an incident |
//! | `recovery.rs`, `recovery_strip.rs` | from when to when each part was affected, as a table and as bars |
//! | `incident_list.rs` | incidents and maintenances in lists, by day |
//!
//! A view is made of plain values and never reads a clock: the present comes with the stamp.

pub mod context;
mod copied;
pub mod day_bars;
pub mod footer;
pub mod freshness;
pub mod headline;
pub mod incident_list;
pub mod mark;
pub mod masthead;
pub mod matrix;
pub mod matrix_table;
pub mod moment;
pub mod other_regions;
pub mod over;
pub mod prose;
pub mod recovery;
pub mod recovery_strip;
pub mod scope;
pub mod shell;
pub mod timeline;

pub use context::Context;

use leptos::prelude::{AnyView, IntoAny};

/// No element at all.
pub fn nothing() -> AnyView {
    None::<AnyView>.into_any()
}
