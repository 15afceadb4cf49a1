//! The board from the log and its index: what came after the index's mark is folded anew, one part after the other, so
//! that memory stays flat however long the history is.

use super::{
    Store,
    fault::{Fault, ReadError},
    index::{Index, IndexFault, reading::Mark, writing::Writing},
    read::Reader,
    tables::*,
};
use domain::{
    Instant,
    board::{Board, Touched, Version},
    fold::{self, Folded, Problem},
    id::{EventId, NodeKey, Subject},
};
use redb::{ReadTransaction, ReadableTable};
use std::{collections::BTreeSet, ops::Bound, sync::Arc};

/// Subjects that are folded at a time. After them the board lets go of what it need not hold.
const FOLDED_AT_ONCE: usize = 256;

/// How the index may become ready; `false` when there is nothing to be done that way.
type Way = fn(&Index) -> Result<bool, IndexFault>;

/// What a subject's events come to.
struct FoldedSubject {
    subject: Subject,
    folded: Folded,
    problems: Vec<Problem>,
}

/// A board, and what it took to load it.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    pub board: Board,
    /// Incidents that were folded for the index: those that changed since it was true last.
    pub folded: usize,
    /// The index could not be used, and was made anew.
    pub anew: bool,
}

impl Store {
    /// The board of everything that the log holds, with a summary of every incident.
    ///
    /// # Errors
    /// As for [`Store::load`].
    pub fn load_board(&self) -> Result<Board, ReadError> {
        Ok(self.load(Instant::MIN_UTC)?.board)
    }

    /// The board of the log, with the index brought up to date or made anew; incidents that lie wholly before `horizon`
    /// are left to the index. Call it before anything else is written, or from where everything is.
    ///
    /// # Errors
    /// When the data file cannot be read. An index that cannot be used is passed over.
    pub fn load(&self, horizon: Instant) -> Result<Loaded, ReadError> {
        let index = &self.0.index;
        let ways: [Way; 3] = [Index::open, Index::make, Index::make_in_memory];
        let mut last = IndexFault(Fault::Closed("it was not tried".to_owned()));
        for ready in ways {
            let fault = match ready(index) {
                Ok(false) => continue,
                Ok(true) => match self.loaded(horizon) {
                    Err(ReadError::Index(fault)) => fault,
                    loaded => return loaded,
                },
                Err(fault) => fault,
            };
            tracing::warn!(%fault, "it is made anew");
            last = fault;
        }
        Err(last.into())
    }

    /// Folds subjects anew whose events have become more, and takes the result into `board`, whose version counts them
    /// already, and into the index.
    ///
    /// # Errors
    /// When the log or the index cannot be read, or the board lacks other events of the log; the board is then to be
    /// loaded anew.
    pub fn take_in(
        &self,
        board: &mut Board,
        subjects: &BTreeSet<Subject>,
        horizon: Instant,
    ) -> Result<Touched, ReadError> {
        let mark = self.mark(board)?;
        let subjects: Vec<Subject> = subjects.iter().copied().collect();
        let touched = self.0.index.write(|index| {
            let mut touched = Touched::default();
            for part in subjects.chunks(FOLDED_AT_ONCE) {
                touched.merge(absorb(board, index, self.fold(part)?)?);
                board.trim(horizon);
            }
            mark.iter().try_for_each(|mark| index.set_mark(mark)).map_err(IndexFault)?;
            Ok(touched)
        })?;
        self.complete(board, horizon)?;
        Ok(touched)
    }

