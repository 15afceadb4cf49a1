//! The rules of the domain, as tests: one binary.

mod catalog;
mod commands;
mod concurrency;
mod log;
mod operators;
mod order;
mod past;
mod repeats;
mod replay;
mod stamp;
mod text;
mod trust;
mod uptime;
mod ways_in;
