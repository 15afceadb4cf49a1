//! Cells and spans as one string of bytes, for the fold cache: ten thousand incidents have some hundred thousand of
//! them, and as maps with words and RFC 3339 texts they took most of a start.
//!
//! A cell takes 24 bytes: component (12) and region (12, zeros for none). A span takes 50: the cell, from (8 of seconds
//! and 4 of nanoseconds, big-endian), 1 when it is over, until (12 as before, zeros while it lasts), and the place of
//! its status in `ComponentStatus::ALL`. A reader that meets anything else refuses it whole.

use super::CellSpan;
use crate::{Instant, catalog::Cell, id::*, status::ComponentStatus};
use serde::{Deserializer, Serializer, de};
use std::{fmt, marker::PhantomData};

const CELL_BYTES: usize = 2 * ID_LENGTH;
const INSTANT_BYTES: usize = 8 + 4;

/// What is packed, each in the same count of bytes.
pub(super) trait Packed: Sized {
    const BYTES: usize;
    fn push(&self, bytes: &mut Vec<u8>);
    /// `None` when the bytes are none of these.
    fn take(rest: &mut &[u8]) -> Option<Self>;
}

pub(super) fn serialize<T: Packed, S: Serializer>(items: &[T], serializer: S) -> Result<S::Ok, S::Error> {
    let mut bytes = Vec::with_capacity(items.len() * T::BYTES);
    items.iter().for_each(|item| item.push(&mut bytes));
    serializer.serialize_bytes(&bytes)
}

pub(super) fn deserialize<'de, T: Packed, D: Deserializer<'de>>(deserializer: D) -> Result<Box<[T]>, D::Error> {
    deserializer.deserialize_byte_buf(Items(PhantomData))
}

struct Items<T>(PhantomData<T>);

impl<T: Packed> de::Visitor<'_> for Items<T> {
    type Value = Box<[T]>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "items of {} bytes each", T::BYTES)
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
        let mut items = Vec::with_capacity(bytes.len() / T::BYTES);
        let mut rest = bytes;
        while !rest.is_empty() {
            let item = T::take(&mut rest);
            items.push(item.ok_or_else(|| E::invalid_value(de::Unexpected::Bytes(bytes), &self))?);
        }
        Ok(items.into_boxed_slice())
    }

    fn visit_byte_buf<E: de::Error>(self, bytes: Vec<u8>) -> Result<Self::Value, E> {
        self.visit_bytes(&bytes)
    }
}

impl Packed for Cell {
    const BYTES: usize = CELL_BYTES;

    fn push(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.component.0.as_str().as_bytes());
        match self.region {
            Some(region) => bytes.extend(region.0.as_str().as_bytes()),
            None => bytes.extend([0; ID_LENGTH]),
        }
    }

    fn take(rest: &mut &[u8]) -> Option<Self> {
        let component = ComponentId(id(array(rest)?)?);
        let region = match array(rest)? {
            bytes if bytes == [0; ID_LENGTH] => None,
            bytes => Some(RegionId(id(bytes)?)),
        };
        Some(Cell { component, region })
    }
}

impl Packed for CellSpan {
    const BYTES: usize = CELL_BYTES + INSTANT_BYTES + 1 + INSTANT_BYTES + 1;

    fn push(&self, bytes: &mut Vec<u8>) {
        self.cell.push(bytes);
        push_instant(bytes, self.from);
        bytes.push(u8::from(self.until.is_some()));
        push_instant(bytes, self.until.unwrap_or_default());
        bytes.push(self.status as u8);
    }

    fn take(rest: &mut &[u8]) -> Option<Self> {
        let cell = Cell::take(rest)?;
        let from = instant(rest)?;
        let [is_over] = array(rest)?;
        let until = instant(rest)?;
        let [status] = array(rest)?;
        let until = match is_over {
            0 => None,
            1 => Some(until),
            _ => return None,
        };
        Some(CellSpan { cell, from, until, status: *ComponentStatus::ALL.get(usize::from(status))? })
    }
}

fn push_instant(bytes: &mut Vec<u8>, at: Instant) {
    bytes.extend(at.timestamp().to_be_bytes());
    bytes.extend(at.timestamp_subsec_nanos().to_be_bytes());
}

fn array<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, after) = rest.split_first_chunk::<N>()?;
    *rest = after;
    Some(*taken)
}

fn id(bytes: [u8; ID_LENGTH]) -> Option<Id> {
    std::str::from_utf8(&bytes).ok()?.parse().ok()
}

fn instant(rest: &mut &[u8]) -> Option<Instant> {
    let seconds = i64::from_be_bytes(array(rest)?);
    Instant::from_timestamp(seconds, u32::from_be_bytes(array(rest)?))
}
