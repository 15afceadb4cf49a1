//! `cargo xtask bench`: the figures of DESIGN section 10, side by side in one run, as ratios.
//!
//! | file | what |
//! |---|---|
//! | `rows/` | the rows of the table, one file each |
//! | `figures.rs`, `machine.rs` | the table, and on what it was measured |
//! | `data.rs`, `history.rs`, `texts.rs`, `seeded.rs` | data directories with a made-up, repeatable history |
//! | `node.rs` | a running `holdfast`, measured from outside |
//! | `pair.rs`, `network.rs` | two nodes of one cluster, and the relay between them |
//! | `nginx.rs`, `wrk.rs`, `debian.rs` | the yardstick and the load |
//! | `posts.rs`, `streams.rs`, `http_client.rs`, `ports.rs` | operators and readers |
//! | `process.rs`, `statistics.rs` | processor time and memory from the kernel; medians |
//!
//! A slow figure is told, never an error: only a run that is broken fails.

mod data;
mod debian;
mod figures;
mod history;
mod http_client;
mod machine;
mod network;
mod nginx;
mod node;
mod pair;
mod ports;
mod posts;
mod process;
mod rows;
mod seeded;
mod statistics;
mod streams;
mod texts;
mod wrk;

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use anyhow::Context as _;
use chrono::DateTime;
use clap::{Args, ValueEnum};

use crate::workspace::Workspace;
use crate::{bundle, progress, server_binary};
use figures::Figure;

/// The two lengths of history that are compared.
const FEW: usize = 10;
const MANY: usize = 10_000;

/// How long other programs are watched before the first row, and the share of the cores that is told as too much.
const OTHERS_WATCHED: Duration = Duration::from_secs(1);
const OTHERS_SHARE_MAX: f64 = 0.1;

/// Example: `cargo xtask bench --only posts`
#[derive(Args)]
pub struct BenchArguments {
    /// Measure these rows alone, and only print them.
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Row>,
    /// How long each round of load lasts.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..=60))]
    seconds: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Row {
    /// The home page beside nginx: requests/s, p50, p99, processor time per request.
    Home,
    /// The home page while updates are posted and live streams are open.
    Busy,
    /// What a read costs at 10 and at 10,000 incidents.
    Reads,
    /// From a post to the page that shows it.
    Posts,
    /// Resident memory, with a long history and for each live stream.
    Memory,
    /// From the start to the first page, after a clean stop and after `kill -9`.
    Start,
    /// Bytes on the wire.
    Wire,
    /// Writing the whole site as files.
    Snapshot,
    /// From a post to the page of another node behind a slow link.
    Peers,
    /// Two long logs that differ in a few events: bytes and time until they are equal.
    Reconcile,
    /// A new node fills itself from empty.
    Fill,
    /// What two linked nodes cost when nothing happens.
    Quiet,
}

/// What every row needs.
pub struct Bench {
    /// The server's release build.
    program: PathBuf,
    /// Where this command keeps its files.
    folder: PathBuf,
    /// Of each round of load.
    seconds: u64,
    ticks_per_second: f64,
    histories: data::Histories,
    /// Four and a half years of a real page, compressed.
    real_history: PathBuf,
}

impl Row {
    fn title(self) -> String {
        let name = self.to_possible_value().map(|value| value.get_name().to_owned());
        format!("measure: {}", name.unwrap_or_default())
    }

    fn run(self, bench: &mut Bench) -> anyhow::Result<Vec<Figure>> {
        match self {
            Row::Home => rows::requests::run(bench),
            Row::Busy => rows::busy::run(bench),
            Row::Reads => rows::reading::run(bench),
            Row::Posts => rows::posting::run(bench),
            Row::Memory => rows::memory::run(bench),
            Row::Start => rows::starting::run(bench),
            Row::Wire => rows::wire::run(bench),
            Row::Snapshot => rows::snapshot::run(bench),
            Row::Peers => rows::peers::run(bench),
            Row::Reconcile => rows::reconcile::run(bench),
            Row::Fill => rows::fill::run(bench),
            Row::Quiet => rows::quiet::run(bench),
        }
    }
}

/// Builds the release, measures, prints the table, and keeps a whole run in `server/docs/figures.md`.
///
/// # Errors
/// When a step fails or a run is broken.
pub fn run(workspace: &Workspace, arguments: &BenchArguments) -> anyhow::Result<()> {
    let begun = Instant::now();
    // A bundle that is built and too large is a slow figure, not a broken run.
    if let Err(error) = bundle::run(workspace) {
        let remedy = "cargo xtask bundle";
        progress::not_run("the check of the browser bundle", &format!("{error:#}; what is built is measured"), remedy);
    }
    let program = server_binary::build(workspace, true)?;
    let since_1970 =
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).context("the clock stands before 1970")?;
    let now = DateTime::from_timestamp(since_1970.as_secs().try_into()?, 0).context("the clock is far off")?;
    // From the day's begin: the same history all day.
    let until = now.date_naive().and_time(chrono::NaiveTime::MIN).and_utc();
    let folder = workspace.target.join("bench");
    fs::create_dir_all(&folder)?;
    let catalog = workspace.root.join("server").join("demo").join("catalog.toml");
    let histories = data::Histories::new(&program, &catalog, &folder, until);
    let ticks_per_second = process::ticks_per_second()?;
    let data = workspace.root.join("server").join("tests").join("data");
    let real_history = data.join("github-status-2022-2026.jsonl.gz");
    let mut bench = Bench { program, folder, seconds: arguments.seconds, ticks_per_second, histories, real_history };
    let rows = match &arguments.only[..] {
        [] => Row::value_variants(),
        only => only,
    };
    let others_share = process::busy_share(OTHERS_WATCHED)?;
    if others_share > OTHERS_SHARE_MAX {
        let percent = others_share * 100.0;
        eprintln!("!!! other programs use {percent:.0} % of the cores: the figures will be worse than they are");
    }
    let mut figures = Vec::new();
    for row in rows {
        let measured = progress::step(&row.title(), || row.run(&mut bench))?;
        // At once: a later row that breaks must not take these with it.
        eprint!("{}", figures::table(&measured));
        figures.extend(measured);
    }
    let machine = machine::Machine::ask(now, others_share, &bench.program);
    println!("{machine}\n{}\n{}", figures::summary(&figures), figures::table(&figures));
    figures::write_json(&bench.folder.join("figures.json"), &machine, &figures)?;
    if arguments.only.is_empty() {
        let page = workspace.root.join("server").join("docs").join("figures.md");
        figures::write_page(&page, &machine, &figures)?;
        eprintln!("==> kept in {}", page.display());
    }
    eprintln!("==> measured in {}", progress::elapsed(begun.elapsed()));
    Ok(())
}
