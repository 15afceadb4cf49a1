//! Whole pages, as a reader's browser gets them.
#![cfg(feature = "ssr")]

mod conflict;
mod ended;
mod headlines;
mod other_regions;
mod pages;
mod replay;
mod shown;
mod story;
mod verify;
mod withdrawn;
