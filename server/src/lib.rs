//! Holdfast's server. Rooms, in the direction of the data:
//!
//! | module | what is there |
//! |---|---|
//! | `clock` | the clock that is passed in |
//! | `store` | the event log in redb: envelope, keys, bodies, index of the past |
//! | `publish` | the one write path, and the running node's state |
//! | `replication` | the same events in every region |
//! | `render` | board to bytes: the one renderer |
//! | `feeds` | RSS, Atom, JSON Feed, iCalendar, badge |
//! | `documents` | the Statuspage v2 documents and our own status document |
//! | `cache` | rendered and compressed pages |
//! | `http` | the router, headers, limits, TLS, live stream, metrics |
//! | `api` | the write API |
//! | `access` | who may work in the console: passwords, sessions |
//! | `console` | the operators' pages |
//! | `client` | who asks over the network |
//! | `cli` | the command line |
//! | `config` | the configuration file |
//! | `catalog_file` | the catalog as a TOML file |
//! | `import` | real history from elsewhere |
//! | `snapshot` | the whole site as files |
//! | `demo` | the replay of 8 April 2024 |
//! | `assets` | the browser's files, embedded |
#![forbid(unsafe_code)]

pub mod access;
pub mod api;
pub mod assets;
pub mod cache;
pub mod catalog_file;
pub mod cli;
pub mod client;
pub mod clock;
pub mod config;
pub mod console;
pub mod demo;
pub mod documents;
pub mod feeds;
pub mod http;
pub mod import;
pub mod publish;
pub mod render;
pub mod replication;
pub mod snapshot;
pub mod store;