    fn loaded(&self, horizon: Instant) -> Result<Loaded, ReadError> {
        let now = self.0.file.read(version)?;
        let (before, doubted) = self.0.index.read(|index| Ok((index.mark()?, index.doubted()?)))?;
        let touched = match &before {
            Some(before) => {
                let other = || IndexFault(Fault::Damaged("it is not of this log".to_owned()));
                // A board that was folded by other rules, such as before an update of this program or before a key was
                // trusted, is not the board of this log.
                let since = self.0.file.read(|transaction| {
                    let reader = Reader::new(transaction, self.trust())?;
                    touched_since(transaction, &reader, before, &now)
                })?;
                let since = since.filter(|_| before.rules == self.rules());
                Some(since.ok_or_else(other)?.into_iter().chain(doubted).collect::<BTreeSet<Subject>>())
            }
            None => None,
        };
        let retained = self.0.index.read(|index| index.retained(horizon))?;
        let mut board = Board::of_past(retained.past, retained.summaries);
        for (subject, problem) in retained.problems {
            board.note_problem(subject, problem);
        }
        board.version = now;
        for part in self.subjects(Range::Entries)?.chunks(FOLDED_AT_ONCE) {
            for FoldedSubject { subject, folded, problems } in self.fold(part)? {
                board.put_folded(subject, folded, problems);
            }
        }
        let anew = touched.is_none();
        let touched: Vec<Subject> = match touched {
            Some(touched) => touched.into_iter().filter(|subject| Range::of(*subject) == Range::Incidents).collect(),
            None => self.subjects(Range::Incidents)?,
        };
        let mark = self.mark(&board)?;
        if !touched.is_empty() || mark != before {
            self.0.index.write(|index| {
                for part in touched.chunks(FOLDED_AT_ONCE) {
                    absorb(&mut board, index, self.fold(part)?)?;
                    board.trim(horizon);
                }
                Ok(mark.iter().try_for_each(|mark| index.set_mark(mark)).map_err(IndexFault)?)
            })?;
        }
        self.complete(&mut board, horizon)?;
        let (events, incidents, folded) = (board.version.total(), board.incident_count(), touched.len());
        tracing::info!(events, incidents, folded, anew, "the board is loaded");
        Ok(Loaded { board, folded, anew })
    }

    /// Trims the board, and hands it what it lacks.
    fn complete(&self, board: &mut Board, horizon: Instant) -> Result<(), ReadError> {
        board.trim(horizon);
        for (kind, listing) in board.lacking() {
            board.refill(kind, self.listed(&listing)?);
        }
        for id in board.trim(horizon) {
            if let Some(incident) = self.incident(id)? {
                board.hold(incident);
            }
        }
        Ok(())
    }

    fn fold(&self, subjects: &[Subject]) -> Result<Vec<FoldedSubject>, ReadError> {
        Ok(self.0.file.read(|transaction| {
            let reader = Reader::new(transaction, self.trust())?;
            let fold = |subject: &Subject| {
                let (events, mut undecoded) = reader.subject(*subject)?;
                let (folded, mut problems) = fold::subject(*subject, &events);
                reader.tell_undone(&folded, &mut undecoded)?;
                problems.extend(undecoded);
                Ok(FoldedSubject { subject: *subject, folded, problems })
            };
            subjects.iter().map(fold).collect()
        })?)
    }

    /// Every subject of a range: one look for each, however many events it has.
    fn subjects(&self, range: Range) -> Result<Vec<Subject>, ReadError> {
        Ok(self.0.file.read(|transaction| {
            let table = transaction.open_table(SUBJECTS)?;
            let (mut subjects, mut after) = (Vec::new(), None);
            loop {
                let begin = after.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
                let next = table.range::<&[u8; SUBJECT_KEY_BYTES]>((begin, Bound::Unbounded))?.next().transpose()?;
                let Some((subject, _)) = next.map(|(key, _)| split_subject_key(key.value())) else {
                    return Ok(subjects);
                };
                let subject = Subject::from_bytes(subject);
                let (_, mut last) = super::keep::subject_bounds(subject);
                match (Range::of(subject), range) {
                    (of, wanted) if of == wanted => subjects.push(subject),
                    (Range::Incidents, Range::Entries) => last = Range::last_incident(),
                    (Range::Entries, _) | (Range::Incidents, Range::Incidents) => {}
                }
                after = Some(last);
            }
        })?)
    }

