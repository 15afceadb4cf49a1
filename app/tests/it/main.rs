//! Whole pages, as a reader's browser gets them.
#![cfg(feature = "ssr")]

mod replay;
mod story;
