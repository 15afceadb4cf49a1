//! The tree of commands, and the options that all of them share.

use super::{
    backup, breakglass, catalog, check, completions, demo, events, import, incident, maintenance, mirrors, node,
    operator, peers, postmortem, serve, snapshot, token,
};
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// A self-hosted status page that keeps telling the truth while what it reports on is down.
#[derive(Debug, Parser)]
#[command(name = "holdfast", version, propagate_version = true, max_term_width = 100)]
pub struct Arguments {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// What every command takes.
#[derive(Clone, Debug, Args)]
pub struct Global {
    /// The configuration file; by default holdfast.toml where you are.
    #[arg(long, global = true, env = "HOLDFAST_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The data directory, instead of the one that the configuration names.
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Answer in JSON; errors too, as problem+json on standard error.
    #[arg(long, global = true)]
    pub json: bool,
    /// Who is writing, for the audit trail; by default your user name.
    #[arg(long = "as", global = true, env = "USER", hide_env_values = true, value_name = "NAME")]
    pub operator: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a node: the page, its feeds, the API.
    Serve(serve::Serve),
    /// Show the replay of 8 April 2024 on a clock of its own.
    Demo(demo::Demo),
    /// The catalog of regions, groups and components.
    #[command(subcommand)]
    Catalog(catalog::Command),
    /// Open, update, edit, resolve, list and show incidents.
    #[command(subcommand)]
    Incident(incident::Command),
    /// Schedule, start, complete and cancel maintenances.
    #[command(subcommand)]
    Maintenance(maintenance::Command),
    /// The account after an incident's end.
    #[command(subcommand)]
    Postmortem(postmortem::Command),
    /// Bearer tokens of the API.
    #[command(subcommand)]
    Token(token::Command),
    /// Codes to lock away for the hour in which nobody can sign in.
    #[command(subcommand)]
    Breakglass(breakglass::Command),
    /// Operators: who may work in the console.
    #[command(subcommand)]
    Operator(operator::Command),
    /// The nodes whose events count here.
    #[command(subcommand)]
    Node(node::Command),
    /// Bring real history along.
    #[command(subcommand)]
    Import(import::Command),
    /// The event log itself.
    #[command(subcommand)]
    Events(events::Command),
    Backup(backup::Backup),
    Restore(backup::Restore),
    /// The other nodes: region, link, lag, events, clock offset, version.
    Peers(peers::Peers),
    /// The copies of the site elsewhere: state, board, and who writes them.
    Mirrors(mirrors::Mirrors),
    /// The whole site as files.
    #[command(subcommand)]
    Snapshot(snapshot::Command),
    /// Check a configuration, its data directory and its certificate files.
    Check(check::Check),
    /// Write shell completions.
    Completions(completions::Completions),
}
