//! The only build tool a contributor needs: `cargo xtask COMMAND`.
//!
//! | file | what |
//! |---|---|
//! | `bench/` | the figures of DESIGN section 10, beside nginx, in one run |
//! | `bundle/` | the browser bundle: islands to WebAssembly, style sheets, public files, hashed and precompressed |
//! | `demo.rs` | bundle, build, run the replay of 8 April 2024 |
//! | `serve.rs` | bundle, build, run a real page from a configuration file |
//! | `test/` | everything that CI runs, in its order |
//! | `server_binary.rs` | builds `holdfast` and becomes it |
//! | `workspace.rs` | where things lie |
//! | `progress.rs` | long steps say what they do and how long it took |
//!
//! This tool never edits sources, and the server never needs it to compile: without a bundle the pages carry no script.
#![forbid(unsafe_code)]

mod bench;
mod bundle;
mod demo;
mod progress;
mod serve;
mod server_binary;
mod test;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Builds, runs and tests Holdfast.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the browser bundle into target/site (skipped when nothing changed).
    Bundle,
    /// Run the demonstration: the incident of 8 April 2024 on its own clock.
    Demo(demo::DemoArguments),
    /// Run a real, empty page from a configuration file.
    Serve(serve::ServeArguments),
    /// Run every check and test, as CI does.
    Test(test::TestArguments),
    /// Measure the server beside nginx, and write server/docs/figures.md.
    Bench(bench::BenchArguments),
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let workspace = workspace::Workspace::locate()?;
    match arguments.command {
        Command::Bundle => bundle::run(&workspace),
        Command::Demo(demo) => demo::run(&workspace, &demo),
        Command::Serve(serve) => serve::run(&workspace, &serve),
        Command::Test(test) => test::run(&workspace, &test),
        Command::Bench(bench) => bench::run(&workspace, &bench),
    }
}
