//! `holdfast node`.

use super::{
    arguments::Global,
    client::{self, Client, escaped},
    failure::Failure,
    output::{self, text},
    running, time,
};
use crate::store::Identity;
use axum::{body::Body, http::Method};
use clap::Subcommand;
use serde_json::{Value, json};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print this node's public key; makes the key when there is none yet.
    #[command(after_help = "Example:\n  holdfast node key --data /var/lib/holdfast")]
    Key,
    /// List the nodes whose events count here, and those that were removed.
    #[command(after_help = "Example:\n  holdfast node list")]
    List,
    /// Trust a node from now on: what it signed and signs counts in every region.
    #[command(
        after_help = "Example:\n  holdfast node trust KEY --name sh-1 --region Shanghai --address sh.status.example.com:8443"
    )]
    Trust {
        /// What `holdfast node key` prints there.
        key: String,
        /// As pages show it.
        #[arg(long)]
        name: String,
        /// The region that it serves from, as pages show it.
        #[arg(long, default_value = "")]
        region: String,
        /// Host and port of its peers' listener.
        #[arg(long, default_value = "", value_name = "HOST:PORT")]
        address: String,
    },
    /// Remove a node for good. What it signed so far stays valid, as far as it is here.
    #[command(after_help = "Example:\n  holdfast node remove KEY --since 2026-11-24T14:00Z")]
    Remove {
        key: String,
        /// Hold what it signed from then on: since when the key may be in other hands.
        #[arg(long, value_name = "TIME")]
        since: Option<String>,
    },
    /// Give this node a new key; start it anew afterwards.
    #[command(after_help = "Example:\n  holdfast node rotate")]
    Rotate,
}

pub async fn run(global: &Global, command: Command) -> Result<(), Failure> {
    if matches!(command, Command::Key) {
        return key(global);
    }
    let client = Client::connect(global).await?;
    match command {
        Command::Key => {}
        Command::List => {
            let answer = client.get("/nodes").await?;
            output::print(global, &answer, |answer| {
                let lines: Vec<String> = answer["nodes"].as_array().into_iter().flatten().map(line).collect();
                lines.join("\n")
            });
        }
        Command::Trust { key, name, region, address } => {
            let body = json!({ "key": key, "name": name, "region": region, "address": address });
            let answer = client.post("/nodes", &body).await?;
            output::print(global, &answer, |answer| output::receipt("The node is trusted.", answer));
        }
        Command::Remove { key, since } => {
            let since = time::resolved(&client, "since", since.as_deref()).await?;
            let since = since.map(|since| format!("?since={}", escaped(&since)));
            let path = format!("/nodes/{}{}", escaped(&key), since.unwrap_or_default());
            let answer = client.call(Method::DELETE, &path, "application/json", Body::empty()).await?;
            output::print(global, &answer, |answer| output::receipt("The node is removed.", answer));
        }
        Command::Rotate => {
            let answer = client.post("/nodes/rotate", &Value::Null).await?;
            output::print(global, &answer, |answer| {
                format!(
                    "The new key is {}.\nIt is trusted by an event that is saved in {} of {} regions: start this node \
                     anew once all have it, or they will not let it in.\nThe old key is removed at that start; until \
                     then it is in use, and afterwards kept as `node.key.old` until the removal is saved.",
                    text(answer, "key"),
                    answer["saved_in"],
                    answer["regions"]
                )
            });
        }
    }
    Ok(())
}

/// Works without the log: a node's key is needed before it first joins the others.
fn key(global: &Global) -> Result<(), Failure> {
    let config = client::configuration(global)?;
    running::prepare_directory(&config.data)?;
    let key = Identity::public_key(&config.data).map_err(|error| Failure::unavailable(error.to_string()))?;
    output::print(global, &json!({ "key": key }), |_| key.to_string());
    Ok(())
}

fn line(node: &Value) -> String {
    let own = if node["is_own"] == true { "  (this node)" } else { "" };
    format!(
        "{}  {:<8}  {:<12}  {:<20}  {}{own}",
        text(node, "key"),
        text(node, "state"),
        text(node, "name"),
        text(node, "region"),
        text(node, "address"),
    )
}
