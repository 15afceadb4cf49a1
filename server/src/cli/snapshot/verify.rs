//! `holdfast snapshot verify`.

use crate::{
    cli::{
        arguments::Global,
        client::{self, Client},
        failure::Failure,
        output,
    },
    clock::{Clock, SystemClock},
    import::statuspage::fetch::is_address,
    snapshot::{
        manifest::{ROOT_BYTES_MAX, Signed},
        target::Directory,
        verify::{Expected, GOOD, Reader, Verdict, Web, verify},
    },
};
use clap::Args;
use domain::id::NodeKey;
use serde_json::{Value, json};
use std::{
    io::Read,
    path::{Path, PathBuf},
};

/// Check a snapshot: who wrote it, when, and that nothing was altered.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 good; 10 good, update in progress; 11 expired; 12 changed; 13 missing file; 14 extra file; \
15 re-ordered or older; 16 unknown key; 17 bad signature or unreadable manifest; 3 nothing to read.\n\n\
Examples:\n  holdfast snapshot verify /srv/status\n  holdfast snapshot verify https://mirror.example.com --key KEY"
)]
pub struct Verify {
    /// A directory, or the address that a web server serves one at.
    #[arg(value_name = "DIR|URL")]
    place: String,
    /// A node's key that is trusted; without one, those that the data directory's node trusts.
    #[arg(long = "key", value_name = "HEX", conflicts_with = "any_key")]
    keys: Vec<String>,
    /// Take any key, and say whose it is.
    #[arg(long)]
    any_key: bool,
    /// A manifest that was seen before: nothing older passes.
    #[arg(long, value_name = "FILE")]
    after: Option<PathBuf>,
    /// A PEM file with the certificates of the authorities to trust instead of the built-in ones.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
}

pub async fn run(global: &Global, arguments: Verify) -> Result<(), Failure> {
    let after = arguments.after.as_deref().map(seen).transpose()?;
    let expected = Expected { keys: keys(global, &arguments).await?, after };
    let failed = |error: &dyn std::fmt::Display| Failure::unavailable(error.to_string());
    let reader: Box<dyn Reader> = match is_address(&arguments.place) {
        true => Box::new(Web::new(&arguments.place, arguments.ca.as_deref()).map_err(|error| failed(&error))?),
        false => Box::new(Directory::reader(Path::new(&arguments.place))),
    };
    let now = SystemClock.now();
    let verdict = verify(&*reader, &expected, now).await.map_err(|error| failed(&error))?;
    output::print(global, &answer(&verdict), |_| told(&verdict));
    match verdict.code() {
        GOOD => Ok(()),
        code => Err(Failure::told(code)),
    }
}

fn answer(verdict: &Verdict) -> Value {
    let told = verdict.told.as_ref().map(|told| {
        json!({
            "signer": told.signer.to_string(),
            "writer": told.root.writer.to_string(),
            "sequence": told.root.sequence,
            "board": { "total": told.root.board.total(), "digest": told.root.board.digest() },
            "confirmed_at": told.root.confirmed_at,
            "trust_until": told.root.trust_until,
        })
    });
    let findings: Vec<Value> = verdict
        .findings
        .iter()
        .map(|finding| json!({ "code": finding.code(), "sentence": finding.to_string() }))
        .collect();
    json!({
        "code": verdict.code(),
        "sentence": verdict.sentence(),
        "update_in_progress": verdict.is_updating,
        "files": verdict.files,
        "findings": findings,
        "more_findings": verdict.more,
        "manifest": told,
    })
}

fn told(verdict: &Verdict) -> String {
    let mut lines = vec![verdict.sentence()];
    lines.extend(verdict.findings.iter().skip(1).map(ToString::to_string));
    if verdict.more > 0 {
        lines.push(format!("And {} more.", verdict.more));
    }
    lines.join("\n")
}

/// The keys to trust; `None`: any.
async fn keys(global: &Global, arguments: &Verify) -> Result<Option<Vec<NodeKey>>, Failure> {
    if arguments.any_key {
        return Ok(None);
    }
    if !arguments.keys.is_empty() {
        return arguments.keys.iter().map(|key| parsed(key)).collect::<Result<_, _>>().map(Some);
    }
    let hint = "no node is here to ask which keys are trusted; give `--key KEY`, or `--any-key` to learn whose it is";
    // To look is not to make a data directory.
    let is_told = global.config.is_some() || global.data.is_some();
    let config = client::configuration(global);
    let config = config.map_err(|failure| if is_told { failure } else { Failure::usage(hint) })?;
    if !config.data.is_dir() {
        return Err(Failure::usage(hint));
    }
    let client = Client::connect(global).await?;
    let nodes = client.get("/nodes").await?;
    let keys = nodes["nodes"].as_array().into_iter().flatten().filter(|node| node["state"] == "trusted");
    let keys = keys.filter_map(|node| node["key"].as_str());
    keys.map(parsed).collect::<Result<_, _>>().map(Some)
}

fn parsed(key: &str) -> Result<NodeKey, Failure> {
    key.parse().map_err(|_| {
        Failure::refused(
            "key",
            format!("`{key}` is no node's key"),
            "64 hexadecimal digits, as `holdfast node key` prints",
        )
    })
}

fn seen(path: &Path) -> Result<Signed, Failure> {
    let refused = |what: String| {
        Failure::refused(
            "after",
            format!("{}: {what}", path.display()),
            "a `manifest` that was kept from this snapshot",
        )
    };
    let file = std::fs::File::open(path).map_err(|error| refused(error.to_string()))?;
    let mut bytes = Vec::new();
    file.take(ROOT_BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map_err(|error| refused(error.to_string()))?;
    Signed::parse(&bytes).map_err(|error| refused(error.to_string()))
}
