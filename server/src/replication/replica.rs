//! This node's own side, as replication needs it.

use crate::store::{Record, Store};
use domain::{Instant, id::NodeKey};

/// The running node, or a simulated one.
pub trait Replica: Send + Sync + 'static {
    /// For what its memory answers; whatever touches the disk goes through [`Replica::ask`].
    fn store(&self) -> &Store;

    /// Runs work that blocks, off the tasks of the network.
    fn ask<T: Send + 'static>(&self, work: impl FnOnce(&Store) -> T + Send + 'static)
    -> impl Future<Output = T> + Send;

    /// Takes in events that `from` handed over; durable when this returns.
    ///
    /// # Errors
    /// Why none of them was, for both nodes' operators.
    fn insert(&self, records: Vec<Record>, from: NodeKey) -> impl Future<Output = Result<(), String>> + Send;

    /// The clock that pages show, for people.
    fn now(&self) -> Instant;

    /// Values that travel with each beat and are never events, such as this node's health.
    fn live_values(&self) -> Vec<(String, String)>;
}
