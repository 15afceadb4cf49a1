//! Replication between regions: an append-only set of signed events, pushed on write and reconciled every few seconds.
//! No quorum, no coordinator, no leader: every node takes posts (DESIGN section 6).
//!
//! | module | what is there |
//! |---|---|
//! | [`transport`] | what a link between two nodes needs of the network; TLS in production, simulated in tests |
//! | [`tls`] | that network in production: TLS 1.3, both sides proved by their pinned keys |
//! | [`frame`] | frames on a link |

pub mod frame;
pub mod tls;
pub mod transport;
