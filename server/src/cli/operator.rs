//! `holdfast operator`.

use super::{
    arguments::Global,
    client::{Client, escaped},
    failure::Failure,
    incident::put,
    output::{self, text},
};
use axum::{body::Body, http::Method};
use clap::{Subcommand, builder::PossibleValuesParser};
use domain::operator::Role;
use serde_json::{Value, json};

/// Every role there is.
pub(super) fn roles() -> PossibleValuesParser {
    PossibleValuesParser::new(Role::ALL.iter().map(|role| role.word()))
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Add an operator; the link that lets them choose a password is shown once.
    #[command(after_help = "Example:\n  holdfast operator add wei@example.com --name 'Li Wei' --role editor")]
    Add {
        /// What they sign in with.
        login: String,
        /// What the audit trail calls them; by default the login.
        #[arg(long)]
        name: Option<String>,
        /// What they may do.
        #[arg(long, default_value = "poster", value_parser = roles())]
        role: String,
    },
    /// List operators; no secret is shown.
    #[command(after_help = "Example:\n  holdfast operator list")]
    List,
    /// Change a name or a role, or let somebody out (or back in).
    #[command(after_help = "Example:\n  holdfast operator set wei@example.com --out")]
    Set {
        login: String,
        #[arg(long)]
        name: Option<String>,
        #[arg(long, value_parser = roles())]
        role: Option<String>,
        /// End every session and every way in.
        #[arg(long, conflicts_with = "back")]
        out: bool,
        /// Let them in again; they need a new invitation.
        #[arg(long)]
        back: bool,
    },
    /// A new link to choose a password, for somebody who has lost theirs.
    #[command(after_help = "Example:\n  holdfast operator invite wei@example.com")]
    Invite { login: String },
    /// Take the second factor off, for somebody whose authenticator and recovery codes are lost.
    #[command(after_help = "Example:\n  holdfast operator second-factor-off wei@example.com")]
    SecondFactorOff { login: String },
}

pub async fn run(global: &Global, command: Command) -> Result<(), Failure> {
    let client = Client::connect(global).await?;
    match command {
        Command::Add { login, name, role } => {
            let name = name.unwrap_or_else(|| login.clone());
            let answer = client.post("/operators", &json!({ "login": login, "name": name, "role": role })).await?;
            output::print(global, &answer, |answer| invitation("The operator is added.", answer));
        }
        Command::List => {
            let answer = client.get("/operators").await?;
            output::print(global, &answer, |answer| {
                let line = |operator: &Value| {
                    let [login, role, state, name] = ["login", "role", "state", "name"].map(|key| text(operator, key));
                    format!("{login:<32}  {role:<13}  {state:<7}  {name}")
                };
                let lines: Vec<String> = answer["operators"].as_array().into_iter().flatten().map(line).collect();
                if lines.is_empty() { "There is none.".to_owned() } else { lines.join("\n") }
            });
        }
        Command::Set { login, name, role, out, back } => {
            let mut body = json!({});
            put(&mut body, "name", name);
            put(&mut body, "role", role);
            if out || back {
                body["active"] = json!(back);
            }
            let path = format!("/operators/{}", escaped(&login));
            let answer = client.call(Method::PATCH, &path, "application/json", body.to_string()).await?;
            output::print(global, &answer, |answer| output::receipt("The operator is changed.", answer));
        }
        Command::SecondFactorOff { login } => {
            let path = format!("/operators/{}/second-factor", escaped(&login));
            let answer = client.call(Method::DELETE, &path, "application/json", Body::empty()).await?;
            output::print(global, &answer, |answer| output::receipt("The second factor is off.", answer));
        }
        Command::Invite { login } => {
            let answer = client.post(&format!("/operators/{}/invite", escaped(&login)), &json!({})).await?;
            output::print(global, &answer, |answer| invitation("The link is made.", answer));
        }
    }
    Ok(())
}

fn invitation(done: &str, answer: &Value) -> String {
    let (link, until) = (text(answer, "link"), text(answer, "expires_at"));
    let receipt = output::receipt(done, answer);
    format!("{receipt}\nThis link lets them choose a password, once, until {until}. It is shown only now.\n  {link}")
}
