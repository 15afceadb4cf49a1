//! Events as one file: what `events export` writes, `events import` reads, and a cut-off node's posts travel in.
//!
//! The file is the line `holdfast events 1`, then the records, then an end mark. Numbers are big-endian.
//!
//! | bytes | what |
//! |---|---|
//! | 4 | length of header and signature, never 0 |
//! | as said | header and signature |
//! | 1 | 1: a body follows; 0: it was erased |
//! | 4 and as said | length of the body, and the body, where one follows |
//!
//! The end mark is four zero bytes and the count of records in eight, so that a file which was cut off is noticed.

use super::{
    INSERT_MAX, Store,
    envelope::{BODY_BYTES_MAX, HEADER_BYTES_MAX, Record, SIGNATURE_BYTES},
    fault::{InsertError, ReadError},
};
use domain::{
    Instant,
    id::{EventId, Subject},
};
use std::{
    collections::BTreeSet,
    io::{self, Read, Write},
    ops::RangeInclusive,
};

/// Begins the file.
pub const MAGIC: &[u8] = b"holdfast events 1\n";
const SIGNED_BYTES_MAX: usize = HEADER_BYTES_MAX + SIGNATURE_BYTES;
/// One event in a file, its lengths and mark included.
pub const RECORD_BYTES_MAX: usize = 4 + SIGNED_BYTES_MAX + 1 + 4 + BODY_BYTES_MAX;

/// Why events could not be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("cannot write the export: {0}")]
    Io(#[from] io::Error),
}

/// Why a file of events cannot be read on.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    #[error("this is not a file of events: it does not begin with the line `holdfast events 1`")]
    NotEvents,
    #[error(
        "the file is cut off after {after} whole events; those before the cut are good: export it again for the rest"
    )]
    Truncated { after: u64 },
    #[error(
        "event {number} of the file has a length of {bytes} bytes for its {what}; at most {max} are possible: the file is damaged there"
    )]
    Length { number: u64, what: &'static str, bytes: usize, max: usize },
    #[error("event {number} of the file has the mark {mark} where 0 or 1 belongs: the file is damaged there")]
    Mark { number: u64, mark: u8 },
    #[error("the file ends with a count of {said} events, and holds {there}")]
    Count { said: u64, there: u64 },
    #[error("cannot read the file of events: {0}")]
    Io(io::Error),
}

/// Why an import stopped. What `imported` counts is in the log; importing again takes nothing in twice.
#[derive(Debug, thiserror::Error)]
#[error("{cause} ({new} new events were imported before that)", new = imported.new.len())]
pub struct ImportError {
    pub imported: Box<Imported>,
    pub cause: ImportCause,
}

#[derive(Debug, thiserror::Error)]
pub enum ImportCause {
    #[error(transparent)]
    Stream(#[from] StreamError),
    #[error(transparent)]
    Insert(#[from] InsertError),
}

/// What an import came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    pub new: Vec<EventId>,
    /// How many were held before.
    pub known: usize,
    /// The subjects to fold again.
    pub subjects: BTreeSet<Subject>,
}

impl Store {
    /// Writes the events from number `from` (1 for all) in the order of their arrival; tells how many.
    ///
    /// # Errors
    /// When the log cannot be read or the output not written; the output then lacks its end mark.
    pub fn export(&self, from: u64, out: &mut impl Write) -> Result<u64, ExportError> {
        self.export_range(from..=u64::MAX, out)
    }

    /// The same for the events of some numbers.
    ///
    /// # Errors
    /// As for [`Store::export`].
    pub fn export_range(&self, numbers: RangeInclusive<u64>, out: &mut impl Write) -> Result<u64, ExportError> {
        out.write_all(MAGIC)?;
        let (mut from, mut count) = (*numbers.start(), 0);
        while from <= *numbers.end() {
            let page = self.records(from)?;
            let Some((last, _)) = page.last() else { break };
            from = last + 1;
            for (_, record) in page.iter().filter(|(number, _)| numbers.contains(number)) {
                write_record(out, record)?;
                count += 1;
            }
        }
        end(out, count)?;
        Ok(count)
    }

