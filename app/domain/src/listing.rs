//! Lists of incidents and maintenances, newest start first: what a page or a call of the API asks for. The board answers
//! from what it holds, or says that older ones are needed; then the store answers.

use crate::{Instant, board::Month, id::*, incident::Summary, status::*};
use chrono::{Months, NaiveDate, NaiveTime};

/// Where an entry stands in a list: by start, then by id.
pub type Place = (Instant, IncidentId);

/// Which statuses a list takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wanted {
    #[default]
    Any,
    Open,
    Ended,
    Only(Status),
}

impl Wanted {
    pub fn takes(self, status: Status) -> bool {
        match self {
            Wanted::Any => true,
            Wanted::Open => !status.is_ended(),
            Wanted::Ended => status.is_ended(),
            Wanted::Only(only) => status == only,
        }
    }

    /// Nothing that has ended can be in the list.
    pub fn is_open(self) -> bool {
        match self {
            Wanted::Open => true,
            Wanted::Only(status) => !status.is_ended(),
            Wanted::Any | Wanted::Ended => false,
        }
    }
}

/// What a list shows. Every field narrows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    pub kind: Option<Kind>,
    /// Those that name it.
    pub component: Option<ComponentId>,
    /// Those that name it.
    pub region: Option<RegionId>,
    pub status: Wanted,
    /// Those that began in it, in UTC.
    pub month: Option<Month>,
    /// Only what comes after this place: the next page of a list.
    pub after: Option<Place>,
    pub at_most: usize,
}

impl Listing {
    /// The newest of all.
    pub fn newest(at_most: usize) -> Self {
        Listing { kind: None, component: None, region: None, status: Wanted::Any, month: None, after: None, at_most }
    }

    /// All of a month.
    pub fn of_month(month: Month) -> Self {
        Listing { month: Some(month), ..Listing::newest(usize::MAX) }
    }

    pub fn takes(&self, summary: &Summary) -> bool {
        self.kind.is_none_or(|kind| summary.kind == kind)
            && self.component.is_none_or(|component| summary.names(component))
            && self.region.is_none_or(|region| summary.names_region(region))
            && self.status.takes(summary.status)
    }

    /// The places that the list can take from: from the first, included, to the second, excluded; `None` is no bound.
    pub fn range(&self) -> (Option<Place>, Option<Place>) {
        let begin = |day: NaiveDate| (day.and_time(NaiveTime::MIN).and_utc(), IncidentId::FIRST);
        let Some(first) = self.month.map(Month::first_day) else { return (None, self.after) };
        let next = begin(first.checked_add_months(Months::new(1)).unwrap_or(NaiveDate::MAX));
        (Some(begin(first)), Some(self.after.map_or(next, |after| after.min(next))))
    }
}
