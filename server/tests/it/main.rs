//! The integration tests, as one binary.
//!
//! | module | what is tested |
//! |---|---|
//! | [`board_builder`] | boards from a few lines, and the replay of 8 April 2024 |
//! | [`cache`] | promises of the page cache |
//! | [`documents`] | the Statuspage v2 documents and `/api/v1/status` |
//! | [`feeds`] | RSS, Atom, JSON Feed, iCalendar and badge, read by independent parsers |
//! | [`http_limits`] | what is too large, too long or too slow, and the end |
//! | [`http`] | headers, methods, validators, encodings, languages |
//! | [`live`] | the live stream |
//! | [`test_app`] | a whole node on a free port |
//! | [`tls`] | HTTPS with certificate files |

mod board_builder;
mod cache;
mod documents;
mod feeds;
mod http;
mod http_limits;
mod live;
mod test_app;
mod tls;
