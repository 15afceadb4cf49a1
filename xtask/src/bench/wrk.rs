//! Load by wrk: bounded connections, bounded time, every error counted.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};

use super::debian;

/// Connections that are kept open, and the threads that drive them.
pub const CONNECTIONS: u32 = 64;
pub const THREADS: u32 = 2;

/// Prints what wrk counted in one line, without its rounding. Times are in microseconds.
const SCRIPT: &str = r#"
done = function(summary, latency, requests)
  local failed = summary.errors
  io.write(string.format("COUNTED %d %d %d %d %d %d\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99),
    failed.connect + failed.read + failed.write + failed.timeout, failed.status))
end
"#;

/// One run's counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Counted {
    pub requests: f64,
    pub seconds: f64,
    pub p50_us: f64,
    pub p99_us: f64,
}

impl Counted {
    pub fn requests_per_second(&self) -> f64 {
        self.requests / self.seconds
    }
}

/// The program and its script.
pub struct Wrk {
    script: PathBuf,
}

impl Wrk {
    /// # Errors
    /// When wrk is missing and cannot be installed.
    pub fn ready(folder: &Path) -> anyhow::Result<Self> {
        debian::ensure_installed("wrk", "wrk")?;
        let script = folder.join("wrk.lua");
        fs::write(&script, SCRIPT)?;
        Ok(Wrk { script })
    }

    /// Loads one address.
    ///
    /// # Errors
    /// When a request failed: then the run is broken, not slow.
    pub fn load(&self, url: &str, headers: &[&str], seconds: u64) -> anyhow::Result<Counted> {
        let mut command = Command::new("wrk");
        command.args([format!("-t{THREADS}"), format!("-c{CONNECTIONS}"), format!("-d{seconds}s")]);
        command.arg("--timeout").arg("10s").arg("--script").arg(&self.script);
        for header in headers {
            command.args(["-H", header]);
        }
        let output = command.arg(url).output().context("cannot start wrk")?;
        let text = String::from_utf8_lossy(&output.stdout);
        let (counted, failed) = counted(&text).with_context(|| format!("wrk says {text}"))?;
        ensure!(failed == 0.0, "{failed} of {} requests to {url} failed: {text}", counted.requests);
        ensure!(counted.requests > 0.0, "no request to {url} was answered");
        Ok(counted)
    }
}

/// What the script printed, and how many requests failed.
fn counted(text: &str) -> Option<(Counted, f64)> {
    let line = text.lines().find_map(|line| line.strip_prefix("COUNTED "))?;
    let numbers: Vec<f64> = line.split(' ').map(str::parse).collect::<Result<_, _>>().ok()?;
    let [requests, microseconds, p50_us, p99_us, failed, refused] = numbers[..] else { return None };
    Some((Counted { requests, seconds: microseconds / 1e6, p50_us, p99_us }, failed + refused))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scripts_line_is_found_among_wrks_own() {
        let text = "Running 1s test\n  64 connections\nCOUNTED 400000 5000000 700 2100 0 3\n";
        let (counted, failed) = counted(text).expect("a line");
        assert_eq!((counted.requests_per_second(), counted.p99_us, failed), (80_000.0, 2_100.0, 3.0));
        assert!(super::counted("unable to connect\n").is_none());
    }
}
