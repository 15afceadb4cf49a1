//! What applying a catalog would change, for people: one line an entry.

use domain::{
    catalog::{Catalog, Component},
    change::{Change, ComponentSet},
    command::Planned,
    id::Subject,
};
use serde::Serialize;
use std::fmt;
use utoipa::ToSchema;

/// Whether an entry is new, changed or removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sign {
    Added,
    Changed,
    Removed,
}

/// One entry that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Difference {
    pub sign: Sign,
    /// `page`, `region`, `group` or `component`.
    pub entry: &'static str,
    /// Empty for the page.
    pub code: String,
    /// What differs, of a changed entry.
    pub fields: Vec<&'static str>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let sign = match self.sign {
            Sign::Added => '+',
            Sign::Changed => '~',
            Sign::Removed => '-',
        };
        write!(f, "{sign} {}", self.entry)?;
        if !self.code.is_empty() {
            write!(f, " {}", self.code)?;
        }
        if !self.fields.is_empty() {
            write!(f, " ({})", self.fields.join(", "))?;
        }
        Ok(())
    }
}

/// The differences of a plan against the catalog that it was made for.
pub fn of_plan(present: &Catalog, planned: &[Planned]) -> Vec<Difference> {
    planned.iter().filter_map(|(subject, change)| of_change(present, *subject, change)).collect()
}

fn of_change(present: &Catalog, subject: Subject, change: &Change) -> Option<Difference> {
    let difference = |entry, code: &str, held: bool, fields: Vec<&'static str>| Difference {
        sign: if held { Sign::Changed } else { Sign::Added },
        entry,
        code: code.to_owned(),
        fields,
    };
    let removed = |entry, code: Option<&String>| Difference {
        sign: Sign::Removed,
        entry,
        code: code.cloned().unwrap_or_default(),
        fields: Vec::new(),
    };
    let named =
        |pairs: &[(&'static str, bool)]| pairs.iter().filter(|(_, differs)| *differs).map(|(name, _)| *name).collect();
    Some(match (subject, change) {
        (Subject::Page, Change::PageSet(set)) => {
            let held = &present.page;
            let fields = named(&[
                ("name", held.name != set.name),
                ("url", held.url != set.url),
                ("time_zone", held.time_zone != set.time_zone),
                ("notice", held.notice != set.notice),
                ("support_url", held.support_url != set.support_url),
            ]);
            difference("page", "", true, fields)
        }
        (Subject::Region(id), Change::RegionSet(set)) => {
            let held = present.region(id);
            let fields =
                held.map(|held| named(&[("name", held.name != set.name), ("position", held.position != set.position)]));
            difference("region", &set.code, held.is_some(), fields.unwrap_or_default())
        }
        (Subject::Group(id), Change::GroupSet(set)) => {
            let held = present.group(id);
            let fields =
                held.map(|held| named(&[("name", held.name != set.name), ("position", held.position != set.position)]));
            difference("group", &set.code, held.is_some(), fields.unwrap_or_default())
        }
        (Subject::Component(id), Change::ComponentSet(set)) => {
            let fields = present.component(id).map(|held| component_fields(held, set));
            difference("component", &set.code, fields.is_some(), fields.unwrap_or_default())
        }
        (Subject::Region(id), Change::RegionRemoved(_)) => removed("region", present.region(id).map(|held| &held.code)),
        (Subject::Group(id), Change::GroupRemoved(_)) => removed("group", present.group(id).map(|held| &held.code)),
        (Subject::Component(id), Change::ComponentRemoved(_)) => {
            removed("component", present.component(id).map(|held| &held.code))
        }
        _ => return None,
    })
}

fn component_fields(held: &Component, set: &ComponentSet) -> Vec<&'static str> {
    let pairs = [
        ("name", held.name != set.name),
        ("description", held.description != set.description),
        ("group", held.group != set.group),
        ("plane", held.plane != set.plane),
        ("regions", held.regions != set.regions),
        ("depends_on", held.depends_on != set.depends_on),
        ("position", held.position != set.position),
        ("since", held.since != set.since),
    ];
    pairs.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}
