//! The replay's board without a store or a node: the same commands, planned by the same rules and folded.

use super::Replay;
use domain::{
    Instant,
    board::Board,
    change::{Author, Event},
    command::{self, Command, Refusal},
    id::*,
};

impl Replay {
    /// The board as it was at `until`.
    ///
    /// # Errors
    /// What the domain refuses of the replay; a test holds that it refuses nothing.
    pub fn board(&self, until: Instant) -> Result<Board, Vec<Refusal>> {
        let mut log: Vec<Event> = Vec::new();
        let begin = self.steps.first().map(|step| step.at).unwrap_or_default();
        write(&mut log, None, Command::ApplyCatalog(self.catalog.clone()), begin)?;
        for step in self.until(until) {
            write(&mut log, Some(self.incident), step.command.clone(), step.at)?;
        }
        Ok(Board::of(&log))
    }
}

fn write(log: &mut Vec<Event>, about: Option<IncidentId>, command: Command, at: Instant) -> Result<(), Vec<Refusal>> {
    let board = Board::of(log);
    let incident = about.and_then(|id| board.incident(id).cloned());
    for (subject, change) in command::plan(&board, incident.as_deref(), command, at)? {
        let number = log.len() as u64;
        let parents = log.iter().rev().find(|event| event.subject == subject).map(|event| event.id);
        log.push(Event {
            id: EventId(*blake3::hash(&number.to_be_bytes()).as_bytes()),
            node: NodeKey([0; 32]),
            hlc: Hlc::default().next(u64::try_from(at.timestamp_millis()).unwrap_or_default()),
            subject,
            parents: parents.into_iter().collect(),
            author: Author { name: String::new(), way: "demo".to_owned() },
            change,
        });
    }
    Ok(())
}
