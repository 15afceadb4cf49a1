//! `holdfast incident`.

use super::{
    arguments::Global,
    client::{Client, escaped},
    failure::Failure,
    output,
    scope::{self, Scope},
    time,
    words::Words,
};
use axum::http::Method;
use clap::{Args, Subcommand};
use domain::status::{Impact, Status};
use serde_json::{Value, json};

const OPEN_EXAMPLE: &str = "Example:
  holdfast incident open --title 'Cloud API is failing' --impact critical \\
    --scope cloud-api=major_outage --text 'Many customers cannot log in. We are working on it.'";
const UPDATE_EXAMPLE: &str = "Example:
  holdfast incident update p31zjtct2jer --status identified --expected-recovery 16:30 \\
    --scope 'cloud-api@!ap-shanghai=operational' --text 'Every region but Shanghai has recovered.'";

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Open an incident.
    #[command(after_help = OPEN_EXAMPLE)]
    Open(Open),
    /// Post an update.
    #[command(after_help = UPDATE_EXAMPLE)]
    Update(Update),
    /// Change a title or an impact, or the text of one update.
    #[command(after_help = "Example:\n  holdfast incident edit p31zjtct2jer --impact major")]
    Edit(Edit),
    /// Resolve an incident.
    #[command(after_help = "Example:\n  holdfast incident resolve p31zjtct2jer --text 'One hour without errors.'")]
    Resolve(Resolve),
    /// List incidents, newest first.
    #[command(after_help = "Example:\n  holdfast incident list --status open")]
    List(List),
    /// Show one with its timeline.
    #[command(after_help = "Example:\n  holdfast incident show p31zjtct2jer")]
    Show { id: String },
}

#[derive(Debug, Args)]
pub struct Open {
    /// One line.
    #[arg(long)]
    title: String,
    /// none, minor, major or critical.
    #[arg(long)]
    impact: Impact,
    /// By default investigating.
    #[arg(long)]
    status: Option<Status>,
    #[command(flatten)]
    words: Words,
    #[command(flatten)]
    details: Details,
}

#[derive(Debug, Args)]
pub struct Update {
    id: String,
    /// investigating, identified or monitoring; left out for a further word.
    #[arg(long)]
    status: Option<Status>,
    /// none, minor, major or critical.
    #[arg(long)]
    impact: Option<Impact>,
    #[command(flatten)]
    words: Words,
    #[command(flatten)]
    details: Details,
}

/// What an update may say beside its text.
#[derive(Debug, Args)]
pub struct Details {
    /// What it changes; may be given several times.
    #[arg(long, value_name = "SCOPE", help = scope::HELP)]
    scope: Vec<Scope>,
    /// When it happened; by default now.
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// When all will be back, or `withdrawn`.
    #[arg(long, value_name = "TIME")]
    expected_recovery: Option<String>,
    /// When the next word is due.
    #[arg(long, value_name = "TIME")]
    next_update: Option<String>,
    /// Markdown.
    #[arg(long, value_name = "TEXT")]
    root_cause: Option<String>,
}

impl Details {
    /// Puts what is given into the body of a request.
    pub async fn put(&self, client: &Client, body: &mut Value) -> Result<(), Failure> {
        body["scope"] = scope::of(&self.scope);
        put(body, "at", time::resolved(client, "at", self.at.as_deref()).await?);
        let recovery = match self.expected_recovery.as_deref() {
            Some("withdrawn") => Some("withdrawn".to_owned()),
            given => time::resolved(client, "expected_recovery_at", given).await?,
        };
        put(body, "expected_recovery_at", recovery);
        put(body, "next_update_at", time::resolved(client, "next_update_at", self.next_update.as_deref()).await?);
        put(body, "root_cause", self.root_cause.clone());
        Ok(())
    }
}

/// Puts a field that is given.
pub fn put(body: &mut Value, key: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        body[key] = value.into();
    }
}

