//! Two rooms of the server and a part of a third, compiled here without the rest of it: pages, HTTP and command line would
//! take thirteen minutes of processor time to build once more, and these need none of them (`tests/it/directions.rs` sees to
//! that; what a copy says of itself uses the envelope alone).

#[path = "../src/snapshot/manifest/mod.rs"]
pub mod manifest;
#[path = "../src/replication/mod.rs"]
pub mod replication;
#[path = "../src/store/mod.rs"]
pub mod store;
