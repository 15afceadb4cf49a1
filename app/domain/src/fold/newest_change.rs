//! When a timeline was last changed in a way that its readers are told of: what makes the entry of a feed newer.

use crate::{
    Instant,
    change::{Change, Event},
};

/// Every change moves it forward: to the time that the change shows when that is later than all before it, and else (a
/// word about the past, another title, impact or schedule) to the time that it was written. What an import brings keeps
/// the times that it had: having been imported is no news. `events` are in causal order.
pub(super) fn newest_change<'a>(events: impl Iterator<Item = &'a Event>, is_imported: bool) -> Instant {
    let mut newest: Option<Instant> = None;
    for event in events {
        let (shown, is_from_import) = match &event.change {
            Change::IncidentOpened(opened) => (opened.first.at, opened.first.id.is_some()),
            Change::UpdatePosted(post) => (post.at, post.id.is_some()),
            Change::PostmortemPublished(postmortem) => (postmortem.at, is_imported),
            Change::UpdateEdited(edit) => (edit.at, false),
            Change::IncidentEdited(_) => (event.written_at(), false),
            _ => continue,
        };
        newest = Some(match newest {
            Some(before) if shown <= before && is_from_import => before,
            Some(before) if shown <= before => before.max(event.written_at()),
            _ => shown,
        });
    }
    newest.unwrap_or_default()
}
