//! Replication between regions: an append-only set of signed events, pushed on write and reconciled every few seconds.
//! No quorum, no coordinator, no leader: every node takes posts (DESIGN section 6).
//!
//! | module | what is there |
//! |---|---|
//! | [`engine`] | keeps a link to every peer |
//! | `link` | the conversation with one peer: frames in, frames out |
//! | `talk` | what is said on it, and concluded from it |
//! | [`round`] | one round of reconciliation |
//! | [`sealed`] | the set that it compares |
//! | `bodies` | bodies that are missing here, asked of a peer |
//! | [`frame`] | messages on a stream of bytes |
//! | [`message`] | the messages, byte by byte |
//! | [`peers`] | what this node knows of the others: shared with the writer and the pages |
//! | [`ages`] | as of when it has their news |
//! | [`view`] | a peer as operators see it |
//! | [`pace`] | how often things happen |
//! | [`replica`] | this node's own side, as replication needs it |
//! | [`transport`] | what a link needs of the network; TLS in production, simulated in tests |
//! | [`tls`] | that network in production: TLS 1.3, both sides proved by their pinned keys |
//!
//! This part never looks into an event's body, and never answers for the disk: what a node says it holds is durable.

pub mod ages;
mod bodies;
pub mod engine;
pub mod frame;
mod link;
pub mod message;
pub mod pace;
pub mod peers;
pub mod replica;
pub mod round;
pub mod sealed;
mod talk;
#[cfg(test)]
mod tests;
pub mod tls;
pub mod transport;
pub mod view;

pub use engine::Engine;
pub use peers::Peers;
pub use replica::Replica;
pub use transport::{LinkError, Transport};
