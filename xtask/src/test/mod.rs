//! `cargo xtask test`: everything that CI runs, in its order, stopping at the first failure.
//!
//! | file | what |
//! |---|---|
//! | `end_to_end.rs` | the built server in a real browser |
//! | `chromium.rs` | finds a Chromium, or installs the system's |
//! | `deny.rs` | what the dependencies may be, by cargo-deny |
//! | `fuzz.rs` | what peers, files of events and copies bring, by cargo-fuzz |
//! | `cargo_tool.rs` | installs these two, and a server that speaks S3 |
//! | `npm_packages.rs` | installs what the browser tests need, and a server that speaks Azure Blob Storage |
//! | `system_packages.rs` | installs what Debian has |
//!
//! A step that cannot run is a failure, or says loudly that it was not run.

mod cargo_tool;
mod chromium;
mod deny;
mod end_to_end;
mod fuzz;
mod npm_packages;
mod system_packages;

use std::process::Command;
use std::time::Instant;

use clap::{Args, ValueEnum};

use self::cargo_tool::CargoTool;
use crate::workspace::Workspace;
use crate::{bundle, progress, server_binary};

/// Example: `cargo xtask test --only clippy`
#[derive(Args)]
pub struct TestArguments {
    /// Run one step alone.
    #[arg(long, value_enum)]
    only: Option<Step>,
}

/// A server that speaks S3, for one test.
const BUCKET_SERVER: CargoTool = CargoTool {
    name: "s3s-fs",
    // The newest that this toolchain builds.
    version: "0.14.1",
    features: &["binary"],
    duration: "some minutes, once",
};
/// Where the lock file of one that speaks Azure Blob Storage lies, and its program.
const CONTAINER_SERVER: [&str; 2] = ["server/tests/azurite", "node_modules/.bin/azurite-blob"];

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Step {
    /// Every file is formatted by rustfmt.
    Fmt,
    /// The browser bundle builds, exports its islands and keeps its size.
    Bundle,
    /// Clippy on everything for this machine, warnings as errors.
    Clippy,
    /// Clippy on the islands as the browser gets them.
    ClippyBrowser,
    /// Unit, property and integration tests.
    Test,
    /// Licences, bans, sources and advisories of all dependencies (cargo-deny).
    Deny,
    /// What reads foreign bytes, for a few seconds each (cargo-fuzz).
    Fuzz,
    /// The built server in a real browser.
    EndToEnd,
}

const ALL: [Step; 8] =
    [Step::Fmt, Step::Bundle, Step::Clippy, Step::ClippyBrowser, Step::Test, Step::Deny, Step::Fuzz, Step::EndToEnd];

/// Runs the steps.
///
/// # Errors
/// The first failure.
pub fn run(workspace: &Workspace, arguments: &TestArguments) -> anyhow::Result<()> {
    let begun = Instant::now();
    let mut not_run = 0;
    for step in ALL.into_iter().filter(|step| arguments.only.is_none_or(|only| only == *step)) {
        match step.run(workspace)? {
            Outcome::Passed => {}
            Outcome::NotRun => not_run += 1,
        }
    }
    let time = progress::elapsed(begun.elapsed());
    match not_run {
        0 => eprintln!("==> everything passed ({time})"),
        _ => eprintln!("==> what ran passed ({time}); NOT RUN: {not_run} of the steps, see above"),
    }
    Ok(())
}

/// What a step that did not fail came to.
enum Outcome {
    Passed,
    /// It said so, and why, when it was its turn.
    NotRun,
}

impl Step {
    fn run(self, workspace: &Workspace) -> anyhow::Result<Outcome> {
        let cargo = |title: &str, arguments: &[&str]| {
            progress::step(title, || progress::run(workspace.cargo().args(arguments)))
        };
        match self {
            Step::Fmt => cargo("formatting", &["fmt", "--all", "--check"]),
            Step::Bundle => bundle::run(workspace),
            Step::Clippy => cargo("clippy", &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]),
            Step::ClippyBrowser => progress::step("clippy for the browser", || {
                bundle::ensure_target(workspace)?;
                progress::run(
                    workspace
                        .cargo()
                        .args(["clippy", "--package", "hydrate", "--lib"])
                        .args(["--target", bundle::TARGET, "--profile", bundle::PROFILE])
                        .arg("--target-dir")
                        .arg(workspace.browser_target())
                        .args(["--", "-D", "warnings"]),
                )
            }),
            Step::Test => {
                ensure_namespaces();
                let next = server_binary::build_next(workspace)?;
                let bucket_server = BUCKET_SERVER.find_or_install(workspace);
                let mut tests = workspace.cargo();
                tests.args(["test", "--workspace"]).env("HOLDFAST_NEXT", &next);
                match &bucket_server {
                    Ok(program) => _ = tests.env("HOLDFAST_S3S_FS", program),
                    Err(error) => BUCKET_SERVER.not_run("a mirror in a real S3-compatible server", "test", error),
                }
                let folder = workspace.root.join(CONTAINER_SERVER[0]);
                let container_server = npm_packages::install(&folder);
                match &container_server {
                    Ok(()) => _ = tests.env("HOLDFAST_AZURITE", folder.join(CONTAINER_SERVER[1])),
                    Err(error) => progress::not_run(
                        "a mirror in a server that speaks Azure Blob Storage",
                        &format!("azurite could not be installed: {error:#}"),
                        &format!("`npm ci` in {}, then cargo xtask test --only test", CONTAINER_SERVER[0]),
                    ),
                }
                progress::step("unit, property and integration tests", || progress::run(&mut tests))?;
                let all_ran = bucket_server.is_ok() && container_server.is_ok();
                return Ok(if all_ran { Outcome::Passed } else { Outcome::NotRun });
            }
            Step::Deny => return deny::run(workspace),
            Step::Fuzz => return fuzz::run(workspace),
            Step::EndToEnd => end_to_end::run(workspace),
        }?;
        Ok(Outcome::Passed)
    }
}

/// `ip`, with which one test lays a network of its own; where it cannot be had, that test says that it did not run.
fn ensure_namespaces() {
    if Command::new("ip").arg("-V").output().is_ok_and(|output| output.status.success()) {
        return;
    }
    let install = || system_packages::install(&["iproute2"]);
    if let Err(error) = progress::step("installing iproute2 from the system's packages", install) {
        eprintln!("    {error:#}; install it by hand, or one test is not run");
    }
}
