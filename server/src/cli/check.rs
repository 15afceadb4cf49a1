//! `holdfast check`.

use super::{arguments::Global, check_copies, failure::Failure, oidc, output};
use crate::{
    config::{self, Config, ConfigError},
    http::{settings::CertificateFiles, tls::Certificates},
    store::{Identity, Store, open::DATA_FILE},
};
use clap::Args;
use domain::command::Refusal;
use serde_json::json;
use std::path::PathBuf;
use tokio::net::UnixStream;

/// Nothing of the node's is written, and a running node is left alone. Where it is to keep a copy of the site, a file
/// `.holdfast-check` is written and removed again.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  holdfast check holdfast.toml")]
pub struct Check {
    file: PathBuf,
}

pub async fn run(global: &Global, check: &Check) -> Result<(), Failure> {
    let config = config::load(&check.file).map_err(|error| match error {
        ConfigError::Refused { refusals, .. } => Failure::from(refusals),
        other => Failure::refused("file", other.to_string(), "a readable TOML file"),
    })?;
    let mut found = vec![format!("configuration {}: in order", check.file.display())];
    let mut refusals = Vec::new();
    let own = [data(&config).await, certificates(&config), oidc::check(&config)];
    for result in own.into_iter().chain(check_copies::check(&config).await) {
        match result {
            Ok(line) => found.push(line),
            Err(refusal) => refusals.push(refusal),
        }
    }
    if !refusals.is_empty() {
        return Err(refusals.into());
    }
    output::print(global, &json!({ "found": found }), |_| found.join("\n"));
    Ok(())
}

async fn data(config: &Config) -> Result<String, Refusal> {
    let shown = config.data.display();
    let refusal = |what: String, right: &str| Refusal::new("data", what, right);
    if UnixStream::connect(config.socket()).await.is_ok() {
        return Ok(format!("data directory {shown}: a node runs on it"));
    }
    if !config.data.exists() {
        return Ok(format!("data directory {shown}: will be made by the first `serve`"));
    }
    let metadata =
        std::fs::metadata(&config.data).map_err(|error| refusal(format!("{shown}: {error}"), "a directory"))?;
    if !metadata.is_dir() || metadata.permissions().readonly() {
        return Err(refusal(format!("{shown} is no directory that can be written"), "a directory of the node's user"));
    }
    if !config.data.join(DATA_FILE).exists() {
        return Ok(format!("data directory {shown}: empty"));
    }
    let right = "the directory that the node wrote, with its node.key and cluster.key";
    let identity = Identity::load_or_create(&config.data).map_err(|error| refusal(error.to_string(), right))?;
    let store = Store::open(&config.data, identity).map_err(|error| refusal(error.to_string(), right))?;
    store.self_check().map_err(|error| refusal(error.to_string(), right))?;
    Ok(format!("data directory {shown}: in order"))
}

fn certificates(config: &Config) -> Result<String, Refusal> {
    let Some(tls) = &config.public.tls else {
        return Ok("public.tls: not set; readers come over plain HTTP".to_owned());
    };
    let files = CertificateFiles { certificates: tls.certificate.clone(), key: tls.key.clone() };
    match Certificates::load(files) {
        Ok(_) => Ok("public.tls: in order".to_owned()),
        Err(error) => Err(Refusal::new("public.tls", error.to_string(), "a PEM certificate chain and its PEM key")),
    }
}
