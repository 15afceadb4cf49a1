//! Looking into the index.

use super::{super::fault::Fault, rows::*};
use domain::{
    Instant,
    board::{Month, NEWEST_KEPT, Past, Version},
    catalog::Cell,
    fold::Problem,
    id::*,
    incident::Summary,
    listing::{Listing, Place},
    status::Kind,
};
use redb::{ReadOnlyTable, ReadTransaction, ReadableTable};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
    sync::Arc,
};

/// The tables of one reading transaction.
pub struct Reading {
    summaries: ReadOnlyTable<&'static [u8; ID_LENGTH], &'static [u8]>,
    places: ReadOnlyTable<&'static [u8; PLACE_BYTES], ()>,
    months: ReadOnlyTable<(i32, u32), u64>,
    problems: ReadOnlyTable<(&'static [u8; SUBJECT_BYTES], &'static [u8; 32]), &'static [u8]>,
    doubted: ReadOnlyTable<&'static [u8; SUBJECT_BYTES], ()>,
    meta: ReadOnlyTable<&'static str, &'static [u8]>,
}

/// Up to where in the log the index is true: the counts, and the event that was then the newest to arrive.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Mark {
    pub version: Version,
    pub newest: EventId,
    /// By which rules the log was folded.
    pub rules: [u8; 32],
}

/// What the board holds of the past.
pub struct Retained {
    pub past: Past,
    pub summaries: Vec<Arc<Summary>>,
    pub problems: Vec<(Subject, Problem)>,
}

impl Reading {
    pub fn new(transaction: &ReadTransaction) -> Result<Self, Fault> {
        Ok(Reading {
            summaries: transaction.open_table(SUMMARIES)?,
            places: transaction.open_table(PLACES)?,
            months: transaction.open_table(MONTHS)?,
            problems: transaction.open_table(PROBLEMS)?,
            doubted: transaction.open_table(DOUBTED)?,
            meta: transaction.open_table(META)?,
        })
    }

    /// Layout and cluster, as far as they are there.
    pub fn made_for(&self) -> Result<(Option<u64>, Option<[u8; 16]>), Fault> {
        let format = self.meta.get(FORMAT_KEY)?.and_then(|value| value.value().try_into().ok());
        let cluster = self.meta.get(CLUSTER_KEY)?.and_then(|value| value.value().try_into().ok());
        Ok((format.map(u64::from_be_bytes), cluster))
    }

    /// `None`: nothing has been taken in yet.
    pub fn mark(&self) -> Result<Option<Mark>, Fault> {
        let Some(value) = self.meta.get(VERSION_KEY)? else { return Ok(None) };
        let mark = ciborium::from_reader(value.value());
        mark.map(Some).map_err(|error| Fault::Damaged(format!("its version: {error}")))
    }

    /// Subjects whose rows are not to be trusted.
    pub fn doubted(&self) -> Result<BTreeSet<Subject>, Fault> {
        let subject = |row: Result<(redb::AccessGuard<&'static [u8; SUBJECT_BYTES]>, _), redb::StorageError>| {
            Ok(Subject::from_bytes(*row?.0.value()))
        };
        self.doubted.iter()?.map(subject).collect()
    }

    pub fn summary(&self, id: IncidentId) -> Result<Option<Summary>, Fault> {
        summary(&self.summaries, id)
    }

    fn named(&self, id: IncidentId) -> Result<Arc<Summary>, Fault> {
        let missing = || Fault::Damaged(format!("incident `{id}` is listed but not there"));
        Ok(Arc::new(self.summary(id)?.ok_or_else(missing)?))
    }

    /// A list, newest start first.
    pub fn listed(&self, listing: &Listing) -> Result<Vec<Arc<Summary>>, Fault> {
        let mut found = Vec::new();
        let mut places = NewestFirst::new(self, &List::of(listing), listing.range())?;
        while found.len() < listing.at_most
            && let Some((_, id)) = places.next()?
        {
            let summary = self.named(id)?;
            if listing.takes(&summary) {
                found.push(summary);
            }
        }
        Ok(found)
    }

    /// Every incident and maintenance, newest start first.
    pub fn timelines(&self) -> Result<Vec<(Kind, IncidentId)>, Fault> {
        let kinds = [Kind::Incident, Kind::Maintenance];
        let (mut all, mut places) = (Vec::new(), NewestFirst::new(self, &kinds.map(List::Kind), (None, None))?);
        while let Some((list, (_, id))) = places.next_of()? {
            all.push((kinds[list], id));
        }
        Ok(all)
    }

    /// What a board holds that is trimmed to `horizon`.
    pub fn retained(&self, horizon: Instant) -> Result<Retained, Fault> {
        let mut held: BTreeMap<IncidentId, Arc<Summary>> = BTreeMap::new();
        let (_, last) = List::Ended.bounds();
        for row in self.places.range::<&[u8; PLACE_BYTES]>(&List::Ended.key((horizon, IncidentId::FIRST))..=&last)? {
            let (_, id) = read_place(row?.0.value())?;
            held.insert(id, self.named(id)?);
        }
        let mut gaps = BTreeMap::new();
        for kind in [Kind::Incident, Kind::Maintenance] {
            let (mut ended, mut places) = (0, NewestFirst::new(self, &[List::Kind(kind)], (None, None))?);
            while let Some(place) = places.next()? {
                let held_before = held.get(&place.1).cloned();
                if held_before.is_none() && ended >= NEWEST_KEPT {
                    gaps.insert(kind, place);
                    break;
                }
                let summary = held_before.map_or_else(|| self.named(place.1), Ok)?;
                ended += usize::from(!summary.is_open());
                held.insert(place.1, summary);
            }
        }
        let past = Past { months: self.months()?, changed: self.changed()?, gaps };
        Ok(Retained { past, summaries: held.into_values().collect(), problems: self.problems()? })
    }

