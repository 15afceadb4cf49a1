//! Changing the index.

use super::{super::fault::Fault, reading, reading::Mark, rows::*};
use domain::{Instant, board::Month, catalog::Cell, fold::Problem, id::*, incident::Summary};
use redb::{ReadableTable, Table, WriteTransaction};
use std::collections::BTreeSet;

/// The tables of one writing transaction.
pub struct Writing<'t> {
    summaries: Table<'t, &'static [u8; ID_LENGTH], &'static [u8]>,
    places: Table<'t, &'static [u8; PLACE_BYTES], ()>,
    months: Table<'t, (i32, u32), u64>,
    problems: Table<'t, (&'static [u8; SUBJECT_BYTES], &'static [u8; 32]), &'static [u8]>,
    doubted: Table<'t, &'static [u8; SUBJECT_BYTES], ()>,
    meta: Table<'t, &'static str, &'static [u8]>,
}

impl<'t> Writing<'t> {
    pub fn new(transaction: &'t WriteTransaction) -> Result<Self, Fault> {
        Ok(Writing {
            summaries: transaction.open_table(SUMMARIES)?,
            places: transaction.open_table(PLACES)?,
            months: transaction.open_table(MONTHS)?,
            problems: transaction.open_table(PROBLEMS)?,
            doubted: transaction.open_table(DOUBTED)?,
            meta: transaction.open_table(META)?,
        })
    }

    /// Says for which cluster and in which layout the rows are.
    pub fn begin(&mut self, cluster: [u8; 16]) -> Result<(), Fault> {
        self.meta.insert(FORMAT_KEY, FORMAT.to_be_bytes().as_slice())?;
        self.meta.insert(CLUSTER_KEY, cluster.as_slice())?;
        Ok(())
    }

    pub fn set_mark(&mut self, mark: &Mark) -> Result<(), Fault> {
        self.meta.insert(VERSION_KEY, cbor(mark)?.as_slice())?;
        Ok(())
    }

    /// Puts what an incident has become; hands back what it was.
    pub fn put(&mut self, id: IncidentId, after: Option<&Summary>) -> Result<Option<Summary>, Fault> {
        let before = reading::summary(&self.summaries, id)?;
        if before.as_ref() == after {
            return Ok(before);
        }
        let keys = |summary: Option<&Summary>| -> BTreeSet<[u8; PLACE_BYTES]> {
            let lists = summary.map(List::all_of).unwrap_or_default();
            lists.into_iter().map(|(list, at)| list.key((at, id))).collect()
        };
        let (old, new) = (keys(before.as_ref()), keys(after));
        for key in old.difference(&new) {
            self.places.remove(key)?;
        }
        for key in new.difference(&old) {
            self.places.insert(key, ())?;
        }
        let month = |summary: Option<&Summary>| summary.map(|summary| Month::of(summary.started_at));
        if month(before.as_ref()) != month(after) {
            self.count(month(before.as_ref()), |count| count.saturating_sub(1))?;
            self.count(month(after), |count| count + 1)?;
        }
        match after {
            Some(after) => drop(self.summaries.insert(&summary_key(id), cbor(after)?.as_slice())?),
            None => drop(self.summaries.remove(&summary_key(id))?),
        }
        Ok(before)
    }

    fn count(&mut self, month: Option<Month>, change: impl Fn(u64) -> u64) -> Result<(), Fault> {
        let Some(key) = month.map(month_key) else { return Ok(()) };
        let count = self.months.get(key)?.map_or(0, |count| count.value());
        match change(count) {
            0 => drop(self.months.remove(key)?),
            count => drop(self.months.insert(key, count)?),
        }
        Ok(())
    }

    /// Replaces what could not be folded of a subject, whose rows are true again by now.
    pub fn set_problems(&mut self, subject: Subject, problems: &[Problem]) -> Result<(), Fault> {
        let subject = subject.to_bytes();
        let mut held = Vec::new();
        for row in self.problems.range((&subject, &[0; 32])..=(&subject, &[u8::MAX; 32]))? {
            held.push(*row?.0.value().1);
        }
        for event in held {
            self.problems.remove((&subject, &event))?;
        }
        for problem in problems {
            self.problems.insert((&subject, &problem.event.0), cbor(problem)?.as_slice())?;
        }
        self.doubted.remove(&subject)?;
        Ok(())
    }

    pub fn doubt(&mut self, subject: Subject) -> Result<(), Fault> {
        self.doubted.insert(&subject.to_bytes(), ())?;
        Ok(())
    }

    /// When an incident that names the cell, or without one any incident, changed last.
    pub fn newest_change(&self, of: Option<Cell>) -> Result<Option<Instant>, Fault> {
        reading::newest_change(&self.places, of)
    }
}

fn cbor(value: &impl serde::Serialize) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).map_err(|error| Fault::Io(error.to_string()))?;
    Ok(bytes)
}
