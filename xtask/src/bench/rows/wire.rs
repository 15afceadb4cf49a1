//! Bytes on the wire of the replay's home page, as a browser that takes brotli gets them.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};

use crate::workspace::Workspace;

use super::super::{
    Bench,
    figures::{Figure, Reach},
    node::Node,
    ports,
};

/// The moment of the replay at which most regions are back and one is not.
const MOMENT: &str = "16:05";
const ROW: &str = "wire";

/// # Errors
/// When a run is broken.
pub fn run(bench: &mut Bench) -> anyhow::Result<Vec<Figure>> {
    let address = ports::free()?;
    let mut command = Command::new(&bench.program);
    command.args(["demo", "--at", MOMENT, "--listen", &address.to_string()]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let node = Node::start(command, address, bench.folder.clone())?;
    let mut connection = node.connect()?;
    let mut fetch = |path: &str| -> anyhow::Result<(usize, String)> {
        let answer = connection.get(path, &[("Accept-Encoding", "br")])?.expect(200)?;
        let coding = answer.header("content-encoding").unwrap_or("identity").to_owned();
        Ok((answer.body.len(), coding))
    };
    let (html_bytes, coding) = fetch("/")?;
    ensure!(coding == "br", "the home page comes as {coding}");
    let page = node.get("/", &[])?;
    let mut files = files(&String::from_utf8_lossy(&page.body));
    // The boot module alone names the WebAssembly, so that a reader without script does not load it.
    files.insert(web_assembly()?);
    let (mut style_bytes, mut code_bytes) = (0, 0);
    let mut sizes = vec![format!("HTML {html_bytes}")];
    for file in files {
        let (bytes, coding) = fetch(&file)?;
        match file.rsplit('.').next() {
            Some("css") => style_bytes += bytes,
            _ => code_bytes += bytes,
        }
        sizes.push(format!("{} {bytes} ({coding})", file.rsplit('/').next().unwrap_or_default()));
    }
    node.stop()?;
    let first_paint = (html_bytes + style_bytes) as f64 / 1e3;
    Ok(vec![
        Figure::new(
            ROW,
            format!("KB of home page and style sheets at the replay's {MOMENT}"),
            first_paint,
            sizes.join(", "),
        )
        .reaching(Reach::AtMost(20.0)),
        Figure::new(ROW, "KB of browser code", code_bytes as f64 / 1e3, "scripts and WebAssembly, bodies only")
            .reaching(Reach::AtMost(50.0)),
    ])
}

/// The path of the bundle's WebAssembly, from the list that the bundle keeps of its files.
fn web_assembly() -> anyhow::Result<String> {
    let list = std::fs::read(Workspace::locate()?.site().join("assets.json"))?;
    let list: serde_json::Value = serde_json::from_slice(&list)?;
    let path = list["holdfast.wasm"]["path"].as_str().context("the bundle has no `holdfast.wasm`")?;
    Ok(format!("/{path}"))
}

/// The style sheets and scripts that a page names.
fn files(html: &str) -> BTreeSet<String> {
    let named = html.split(['"', '\'']);
    let is_file = |word: &&str| {
        let path = word.split('?').next().unwrap_or_default();
        word.starts_with('/') && [".css", ".js", ".wasm"].iter().any(|ending| path.ends_with(ending))
    };
    named.filter(is_file).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_once_each_and_links_are_not_files() {
        let html = r#"<link rel="stylesheet" href="/pkg/a.1f.css"><link rel="modulepreload" href="/pkg/b.js">
            <script type="module" src="/pkg/b.js"></script><link rel=preload href="/pkg/c.wasm"><a href="/history.rss">x</a>"#;
        let found: Vec<String> = files(html).into_iter().collect();
        assert_eq!(found, ["/pkg/a.1f.css", "/pkg/b.js", "/pkg/c.wasm"]);
    }
}
