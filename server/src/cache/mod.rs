//! Rendered and compressed pages. A reader never waits for a writer, and of the hot pages never for a render.
//!
//! | module | what is there |
//! |---|---|
//! | [`pages`] | [`Pages`]: looking a page up, rendering the others once however many readers wait |
//! | [`hot`] | the pinned pages: which they are, and the set that is swapped whole |
//! | [`cached`] | one page: its bytes in every encoding, and their ETags |
//! | [`bodies`] | compression |
//! | [`slot`] | the place of a page that is not hot |
//! | [`source`] | what pages are made from: the running node, or a test's own |
//! | [`upkeep`] | the background work: new stamps in time, better compression |
//! | [`measures`] | counters of all this |

pub mod bodies;
pub mod cached;
mod changes;
pub mod hot;
pub mod measures;
pub mod pages;
mod slot;
pub mod source;
pub mod upkeep;

pub use cached::{Cached, Standing};
pub use hot::Hot;
pub use pages::{Found, Pages};
pub use source::Source;
