//! The integration tests, in one binary: a module for each subject, named after it.
//! `board_builder`, `replay`, `node` and `test_app` are what several of them start from.
//! The integration tests, in one binary.
//!
//! | module | what is tested |
//! |---|---|
//! | [`board_builder`] | boards from a few lines |
//! | [`cache`] | promises of the page cache |
//! | [`demo`] | the replay on a node, loaded and played |
//! | [`directions`] | who may use whom |
//! | [`documents`] | the Statuspage v2 documents and `/api/v1/status` |
//! | [`feeds`] | RSS, Atom, JSON Feed, iCalendar and badge, read by independent parsers |
//! | [`http`] | headers, methods, validators, encodings, languages |
//! | [`http_limits`] | what is too large, too long or too slow, and the end |
//! | [`import`], [`import_statuspage`] | real history, Statuspage JSON, hostile lines |
//! | [`live`] | the live stream |
//! | [`node`] | a node on a directory of its own |
//! | [`replay`] | the incident of 8 April 2024 as it stood at any minute |
//! | [`snapshot`] | the site as files: links, unchanged and stale files |
//! | [`store`], [`store_disk`], [`store_envelope`], [`store_files`] | the event log |
//! | [`test_app`] | a whole node on a free port |
//! | [`tls`] | HTTPS with certificate files |

mod board_builder;
mod cache;
mod demo;
mod directions;
mod documents;
mod feeds;
mod http;
mod http_limits;
mod import;
mod import_statuspage;
mod live;
mod node;
mod replay;
mod snapshot;
mod store;
mod store_disk;
mod store_envelope;
mod store_files;
mod test_app;
mod tls;
