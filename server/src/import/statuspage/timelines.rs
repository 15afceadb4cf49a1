//! Incidents and maintenances of a Statuspage page as timelines.

use super::{components::Components, document};
use crate::import::{Bad, Placed, history};
use domain::{
    Instant,
    board::Board,
    catalog::Cell,
    change::*,
    command::{self, Command, import::Timeline},
    id::*,
    status::*,
};
use std::collections::BTreeMap;

/// Every incident and maintenance; those that are wrong in themselves are added to `bad`.
pub fn all(whole: &document::Document, components: &Components, now: Instant, bad: &mut Vec<Bad>) -> Vec<Placed> {
    let page = whole.page.as_ref().and_then(|page| page.url.as_deref()).unwrap_or_default().trim_end_matches('/');
    let mut placed = Vec::new();
    for (list, kind, entries) in [
        ("incidents", Kind::Incident, &whole.incidents),
        ("scheduled_maintenances", Kind::Maintenance, &whole.scheduled_maintenances),
    ] {
        for (index, entry) in entries.iter().enumerate() {
            let place = format!("{list}[{index}]");
            match (Reading { kind, entry, page, components }).timeline(now) {
                Ok(timeline) => placed.push(Placed { place, timeline }),
                Err(reason) => bad.push(Bad { place, reason }),
            }
        }
    }
    // The oldest first, as they were written there.
    placed.sort_by_key(|placed| placed.timeline.opened.first.at);
    placed
}

struct Reading<'a> {
    kind: Kind,
    entry: &'a document::Incident,
    page: &'a str,
    components: &'a Components,
}

impl Reading<'_> {
    fn timeline(&self, now: Instant) -> Result<Timeline, String> {
        let entry = self.entry;
        let id: IncidentId = entry.id.parse().map_err(|error| format!("id: {error}"))?;
        let impact = match entry.impact.as_str() {
            "maintenance" => Impact::None,
            word => word.parse().map_err(|error| format!("impact: {error}, maintenance"))?,
        };
        let schedule = match (entry.scheduled_for, entry.scheduled_until) {
            (Some(from), Some(until)) if self.kind == Kind::Maintenance => {
                Some(Schedule { from: from.to_utc(), until: until.to_utc() })
            }
            _ => None,
        };
        let (updates, postmortem) = self.updates()?;
        let mut updates = updates.into_iter();
        let first = match updates.next() {
            Some(first) => first,
            None => self.without_updates()?,
        };
        let url = match &entry.shortlink {
            Some(link) => link.clone(),
            None => format!("{}/incidents/{id}", self.page),
        };
        let opened = IncidentOpened {
            title: entry.name.as_str().into(),
            impact,
            schedule,
            kind: self.kind,
            first,
            source: Some(Source { url, id: entry.id.clone() }),
        };
        let mut timeline = Timeline { id, opened, updates: updates.collect(), postmortem };
        command::plan(&Board::default(), None, Command::Import(timeline.clone()), now)
            .map_err(|refusals| refusals.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))?;
        self.scope(&mut timeline)?;
        Ok(timeline)
    }

    /// An incident that has no update (a maintenance before its begin) says no more than its name and status.
    fn without_updates(&self) -> Result<UpdatePosted, String> {
        let status = self.entry.status.parse().map_err(|error| format!("status: {error}"))?;
        let id = UpdateId(Id::derived(&[b"imported update", self.entry.id.as_bytes()]));
        let text = self.entry.name.clone();
        Ok(history::posted(id, self.entry.created_at.to_utc(), Some(status), text))
    }

    /// Oldest first, without scope, and the postmortem apart.
    fn updates(&self) -> Result<(Vec<UpdatePosted>, Option<PostmortemPublished>), String> {
        let mut updates = Vec::new();
        let mut postmortem = None;
        for (index, update) in self.oldest_first() {
            let field = |part: &str| format!("incident_updates[{index}].{part}");
            let status: Status = update.status.parse().map_err(|error| format!("{}: {error}", field("status")))?;
            let id: UpdateId = update.id.parse().map_err(|error| format!("{}: {error}", field("id")))?;
            let at = update.display_at.unwrap_or(update.created_at).to_utc();
            let text = update.body.clone().unwrap_or_default();
            if status == Status::Postmortem {
                postmortem = Some(PostmortemPublished { at, text: text.into() });
            } else {
                updates.push(history::posted(id, at, Some(status), text));
            }
        }
        Ok((updates, postmortem))
    }

    /// With their places in the document, which has the newest first.
    fn oldest_first(&self) -> Vec<(usize, &document::Update)> {
        let mut updates: Vec<_> = self.entry.incident_updates.iter().enumerate().rev().collect();
        updates.sort_by_key(|(_, update)| update.display_at.unwrap_or(update.created_at));
        updates
    }

    /// The status that each update gives to components. Where no update says any, the components that the incident
    /// names are affected to its end, and how badly is not known.
    fn scope(&self, timeline: &mut Timeline) -> Result<(), String> {
        let named: Vec<Cell> =
            self.entry.components.iter().filter_map(|component| self.components.cell(&component.id)).collect();
        let says_any = self
            .entry
            .incident_updates
            .iter()
            .any(|update| update.affected_components.as_ref().is_some_and(|affected| !affected.is_empty()));
        if !says_any || self.kind == Kind::Maintenance {
            let mut cells = named;
            cells.extend(self.affected().filter_map(|affected| self.components.cell(&affected.code)));
            cells.sort();
            cells.dedup();
            history::scope(timeline, &cells);
            return Ok(());
        }
        let posted = std::iter::once(&mut timeline.opened.first).chain(&mut timeline.updates);
        let updates = self.oldest_first().into_iter().filter(|(_, update)| update.status != Status::Postmortem.word());
        let mut before: BTreeMap<Cell, ComponentStatus> = BTreeMap::new();
        for (posted, (index, update)) in posted.zip(updates) {
            let mut scope: BTreeMap<Cell, ComponentStatus> = BTreeMap::new();
            for affected in update.affected_components.iter().flatten() {
                let status = affected
                    .new_status
                    .parse()
                    .map_err(|error| format!("incident_updates[{index}].affected_components.new_status: {error}"))?;
                if let Some(cell) = self.components.cell(&affected.code) {
                    scope.insert(cell, status);
                }
            }
            // Only what the update changes; the first one names every cell, so that the page knows what it is about.
            scope.retain(|cell, status| before.get(cell) != Some(status));
            before.extend(&scope);
            posted.scope = scope.into_iter().map(|(cell, status)| ScopeChange { cell, status }).collect();
        }
        Ok(())
    }

    fn affected(&self) -> impl Iterator<Item = &document::Affected> {
        self.entry.incident_updates.iter().flat_map(|update| update.affected_components.iter().flatten())
    }
}
