//! The tables of the index, and their keys.
//!
//! | table | what |
//! |---|---|
//! | `summaries` | incident id to its summary, as CBOR |
//! | `places` | an incident's places in the lists that it is in: list, time, id |
//! | `months` | year and month to how many incidents began in it |
//! | `problems` | subject and event to why it could not be folded, as CBOR |
//! | `doubted` | subjects whose rows are not to be trusted |
//! | `meta` | [`FORMAT_KEY`], [`CLUSTER_KEY`], [`VERSION_KEY`] |
//!
//! A key of `places` is the list (a letter and two ids, zeros for none), the time (8 bytes of seconds with the sign bit
//! turned over and 4 of nanoseconds, so that bytes sort as times do) and the incident's id.

use domain::{
    Instant,
    board::Month,
    catalog::Cell,
    id::*,
    incident::Summary,
    listing::{Listing, Place},
    status::Kind,
};
use redb::TableDefinition;

pub const SUMMARIES: TableDefinition<&[u8; ID_LENGTH], &[u8]> = TableDefinition::new("summaries");
pub const PLACES: TableDefinition<&[u8; PLACE_BYTES], ()> = TableDefinition::new("places");
pub const MONTHS: TableDefinition<(i32, u32), u64> = TableDefinition::new("months");
pub const PROBLEMS: TableDefinition<(&[u8; SUBJECT_BYTES], &[u8; 32]), &[u8]> = TableDefinition::new("problems");
pub const DOUBTED: TableDefinition<&[u8; SUBJECT_BYTES], ()> = TableDefinition::new("doubted");
pub const META: TableDefinition<&str, &[u8]> = TableDefinition::new("meta");

/// Number of the layout of these tables and of what a summary holds, as a big-endian u64. Raise it whenever the fold or
/// the summary changes: what an earlier version wrote is then made anew.
pub const FORMAT_KEY: &str = "format";
pub const CLUSTER_KEY: &str = "cluster";
/// Up to where in the log the rows are true, as CBOR.
pub const VERSION_KEY: &str = "version";
/// The layout that this version reads and writes.
pub const FORMAT: u64 = 2;

pub use super::super::tables::SUBJECT_BYTES;
const LIST_BYTES: usize = 1 + 2 * ID_LENGTH;
const TIME_BYTES: usize = 8 + 4;
pub const PLACE_BYTES: usize = LIST_BYTES + TIME_BYTES + ID_LENGTH;

/// A list that incidents are in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// All, by start, and likewise the next three.
    Kind(Kind),
    Component(ComponentId),
    Region(RegionId),
    /// By end; those that are open stand at the end of time.
    Ended,
    /// By their newest change: those that name the cell, or without one all.
    Changed(Option<Cell>),
}

impl List {
    fn bytes(self) -> [u8; LIST_BYTES] {
        let (letter, first, second) = match self {
            List::Kind(Kind::Incident) => (b'i', None, None),
            List::Kind(Kind::Maintenance) => (b'm', None, None),
            List::Component(id) => (b'c', Some(id.0), None),
            List::Region(id) => (b'r', Some(id.0), None),
            List::Ended => (b'e', None, None),
            List::Changed(None) => (b'u', None, None),
            List::Changed(Some(cell)) => (b'x', Some(cell.component.0), cell.region.map(|region| region.0)),
        };
        let mut bytes = [0; LIST_BYTES];
        bytes[0] = letter;
        for (number, id) in [first, second].into_iter().enumerate() {
            if let Some(id) = id {
                bytes[1 + number * ID_LENGTH..][..ID_LENGTH].copy_from_slice(id.as_str().as_bytes());
            }
        }
        bytes
    }

    /// The lists of one listing that together hold all of it, each narrow.
    pub fn of(listing: &Listing) -> Vec<List> {
        match (listing.component, listing.region, listing.kind) {
            (Some(component), _, _) => vec![List::Component(component)],
            (None, Some(region), _) => vec![List::Region(region)],
            (None, None, Some(kind)) => vec![List::Kind(kind)],
            (None, None, None) => [Kind::Incident, Kind::Maintenance].map(List::Kind).to_vec(),
        }
    }

    /// The first key and the last one that an incident can have in it.
    pub fn bounds(self) -> ([u8; PLACE_BYTES], [u8; PLACE_BYTES]) {
        let (mut first, mut last) = ([0; PLACE_BYTES], [u8::MAX; PLACE_BYTES]);
        first[..LIST_BYTES].copy_from_slice(&self.bytes());
        last[..LIST_BYTES].copy_from_slice(&self.bytes());
        (first, last)
    }

