//! Two rooms of the server, compiled here without the rest of it: pages, HTTP and command line would take thirteen
//! minutes of processor time to build once more, and the two need none of them (`tests/it/directions.rs` sees to that).

#[path = "../src/replication/mod.rs"]
pub mod replication;
#[path = "../src/store/mod.rs"]
pub mod store;
