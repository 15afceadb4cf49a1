//! A board that leaves the past to the store: what it holds, what it only counts, and which lists it can answer.
//!
//! A board holds a summary of everything until [`Board::trim`] lets go of what lies before a horizon. From then on it
//! knows where the newest of those stands (the gaps), and keeps what pages tell of all of them together: how many began in
//! each month, and when what names a cell changed last. Before an incident that is not held changes, its summary is
//! handed back ([`Board::recall`]); so those counts stay what they would be if everything were held.

use super::{Board, Month, NEWEST_KEPT};
use crate::{
    Instant,
    catalog::Cell,
    id::IncidentId,
    incident::{Incident, Summary},
    listing::{Listing, Place, Wanted},
    status::Kind,
    uptime::WINDOW_DAYS,
};
use chrono::TimeDelta;
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::{Bound, RangeBounds},
    sync::Arc,
};

/// Days that a board which leaves the past to the store reaches back: the window of the uptime, and a margin for pages
/// that tell an older present than the board's (a node that was cut off, a clock that was set back).
pub const RETAINED_DAYS: i64 = WINDOW_DAYS as i64 + 30;

/// Where the past begins that such a board need not hold, at the present `now`.
pub fn horizon(now: Instant) -> Instant {
    now.checked_sub_signed(TimeDelta::days(RETAINED_DAYS)).unwrap_or(Instant::MIN_UTC)
}

/// What a board is told of incidents that it need not hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Past {
    /// Of all incidents, also of those that are held.
    pub months: BTreeMap<Month, usize>,
    /// Likewise: when an incident that names the cell, or under `None` any incident, changed last.
    pub changed: BTreeMap<Option<Cell>, Instant>,
    /// Of each kind, where the newest stands that is not held.
    pub gaps: BTreeMap<Kind, Place>,
}

impl Board {
    /// A board that holds `summaries` of a longer past. They are to be at least what [`Board::trim`] would leave.
    pub fn of_past(past: Past, summaries: impl IntoIterator<Item = Arc<Summary>>) -> Board {
        let Past { months, changed, gaps } = past;
        let mut board = Board { months, changed, gaps, ..Board::default() };
        for summary in summaries {
            board.recall(summary);
        }
        board.settle_cells();
        board
    }

    /// Takes back the summary of an incident that is not held, before the incident is put anew.
    pub fn recall(&mut self, summary: Arc<Summary>) {
        let (id, place) = (summary.id, (summary.started_at, summary.id));
        self.by_start.insert(place);
        self.by_kind.entry(summary.kind).or_default().insert(place);
        if summary.is_open() {
            self.open.insert(id);
        }
        self.summaries.insert(id, summary);
    }

    /// No longer holds an incident, which is there all the same.
    pub(super) fn let_go(&mut self, id: IncidentId) -> Option<Arc<Summary>> {
        let summary = self.summaries.remove(&id)?;
        let place = (summary.started_at, id);
        self.by_start.remove(&place);
        if let Some(of_kind) = self.by_kind.get_mut(&summary.kind) {
            of_kind.remove(&place);
        }
        self.open.remove(&id);
        self.whole.remove(&id);
        Some(summary)
    }

    pub(super) fn count(&mut self, summary: &Summary, is_new: bool) {
        let month = Month::of(summary.started_at);
        let count = self.months.entry(month).or_default();
        *count = if is_new { *count + 1 } else { count.saturating_sub(1) };
        if *count == 0 {
            self.months.remove(&month);
        }
    }

    /// What `before` said of the newest change may no longer hold when it shrinks to `after`.
    pub(super) fn doubt(&mut self, before: &Summary, after: Option<&Incident>) {
        let is_older = after.is_none_or(|after| after.updated_at < before.updated_at);
        let is_gone = |cell: &&Cell| is_older || after.is_none_or(|after| !after.named.contains(cell));
        let any = is_older.then_some(None);
        self.doubtful.extend(before.named.iter().filter(is_gone).map(|cell| Some(*cell)).chain(any));
        if self.holds_all() && !self.doubtful.is_empty() {
            self.doubtful.clear();
            self.changed.clear();
            for other in self.summaries.values() {
                note_changed(&mut self.changed, other);
            }
        }
    }

    /// Takes what [`Board::changed_at`] and [`Board::newest_change`] cannot tell without what is not held; each is to
    /// be handed back with [`Board::set_changed`].
    pub fn take_doubtful(&mut self) -> BTreeSet<Option<Cell>> {
        std::mem::take(&mut self.doubtful)
    }

    /// When an incident that names the cell, or without one any incident, changed last.
    pub fn set_changed(&mut self, of: Option<Cell>, at: Option<Instant>) {
        self.changed.remove(&of);
        self.changed.extend(at.map(|at| (of, at)));
    }

