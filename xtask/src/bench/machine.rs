//! On what, when and with which programs the figures were measured.

use std::fmt;
use std::fs;
use std::path::Path;
use std::process::Command;

use chrono::{DateTime, Utc};
use serde::Serialize;

#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    pub measured_at: DateTime<Utc>,
    pub command: String,
    pub processor: String,
    pub cores: usize,
    pub memory: String,
    pub kernel: String,
    /// What other programs used of all cores just before, in percent.
    pub others_percent: f64,
    /// Name and version of each program that takes part.
    pub programs: Vec<String>,
}

impl Machine {
    /// What this machine says of itself; what it does not say is `unknown`.
    pub fn ask(measured_at: DateTime<Utc>, others_share: f64, holdfast: &Path) -> Self {
        let processor = field("/proc/cpuinfo", "model name");
        let memory = field("/proc/meminfo", "MemTotal");
        let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").map(|text| text.trim().to_owned());
        let programs: [(&str, &[&str]); 4] = [
            ("rustc", &["--version"]),
            ("nginx", &["-v"]),
            ("wrk", &["-v"]),
            ("git", &["describe", "--always", "--dirty"]),
        ];
        let mut said: Vec<String> =
            programs.iter().map(|(program, arguments)| first_line(program, arguments)).collect();
        said.push(first_line(&holdfast.to_string_lossy(), &["--version"]));
        Machine {
            measured_at,
            command: std::env::args().skip(1).fold("cargo xtask".to_owned(), |line, word| line + " " + &word),
            processor,
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory,
            others_percent: others_share * 100.0,
            kernel: kernel.unwrap_or_else(|_| "unknown".to_owned()),
            programs: said,
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "- measured: {} by `{}`", self.measured_at.format("%Y-%m-%d %H:%M UTC"), self.command)?;
        writeln!(
            f,
            "- machine: {}, {} cores, {} of memory, Linux {}",
            self.processor, self.cores, self.memory, self.kernel
        )?;
        writeln!(f, "- other programs used {:.0} % of the cores just before", self.others_percent)?;
        writeln!(f, "- programs: {}", self.programs.join("; "))
    }
}

/// The value of the first line of a `/proc` file that begins with `name`.
fn field(path: &str, name: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.split_once(':'));
    line.map_or_else(|| "unknown".to_owned(), |(_, value)| value.trim().to_owned())
}

/// The first line that a program writes, on either channel.
fn first_line(program: &str, arguments: &[&str]) -> String {
    let unknown = || format!("{program} unknown");
    let Ok(output) = Command::new(program).args(arguments).output() else { return unknown() };
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let line = said.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("unknown").to_owned();
    if program == "git" { format!("sources {line}") } else { line }
}
