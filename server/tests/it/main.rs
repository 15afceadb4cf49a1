//! The integration tests, in one binary.
//!
//! | module | what is there |
//! |---|---|
//! | `store` | the event log: append, insert, board, cache, export, requests, secrets |
//! | `store_envelope` | the envelope's bytes, pinned and mutated |
//! | `store_disk` | a disk that is full, that fails, that loses power |
//! | `store_files` | damaged files, keys, a directory in use, a killed process |

mod store;
mod store_disk;
mod store_envelope;
mod store_files;
