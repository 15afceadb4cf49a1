//! Fuzz targets of what peers, files of events and copies bring, each for a few seconds, by cargo-fuzz, which is installed
//! when it is missing.
//!
//! They lie in `server/fuzz`, a workspace of its own. The compiler is the workspace's own, a stable one: coverage needs no
//! other, and sanitizers, which would, find little where there is no unsafe code.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Context as _;

use super::cargo_tool::CargoTool;
use super::{Outcome, system_packages};
use crate::progress;
use crate::workspace::Workspace;

const CARGO_FUZZ: CargoTool =
    CargoTool { name: "cargo-fuzz", version: "0.13.2", features: &[], duration: "a minute, once" };
/// What does not run without its tools.
const WHAT: &str = "fuzz targets of what peers, files of events and copies bring";
/// How long each target runs. What is found in it is what a change has broken; looking for more is left to longer runs.
const SECONDS: u32 = 10;
/// Longest input, in bytes: past every bound that a target asserts.
const INPUT_BYTES_MAX: u32 = 128 * 1024;
/// Memory that a target may take, and how long one input may, before that is a fault.
const MEMORY_MB_MAX: u32 = 1024;
const INPUT_SECONDS_MAX: u32 = 10;

/// Builds all targets and runs one after the other.
///
/// # Errors
/// When a target does not build, or has found an input that breaks it. That the tool cannot be had is said loudly instead.
pub fn run(workspace: &Workspace) -> anyhow::Result<Outcome> {
    let folder = workspace.root.join("server").join("fuzz");
    if let Err(error) = ensure_compiler() {
        progress::not_run(WHAT, &format!("libFuzzer needs a C++ compiler: {error:#}"), "install g++");
        return Ok(Outcome::NotRun);
    }
    let program = match CARGO_FUZZ.find_or_install(workspace) {
        Ok(program) => program,
        Err(error) => {
            CARGO_FUZZ.not_run(WHAT, "fuzz", &error);
            return Ok(Outcome::NotRun);
        }
    };
    let manifest = folder.join("Cargo.toml");
    let mut cargo = workspace.cargo();
    cargo.args(["fmt", "--check", "--manifest-path"]).arg(&manifest);
    progress::step("formatting of the fuzz targets", || progress::run(&mut cargo))?;
    let fuzz = |command: &str| {
        let mut fuzz = Command::new(&program);
        fuzz.current_dir(&folder).env("CARGO_TARGET_DIR", workspace.target.join("fuzz"));
        fuzz.args(["fuzz", command, "--fuzz-dir", ".", "--dev", "--sanitizer", "none"]);
        fuzz
    };
    progress::step("building the fuzz targets", || {
        // The tool would write a stale lock file anew, and say nothing.
        let mut locked = workspace.cargo();
        locked.args(["metadata", "--locked", "--format-version", "1", "--manifest-path"]).arg(&manifest);
        progress::run(locked.stdout(Stdio::null()))?;
        progress::run(&mut fuzz("build"))
    })?;
    for target in targets(&folder)? {
        // Begun anew each time: it would grow without end.
        let corpus = workspace.target.join("fuzz").join("corpus").join(&target);
        let _none_yet = std::fs::remove_dir_all(&corpus);
        std::fs::create_dir_all(&corpus).with_context(|| corpus.display().to_string())?;
        let mut run = fuzz("run");
        run.arg(&target).arg(corpus).arg(seeds(workspace, &target)?).args(["--", "-verbosity=0", "-print_funcs=0"]);
        run.arg(format!("-max_total_time={SECONDS}")).arg(format!("-max_len={INPUT_BYTES_MAX}"));
        run.arg(format!("-rss_limit_mb={MEMORY_MB_MAX}")).arg(format!("-timeout={INPUT_SECONDS_MAX}"));
        progress::step(&format!("fuzz target {target} ({SECONDS} s)"), || progress::run(&mut run))?;
    }
    Ok(Outcome::Passed)
}

