//! `holdfast breakglass`.

use super::{
    arguments::Global,
    client::{Client, escaped},
    failure::Failure,
    output::{self, text},
};
use axum::{body::Body, http::Method};
use clap::Subcommand;
use serde_json::{Value, json};

/// Codes on one paper, unless asked otherwise.
const COUNT: u16 = 5;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Issue codes to print and lock away; they are shown once.
    #[command(after_help = "Example:\n  holdfast breakglass issue --count 5 --label 'safe in Shenzhen' | lp")]
    Issue {
        /// How many, at most 100.
        #[arg(long, default_value_t = COUNT)]
        count: u16,
        /// Where they are kept, or for whom; stands in the audit trail.
        #[arg(long, default_value = "break-glass")]
        label: String,
    },
    /// List what was issued and used; no code is shown.
    #[command(after_help = "Example:\n  holdfast breakglass list")]
    List,
    /// End codes for good that were issued together, and every session that they began.
    #[command(after_help = "Example:\n  holdfast breakglass revoke 4x8w1k2m9q0a")]
    Revoke { batch: String },
}

pub async fn run(global: &Global, command: Command) -> Result<(), Failure> {
    let client = Client::connect(global).await?;
    match command {
        Command::Issue { count, label } => {
            let answer = client.post("/break-glass", &json!({ "label": label, "count": count })).await?;
            output::print(global, &answer, |answer| {
                let codes = answer["codes"].as_array().into_iter().flatten().filter_map(Value::as_str);
                let codes: Vec<String> =
                    (1..).zip(codes).map(|(number, code)| format!("  {number:>3}  {code}")).collect();
                let receipt = output::receipt("The codes are issued.", answer);
                format!(
                    "{receipt}\n  {:<9}{}\n\n{label}: each code begins one session of two hours at /admin/break-glass.\n\
                     They are shown only now; print them and lock them away.\n\n{}",
                    "batch",
                    text(answer, "batch"),
                    codes.join("\n")
                )
            });
        }
        Command::List => {
            let answer = client.get("/break-glass").await?;
            output::print(global, &answer, |answer| {
                let lines: Vec<String> = answer["batches"].as_array().into_iter().flatten().map(batch).collect();
                if lines.is_empty() { "There is none.".to_owned() } else { lines.join("\n") }
            });
        }
        Command::Revoke { batch } => {
            let path = format!("/break-glass/{}", escaped(&batch));
            let answer = client.call(Method::DELETE, &path, "application/json", Body::empty()).await?;
            output::print(global, &answer, |answer| output::receipt("The codes are revoked.", answer));
        }
    }
    Ok(())
}

fn batch(batch: &Value) -> String {
    let state = if batch["revoked"] == true { "revoked" } else { "valid" };
    let left = format!("{} of {} left", batch["left"], batch["count"]);
    let mut lines = vec![format!(
        "{}  {state:<7}  {left:<17}  issued {}  {}",
        text(batch, "batch"),
        text(batch, "issued_at"),
        text(batch, "label")
    )];
    for used in batch["used"].as_array().into_iter().flatten() {
        let again =
            if used["again"] == true { ", used AGAIN by a region that was apart: ask who holds it" } else { "" };
        lines.push(format!("  code {} in {} at {}{again}", used["code"], text(used, "region"), text(used, "at")));
    }
    lines.join("\n")
}
