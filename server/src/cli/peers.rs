//! `holdfast peers`.

use super::{
    arguments::Global,
    client::Client,
    failure::Failure,
    output::{self, text},
};
use clap::Args;
use serde_json::Value;
use std::time::Duration;

/// Seconds between two looks of `--watch`.
const WATCH_SECONDS: u64 = 1;
/// Clears a terminal and begins at its top.
const CLEAR: &str = "\x1b[2J\x1b[H";

/// The other nodes as this one sees them.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  holdfast peers --watch")]
pub struct Peers {
    /// Look again every second, until interrupted.
    #[arg(long)]
    watch: bool,
}

pub async fn run(global: &Global, arguments: &Peers) -> Result<(), Failure> {
    let client = Client::connect(global).await?;
    loop {
        let answer = client.get("/peers").await?;
        if arguments.watch && !global.json {
            output::say(CLEAR);
        }
        output::print(global, &answer, table);
        if !arguments.watch {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_secs(WATCH_SECONDS)).await;
    }
}

/// A line for each node, this one first.
fn table(answer: &Value) -> String {
    let number = |value: &Value, unit: &str| value.as_i64().map_or("-".to_owned(), |number| format!("{number}{unit}"));
    let age = |value: &Value| value.as_u64().map_or("never".to_owned(), seconds);
    let row = |cells: [&str; 8]| {
        let [name, region, link, lag, events, clock, trip, version] = cells;
        format!("{name:<16} {region:<20} {link:<9} {lag:>9} {events:>9} {clock:>10} {trip:>8}  {version}")
            .trim_end()
            .to_owned()
    };
    let mut lines = vec![row(["NODE", "REGION", "LINK", "NEWS", "EVENTS", "CLOCK", "TRIP", "VERSION"])];
    lines.push(row([
        "(this one)",
        text(answer, "region"),
        "",
        "",
        &number(&answer["events"], ""),
        "",
        "",
        text(answer, "version"),
    ]));
    for peer in answer["peers"].as_array().into_iter().flatten() {
        lines.push(row([
            text(peer, "name"),
            text(peer, "region"),
            text(peer, "link"),
            &age(&peer["age_ms"]),
            &number(&peer["events"], ""),
            &number(&peer["clock_offset_ms"], " ms"),
            &number(&peer["round_trip_ms"], " ms"),
            text(peer, "version"),
        ]));
        if let Some(trouble) = peer["trouble"].as_str() {
            lines.push(format!("  {trouble}"));
        }
    }
    lines.join("\n")
}

/// Milliseconds as seconds with one decimal, rounded up: an age is never told too small.
fn seconds(ms: u64) -> String {
    let tenths = ms.div_ceil(100);
    format!("{}.{} s", tenths / 10, tenths % 10)
}