/// The C compiler that the server needs does not always bring its sister along.
fn ensure_compiler() -> anyhow::Result<()> {
    let named = std::env::var_os("CXX").unwrap_or_else(|| "c++".into());
    if Command::new(named).arg("--version").output().is_ok_and(|output| output.status.success()) {
        return Ok(());
    }
    progress::step("installing a C++ compiler from the system's packages", || system_packages::install(&["g++"]))
}

/// Where a target's first inputs lie. Those of events are made from the golden files: a kind has no file of its own to
/// forget here.
fn seeds(workspace: &Workspace, target: &str) -> anyhow::Result<PathBuf> {
    let from_golden: fn(&[u8], &[u8]) -> Vec<u8> = match target {
        "envelope" => |signed, _| signed.to_vec(),
        // The kind, as the header names it, and the body.
        "body" => |signed, body| [signed.get(4..6).unwrap_or_default(), body].concat(),
        _ => return Ok(workspace.root.join("server/fuzz/seeds").join(target)),
    };
    let made = workspace.target.join("fuzz").join("seeds").join(target);
    std::fs::create_dir_all(&made).with_context(|| made.display().to_string())?;
    let golden = workspace.root.join("server/tests/golden/events");
    for file in std::fs::read_dir(&golden).with_context(|| golden.display().to_string())? {
        let path = file?.path();
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let mut lines = text.lines().map(bytes);
        let (signed, body) = lines.next().flatten().zip(lines.next().flatten()).with_context(|| {
            format!("{} holds no two lines of hexadecimal digits: header and signature, and body", path.display())
        })?;
        std::fs::write(made.join(path.file_stem().unwrap_or_default()), from_golden(&signed, &body))?;
    }
    Ok(made)
}

fn bytes(digits: &str) -> Option<Vec<u8>> {
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()).collect()
}

/// The names of the targets, in order.
fn targets(folder: &Path) -> anyhow::Result<Vec<String>> {
    let files = folder.join("targets");
    let mut targets = Vec::new();
    for file in std::fs::read_dir(&files).with_context(|| files.display().to_string())? {
        let path = file?.path();
        targets.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
    }
    targets.sort();
    Ok(targets)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `name version` of each package in a lock file.
    fn locked(folder: &Path) -> Vec<String> {
        let text = std::fs::read_to_string(folder.join("Cargo.lock")).expect("a lock file");
        let value = |line: &str, field: &str| {
            line.strip_prefix(field)?.strip_prefix(" = \"")?.strip_suffix('"').map(str::to_owned)
        };
        let lines: Vec<&str> = text.lines().collect();
        let package = |pair: &[&str]| Some(format!("{} {}", value(pair[0], "name")?, value(pair[1], "version")?));
        lines.windows(2).filter_map(package).collect()
    }

    #[test]
    fn what_is_fuzzed_is_built_from_the_versions_that_are_released() {
        let workspace = Workspace::locate().expect("the workspace");
        let released = locked(&workspace.root);
        let name = |package: &str| package.split_once(' ').map(|(name, _)| name.to_owned());
        let names: Vec<_> = released.iter().map(|package| name(package)).collect();
        let fuzzed = locked(&workspace.root.join("server").join("fuzz"));
        assert!(fuzzed.iter().any(|package| package.starts_with("negentropy ")), "{fuzzed:?}");
        let others: Vec<_> =
            fuzzed.iter().filter(|package| names.contains(&name(package)) && !released.contains(package)).collect();
        assert!(others.is_empty(), "set these in server/fuzz/Cargo.lock as in Cargo.lock: {others:?}");
    }

    #[test]
    fn every_fuzz_target_has_seeds() {
        let workspace = Workspace::locate().expect("the workspace");
        let targets = targets(&workspace.root.join("server").join("fuzz")).expect("targets");
        assert!(targets.len() >= 7, "{targets:?}");
        for target in targets {
            let folder = seeds(&workspace, &target).expect("seeds");
            let count = std::fs::read_dir(&folder).map(Iterator::count);
            assert!(count.is_ok_and(|count| count > 0), "none in {}", folder.display());
        }
    }
}
