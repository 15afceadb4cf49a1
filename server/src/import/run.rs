//! The import itself: everything is checked before anything is written, then the catalog is extended and the
//! timelines are published in batches, each one durable commit.

use super::{Bad, Gathered, Placed};
use crate::{
    publish::{Node, PublishError},
    store::ReadError,
};
use domain::{
    board::Board,
    change::{Author, Change, Event},
    command::{self, Command, Planned},
    id::*,
    incident::Incident,
};
use std::sync::Arc;

/// Timelines that are published in one commit.
const BATCH_TIMELINES: usize = 1000;

/// How an import is done.
#[derive(Clone, Debug)]
pub struct Options {
    pub author: Author,
    /// Import the rest when some lines or entries are bad.
    pub keep_going: bool,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// `checked` or `published`.
    pub phase: &'static str,
    pub done: usize,
    pub total: usize,
}

/// What an import came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    /// Lines or entries read, bad ones included.
    pub entries: usize,
    pub incidents_new: usize,
    /// Known before, with updates that were not.
    pub incidents_extended: usize,
    pub incidents_unchanged: usize,
    pub updates_new: usize,
    /// Regions, groups and components added to the catalog.
    pub catalog_added: usize,
    /// Updates held here with another text; they stay as they are.
    pub updates_differing: usize,
    pub bad: Vec<Bad>,
}

/// Why an import was not done.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Nothing was written.
    #[error("nothing was imported: {} of the entries cannot be\n{}", .0.len(), listed(.0))]
    Bad(Vec<Bad>),
    #[error("{0}")]
    Publish(#[from] PublishError),
    #[error("{0}")]
    Read(#[from] ReadError),
}

/// Bad entries that a message lists at most.
const BAD_LISTED_MAX: usize = 20;

fn listed(bad: &[Bad]) -> String {
    let mut text: Vec<String> =
        bad.iter().take(BAD_LISTED_MAX).map(|bad| format!("  {}: {}", bad.place, bad.reason)).collect();
    if let Some(more) = bad.len().checked_sub(BAD_LISTED_MAX + 1) {
        text.push(format!("  and {} more", more + 1));
    }
    text.push("correct them, or import the rest with --keep-going".to_owned());
    text.join("\n")
}

/// Imports what a source has. Running it again changes nothing; when an error stops it between two batches, running
/// it again goes on.
///
/// # Errors
/// Bad entries unless `keep_going`, and what the log does not take.
pub async fn run(
    node: &Node,
    gathered: Gathered,
    options: &Options,
    mut progress: impl FnMut(Progress),
) -> Result<Report, ImportError> {
    let Gathered { additions, timelines, bad } = gathered;
    let total = timelines.len();
    let mut report = Report { entries: total + bad.len(), bad, ..Report::default() };
    let now = node.clock().now();
    let board = node.board();
    let extend = Command::ExtendCatalog(additions);
    let additions = command::plan(&board, None, extend.clone(), now).map_err(PublishError::Refused)?;
    let board = extended(&board, &additions);

    let mut commands = Vec::new();
    for (index, Placed { place, timeline }) in timelines.into_iter().enumerate() {
        let held = node.incident(timeline.id).await?;
        let import = Command::Import(timeline.clone());
        match command::plan(&board, held.as_deref(), import.clone(), now) {
            Err(refusals) => {
                let reason = refusals.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
                report.bad.push(Bad { place, reason });
            }
            Ok(planned) => {
                count(&mut report, held.as_deref(), &planned, &timeline);
                if !planned.is_empty() {
                    commands.push(import);
                }
            }
        }
        progress(Progress { phase: "checked", done: index + 1, total });
    }
    if !report.bad.is_empty() && !options.keep_going {
        return Err(ImportError::Bad(report.bad));
    }

    if !additions.is_empty() {
        report.catalog_added = additions.len();
        node.publish(extend, options.author.clone()).await?;
    }
    let total = commands.len();
    let mut done = 0;
    let mut commands = commands.into_iter();
    loop {
        let batch: Vec<Command> = commands.by_ref().take(BATCH_TIMELINES).collect();
        if batch.is_empty() {
            return Ok(report);
        }
        done += batch.len();
        node.publish_all(batch, options.author.clone()).await?;
        progress(Progress { phase: "published", done, total });
    }
}

fn count(report: &mut Report, held: Option<&Incident>, planned: &[Planned], timeline: &command::import::Timeline) {
    let counts_as_update = |change: &Change| matches!(change, Change::IncidentOpened(_) | Change::UpdatePosted(_));
    report.updates_new += planned.iter().filter(|(_, change)| counts_as_update(change)).count();
    let counter = match held {
        None => &mut report.incidents_new,
        Some(_) if planned.is_empty() => &mut report.incidents_unchanged,
        Some(_) => &mut report.incidents_extended,
    };
    *counter += 1;
    let differs = |update: &&domain::change::UpdatePosted| {
        let same_id = |held: &&domain::incident::Update| Some(held.id) == update.id;
        let held = held.and_then(|held| held.updates.iter().find(same_id));
        held.is_some_and(|held| held.text != update.text)
    };
    report.updates_differing +=
        std::iter::once(&timeline.opened.first).chain(&timeline.updates).filter(differs).count();
}

/// The board as it will be once the additions are written, for the checks.
fn extended(board: &Arc<Board>, additions: &[Planned]) -> Board {
    let mut preview = Board::clone(board);
    for (number, (subject, change)) in additions.iter().enumerate() {
        let event = Event {
            id: EventId(*blake3::hash(&(number as u64).to_be_bytes()).as_bytes()),
            node: NodeKey([0; 32]),
            hlc: Hlc::default(),
            subject: *subject,
            parents: Vec::new(),
            author: Author::default(),
            change: change.clone(),
        };
        preview.put(*subject, &[event]);
    }
    preview
}
