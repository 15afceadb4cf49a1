//! The islands: cargo, then wasm-bindgen as a library, then the boot module.

use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use cargo_metadata::MetadataCommand;
use wasm_bindgen_cli_support::Bindgen;

use crate::progress;
use crate::workspace::Workspace;

/// What browsers run.
pub const TARGET: &str = "wasm32-unknown-unknown";
/// Small before fast; described in the workspace's `Cargo.toml`.
pub const PROFILE: &str = "wasm-release";
/// The name under which wasm-bindgen writes; the site's own names come from content hashes.
const NAME: &str = "holdfast";

/// What a browser loads, before hashing.
pub struct BrowserCode {
    /// The glue that wasm-bindgen wrote: an ES module.
    pub glue: Vec<u8>,
    /// The islands.
    pub wasm: Vec<u8>,
    /// An expression: a function of (root, folder, glue name, wasm name) that hydrates the islands of the page.
    pub island_script: String,
}

/// Compiles `app/hydrate` and binds it.
///
/// # Errors
/// When the target is missing and cannot be added, when it does not compile, or when no island is exported.
pub fn build(workspace: &Workspace) -> anyhow::Result<BrowserCode> {
    ensure_target(workspace)?;
    let target = workspace.browser_target();
    progress::run(
        workspace
            .cargo()
            .args(["build", "--package", "hydrate", "--lib"])
            .args(["--target", TARGET, "--profile", PROFILE])
            .arg("--target-dir")
            .arg(&target),
    )?;

    let bound = target.join("bindgen");
    let mut output = Bindgen::new()
        .input_path(target.join(TARGET).join(PROFILE).join("hydrate.wasm"))
        .out_name(NAME)
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate_output()
        .context("wasm-bindgen")?;
    ensure!(
        output.snippets().values().all(Vec::is_empty) && output.local_modules().is_empty(),
        "a dependency ships JavaScript of its own, which the bundle has no place for: {:?} {:?}",
        output.snippets().keys(),
        output.local_modules().keys()
    );
    output.emit(&bound).context("wasm-bindgen")?;
    let glue = read(&bound.join(format!("{NAME}.js")))?;
    let wasm = read(&bound.join(format!("{NAME}_bg.wasm")))?;
    let islands = island_exports(&String::from_utf8_lossy(&glue));
    if islands.is_empty() {
        bail!("no island is exported: does app/hydrate/src/lib.rs still say `extern crate app;`?");
    }
    println!("islands: {}", islands.join(", "));
    Ok(BrowserCode { glue, wasm, island_script: island_script(workspace)? })
}

/// The names of the islands that the glue exports. leptos calls each `Name_` and the hash of its source.
fn island_exports(glue: &str) -> Vec<String> {
    glue.lines()
        .filter_map(|line| line.strip_prefix("export function "))
        .filter_map(|rest| rest.split_once('(').map(|(name, _)| name))
        .filter_map(|name| name.rsplit_once('_'))
        .filter(|(_, hash)| !hash.is_empty() && hash.bytes().all(|byte| byte.is_ascii_digit()))
        .map(|(name, _)| name.trim_start_matches('_').to_owned())
        .collect()
}

/// `island_script.js` of the pinned leptos: what its `HydrationScripts` would put inline, where our policy forbids it.
fn island_script(workspace: &Workspace) -> anyhow::Result<String> {
    let metadata = MetadataCommand::new()
        .manifest_path(workspace.root.join("Cargo.toml"))
        .other_options(vec!["--locked".to_owned()])
        .exec()
        .context("cargo metadata")?;
    let leptos = metadata
        .packages
        .iter()
        .find(|package| package.name.as_str() == "leptos")
        .context("leptos is not among the dependencies")?;
    let file = leptos.manifest_path.with_file_name("src").join("hydration").join("island_script.js");
    std::fs::read_to_string(&file).with_context(|| format!("leptos {} no longer ships {file}", leptos.version))
}

/// Adds the compilation target when this toolchain does not have it.
///
/// # Errors
/// When it is missing and rustup is, too, or fails.
pub fn ensure_target(workspace: &Workspace) -> anyhow::Result<()> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = std::process::Command::new(rustc)
        .args(["--print", "target-libdir", "--target", TARGET])
        .current_dir(&workspace.root)
        .output()
        .context("cannot start rustc")?;
    let folder = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if output.status.success() && Path::new(&folder).is_dir() {
        return Ok(());
    }
    println!("adding the compilation target {TARGET} to this toolchain");
    progress::run(std::process::Command::new("rustup").args(["target", "add", TARGET]).current_dir(&workspace.root))
        .with_context(|| {
            format!(
                "the target {TARGET} is missing and rustup could not add it: install rustup (https://rustup.rs), \
             or add your distribution's package with the standard library for {TARGET}"
            )
        })
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(file).with_context(|| file.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_islands_count_as_islands() {
        let glue = "export function hydrate() {\nexport function Theme_123(el) {\nexport function __wbg_x(a) {\n\
                    function Hidden_77() {\nexport { initSync };\n";
        assert_eq!(island_exports(glue), ["Theme"]);
        assert!(island_exports("export function hydrate() {\n").is_empty());
    }
}
