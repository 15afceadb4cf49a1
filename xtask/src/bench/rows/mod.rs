//! The rows of the table, one file each.

pub mod busy;
pub mod memory;
pub mod posting;
pub mod reading;
pub mod requests;
pub mod snapshot;
pub mod starting;
pub mod wire;
