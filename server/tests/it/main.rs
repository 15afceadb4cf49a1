//! The integration tests, in one binary: a module for each subject, named after it.
//! `board_builder`, `replay`, `node`, `process`, `relay` and `test_app` are what several of them start from.

mod api;
mod board_builder;
mod cache;
mod catalog;
mod cli;
mod conflict;
mod demo;
mod directions;
mod documents;
mod feeds;
mod full_disk;
mod http;
mod http_limits;
mod idempotency;
mod import;
mod import_https;
mod import_statuspage;
mod live;
mod node;
mod peer_frames;
mod peer_tls;
mod peer_tls_hostile;
mod process;
mod publish;
mod relay;
mod replay;
mod serve_https;
mod snapshot;
mod store;
mod store_disk;
mod store_envelope;
mod store_files;
mod test_app;
mod tls;
