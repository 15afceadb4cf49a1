//! `holdfast events`.

use super::{
    arguments::Global,
    client::{Client, escaped},
    failure::Failure,
    output::{self, text},
};
use crate::api::events::FILE;
use axum::{body::Body, http::Method};
use clap::Subcommand;
use futures_util::StreamExt;
use serde_json::{Value, json};
use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write the log as one file, for another node to take in.
    #[command(after_help = "Example:\n  holdfast events export events.holdfast")]
    Export {
        /// The file; `-` for standard output.
        file: PathBuf,
        /// The number of the first event; `events list` shows them.
        #[arg(long, default_value_t = 1)]
        from: u64,
    },
    /// Take in a file that `export` wrote. Taking it in twice changes nothing.
    #[command(after_help = "Example:\n  holdfast events import events.holdfast")]
    Import {
        file: PathBuf,
        /// Trust every node that signed an event of the file; without, what strangers signed is kept and not shown.
        #[arg(long)]
        trust_writers: bool,
    },
    /// Erase an event's texts in every region: leaked data, a person's name.
    #[command(after_help = "Example:\n  holdfast events redact ID --reason 'a customer name'")]
    Redact {
        /// The event's id; `events list` shows it.
        id: String,
        /// One line for the audit trail, which stays readable.
        #[arg(long)]
        reason: Option<String>,
    },
    /// In how many regions an event is saved by now.
    #[command(after_help = "Example:\n  holdfast events saved 3f5c...")]
    Saved {
        /// The event's id; a post's answer with --json and `events list` show it.
        id: String,
    },
    /// List the log, with what could not be shown.
    #[command(after_help = "Example:\n  holdfast events list --from 100")]
    List {
        /// The number of the first event.
        #[arg(long, default_value_t = 1)]
        from: u64,
    },
}

pub async fn run(global: &Global, command: Command) -> Result<(), Failure> {
    let client = Client::connect(global).await?;
    match command {
        Command::Export { file, from } => {
            let bytes = export(&client, &file, from).await?;
            if file.as_os_str() != "-" {
                let answer = json!({"file": file, "bytes": bytes});
                output::print(global, &answer, |_| format!("Exported: {bytes} bytes in {}.", file.display()));
            }
        }
        Command::Redact { id, reason } => {
            let answer = client.post(&format!("/events/{}/redact", escaped(&id)), &json!({ "reason": reason })).await?;
            output::print(global, &answer, redacted);
        }
        Command::Import { file, trust_writers } => {
            let bytes = std::fs::read(&file).map_err(|error| {
                Failure::refused("file", format!("{}: {error}", file.display()), "a file that `events export` wrote")
            })?;
            let path = if trust_writers { "/events/import?trust_writers=true" } else { "/events/import" };
            let answer = client.call(Method::POST, path, FILE, bytes).await?;
            output::print(global, &answer, |answer| {
                let new = answer["events"].as_array().map_or(0, Vec::len);
                let held = answer["held"].as_array().into_iter().flatten().map(held);
                let lines = [output::receipt(&format!("Taken in: {new} new events."), answer)].into_iter().chain(held);
                lines.collect::<Vec<_>>().join("\n")
            });
        }
        Command::Saved { id } => {
            let answer = client.get(&format!("/events/{}/saved", escaped(&id))).await?;
            output::print(global, &answer, |answer| format!("Saved in {}.", output::regions(answer)));
        }
        Command::List { from } => list(global, &client, from).await?,
    }
    Ok(())
}

fn redacted(answer: &Value) -> String {
    let mut said =
        output::receipt("The event's texts are erased here, and in the other regions as they hear of it.", answer);
    if answer["restart_to_overwrite"] == true {
        said.push_str(
            "\nUnused parts of the data file may still hold their bytes: each node writes its file anew at its next start.",
        );
    }
    said
}

/// What is kept and not shown, and what would admit it.
fn held(held: &Value) -> String {
    let (node, events) = (text(held, "node"), &held["events"]);
    match text(held, "because") {
        "removed" => format!(
            "Held: {events} events that node {node} signed after it was removed; post anew what is right in them."
        ),
        _ => format!(
            "Held: {events} events signed by node {node}, which is not trusted here; `holdfast node trust {node} --name NAME` admits them."
        ),
    }
}

/// Writes the file under another name first, so that a cut-off export is never taken for a whole one.
pub async fn export(client: &Client, file: &Path, from: u64) -> Result<u64, Failure> {
    let failed = |error: io::Error| Failure::unavailable(format!("{}: {error}", file.display()));
    let request = client.request(Method::GET, &format!("/events/export?from={from}"), FILE, Body::empty())?;
    let mut chunks = client.send(request).await?.into_body().into_data_stream();
    let to_stdout = file.as_os_str() == "-";
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut temporary = if to_stdout { None } else { Some(tempfile::NamedTempFile::new_in(parent).map_err(failed)?) };
    let mut bytes = 0;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| Failure::unavailable(format!("the export was cut off: {error}")))?;
        bytes += chunk.len() as u64;
        match &mut temporary {
            Some(temporary) => temporary.write_all(&chunk).map_err(failed)?,
            None => io::stdout().write_all(&chunk).map_err(failed)?,
        }
    }
    if let Some(temporary) = temporary {
        temporary.as_file().sync_all().map_err(failed)?;
        temporary.persist(file).map_err(|error| failed(error.error))?;
    }
    Ok(bytes)
}

async fn list(global: &Global, client: &Client, from: u64) -> Result<(), Failure> {
    let mut next = Some(from);
    while let Some(from) = next {
        let answer = client.get(&format!("/events?from={from}")).await?;
        next = answer["next"].as_u64();
        output::print(global, &answer, |answer| {
            let lines: Vec<String> = answer["events"].as_array().into_iter().flatten().map(line).collect();
            lines.join("\n")
        });
    }
    Ok(())
}

fn line(event: &Value) -> String {
    let reason = event["reason"].as_str().map(|reason| format!(" ({reason})")).unwrap_or_default();
    let redacts = event["redacts"].as_str().map(|id| format!("  redacts {id}{reason}")).unwrap_or_default();
    let problem = event["problem"].as_str().map(|problem| format!("  NOT SHOWN: {problem}")).unwrap_or_default();
    let here = if event["here_only"] == true { "  held by this region only" } else { "" };
    format!(
        "{:>6}  {}  {:<20}  {:<24}  {}  {} ({}){redacts}{here}{problem}",
        event["number"],
        text(event, "written_at"),
        text(event, "kind"),
        text(event, "subject"),
        text(event, "id"),
        text(event, "author"),
        text(event, "way"),
    )
}
