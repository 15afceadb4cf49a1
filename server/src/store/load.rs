//! The board from the log, one subject at a time, so that memory stays flat however long the history is.

use super::{
    Store,
    fault::{Fault, ReadError},
    read::Reader,
    tables::*,
};
use domain::{
    board::{Board, Version},
    fold,
    id::{EventId, NodeKey, Subject},
};
use redb::{ReadTransaction, ReadableTable};

/// After so many subjects the board drops the incidents that it need not hold whole.
const TRIM_EVERY: usize = 256;

impl Store {
    /// The board of everything that the log holds.
    ///
    /// # Errors
    /// When the file cannot be read. A cache that cannot be read is passed over.
    pub fn load_board(&self) -> Result<Board, ReadError> {
        let mut board = self.0.file.read(|transaction| {
            let reader = Reader::new(transaction)?;
            let mut board = Board::default();
            fold_all(transaction, &reader, &mut board)?;
            board.version = version(transaction)?;
            Ok(board)
        })?;
        for id in board.trim() {
            if let Some(incident) = self.incident(id)? {
                board.hold(incident);
            }
        }
        Ok(board)
    }
}

/// Folds every subject, one after another.
fn fold_all(transaction: &ReadTransaction, reader: &Reader, board: &mut Board) -> Result<(), Fault> {
    let mut subject: Option<[u8; SUBJECT_BYTES]> = None;
    let mut ids: Vec<EventId> = Vec::new();
    let mut folded = 0;
    for row in transaction.open_table(SUBJECTS)?.iter()? {
        let (of, id) = split_subject_key(row?.0.value());
        if let Some(before) = subject.replace(of).filter(|before| *before != of) {
            fold_one(reader, Subject::from_bytes(before), &ids, board)?;
            ids.clear();
            folded += 1;
            if folded % TRIM_EVERY == 0 {
                board.trim();
            }
        }
        ids.push(EventId(id));
    }
    match subject {
        Some(last) => fold_one(reader, Subject::from_bytes(last), &ids, board),
        None => Ok(()),
    }
}

fn fold_one(reader: &Reader, subject: Subject, ids: &[EventId], board: &mut Board) -> Result<(), Fault> {
    let (events, undecoded) = reader.decoded(ids)?;
    let (folded, mut problems) = fold::subject(subject, &events);
    problems.extend(undecoded);
    board.put_folded(subject, folded, problems);
    Ok(())
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
