//! Whole pages, as a reader's browser gets them.
#![cfg(feature = "ssr")]

mod headlines;
mod pages;
mod replay;
mod story;