#[derive(Debug, Args)]
pub struct Edit {
    id: String,
    #[arg(long)]
    title: Option<String>,
    #[arg(long)]
    impact: Option<Impact>,
    /// The update whose text is replaced.
    #[arg(long, value_name = "UPDATE", requires = "text", conflicts_with_all = ["title", "impact"])]
    update: Option<String>,
    /// The update's new text; the old one stays readable.
    #[arg(long, requires = "update")]
    text: Option<String>,
}

#[derive(Debug, Args)]
pub struct Resolve {
    id: String,
    #[command(flatten)]
    words: Words,
    /// When it was over; by default now.
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
}

/// Filters of a list.
#[derive(Debug, Args)]
pub struct List {
    /// open, ended, or one status.
    #[arg(long)]
    status: Option<String>,
    /// A component's code.
    #[arg(long)]
    component: Option<String>,
    /// A region's code.
    #[arg(long)]
    region: Option<String>,
    /// Entries at most, up to 100.
    #[arg(long)]
    limit: Option<usize>,
    /// The id that the last page ended with.
    #[arg(long, value_name = "ID")]
    after: Option<String>,
}

impl List {
    /// The query of the request.
    pub fn query(&self) -> String {
        let limit = self.limit.map(|limit| limit.to_string());
        let pairs = [
            ("status", self.status.as_ref()),
            ("component", self.component.as_ref()),
            ("region", self.region.as_ref()),
            ("limit", limit.as_ref()),
            ("after", self.after.as_ref()),
        ];
        let given = pairs.into_iter().filter_map(|(key, value)| Some(format!("{key}={}", escaped(value?))));
        given.collect::<Vec<_>>().join("&")
    }
}

pub async fn run(global: &Global, client: &Client, command: Command) -> Result<(), Failure> {
    match command {
        Command::Open(open) => {
            let mut body = json!({"title": open.title, "impact": open.impact, "text": open.words.read()?});
            put(&mut body, "status", open.status.map(Status::word));
            open.details.put(client, &mut body).await?;
            let answer = client.post("/incidents", &body).await?;
            output::print(global, &answer, |answer| output::receipt("Published: the incident is open.", answer));
        }
        Command::Update(update) => {
            let mut body = json!({"text": update.words.read()?});
            put(&mut body, "status", update.status.map(Status::word));
            put(&mut body, "impact", update.impact.map(Impact::word));
            update.details.put(client, &mut body).await?;
            let answer = client.post(&format!("/incidents/{}/updates", escaped(&update.id)), &body).await?;
            output::print(global, &answer, |answer| output::receipt("Published: the update is shown.", answer));
        }
        Command::Edit(edit) => {
            let mut body = json!({});
            put(&mut body, "title", edit.title);
            put(&mut body, "impact", edit.impact.map(Impact::word));
            put(&mut body, "text", edit.text);
            let path = match &edit.update {
                Some(update) => format!("/incidents/{}/updates/{}", escaped(&edit.id), escaped(update)),
                None => format!("/incidents/{}", escaped(&edit.id)),
            };
            let answer = client.call(Method::PATCH, &path, "application/json", body.to_string()).await?;
            output::print(global, &answer, |answer| output::receipt("Published: the edit is shown.", answer));
        }
        Command::Resolve(resolve) => {
            let mut body = json!({"text": resolve.words.read()?});
            put(&mut body, "at", time::resolved(client, "at", resolve.at.as_deref()).await?);
            let answer = client.post(&format!("/incidents/{}/resolve", escaped(&resolve.id)), &body).await?;
            output::print(global, &answer, |answer| output::receipt("Published: the incident is resolved.", answer));
        }
        Command::List(list) => {
            let answer = client.get(&format!("/incidents?{}", list.query())).await?;
            output::print(global, &answer, output::list);
        }
        Command::Show { id } => {
            let answer = client.get(&format!("/incidents/{}", escaped(&id))).await?;
            output::print(global, &answer, output::timeline);
        }
    }
    Ok(())
}
