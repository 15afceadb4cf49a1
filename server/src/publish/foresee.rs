//! What a command would lead to, without writing it: planned and folded as the writer does it.

use super::{Node, PublishError};
use domain::{
    board::Board,
    change::{Author, Event},
    command::{self, Command},
    fold::{self, ancestry::Ancestry},
    id::{EventId, Hlc, Subject},
    incident::{Incident, Update},
};
use std::{collections::BTreeMap, sync::Arc};

/// The board as it would be.
pub struct Foreseen {
    pub board: Arc<Board>,
    /// The incident that the command is about.
    pub incident: Option<Arc<Incident>>,
    /// The ids that its events have there; they are in no log.
    pub events: Vec<EventId>,
}

impl Foreseen {
    /// The entry that the command adds to its incident.
    pub fn update(&self) -> Option<&Update> {
        self.incident.as_ref()?.updates.iter().find(|held| self.events.contains(&held.event))
    }
}

impl Node {
    /// Plans a command and folds what it would write.
    ///
    /// # Errors
    /// Everything that is wrong with the command, or why the log cannot be read.
    pub async fn foresee(&self, command: Command, author: Author) -> Result<Foreseen, PublishError> {
        let unavailable = |error: crate::store::ReadError| PublishError::Unavailable(error.to_string());
        let (board, now) = (self.board(), self.clock().now());
        let id = command.incident();
        let held = match id {
            Some(id) => self.incident(id).await.map_err(unavailable)?,
            None => None,
        };
        let planned = command::plan(&board, held.as_deref(), command, now).map_err(PublishError::Refused)?;
        let node = self.store().identity().node_key();
        let now_ms = u64::try_from(now.timestamp_millis()).unwrap_or(0);
        let foreseen = self.ask(move |store| {
            let mut subjects: BTreeMap<Subject, Vec<Event>> = BTreeMap::new();
            let mut made = Vec::new();
            for (number, (subject, change)) in planned.into_iter().enumerate() {
                let events = match subjects.entry(subject) {
                    std::collections::btree_map::Entry::Occupied(held) => held.into_mut(),
                    std::collections::btree_map::Entry::Vacant(free) => free.insert(store.subject(subject)?.0),
                };
                let parents = Ancestry::new(events).heads;
                let newest = events.iter().map(|event| event.hlc).max().unwrap_or(Hlc(0));
                let id = EventId(*blake3::hash(format!("foreseen {number}").as_bytes()).as_bytes());
                made.push(id);
                events.push(Event {
                    id,
                    node,
                    hlc: newest.next(now_ms),
                    subject,
                    parents,
                    author: author.clone(),
                    change,
                });
            }
            let mut after = Board::clone(&board);
            for (subject, events) in subjects {
                let (folded, problems) = fold::subject(subject, &events);
                after.put_folded(subject, folded, problems);
            }
            Ok((after, made))
        });
        let (after, events) = foreseen.await.map_err(unavailable)?;
        let incident = id.and_then(|id| after.incident(id).cloned());
        Ok(Foreseen { board: Arc::new(after), incident, events })
    }
}