    fn months(&self) -> Result<BTreeMap<Month, usize>, Fault> {
        let mut months = BTreeMap::new();
        for row in self.months.iter()? {
            let (month, count) = row?;
            let (year, month) = month.value();
            months.insert(Month { year, month }, usize::try_from(count.value()).unwrap_or(usize::MAX));
        }
        Ok(months)
    }

    /// When what names each cell changed last, and under `None` anything: one look for each cell, however long its list.
    fn changed(&self) -> Result<BTreeMap<Option<Cell>, Instant>, Fault> {
        let mut changed = BTreeMap::new();
        changed.extend(newest_change(&self.places, None)?.map(|at| (None, at)));
        let (mut from, end) = cell_bounds();
        loop {
            let next = self.places.range::<&[u8; PLACE_BYTES]>(&from..&end)?.next().transpose()?;
            let Some(key) = next.map(|(key, _)| *key.value()) else { return Ok(changed) };
            let cell = cell(&key).ok_or_else(|| Fault::Damaged("a cell of a list makes no sense".to_owned()))?;
            changed.extend(newest_change(&self.places, Some(cell))?.map(|at| (Some(cell), at)));
            (_, from) = List::Changed(Some(cell)).bounds();
        }
    }

    fn problems(&self) -> Result<Vec<(Subject, Problem)>, Fault> {
        let mut problems = Vec::new();
        for row in self.problems.iter()? {
            let (key, problem) = row?;
            let problem = ciborium::from_reader(problem.value());
            let problem = problem.map_err(|error| Fault::Damaged(format!("a problem: {error}")))?;
            problems.push((Subject::from_bytes(*key.value().0), problem));
        }
        Ok(problems)
    }
}

/// A list, from either end.
type Places = redb::Range<'static, &'static [u8; PLACE_BYTES], ()>;

/// Places of lists that have none in common, merged, newest first.
struct NewestFirst {
    /// Each with the newest place that is not told yet.
    lists: Vec<(Option<Place>, Places)>,
}

impl NewestFirst {
    /// From the end of `range`, excluded, down to its first, included.
    fn new(index: &Reading, lists: &[List], range: (Option<Place>, Option<Place>)) -> Result<Self, Fault> {
        let (from, until) = range;
        let mut merged = NewestFirst { lists: Vec::new() };
        for list in lists {
            let (first, last) = list.bounds();
            let first = from.map_or(first, |from| list.key(from));
            let last = until.map_or(last, |until| list.key(until));
            let bounds = (Bound::Included(&first), Bound::Excluded(&last));
            let mut places = if first < last { index.places.range::<&[u8; PLACE_BYTES]>(bounds)? } else { continue };
            merged.lists.push((newest(&mut places)?, places));
        }
        Ok(merged)
    }

    fn next(&mut self) -> Result<Option<Place>, Fault> {
        Ok(self.next_of()?.map(|(_, place)| place))
    }

    /// The same, with the number of the list.
    fn next_of(&mut self) -> Result<Option<(usize, Place)>, Fault> {
        let newest_of = self.lists.iter().enumerate().max_by_key(|(_, (place, _))| *place);
        let Some(number) = newest_of.map(|(number, _)| number) else { return Ok(None) };
        let (place, rest) = &mut self.lists[number];
        let next = newest(rest)?;
        Ok(std::mem::replace(place, next).map(|place| (number, place)))
    }
}

fn newest(places: &mut Places) -> Result<Option<Place>, Fault> {
    match places.next_back().transpose()? {
        Some((key, _)) => Ok(Some(read_place(key.value())?)),
        None => Ok(None),
    }
}

fn read_place(key: &[u8; PLACE_BYTES]) -> Result<Place, Fault> {
    place(key).ok_or_else(|| Fault::Damaged("a place in a list makes no sense".to_owned()))
}

pub fn summary(
    summaries: &impl ReadableTable<&'static [u8; ID_LENGTH], &'static [u8]>,
    id: IncidentId,
) -> Result<Option<Summary>, Fault> {
    let Some(row) = summaries.get(&summary_key(id))? else { return Ok(None) };
    let summary = ciborium::from_reader(row.value());
    summary.map(Some).map_err(|error| Fault::Damaged(format!("the summary of incident `{id}`: {error}")))
}

/// When an incident that names the cell, or without one any incident, changed last.
pub fn newest_change(
    places: &impl ReadableTable<&'static [u8; PLACE_BYTES], ()>,
    of: Option<Cell>,
) -> Result<Option<Instant>, Fault> {
    let (first, last) = List::Changed(of).bounds();
    match places.range::<&[u8; PLACE_BYTES]>(&first..=&last)?.next_back().transpose()? {
        Some((key, _)) => Ok(Some(read_place(key.value())?.0)),
        None => Ok(None),
    }
}
