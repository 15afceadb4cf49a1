//! The demonstration: the incident of 8 April 2024, replayed on a clock of its own. Its data are the files of
//! `server/demo/`, compiled in.
//!
//! | module | what is there |
//! |---|---|
//! | [`replay`] | `replay.toml` and `catalog.toml` as checked steps, each with its time |
//! | [`scope`] | the notation `component@region=status` |
//! | [`moment`] | which moment of the day the demonstration starts at, and how fast it runs |
//! | [`load`] | the steps through the one write path: those up to a moment, later ones when their time comes |
//! | `catalog` | `catalog.toml` as a wanted catalog |
//! | `board` | the replay's board at a moment, without a store: `Replay::board` |

mod board;
mod catalog;
pub mod load;
pub mod moment;
pub mod replay;
pub mod scope;

pub use load::{DemoError, Demonstration, load, play};
pub use moment::{Moment, Start};
pub use replay::Replay;