    /// Lets go of what lies wholly before `horizon`, but for the newest ended ones of each kind, and of whole incidents
    /// that are no longer wanted. Names those that are missing whole, for the store to load and hand over with
    /// [`Board::hold`].
    pub fn trim(&mut self, horizon: Instant) -> Vec<IncidentId> {
        let mut gone = Vec::new();
        for (kind, of_kind) in &self.by_kind {
            let mut ended = 0;
            let mut past = Vec::new();
            for place in of_kind.iter().rev() {
                let Some(summary) = self.summaries.get(&place.1) else { continue };
                ended += usize::from(!summary.is_open());
                if !summary.reaches(horizon) && ended > NEWEST_KEPT {
                    past.push(*place);
                }
            }
            gone.extend(past.iter().map(|(_, id)| *id));
            if let Some(newest) = past.first() {
                let gap = self.gaps.entry(*kind).or_insert(*newest);
                *gap = (*gap).max(*newest);
            }
        }
        for id in gone {
            self.let_go(id);
        }
        let wanted = self.wanted();
        self.whole.retain(|id, _| wanted.contains(id));
        wanted.into_iter().filter(|id| !self.whole.contains_key(id)).collect()
    }

    /// How many incidents and maintenances the log holds.
    pub fn incident_count(&self) -> usize {
        self.months.values().sum()
    }

    /// The lists whose newest are to be handed over with [`Board::refill`]: so many newer ones of a kind have gone, or
    /// are open again, that others are the newest ended ones now.
    pub fn lacking(&self) -> Vec<(Kind, Listing)> {
        let is_lacking = |(kind, gap): &(&Kind, &Place)| {
            let newer = self.newest(**kind).take_while(|summary| (summary.started_at, summary.id) > **gap);
            newer.filter(|summary| !summary.is_open()).take(NEWEST_KEPT).count() < NEWEST_KEPT
        };
        // One more than is held, to know where the rest begins.
        let newest = Listing { status: Wanted::Ended, ..Listing::newest(NEWEST_KEPT + 1) };
        let listing = |(kind, _): (&Kind, &Place)| (*kind, Listing { kind: Some(*kind), ..newest.clone() });
        self.gaps.iter().filter(is_lacking).map(listing).collect()
    }

    /// Takes back the newest ended ones of a kind that [`Board::lacking`] asked for.
    pub fn refill(&mut self, kind: Kind, listed: Vec<Arc<Summary>>) {
        let rest = listed.get(NEWEST_KEPT).map(|summary| (summary.started_at, summary.id));
        self.gaps.remove(&kind);
        self.gaps.extend(rest.map(|rest| (kind, rest)));
        for summary in listed.into_iter().take(NEWEST_KEPT) {
            if !self.summaries.contains_key(&summary.id) {
                self.recall(summary);
            }
        }
    }

    /// Whether there is no incident beside those that are held.
    pub fn holds_all(&self) -> bool {
        self.gaps.is_empty()
    }

    /// A list, newest start first; `None` when it may show what is not held.
    pub fn listed(&self, listing: &Listing) -> Option<Vec<Arc<Summary>>> {
        // What is open is held, however old.
        let gap = match listing.kind {
            _ if listing.status.is_open() => None,
            Some(kind) => self.gaps.get(&kind).copied(),
            None => self.gaps.values().max().copied(),
        };
        let nothing = BTreeSet::new();
        let places = match listing.kind {
            Some(kind) => self.by_kind.get(&kind).unwrap_or(&nothing),
            None => &self.by_start,
        };
        let (first, end) = listing.range();
        let begin = end.map_or(Bound::Unbounded, Bound::Excluded);
        let newest_first = places.range((Bound::Unbounded, begin)).rev();
        let within = newest_first.take_while(|place| first.max(gap).is_none_or(|last| **place >= last));
        let summaries = within.filter_map(|(_, id)| self.summaries.get(id)).filter(|summary| listing.takes(summary));
        let found: Vec<Arc<Summary>> = summaries.take(listing.at_most).cloned().collect();
        let is_whole = gap.is_none_or(|gap| first.is_some_and(|first| first > gap));
        (is_whole || found.len() == listing.at_most).then_some(found)
    }

    /// When an incident or maintenance that names the cell changed last.
    pub fn changed_at(&self, cell: Cell) -> Option<Instant> {
        self.changed.get(&Some(cell)).copied()
    }

    /// When an incident or maintenance changed last.
    pub fn newest_change(&self) -> Option<Instant> {
        self.changed.get(&None).copied()
    }

    /// The months that have incidents, newest first, each with how many.
    pub fn months(&self) -> impl DoubleEndedIterator<Item = (Month, usize)> {
        self.months.iter().rev().map(|(month, count)| (*month, *count))
    }

    /// Whether an incident or maintenance began in one of these months.
    pub fn has_months(&self, months: impl RangeBounds<Month>) -> bool {
        self.months.range(months).next().is_some()
    }
}

pub(super) fn note_changed(changed: &mut BTreeMap<Option<Cell>, Instant>, summary: &Summary) {
    for of in summary.named.iter().map(|cell| Some(*cell)).chain([None]) {
        let at = changed.entry(of).or_insert(summary.updated_at);
        *at = (*at).max(summary.updated_at);
    }
}
