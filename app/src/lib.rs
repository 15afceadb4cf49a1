//! Every page of Holdfast, as Leptos views over plain values: no database, no server, no clock.
//!
//! | module | what is there |
//! |---|---|
//! | [`address`] | the map of public addresses: path to [`address::Address`] and back |
//! | [`console`] | the operators' pages (server only) |
//! | [`islands`] | what a page does in the browser, and the tags that load it |
//! | [`locale`] | the languages of the page |
//! | [`markdown`] | what operators write, as HTML that can do no harm (server only) |
//! | [`pages`] | one file per page; [`pages::html`] is the whole document (server only) |
//! | `parts` | what pages are put together from (server only) |
//! | [`site`] | what a page needs to know of where it is served |
//! | [`time`] | times, days and durations in words (server only) |
//! | [`words`] | every word that a page says, in each language (server only) |
#![forbid(unsafe_code)]

pub mod address;
#[cfg(feature = "ssr")]
pub mod console;
pub mod islands;
pub mod locale;
#[cfg(feature = "ssr")]
pub mod markdown;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
mod parts;
pub mod site;
#[cfg(feature = "ssr")]
pub mod time;
#[cfg(feature = "ssr")]
pub mod words;