    pub fn key(self, (at, id): Place) -> [u8; PLACE_BYTES] {
        let mut key = [0; PLACE_BYTES];
        key[..LIST_BYTES].copy_from_slice(&self.bytes());
        let time = &mut key[LIST_BYTES..];
        time[..8].copy_from_slice(&(at.timestamp().cast_unsigned() ^ (1 << 63)).to_be_bytes());
        time[8..12].copy_from_slice(&at.timestamp_subsec_nanos().to_be_bytes());
        time[12..].copy_from_slice(id.0.as_str().as_bytes());
        key
    }

    /// Every list that an incident is in, with its time there.
    pub fn all_of(summary: &Summary) -> Vec<(List, Instant)> {
        let mut lists = vec![
            (List::Kind(summary.kind), summary.started_at),
            (List::Ended, summary.ended_at.unwrap_or(Instant::MAX_UTC)),
            (List::Changed(None), summary.updated_at),
        ];
        for cell in &summary.named {
            lists.push((List::Component(cell.component), summary.started_at));
            lists.extend(cell.region.map(|region| (List::Region(region), summary.started_at)));
            lists.push((List::Changed(Some(*cell)), summary.updated_at));
        }
        lists
    }
}

/// Time and id of a key of [`PLACES`]; `None` when it is none.
pub fn place(key: &[u8; PLACE_BYTES]) -> Option<Place> {
    let (seconds, rest) = key[LIST_BYTES..].split_first_chunk::<8>()?;
    let (nanos, id) = rest.split_first_chunk::<4>()?;
    let seconds = (u64::from_be_bytes(*seconds) ^ (1 << 63)).cast_signed();
    let at = Instant::from_timestamp(seconds, u32::from_be_bytes(*nanos))?;
    Some((at, incident_id(id)?))
}

/// The cell of a key in a list of a cell's changes; `None` when it is none.
pub fn cell(key: &[u8; PLACE_BYTES]) -> Option<Cell> {
    let (component, region) = key[1..LIST_BYTES].split_at(ID_LENGTH);
    let id = |bytes: &[u8]| std::str::from_utf8(bytes).ok()?.parse::<Id>().ok();
    let region = match region == [0; ID_LENGTH] {
        true => None,
        false => Some(RegionId(id(region)?)),
    };
    Some(Cell { component: ComponentId(id(component)?), region })
}

/// The first key that the list of any cell's changes can have, and the end of all of them.
pub fn cell_bounds() -> ([u8; PLACE_BYTES], [u8; PLACE_BYTES]) {
    let (mut first, mut end) = ([0; PLACE_BYTES], [0; PLACE_BYTES]);
    (first[0], end[0]) = (b'x', b'x' + 1);
    (first, end)
}

pub fn summary_key(id: IncidentId) -> [u8; ID_LENGTH] {
    let mut key = [0; ID_LENGTH];
    key.copy_from_slice(id.0.as_str().as_bytes());
    key
}

fn incident_id(bytes: &[u8]) -> Option<IncidentId> {
    Some(IncidentId(std::str::from_utf8(bytes).ok()?.parse().ok()?))
}

pub fn month_key(month: Month) -> (i32, u32) {
    (month.year, month.month)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_sort_as_places_do_and_read_back() {
        let id = |text: &str| IncidentId(text.parse().expect("an id"));
        let at = |seconds, nanos| Instant::from_timestamp(seconds, nanos).expect("an instant");
        let places = [
            (Instant::MIN_UTC, id("zzzzzzzzzzzz")),
            (at(-1, 999_999_999), id("000000000001")),
            (at(0, 0), id("000000000000")),
            (at(0, 0), id("a00000000000")),
            (at(0, 1), id("000000000000")),
            (at(1_712_560_920, 0), id("p31zjtct2jer")),
            (Instant::MAX_UTC, id("000000000000")),
        ];
        for list in [List::Kind(Kind::Maintenance), List::Component(ComponentId::of_code("cloud-api"))] {
            let keys = places.map(|place| list.key(place));
            assert!(keys.is_sorted());
            assert_eq!(keys.map(|key| place(&key)), places.map(Some));
            let (first, last) = list.bounds();
            assert!(first < keys[0] && keys[keys.len() - 1] < last);
        }
    }

    #[test]
    fn a_cell_is_read_back_from_the_list_of_its_changes() {
        for region in [None, Some(RegionId::of_code("ap-shanghai"))] {
            let wanted = Cell { component: ComponentId::of_code("cloud-api"), region };
            let key = List::Changed(Some(wanted)).key((Instant::MIN_UTC, IncidentId::FIRST));
            assert_eq!(cell(&key), Some(wanted));
            let (first, end) = cell_bounds();
            assert!((first..end).contains(&key));
        }
    }
}