    /// Takes in every event of a file, batch by batch.
    ///
    /// # Errors
    /// The first that is wrong, with what was imported until then.
    pub fn import(&self, input: impl Read, now: Instant) -> Result<Imported, ImportError> {
        let mut imported = Imported::default();
        match self.import_into(&mut imported, input, now) {
            Ok(()) => Ok(imported),
            Err(cause) => Err(ImportError { imported: Box::new(imported), cause }),
        }
    }

    fn import_into(&self, imported: &mut Imported, input: impl Read, now: Instant) -> Result<(), ImportCause> {
        let mut records = Records::new(input)?;
        loop {
            let mut batch = Vec::new();
            let mut end = Ok(());
            for record in records.by_ref().take(INSERT_MAX) {
                match record {
                    Ok(record) => batch.push(record),
                    Err(error) => end = Err(error),
                }
            }
            let last = batch.len() < INSERT_MAX;
            // What stands before a cut is good.
            let inserted = self.insert(&batch, now)?;
            imported.new.extend(inserted.new);
            imported.known += inserted.known;
            imported.subjects.extend(inserted.subjects);
            end?;
            if last {
                return Ok(());
            }
        }
    }
}

/// Writes records as a file of events.
///
/// # Errors
/// When the output cannot be written.
pub fn write(records: &[Record], out: &mut impl Write) -> io::Result<()> {
    out.write_all(MAGIC)?;
    records.iter().try_for_each(|record| write_record(out, record))?;
    end(out, records.len() as u64)
}

fn end(out: &mut impl Write, count: u64) -> io::Result<()> {
    out.write_all(&[0; 4])?;
    out.write_all(&u64::to_be_bytes(count))?;
    out.flush()
}

fn write_record(out: &mut impl Write, record: &Record) -> io::Result<()> {
    out.write_all(&(record.signed.len() as u32).to_be_bytes())?;
    out.write_all(&record.signed)?;
    out.write_all(&[u8::from(record.body.is_some())])?;
    if let Some(body) = &record.body {
        out.write_all(&(body.len() as u32).to_be_bytes())?;
        out.write_all(body)?;
    }
    Ok(())
}

/// The records of a file; after an error there is nothing more.
pub struct Records<R> {
    input: R,
    count: u64,
    ended: bool,
}

impl<R: Read> Records<R> {
    /// # Errors
    /// When the file does not begin with [`MAGIC`].
    pub fn new(mut input: R) -> Result<Self, StreamError> {
        let mut magic = [0; MAGIC.len()];
        match input.read_exact(&mut magic) {
            Ok(()) if magic == MAGIC => Ok(Records { input, count: 0, ended: false }),
            Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => Err(StreamError::Io(error)),
            _ => Err(StreamError::NotEvents),
        }
    }

    fn read(&mut self) -> Result<Option<Record>, StreamError> {
        let signed_bytes = u32::from_be_bytes(self.array()?) as usize;
        if signed_bytes == 0 {
            let said = u64::from_be_bytes(self.array()?);
            return match said == self.count {
                true => Ok(None),
                false => Err(StreamError::Count { said, there: self.count }),
            };
        }
        let signed = self.bytes("header and signature", signed_bytes, SIGNED_BYTES_MAX)?;
        let body = match self.array()? {
            [0] => None,
            [1] => {
                let body_bytes = u32::from_be_bytes(self.array()?) as usize;
                Some(self.bytes("body", body_bytes, BODY_BYTES_MAX)?)
            }
            [mark] => return Err(StreamError::Mark { number: self.count + 1, mark }),
        };
        self.count += 1;
        Ok(Some(Record { signed, body }))
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], StreamError> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn bytes(&mut self, what: &'static str, bytes: usize, max: usize) -> Result<Vec<u8>, StreamError> {
        if bytes > max {
            return Err(StreamError::Length { number: self.count + 1, what, bytes, max });
        }
        let mut read = vec![0; bytes];
        self.fill(&mut read)?;
        Ok(read)
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), StreamError> {
        self.input.read_exact(bytes).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => StreamError::Truncated { after: self.count },
            _ => StreamError::Io(error),
        })
    }
}

impl<R: Read> Iterator for Records<R> {
    type Item = Result<Record, StreamError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let record = self.read().transpose();
        self.ended = !matches!(record, Some(Ok(_)));
        record
    }
}