    /// By which rules this node folds: those of the fold, the kinds that it knows and the keys that it trusts.
    fn rules(&self) -> [u8; blake3::OUT_LEN] {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&[super::version::ENVELOPE]).update(&self.trust().digest());
        hasher.update(&fold::RULES.to_be_bytes());
        for (number, _) in super::body::KINDS {
            hasher.update(&number.to_be_bytes());
        }
        *hasher.finalize().as_bytes()
    }

    /// Where the log stands; `None` while it is empty.
    fn mark(&self, board: &Board) -> Result<Option<Mark>, ReadError> {
        let newest = self.0.file.read(|transaction| {
            let sequence = transaction.open_table(SEQUENCE)?;
            Ok(sequence.last()?.map(|(number, id)| (number.value(), EventId(*id.value()))))
        })?;
        let (there, held) = (newest.map_or(0, |(number, _)| number), board.version.total());
        if there != held {
            return Err(ReadError::Behind { held, there });
        }
        Ok(newest.map(|(_, newest)| Mark { version: board.version.clone(), newest, rules: self.rules() }))
    }
}

/// The two kinds of subjects: those of incidents, of which there are ever more and which the index holds, and all others,
/// which are few and folded at each start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Range {
    Incidents,
    Entries,
}

impl Range {
    const INCIDENT_LETTER: u8 = b'i';

    fn of(subject: Subject) -> Range {
        if subject.to_bytes()[0] == Self::INCIDENT_LETTER { Range::Incidents } else { Range::Entries }
    }

    /// After every key of an incident in [`SUBJECTS`].
    fn last_incident() -> [u8; SUBJECT_KEY_BYTES] {
        let mut last = [u8::MAX; SUBJECT_KEY_BYTES];
        last[0] = Self::INCIDENT_LETTER;
        last
    }
}

/// The subjects of the events that came after `before`; `None` when `before` is not a former state of this log.
fn touched_since(
    transaction: &ReadTransaction,
    reader: &Reader,
    before: &Mark,
    now: &Version,
) -> Result<Option<BTreeSet<Subject>>, Fault> {
    let sequence = transaction.open_table(SEQUENCE)?;
    let (mut subjects, mut counted) = (BTreeSet::new(), before.version.clone());
    let total = counted.total();
    let is_newest = sequence.get(total)?.is_some_and(|newest| *newest.value() == before.newest.0);
    if !is_newest || counted != *now && !counted.is_older_than(now) {
        return Ok(None);
    }
    for row in sequence.range(total + 1..)? {
        let header = reader.header(EventId(*row?.1.value()))?;
        *counted.0.entry(header.node).or_default() += 1;
        subjects.insert(header.subject);
    }
    Ok((counted == *now).then_some(subjects))
}

/// Takes in what subjects have become: the board from what it was before, which the index knows of every incident.
fn absorb(board: &mut Board, index: &mut Writing, parts: Vec<FoldedSubject>) -> Result<Touched, IndexFault> {
    let mut touched = Touched::default();
    for FoldedSubject { subject, folded, problems } in parts {
        if let Folded::Incident(id, after) = &folded {
            let after = after.as_ref().map(|incident| incident.summary());
            let before = index.put(*id, after.as_ref()).map_err(IndexFault)?;
            if let Some(before) = before.filter(|_| board.summary(*id).is_none()) {
                board.recall(Arc::new(before));
            }
        }
        if Range::of(subject) == Range::Incidents {
            index.set_problems(subject, &problems).map_err(IndexFault)?;
        }
        touched.merge(board.put_folded(subject, folded, problems));
    }
    for of in board.take_doubtful() {
        board.set_changed(of, index.newest_change(of).map_err(IndexFault)?);
    }
    Ok(touched)
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
