//! `holdfast token`.

use super::{
    arguments::Global,
    client::{Client, escaped},
    failure::Failure,
    incident::put,
    output::{self, text},
    time,
};
use axum::{body::Body, http::Method};
use clap::Subcommand;
use serde_json::json;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a token; its secret is shown once.
    #[command(after_help = "Example:\n  holdfast token create 'deploy pipeline' --expires 2027-01-01T00:00Z")]
    Create {
        /// Who uses it; stands in the audit trail.
        name: String,
        /// When it ends; never when left out.
        #[arg(long, value_name = "TIME")]
        expires: Option<String>,
        /// What it may do.
        #[arg(long, default_value = "poster", value_parser = super::operator::roles())]
        role: String,
    },
    /// List tokens; no secret is shown.
    #[command(after_help = "Example:\n  holdfast token list")]
    List,
    /// End a token for good.
    #[command(after_help = "Example:\n  holdfast token revoke 4x8w1k2m9q0a")]
    Revoke { id: String },
}

pub async fn run(global: &Global, command: Command) -> Result<(), Failure> {
    let client = Client::connect(global).await?;
    match command {
        Command::Create { name, expires, role } => {
            let mut body = json!({ "name": name, "role": role });
            put(&mut body, "expires_at", time::resolved(&client, "expires_at", expires.as_deref()).await?);
            let answer = client.post("/tokens", &body).await?;
            output::print(global, &answer, |answer| {
                let receipt = output::receipt("The token is made.", answer);
                format!(
                    "{receipt}\n  {:<9}{}\nThe secret is shown only now; keep it safe.",
                    "secret",
                    text(answer, "secret")
                )
            });
        }
        Command::List => {
            let answer = client.get("/tokens").await?;
            output::print(global, &answer, |answer| {
                let line = |token: &serde_json::Value| {
                    let expires = token["expires_at"].as_str().unwrap_or("never");
                    format!(
                        "{}  {:<8}  {:<13}  until {expires:<20}  {}",
                        text(token, "id"),
                        text(token, "state"),
                        text(token, "role"),
                        text(token, "name")
                    )
                };
                let lines: Vec<String> = answer["tokens"].as_array().into_iter().flatten().map(line).collect();
                if lines.is_empty() { "There is none.".to_owned() } else { lines.join("\n") }
            });
        }
        Command::Revoke { id } => {
            let path = format!("/tokens/{}", escaped(&id));
            let answer = client.call(Method::DELETE, &path, "application/json", Body::empty()).await?;
            output::print(global, &answer, |answer| output::receipt("The token is revoked.", answer));
        }
    }
    Ok(())
}
