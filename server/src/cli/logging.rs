//! Logs, to standard error, as text or JSON. `RUST_LOG` stands above the configuration.

use crate::config::{Log, LogFormat};
use tracing_subscriber::{EnvFilter, filter::LevelFilter};

/// Crates that would write the headers of requests, and with them tokens, at their finer levels.
const CAPPED: &[&str] = &["h2=info", "hyper=info", "hyper_util=info", "rustls=info"];

fn filter(level: &str) -> EnvFilter {
    let given = std::env::var(EnvFilter::DEFAULT_ENV).ok().filter(|given| !given.is_empty());
    let filter = EnvFilter::builder().with_default_directive(LevelFilter::WARN.into());
    let filter = filter.parse_lossy(given.as_deref().unwrap_or(level));
    CAPPED.iter().filter_map(|cap| cap.parse().ok()).fold(filter, EnvFilter::add_directive)
}

/// Logs of a node.
pub fn for_node(log: &Log) {
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter(&log.level)).with_writer(std::io::stderr);
    // Set once in a process; a second call changes nothing.
    let _already = match log.format {
        LogFormat::Text => subscriber.with_ansi(false).try_init(),
        LogFormat::Json => subscriber.json().try_init(),
    };
}

/// Logs of a command: only what went wrong.
pub fn for_commands() {
    for_node(&Log { format: LogFormat::Text, level: "error".to_owned() });
}
