//! The command line: one file for each command. Every command but `serve`, `demo` and `check` is a client of the same
//! `/api/v1` router: over the Unix socket of a running node, else in this process on the data directory.
//!
//! | module | what is there |
//! |---|---|
//! | [`arguments`] | the tree of commands and what they share |
//! | `client` | the way to a node, or to the data directory |
//! | `failure` | what went wrong, and the exit code |
//! | `output` | answers for people |
//! | `scope`, `time`, `words` | `--scope`, `--at` and `--text` |
//! | `running`, `copies`, `logging`, `open_files` | a node with its listeners; the copies that it keeps; its logs; its limit of open files |
//! | `check_copies` | of `check`: whether the places of copies can be written |
//! | `oidc` | the sign-in provider of the configuration |
//! | `lost` | a node whose log is lost: the copy that it serves, and how it fills itself again |
//! | the rest | one command each |
//!
//! Exit codes: 0 done, 1 refused input, 2 wrong usage, 3 no node or store to work on.

pub mod arguments;
mod backup;
mod breakglass;
mod catalog;
mod check;
mod check_copies;
mod client;
mod completions;
mod copies;
mod demo;
mod events;
mod failure;
mod import;
mod incident;
mod logging;
mod lost;
mod maintenance;
mod mirrors;
mod node;
mod oidc;
mod open_files;
mod operator;
mod output;
mod peers;
mod postmortem;
mod running;
mod scope;
mod serve;
mod snapshot;
mod time;
mod token;
mod words;

pub use arguments::Arguments;

use arguments::Command;
use clap::Parser;
use client::Client;
use failure::Failure;
use std::process::ExitCode;

/// Runs the program on the process's arguments.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let json = arguments.global.json;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let done = match runtime {
        Ok(runtime) => runtime.block_on(run(arguments)),
        Err(error) => Err(Failure::unavailable(format!("the program's threads cannot be started: {error}"))),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.print(json);
            failure.code()
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Failure> {
    let global = &arguments.global;
    if !matches!(arguments.command, Command::Serve(_) | Command::Demo(_)) {
        logging::for_commands();
    }
    match arguments.command {
        Command::Serve(serve) => serve::run(global, &serve).await,
        Command::Demo(demo) => demo::run(global, demo).await,
        Command::Catalog(command) => catalog::run(global, command).await,
        Command::Incident(command) => incident::run(global, &Client::connect(global).await?, command).await,
        Command::Maintenance(command) => maintenance::run(global, &Client::connect(global).await?, command).await,
        Command::Postmortem(command) => postmortem::run(global, &Client::connect(global).await?, command).await,
        Command::Breakglass(command) => breakglass::run(global, command).await,
        Command::Token(command) => token::run(global, command).await,
        Command::Operator(command) => operator::run(global, command).await,
        Command::Node(command) => node::run(global, command).await,
        Command::Import(command) => import::run(global, command).await,
        Command::Events(command) => events::run(global, command).await,
        Command::Backup(arguments) => backup::backup(global, &arguments).await,
        Command::Restore(arguments) => backup::restore(global, &arguments).await,
        Command::Peers(peers) => peers::run(global, &peers).await,
        Command::Mirrors(mirrors) => mirrors::run(global, &mirrors).await,
        Command::Snapshot(command) => snapshot::run(global, command).await,
        Command::Check(check) => check::run(global, &check).await,
        Command::Completions(completions) => completions::run(&completions),
    }
}
