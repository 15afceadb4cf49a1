//! The rows of the table, one file each.

pub mod busy;
pub mod fill;
pub mod memory;
pub mod peers;
pub mod posting;
pub mod quiet;
pub mod reading;
pub mod reconcile;
pub mod requests;
pub mod snapshot;
pub mod starting;
pub mod wire;
