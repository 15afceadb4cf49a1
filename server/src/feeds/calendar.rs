//! Maintenances as iCalendar (RFC 5545).
//!
//! Every value comes from the board, also the stamp that a calendar program compares: the same board gives the same
//! bytes. A maintenance without a schedule cannot stand in a calendar and is left out.

use app::{address::Address, markdown, words::first_language};
use domain::{
    board::{Board, NEWEST_KEPT},
    change::Schedule,
    incident::Incident,
    status::Kind,
};
use icalendar::{Calendar, Component, Event, EventLike, EventStatus};

/// Longest description, in characters; the whole text is behind the link.
const DESCRIPTION_LENGTH_MAX: usize = 1000;

pub(super) fn write(board: &Board) -> String {
    let name = first_language(&board.catalog.page.name);
    let mut calendar = Calendar::empty();
    calendar
        .append_property(("VERSION", "2.0"))
        .append_property(("PRODID", "-//Holdfast//Maintenances//EN"))
        .append_property(("CALSCALE", "GREGORIAN"))
        .append_property(("METHOD", "PUBLISH"))
        .name(name);
    let newest = board.newest(Kind::Maintenance).take(NEWEST_KEPT).filter_map(|summary| board.incident(summary.id));
    for maintenance in newest {
        if let Some(schedule) = maintenance.schedule {
            calendar.push(event(board, maintenance, schedule));
        }
    }
    calendar.to_string()
}

fn event(board: &Board, maintenance: &Incident, schedule: Schedule) -> Event {
    let catalog = &board.catalog;
    let path = Address::of_timeline(maintenance.kind, maintenance.id).path(catalog, None);
    let text = maintenance.newest().map(|update| markdown::to_text(first_language(&update.text))).unwrap_or_default();
    // Ended before it could begin: there is no other way to call one off.
    let cancelled = maintenance.ended_at.is_some_and(|ended_at| ended_at < schedule.from);
    Event::new()
        .uid(&format!("{}@{}", maintenance.id, catalog.page.host()))
        .timestamp(maintenance.updated_at)
        .created(maintenance.started_at)
        .last_modified(maintenance.updated_at)
        .sequence(u32::try_from(maintenance.updates.len()).unwrap_or(u32::MAX))
        .starts(schedule.from)
        .ends(schedule.until)
        .summary(first_language(&maintenance.title))
        .description(&text.chars().take(DESCRIPTION_LENGTH_MAX).collect::<String>())
        .status(if cancelled { EventStatus::Cancelled } else { EventStatus::Confirmed })
        .url(&format!("{}{path}", catalog.page.url))
        .done()
}
