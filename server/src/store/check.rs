//! Proof that the log answers.

use super::{
    Store,
    fault::{Fault, ReadError},
    read::Reader,
    tables::SEQUENCE,
};
use domain::id::EventId;
use redb::ReadableTable;

impl Store {
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
