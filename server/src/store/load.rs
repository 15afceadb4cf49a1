//! The board from the log, one subject at a time, so that memory stays flat however long the history is.

use super::{
    Store,
    fault::{Fault, ReadError},
    read::Reader,
    tables::*,
};
use domain::{
    board::{Board, Version},
    change::Event,
    fold::{self, Problem},
    id::{EventId, NodeKey, Subject},
};
use redb::{ReadTransaction, ReadableTable};
use std::{cell::RefCell, collections::BTreeSet};

/// After so many subjects the board drops the incidents that it need not hold whole.
const TRIM_EVERY: usize = 256;

impl Store {
    /// The board of everything that the log holds: the cached one and what came after it, or else all of the log
    /// folded anew.
    ///
    /// # Errors
    /// When the data file cannot be read. A cache that cannot be read is passed over.
    pub fn load_board(&self) -> Result<Board, ReadError> {
        // Taken once: should a failing disk make the read begin anew, all is folded.
        let cached = RefCell::new(self.cached_board());
        let mut board = self.0.file.read(|transaction| {
            let reader = Reader::new(transaction, self.trust())?;
            let version = version(transaction)?;
            let mut board = match cached.take() {
                Some(board) => match touched_since(transaction, &reader, &board.version, &version)? {
                    Some(subjects) => caught_up(&reader, board, subjects)?,
                    None => folded_anew(transaction, &reader)?,
                },
                None => folded_anew(transaction, &reader)?,
            };
            board.version = version;
            Ok(board)
        })?;
        for id in board.trim() {
            if let Some(incident) = self.incident(id)? {
                board.hold(incident);
            }
        }
        Ok(board)
    }

    /// Reads the newest and a random event, and checks what was signed: cheap proof that the log answers.
    ///
    /// # Errors
    /// When the file does not answer, or an event in it was altered.
    pub fn self_check(&self) -> Result<(), ReadError> {
        let mut entropy = [0; 8];
        // Without entropy it is always the same event that is looked at.
        getrandom::fill(&mut entropy).unwrap_or(());
        let records = self.0.file.read(|transaction| {
            let sequence = transaction.open_table(SEQUENCE)?;
            let reader = Reader::new(transaction, self.trust())?;
            let Some(newest) = sequence.last()?.map(|(number, _)| number.value()) else {
                return Ok(Vec::new());
            };
            let mut records = Vec::new();
            for number in [newest, 1 + u64::from_be_bytes(entropy) % newest] {
                let missing = || Fault::Damaged(format!("event number {number} is missing"));
                let id = EventId(*sequence.get(number)?.ok_or_else(missing)?.value());
                records.push((id, reader.record(id)?));
            }
            Ok(records)
        })?;
        for (id, record) in records {
            record.verify().map_err(|error| ReadError::Envelope { id, error })?;
        }
        Ok(())
    }
}

/// The subjects of the events that came after `before`; `None` when `before` is not a former state of this log.
fn touched_since(
    transaction: &ReadTransaction,
    reader: &Reader,
    before: &Version,
    now: &Version,
) -> Result<Option<BTreeSet<Subject>>, Fault> {
    let (mut subjects, mut counted) = (BTreeSet::new(), before.clone());
    if before != now && !before.is_older_than(now) {
        return Ok(None);
    }
    for row in transaction.open_table(SEQUENCE)?.range(before.total() + 1..)? {
        let header = reader.header(EventId(*row?.1.value()))?;
        *counted.0.entry(header.node).or_default() += 1;
        subjects.insert(header.subject);
    }
    Ok((counted == *now).then_some(subjects))
}

fn caught_up(reader: &Reader, mut board: Board, subjects: BTreeSet<Subject>) -> Result<Board, Fault> {
    for (number, subject) in subjects.into_iter().enumerate() {
        let (events, undecoded) = reader.subject(subject)?;
        take_in(&mut board, subject, &events, undecoded);
        if number % TRIM_EVERY == TRIM_EVERY - 1 {
            board.trim();
        }
    }
    Ok(board)
}

fn folded_anew(transaction: &ReadTransaction, reader: &Reader) -> Result<Board, Fault> {
    let mut board = Board::default();
    let mut subjects = 0;
    let mut group: Option<(Subject, Vec<EventId>)> = None;
    let mut fold = |(subject, ids): (Subject, Vec<EventId>), board: &mut Board| -> Result<(), Fault> {
        let (events, undecoded) = reader.decoded(&ids)?;
        take_in(board, subject, &events, undecoded);
        subjects += 1;
        if subjects % TRIM_EVERY == 0 {
            board.trim();
        }
        Ok(())
    };
    for row in transaction.open_table(SUBJECTS)?.iter()? {
        let (subject, id) = split_subject_key(row?.0.value());
        let (subject, id) = (Subject::from_bytes(subject), EventId(id));
        match &mut group {
            Some((of, ids)) if *of == subject => ids.push(id),
            _ => {
                if let Some(complete) = group.replace((subject, vec![id])) {
                    fold(complete, &mut board)?;
                }
            }
        }
    }
    if let Some(complete) = group {
        fold(complete, &mut board)?;
    }
    Ok(board)
}

fn take_in(board: &mut Board, subject: Subject, events: &[Event], undecoded: Vec<Problem>) {
    let (folded, mut problems) = fold::subject(subject, events);
    problems.extend(undecoded);
    board.put_folded(subject, folded, problems);
}

/// For each node key the count of its events held.
fn version(transaction: &ReadTransaction) -> Result<Version, Fault> {
    let mut version = Version::default();
    for row in transaction.open_table(COUNTS)?.iter()? {
        let (node, count) = row?;
        version.0.insert(NodeKey(*node.value()), count.value());
    }
    Ok(version)
}
