//! `holdfast postmortem`.

use super::{
    arguments::Global,
    client::{Client, escaped},
    failure::Failure,
    incident::put,
    output, time,
    words::Words,
};
use clap::{Args, Subcommand};
use serde_json::json;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Publish the account of a resolved incident.
    #[command(after_help = "Example:\n  holdfast postmortem publish p31zjtct2jer --text-file review.md")]
    Publish(Publish),
}

#[derive(Debug, Args)]
pub struct Publish {
    /// The incident.
    id: String,
    #[command(flatten)]
    words: Words,
    /// When it was published; by default now.
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
}

pub async fn run(global: &Global, client: &Client, command: Command) -> Result<(), Failure> {
    let Command::Publish(publish) = command;
    let mut body = json!({"text": publish.words.read()?});
    put(&mut body, "at", time::resolved(client, "at", publish.at.as_deref()).await?);
    let answer = client.post(&format!("/incidents/{}/postmortem", escaped(&publish.id)), &body).await?;
    output::print(global, &answer, |answer| output::receipt("Published: the postmortem is shown.", answer));
    Ok(())
}
