//! `holdfast completions`.

use super::{Arguments, failure::Failure};
use clap::{Args, CommandFactory};
use clap_complete::Shell;

/// Write completions to standard output.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  holdfast completions bash > ~/.local/share/bash-completion/completions/holdfast")]
pub struct Completions {
    shell: Shell,
}

pub fn run(completions: &Completions) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(completions.shell, &mut Arguments::command(), "holdfast", &mut script);
    super::output::say(&String::from_utf8_lossy(&script));
    Ok(())
}
