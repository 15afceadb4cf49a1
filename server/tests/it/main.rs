//! The integration tests, in one binary.
//! The integration tests, as one binary.
//!
//! | module | what is tested |
//! |---|---|
//! | [`board_builder`] | boards from a few lines |
//! | [`board_builder`] | boards from a few lines, and the replay of 8 April 2024 |
//! | [`cache`] | promises of the page cache |
//! | [`documents`] | the Statuspage v2 documents and `/api/v1/status` |
//! | [`demo`] | the replay on a node, loaded and played |
//! | [`import`], [`import_statuspage`] | real history, Statuspage JSON, hostile lines |
//! | [`node`] | a node for tests |
//! | [`snapshot`] | the site as files: links, unchanged and stale files |
//! | [`feeds`] | RSS, Atom, JSON Feed, iCalendar and badge, read by independent parsers |
//! | [`replay`] | the incident of 8 April 2024 as it stood at any minute |

mod board_builder;
mod directions;
mod documents;
mod feeds;
mod replay;
mod store;
mod store_disk;
mod store_envelope;
mod store_files;
mod demo;
mod documents;
mod feeds;
mod import;
mod import_statuspage;
mod node;
mod snapshot;
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
