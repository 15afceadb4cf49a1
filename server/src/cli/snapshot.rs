//! `holdfast snapshot`.

mod post;
mod serve;
mod verify;

use super::{arguments::Global, client::Client, failure::Failure, output};
use clap::Subcommand;
use serde_json::json;
use std::path::{Path, PathBuf};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write the whole site into a directory that any web server can serve.
    #[command(after_help = "Example:\n  holdfast snapshot write /srv/status")]
    Write {
        directory: PathBuf,
        /// Leave the event log out, which otherwise goes along, sealed with the cluster key.
        #[arg(long)]
        without_events: bool,
    },
    Post(Box<post::Post>),
    Verify(verify::Verify),
    Serve(serve::Serve),
}

pub async fn run(global: &Global, command: Command) -> Result<(), Failure> {
    match command {
        Command::Write { directory, without_events } => write(global, &directory, !without_events).await,
        Command::Post(post) => post::run(global, *post).await,
        Command::Verify(arguments) => verify::run(global, arguments).await,
        Command::Serve(arguments) => serve::run(arguments).await,
    }
}

async fn write(global: &Global, directory: &Path, events: bool) -> Result<(), Failure> {
    let absolute = std::path::absolute(directory)
        .map_err(|error| Failure::refused("directory", format!("{}: {error}", directory.display()), "a directory"))?;
    let client = Client::connect(global).await?;
    let answer = client.post("/snapshot", &json!({ "directory": absolute, "events": events })).await?;
    output::print(global, &answer, |answer| {
        format!(
            "Written to {}: {} files, {} of them new or changed, {} stale ones removed.",
            absolute.display(),
            answer["files"],
            answer["written"],
            answer["removed"]
        )
    });
    Ok(())
}
