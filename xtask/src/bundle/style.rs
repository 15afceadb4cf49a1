//! A style sheet of `style/` and every file it imports, as one minified file.

use anyhow::{Context as _, anyhow};
use lightningcss::bundler::{Bundler, FileProvider};
use lightningcss::stylesheet::{MinifyOptions, ParserOptions, PrinterOptions};

use crate::workspace::Workspace;

/// The sheets that pages link: that of every page, and what only the console needs.
pub const SHEETS: [&str; 2] = ["main.css", "console.css"];

/// Bundles one of [`SHEETS`].
///
/// # Errors
/// When a file is missing or is not CSS; the message names the file and the place.
pub fn build(workspace: &Workspace, sheet: &str) -> anyhow::Result<String> {
    let entry = workspace.root.join("style").join(sheet);
    let files = FileProvider::new();
    let mut bundler = Bundler::new(&files, None, ParserOptions::default());
    let mut sheet =
        bundler.bundle(&entry).map_err(|error| anyhow!("{error}")).with_context(|| entry.display().to_string())?;
    sheet.minify(MinifyOptions::default()).map_err(|error| anyhow!("{error}"))?;
    let printed = sheet
        .to_css(PrinterOptions { minify: true, ..PrinterOptions::default() })
        .map_err(|error| anyhow!("{error}"))?;
    Ok(printed.code)
}
