//! The words of a status page and their rules: pure values and pure functions.
//!
//! | module | what is there |
//! |---|---|
//! | [`id`] | 12-character public ids, subjects, event ids, node keys, the hybrid logical clock's value |
//! | [`text`] | text with optional translations, and what a name or a text may contain |
//! | [`status`] | statuses, impacts, planes and their orders |
//! | [`catalog`] | page settings, regions, groups, components, cells, dependency circles |
//! | [`change`] | what an event says: the payloads of the log |
//! | [`incident`] | incidents and maintenances with their timelines and per-cell spans |
//! | [`fold`] | events to incidents and catalog: total, independent of arrival order |
//! | [`listing`] | lists of incidents and maintenances, newest first |
//! | [`board`] | the folded state that everything is rendered from |
//! | [`command`] | what an operator asks for, checked against the board, as a plan of changes |
//! | [`trust`] | whose events count: seeds, and what trusted nodes say of others |
//! | [`redaction`] | what stands in place of an erased body |
//! | [`uptime`] | tallies of a cell's days and the percentage made from them |
//! | [`headline`] | the facts of the page's first sentence |
//! | [`stamp`] | confirmed-at, freshness and origin of a page that states the present |
//!
//! This crate does no I/O, reads no clock and draws no randomness: both are passed in.
#![forbid(unsafe_code)]

pub mod board;
pub mod break_glass;
pub mod catalog;
pub mod change;
pub mod command;
pub mod fold;
pub mod headline;
pub mod id;
pub mod incident;
pub mod listing;
pub mod operator;
pub mod redaction;
pub mod stamp;
pub mod status;
pub mod text;
pub mod trust;
pub mod uptime;

/// An instant, always in UTC.
pub type Instant = chrono::DateTime<chrono::Utc>;
