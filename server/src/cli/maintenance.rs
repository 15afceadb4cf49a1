//! `holdfast maintenance`.

use super::{
    arguments::Global,
    client::{Client, escaped},
    failure::Failure,
    incident::{List, put},
    output,
    scope::{self, Scope},
    time,
    words::Words,
};
use clap::{Args, Subcommand};
use domain::status::Impact;
use serde_json::json;

const SCHEDULE_EXAMPLE: &str = "Example:
  holdfast maintenance schedule --title 'Database upgrade' --from 2024-05-01T02:00+08:00 \\
    --until 2024-05-01T04:00+08:00 --scope database=under_maintenance --text 'Short interruptions are possible.'";

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Announce a maintenance.
    #[command(after_help = SCHEDULE_EXAMPLE)]
    Schedule(Schedule),
    /// Say that it has begun.
    #[command(after_help = "Example:\n  holdfast maintenance start 4x8w1k2m9q0a --text 'We have begun.'")]
    Start(Step),
    /// Say that it is done.
    #[command(after_help = "Example:\n  holdfast maintenance complete 4x8w1k2m9q0a --text 'All is done.'")]
    Complete(Step),
    /// Say that it will not take place.
    #[command(after_help = "Example:\n  holdfast maintenance cancel 4x8w1k2m9q0a --text 'Moved to next week.'")]
    Cancel(Step),
    /// List maintenances, newest first.
    #[command(after_help = "Example:\n  holdfast maintenance list --status open")]
    List(List),
    /// Show one with its timeline.
    #[command(after_help = "Example:\n  holdfast maintenance show 4x8w1k2m9q0a")]
    Show { id: String },
}

#[derive(Debug, Args)]
pub struct Schedule {
    /// One line.
    #[arg(long)]
    title: String,
    /// When it begins.
    #[arg(long, value_name = "TIME")]
    from: String,
    /// When it is over.
    #[arg(long, value_name = "TIME")]
    until: String,
    /// none, minor, major or critical; by default none.
    #[arg(long)]
    impact: Option<Impact>,
    /// What it will touch; may be given several times.
    #[arg(long, value_name = "SCOPE", help = scope::HELP)]
    scope: Vec<Scope>,
    #[command(flatten)]
    words: Words,
    /// When it was announced; by default now.
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
}

#[derive(Debug, Args)]
pub struct Step {
    id: String,
    #[command(flatten)]
    words: Words,
    /// When it happened; by default now.
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
}

pub async fn run(global: &Global, client: &Client, command: Command) -> Result<(), Failure> {
    match command {
        Command::Schedule(schedule) => {
            let mut body = json!({
                "title": schedule.title,
                "text": schedule.words.read()?,
                "schedule": {
                    "from": time::resolved(client, "schedule.from", Some(&schedule.from)).await?,
                    "until": time::resolved(client, "schedule.until", Some(&schedule.until)).await?,
                },
                "scope": scope::of(&schedule.scope),
            });
            put(&mut body, "impact", schedule.impact.map(Impact::word));
            put(&mut body, "at", time::resolved(client, "at", schedule.at.as_deref()).await?);
            let answer = client.post("/maintenances", &body).await?;
            output::print(global, &answer, |answer| {
                output::receipt("Published: the maintenance is announced.", answer)
            });
        }
        Command::Start(step) => take(global, client, step, "start", "Published: the maintenance has begun.").await?,
        Command::Complete(step) => {
            take(global, client, step, "complete", "Published: the maintenance is done.").await?
        }
        Command::Cancel(step) => {
            take(global, client, step, "cancel", "Published: the maintenance is cancelled.").await?
        }
        Command::List(list) => {
            let answer = client.get(&format!("/maintenances?{}", list.query())).await?;
            output::print(global, &answer, output::list);
        }
        Command::Show { id } => {
            let answer = client.get(&format!("/maintenances/{}", escaped(&id))).await?;
            output::print(global, &answer, output::timeline);
        }
    }
    Ok(())
}

async fn take(global: &Global, client: &Client, step: Step, name: &str, done: &str) -> Result<(), Failure> {
    let mut body = json!({"text": step.words.read()?});
    put(&mut body, "at", time::resolved(client, "at", step.at.as_deref()).await?);
    let answer = client.post(&format!("/maintenances/{}/{name}", escaped(&step.id)), &body).await?;
    output::print(global, &answer, |answer| output::receipt(done, answer));
    Ok(())
}
