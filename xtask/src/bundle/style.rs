//! `style/main.css` and every file it imports, as one minified file.

use anyhow::{Context as _, anyhow};
use lightningcss::bundler::{Bundler, FileProvider};
use lightningcss::stylesheet::{MinifyOptions, ParserOptions, PrinterOptions};

use crate::workspace::Workspace;

/// Bundles the style sheets.
///
/// # Errors
/// When a file is missing or is not CSS; the message names the file and the place.
pub fn build(workspace: &Workspace) -> anyhow::Result<String> {
    let entry = workspace.root.join("style").join("main.css");
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
