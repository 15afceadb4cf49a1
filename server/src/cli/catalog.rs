//! `holdfast catalog`.

use super::{
    arguments::Global,
    client::Client,
    failure::Failure,
    output::{self, text},
};
use crate::api::catalog::TOML;
use axum::{
    body::{Body, to_bytes},
    http::{HeaderValue, Method, header},
};
use clap::Subcommand;
use serde_json::Value;
use std::path::{Path, PathBuf};

const FILE_EXAMPLE: &str = "Example:
  holdfast catalog apply catalog.toml

A catalog file:
  [page]
  name = { default = \"Example status\", zh-CN = \"示例状态\" }
  url = \"https://status.example.com\"
  time_zone = \"Asia/Shanghai\"

  [[region]]
  code = \"ap-shanghai\"
  name = \"Shanghai\"

  [[group]]
  code = \"platform\"
  name = \"Platform\"

  [[component]]
  code = \"cloud-api\"
  name = \"Cloud API\"
  group = \"platform\"
  plane = \"control\"          # control or data
  regions = \"all\"            # or a list of codes; left out for none
  depends_on = []";

/// Longest file or export, in bytes.
const FILE_BYTES_MAX: usize = crate::api::body::CATALOG_BYTES_MAX;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show what applying a file would change.
    #[command(after_help = "Example:\n  holdfast catalog plan catalog.toml")]
    Plan { file: PathBuf },
    /// Make the catalog what a file says.
    #[command(after_help = FILE_EXAMPLE)]
    Apply { file: PathBuf },
    /// Write the present catalog as a file.
    #[command(after_help = "Example:\n  holdfast catalog export > catalog.toml")]
    Export,
}

pub async fn run(global: &Global, command: Command) -> Result<(), Failure> {
    match command {
        Command::Plan { file } => {
            let text = read(&file)?;
            let answer = Client::connect(global).await?.call(Method::POST, "/catalog/plan", TOML, text).await?;
            output::print(global, &answer, differences);
        }
        Command::Apply { file } => {
            let text = read(&file)?;
            let answer = Client::connect(global).await?.call(Method::PUT, "/catalog", TOML, text).await?;
            output::print(global, &answer, |answer| match answer["events"].as_array().map_or(0, Vec::len) {
                0 => differences(answer),
                _ => format!("{}\n{}", differences(answer), output::receipt("Applied.", answer)),
            });
        }
        Command::Export => export(global).await?,
    }
    Ok(())
}

async fn export(global: &Global) -> Result<(), Failure> {
    let client = Client::connect(global).await?;
    if global.json {
        let answer = client.get("/catalog").await?;
        output::print(global, &answer, |_| String::new());
        return Ok(());
    }
    let mut request = client.request(Method::GET, "/catalog", TOML, Body::empty())?;
    request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static(TOML));
    let body = to_bytes(client.send(request).await?.into_body(), FILE_BYTES_MAX).await;
    let body = body.map_err(|error| Failure::unavailable(format!("the answer was cut off: {error}")))?;
    output::say(&String::from_utf8_lossy(&body));
    Ok(())
}

fn read(file: &Path) -> Result<String, Failure> {
    let failed = |what: String| Failure::refused("file", format!("{}: {what}", file.display()), "a TOML file in UTF-8");
    let bytes = std::fs::read(file).map_err(|error| failed(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| failed(error.to_string()))
}

fn differences(answer: &Value) -> String {
    let lines: Vec<String> = answer["differences"].as_array().into_iter().flatten().map(difference).collect();
    if lines.is_empty() { "Nothing differs.".to_owned() } else { lines.join("\n") }
}

fn difference(entry: &Value) -> String {
    let sign = match text(entry, "sign") {
        "added" => '+',
        "removed" => '-',
        _ => '~',
    };
    let fields: Vec<&str> = entry["fields"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let line = format!("{sign} {} {}", text(entry, "entry"), text(entry, "code"));
    match fields.is_empty() {
        true => line.trim_end().to_owned(),
        false => format!("{} ({})", line.trim_end(), fields.join(", ")),
    }
}
