//! `holdfast mirrors`.

use super::{
    arguments::Global,
    client::{Client, escaped},
    failure::Failure,
    output::{self, text},
};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

/// The copies of the site that the running node keeps elsewhere.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  holdfast mirrors\n  holdfast mirrors take bucket")]
pub struct Mirrors {
    #[command(subcommand)]
    command: Option<MirrorsCommand>,
}

#[derive(Debug, Subcommand)]
enum MirrorsCommand {
    /// Make this node the writer of a copy that another one writes.
    Take {
        /// As the configuration names it.
        name: String,
    },
}

pub async fn run(global: &Global, arguments: &Mirrors) -> Result<(), Failure> {
    let client = Client::connect(global).await?;
    let answer = match &arguments.command {
        None => client.get("/mirrors").await?,
        Some(MirrorsCommand::Take { name }) => {
            client.post(&format!("/mirrors/{}/take", escaped(name)), &json!({})).await?
        }
    };
    output::print(global, &answer, table);
    Ok(())
}

/// A line for each copy, and one for what is wrong with it.
fn table(answer: &Value) -> String {
    let mirrors = answer["mirrors"].as_array().map(Vec::as_slice).unwrap_or_default();
    if mirrors.is_empty() {
        return "No copies are kept: no node runs here, or its configuration names no target.".to_owned();
    }
    let row = |cells: [&str; 6]| {
        let [name, state, succeeded, board, files, target] = cells;
        format!("{name:<16} {state:<12} {succeeded:<21} {board:>13} {files:>8}  {target}").trim_end().to_owned()
    };
    let mut lines = vec![row(["MIRROR", "STATE", "UP TO DATE AT", "BOARD", "FILES", "TARGET"])];
    for mirror in mirrors {
        let board = format!("{} of {}", mirror["board_version"], answer["board_version"]);
        // To the second.
        let succeeded = text(mirror, "succeeded_at").get(..19).map_or("-".to_owned(), |at| format!("{at}Z"));
        let files = mirror["files"].to_string();
        let state = text(mirror, "state").replace('_', " ");
        lines.push(row([text(mirror, "name"), &state, &succeeded, &board, &files, text(mirror, "target")]));
        if let Some(writer) = mirror["written_by"].as_str() {
            let removed = if mirror["writer_removed"] == true { ", which was removed" } else { "" };
            lines.push(format!("  written by {writer}{removed}: `holdfast mirrors take {}`", text(mirror, "name")));
        }
        if let Some(trouble) = mirror["trouble"].as_str() {
            lines.push(format!("  since {}: {trouble}", text(mirror, "failing_since")));
        }
    }
    lines.join("\n")
}
