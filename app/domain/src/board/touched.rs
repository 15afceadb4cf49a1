//! What a change of the board touches.

use super::Month;
use crate::{id::*, incident::Summary};
use std::collections::BTreeSet;

/// What a new state touches, so that only the pages that show it are rendered again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// Names, order or settings changed: every page shows them.
    pub catalog: bool,
    pub incidents: BTreeSet<IncidentId>,
    pub components: BTreeSet<ComponentId>,
    pub regions: BTreeSet<RegionId>,
    pub months: BTreeSet<Month>,
}

impl Touched {
    pub fn is_empty(&self) -> bool {
        *self == Touched::default()
    }

    pub fn merge(&mut self, other: Touched) {
        self.catalog |= other.catalog;
        self.incidents.extend(other.incidents);
        self.components.extend(other.components);
        self.regions.extend(other.regions);
        self.months.extend(other.months);
    }

    pub(super) fn summary(&mut self, summary: &Summary) {
        self.incidents.insert(summary.id);
        self.months.insert(Month::of(summary.started_at));
        for cell in &summary.named {
            self.components.insert(cell.component);
            self.regions.extend(cell.region);
        }
    }
}
