//! Lets `cargo build -p server` work without the browser bundle: the folder that `src/assets.rs` embeds must exist.
//!
//! The bundle itself is made by `cargo xtask bundle`, which writes `assets.json` last and only when something in it
//! changed; so that file alone decides whether the embedding is done again.

use std::path::Path;

/// Relative to this crate, as in `src/assets.rs`.
const TABLE: &str = "../target/site/assets.json";

fn main() -> std::io::Result<()> {
    let table = Path::new(TABLE);
    if !table.exists() {
        if let Some(site) = table.parent() {
            std::fs::create_dir_all(site)?;
        }
        std::fs::write(table, "{}\n")?;
        // Older than this run, or cargo would take it for a change and do all this once more.
        let file = std::fs::File::options().write(true).open(table)?;
        file.set_modified(std::time::SystemTime::UNIX_EPOCH)?;
    }
    println!("cargo::rerun-if-changed={TABLE}");
    Ok(())
}
