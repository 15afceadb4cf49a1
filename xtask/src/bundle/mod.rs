//! The browser bundle: what `server` embeds from `target/site`.
//!
//! | file | what |
//! |---|---|
//! | `browser_code.rs` | the islands to WebAssembly, its JavaScript glue, the boot module |
//! | `style.rs` | the style sheets, each with what it imports as one minified file |
//! | `site.rs` | the folder: content hashes, `.br`, `.gz`, `assets.json`, nothing stale |
//! | `inputs.rs` | a run without a changed input does nothing |

mod browser_code;
mod inputs;
mod site;
mod style;

use std::time::Instant;

use anyhow::ensure;

use crate::progress;
use crate::workspace::Workspace;

pub use browser_code::{PROFILE, TARGET, ensure_target};

/// The most that a reader's browser may have to load as code, compressed with brotli.
const BROWSER_CODE_BYTES_MAX: usize = 50_000;

/// Builds the bundle if one of its inputs changed since the last time.
///
/// # Errors
/// When a part does not build, no island is exported, or the browser code outgrew its bound.
pub fn run(workspace: &Workspace) -> anyhow::Result<()> {
    let begun = Instant::now();
    let inputs = inputs::Inputs::read(workspace)?;
    if inputs.are_built(workspace) {
        eprintln!("==> browser bundle: nothing changed ({})", progress::elapsed(begun.elapsed()));
        return Ok(());
    }
    let code = progress::step("browser code (WebAssembly)", || browser_code::build(workspace))?;
    let sheets = progress::step("style sheets", || {
        let build = |name: &&'static str| Ok((*name, style::build(workspace, name)?));
        style::SHEETS.iter().map(build).collect::<anyhow::Result<Vec<_>>>()
    })?;
    let sizes = progress::step("site folder", || {
        let mut site = site::SiteBuilder::default();
        site.add_browser_code(code)?;
        for (name, css) in sheets {
            site.add_hashed(name, css.into_bytes())?;
        }
        site.add_public(&workspace.root.join("public"))?;
        site.write(&workspace.site())
    })?;

    println!("{:<16} {:>10} {:>10} {:>10}", "", "bytes", "gzip", "brotli");
    for size in &sizes {
        println!("{:<16} {:>10} {:>10} {:>10}", size.name, size.identity, size.gz, size.br);
    }
    let on_the_wire =
        sizes.iter().filter(|size| site::BROWSER_CODE.contains(&size.name.as_str())).map(|size| size.br).sum::<usize>();
    println!("browser code on the wire: {on_the_wire} bytes (at most {BROWSER_CODE_BYTES_MAX})");
    ensure!(
        on_the_wire <= BROWSER_CODE_BYTES_MAX,
        "the browser code is {on_the_wire} bytes on the wire and may be {BROWSER_CODE_BYTES_MAX}; \
         islands take no props, name no serde and format no float"
    );
    inputs.remember(workspace)
}
