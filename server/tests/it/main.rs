//! The integration tests, as one binary.
//!
//! | module | what is tested |
//! |---|---|
//! | [`board_builder`] | boards from a few lines, and the replay of 8 April 2024 |
//! | [`documents`] | the Statuspage v2 documents and `/api/v1/status` |
//! | [`feeds`] | RSS, Atom, JSON Feed, iCalendar and badge, read by independent parsers |

mod board_builder;
mod documents;
mod feeds;
