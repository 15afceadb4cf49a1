//! The integration tests, in one binary: a module for each subject, named after it.
//! `board_builder`, `replay`, `node`, `relay` and `test_app` are what several of them start from.

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
mod http;
mod http_limits;
mod import;
mod import_statuspage;
mod live;
mod node;
mod past;
mod peer_frames;
mod peer_tls;
mod peer_tls_hostile;
mod relay;
mod replay;
mod snapshot;
mod store;
mod store_disk;
mod store_envelope;
mod store_files;
mod test_app;
mod tls;
