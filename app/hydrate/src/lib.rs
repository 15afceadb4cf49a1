//! The browser bundle of the public page: islands only.
#![cfg(target_arch = "wasm32")]
#![forbid(unsafe_code)]

// Without this line the build succeeds with no island exported.
extern crate app;
