//! What a page does in the browser, beyond what its HTML says: islands, without props.
//!
//! | file | what |
//! |---|---|
//! | `page_islands.rs` | places the invisible islands; the one thing a page adds to its `<body>` |
//! | `scripts.rs` | the tags in `<head>` that load the bundle |
//! | `live_refresh.rs` | the stream of board versions; replaces the sections that changed |
//! | `live_stream.rs`, `page_sections.rs` | its two halves: when to fetch, what to replace |
//! | `page_clock.rs` | what time it is, and how old the page's confirmation is |
//! | `reader_clock.rs` | those rules on this tab's clocks |
//! | `freshness_clock.rs` | ticks that age, turns the page amber and grey |
//! | `local_time.rs` | times in the reader's zone, and "in 12 min" |
//! | `theme.rs` | light, dark, or as the system says |
//! | `region_memory.rs` | remembers the region that the reader looked at last |
//! | `browser.rs` | the few words of the DOM that the islands share |
//!
//! # How a page emits them
//! The policy is `default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'`: nothing
//! inline. (Not `require-trusted-types-for 'script'`: live refresh parses the new page with `DOMParser`.)
//! - In `<head>`: `<Scripts site />`, only on pages that place an island.
//! - Last in `<body>`, outside of `<main>`: `<PageIslands stream=.../>`. In the header: `<Theme>` around its control.
//! - Islands never lie inside of `<main>`: its children are replaced when the board changes.
//!
//! The islands take neither props nor children: props cost serde in the bundle, and children want a shared context that
//! a plain `Owner::new_root(None)` does not have. They find the server's HTML by its ids.
//!
//! # What the islands read and write
//! Labels are the server's: children, attributes, or `Intl` in the language of `<html lang>`. Nothing here is English.
//!
//! | element | meaning |
//! |---|---|
//! | `main > [id]` | a section, replaced alone when its HTML changed; when the list of ids changed, all of `<main>` is |
//! | `#headline` | its text goes to `#announce` when it changed |
//! | `details[id]`, any focused element | stay open, stay focused over a refresh: found again by its id, its link, or its place |
//! | `#freshness` | a page without it is not refreshed; inside or outside of `<main>`, but in no other section. `data-confirmed-at` (RFC 3339), `data-age-seconds` (age at render, default 0), `data-amber-seconds`, `data-grey-seconds`, `data-board` (the stream's version), and on a simulated clock only `data-clock-rate` (its seconds for each real one) |
//! | `#copied` | replaced like a section: the worker fills it on a page that comes from elsewhere; `data-list` is its mark |
//! | `#freshness .age` | receives "4 s ago" |
//! | `#freshness [data-fresh]` | receives the words of the state, from `data-fresh`, `data-amber` or `data-grey` |
//! | `html[data-freshness]` | written: `fresh`, `amber` or `grey` |
//! | `.claim[data-unconfirmed]` | text only; shows the attribute instead while grey |
//! | `time[datetime]` | with a `T` in it: rewritten by `data-format` = `time`, `seconds`, `date`, or both (default); UTC in `title` |
//! | `[data-relative=INSTANT]` | receives "in 12 min"; empty without script |
//! | `#theme-control[hidden]`, `select#theme` | shown; options `system`, `light`, `dark`; written to `html[data-theme]` (absent for `system`) |
//! | `#my-region[hidden] a` | shown with the address and text of the page's own link to the remembered region |
//!
//! After a refresh and on each new confirmation the document gets the event [`REFRESHED`].

#[cfg(target_arch = "wasm32")]
mod browser;
mod freshness_clock;
pub mod live_refresh;
#[cfg(target_arch = "wasm32")]
mod live_stream;
pub mod local_time;
pub mod page_clock;
mod page_islands;
#[cfg(target_arch = "wasm32")]
mod page_sections;
#[cfg(target_arch = "wasm32")]
mod reader_clock;
pub mod region_memory;
mod scripts;
mod theme;

pub use freshness_clock::FreshnessClock;
pub use live_refresh::LiveRefresh;
pub use local_time::LocalTime;
pub use page_islands::PageIslands;
pub use region_memory::RegionMemory;
pub use scripts::Scripts;
pub use theme::Theme;

/// The DOM event that says: sections were replaced, or the page was confirmed again.
pub const REFRESHED: &str = "holdfast:refreshed";
