//! The integration tests, in one binary.

mod board_builder;
mod directions;
mod documents;
mod feeds;
mod replay;
mod store;
mod store_disk;
mod store_envelope;
mod store_files;
