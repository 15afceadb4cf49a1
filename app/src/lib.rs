//! Every page of Holdfast, as Leptos views over plain values: no database, no server, no clock.
//!
//! | module | what is there |
//! |---|---|
//! | [`address`] | the map of public addresses: path to [`address::Address`] and back |
//! | [`islands`] | what a page does in the browser, and the tags that load it |
//! | [`locale`] | the languages of the page |
//! | [`site`] | what a page needs to know of where it is served |
#![forbid(unsafe_code)]

pub mod address;
pub mod islands;
pub mod locale;
pub mod site;
