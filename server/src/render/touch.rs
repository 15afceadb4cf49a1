//! Which addresses a change touches: the rule that keeps every other page as it is.

use app::address::{Address, Selection};
use domain::{
    board::{Board, Month, Touched},
    id::RegionId,
};
use std::ops::Bound;

/// Whether `address` shows anything that `touched` names. May say yes for a page that comes out the same; never says
/// no for one that does not.
pub fn touches(touched: &Touched, address: Address, board: &Board) -> bool {
    if touched.catalog {
        return true;
    }
    let timeline_changed = !touched.incidents.is_empty();
    match address {
        // Which keys are trusted changes as a whole, like the catalog.
        Address::NotFound | Address::Verify => false,
        // Carry the board's version, which every published event moves.
        Address::Status | Address::Copies => true,
        Address::Home | Address::Calendar | Address::V2(_) => timeline_changed,
        Address::Incident(id) | Address::Maintenance(id) => touched.incidents.contains(&id),
        Address::History(None) => timeline_changed,
        Address::History(Some(month)) => touched.months.iter().any(|changed| shows(month, *changed, board)),
        Address::Component(id) => selected(touched, Selection::Component(id), board),
        Address::Region(id) => selected(touched, Selection::Region(id), board),
        Address::Feed(_, of) | Address::Badge(of) => selected(touched, of, board),
    }
}

fn selected(touched: &Touched, of: Selection, board: &Board) -> bool {
    match of {
        Selection::Whole => !touched.incidents.is_empty(),
        Selection::Component(id) => touched.components.contains(&id),
        Selection::Region(id) => in_region(touched, id, board),
    }
}

/// A component without regions is everywhere.
fn in_region(touched: &Touched, region: RegionId, board: &Board) -> bool {
    let everywhere = |id| board.catalog.component(id).is_none_or(|component| component.regions.is_empty());
    touched.regions.contains(&region) || touched.components.iter().any(|id| everywhere(*id))
}

/// A month's page links to the months before and after it that have incidents.
fn shows(page: Month, changed: Month, board: &Board) -> bool {
    if page == changed {
        return true;
    }
    !board.has_months((Bound::Excluded(page.min(changed)), Bound::Excluded(page.max(changed))))
}
