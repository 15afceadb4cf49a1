//! The browser bundle of the public page: islands only.
#![cfg(target_arch = "wasm32")]
#![forbid(unsafe_code)]

// Without this line the build succeeds with no island exported.
extern crate app;

/// Called once by the boot module, before it wakes the islands one by one.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
