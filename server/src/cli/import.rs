//! `holdfast import`.

use super::{arguments::Global, client::Client, failure::Failure, output};
use crate::import::statuspage::fetch;
use axum::http::Method;
use clap::{Args, Subcommand};
use serde_json::Value;
use std::path::{Path, PathBuf};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Import incident history, one JSON object a line.
    #[command(after_help = "Example:\n  holdfast import history github-status-2022-2026.jsonl")]
    History(History),
    /// Import Statuspage v2 JSON from files or from a page's address.
    #[command(after_help = "Example:\n  holdfast import statuspage https://status.example.com")]
    Statuspage(Statuspage),
}

#[derive(Debug, Args)]
pub struct History {
    file: PathBuf,
    /// Import the rest when some lines are bad.
    #[arg(long)]
    keep_going: bool,
}

#[derive(Debug, Args)]
pub struct Statuspage {
    /// A file such as summary.json, or an address.
    source: String,
    /// Trust the authorities in this PEM file instead of the built-in ones, when the address is read over HTTPS.
    #[arg(long, value_name = "FILE", env = "SSL_CERT_FILE")]
    ca: Option<PathBuf>,
    /// Import the rest when some entries are bad.
    #[arg(long)]
    keep_going: bool,
}

pub async fn run(global: &Global, command: Command) -> Result<(), Failure> {
    let (format, body, keep_going) = match command {
        Command::History(history) => ("history", read(&history.file)?, history.keep_going),
        Command::Statuspage(statuspage) => {
            let documents = match fetch::is_address(&statuspage.source) {
                true => fetch::documents(&statuspage.source, statuspage.ca.as_deref())
                    .await
                    .map_err(|error| Failure::refused("source", error.to_string(), "an address that answers"))?,
                false => {
                    let bytes = read(Path::new(&statuspage.source))?;
                    vec![String::from_utf8_lossy(&bytes).into_owned()]
                }
            };
            ("statuspage", Value::from(documents).to_string().into_bytes(), statuspage.keep_going)
        }
    };
    let client = Client::connect(global).await?;
    let path = format!("/import?format={format}&keep_going={keep_going}");
    let answer = client.call(Method::POST, &path, "text/plain", body).await?;
    output::print(global, &answer, human);
    Ok(())
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(file).map_err(|error| {
        Failure::refused("file", format!("{}: {error}", file.display()), "a readable file of the named format")
    })
}

fn human(report: &Value) -> String {
    let mut lines = vec![format!(
        "Imported: {} new incidents, {} extended, {} unchanged; {} new updates; {} additions to the catalog.",
        report["incidents_new"],
        report["incidents_extended"],
        report["incidents_unchanged"],
        report["updates_new"],
        report["catalog_added"],
    )];
    for bad in report["bad"].as_array().into_iter().flatten() {
        lines.push(format!("  left out, {}: {}", output::text(bad, "place"), output::text(bad, "reason")));
    }
    lines.join("\n")
}
