//! Long steps say what they do, and how long it took.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

/// Says what begins, does it, says how long it took.
///
/// # Errors
/// The step's own, under its title.
pub fn step<T>(title: &str, work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    eprintln!("==> {title}");
    let begun = Instant::now();
    let result = work();
    let mark = if result.is_ok() { "done" } else { "FAILED" };
    eprintln!("    {mark}: {title} ({})", elapsed(begun.elapsed()));
    result.with_context(|| title.to_owned())
}

/// Runs a child that writes to our own terminal; its progress is ours.
///
/// # Errors
/// When it cannot be started, or ends with another code than 0.
pub fn run(command: &mut Command) -> anyhow::Result<()> {
    let shown = shown(command);
    let status = command.status().with_context(|| format!("cannot start `{shown}`"))?;
    if !status.success() {
        bail!("`{shown}` ended with {status}");
    }
    Ok(())
}

/// A check that could not run: said so that nobody takes the run for complete.
pub fn not_run(what: &str, why: &str, remedy: &str) {
    eprintln!("!!!");
    eprintln!("!!! NOT RUN: {what}");
    eprintln!("!!! {why}");
    eprintln!("!!! To run it: {remedy}");
    eprintln!("!!!");
}

/// `0.3 s`, `75 s`, `3 min 20 s`.
pub fn elapsed(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..10 => format!("{}.{} s", seconds, time.subsec_millis() / 100),
        10..120 => format!("{seconds} s"),
        _ => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

fn shown(command: &Command) -> String {
    let mut line = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_in_the_unit_that_fits() {
        for (milliseconds, words) in [(340, "0.3 s"), (9_999, "9.9 s"), (75_000, "75 s"), (200_000, "3 min 20 s")] {
            assert_eq!(elapsed(Duration::from_millis(milliseconds)), words);
        }
    }

    #[test]
    fn a_child_that_fails_is_named() {
        let error = run(Command::new("false").arg("--now")).expect_err("`false` fails");
        assert!(error.to_string().contains("`false --now`"), "{error}");
    }
}
