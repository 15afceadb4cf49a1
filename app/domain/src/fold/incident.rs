//! One incident from its events: the timeline by the times shown, the present by who has seen whom.

use super::{
    Problem,
    ancestry::Ancestry,
    newest_change::newest_change,
    repeat::{is_opened_again, is_posted_again},
};
use crate::{Instant, catalog::Cell, change::*, id::*, incident::*, status::*, text::Text};
use std::collections::{BTreeMap, BTreeSet};

/// `None` when no event opens it (yet): the others are then problems until the opening one arrives.
pub(super) fn fold(id: IncidentId, events: &[Event]) -> (Option<Incident>, Vec<Problem>) {
    let mut ancestry = Ancestry::new(events);
    let mut problems = Vec::new();
    let openings: Vec<(usize, &IncidentOpened)> = indexed(&ancestry, |change| match change {
        Change::IncidentOpened(opened) => Some(opened),
        _ => None,
    });
    let Some((_, opened)) = openings.first().copied() else {
        let reason = "the event that opens this incident is not here";
        problems.extend(ancestry.events.iter().map(|event| Problem::unfit(event.id, reason)));
        return (None, problems);
    };
    let mut posts: Vec<(usize, &UpdatePosted)> = Vec::new();
    let mut repeats = BTreeMap::new();
    for (at, event) in ancestry.events.iter().enumerate() {
        let post = match &event.change {
            Change::IncidentOpened(opened) => &opened.first,
            Change::UpdatePosted(post) => post,
            Change::IncidentEdited(_) | Change::UpdateEdited(_) | Change::PostmortemPublished(_) => continue,
            Change::Redacted(_) => continue,
            _ => {
                let reason = format!("a {} cannot be about an incident", event.change.name());
                problems.push(Problem::unfit(event.id, reason));
                continue;
            }
        };
        if let Some(status) = post.status.filter(|status| status.kind() != opened.kind) {
            let reason = format!("the status {status} does not fit a timeline of kind {}", opened.kind);
            problems.push(Problem::unfit(event.id, reason));
            continue;
        }
        let mut taken = posts.iter().map(|(held, _)| *held);
        let held = match &event.change {
            Change::IncidentOpened(again) if again.first.id.is_none() => taken.find(|held| {
                matches!(&ancestry.events[*held].change, Change::IncidentOpened(held) if is_opened_again(held, again))
            }),
            _ => posts.iter().find(|(_, held)| is_posted_again(held, post)).map(|(held, _)| *held),
        };
        match held {
            Some(held) => drop(repeats.insert(at, held)),
            None => posts.push((at, post)),
        }
    }
    for (repeat, held) in &repeats {
        ancestry.equate(*repeat, *held);
    }
    if posts.is_empty() {
        return (None, problems);
    }
    let incident = Assembly { id, opened, ancestry: &ancestry, posts, repeats }.incident();
    (Some(incident), problems)
}

/// The events whose change `pick` takes, with their numbers.
fn indexed<'a, T>(ancestry: &Ancestry<'a>, pick: impl Fn(&'a Change) -> Option<T>) -> Vec<(usize, T)> {
    let picked = |(at, event): (usize, &&'a Event)| pick(&event.change).map(|value| (at, value));
    ancestry.events.iter().enumerate().filter_map(picked).collect()
}

struct Assembly<'a, 'b> {
    id: IncidentId,
    opened: &'a IncidentOpened,
    ancestry: &'b Ancestry<'a>,
    /// In causal order.
    posts: Vec<(usize, &'a UpdatePosted)>,
    /// Posts that were sent again through another region, by their number, and which ones they repeat.
    repeats: BTreeMap<usize, usize>,
}

impl<'a> Assembly<'a, '_> {
    fn incident(self) -> Incident {
        let edits = indexed(self.ancestry, |change| match change {
            Change::IncidentEdited(edit) => Some(edit),
            _ => None,
        });
        let status = self.status();
        let timeline = self.timeline();
        let steps = Steps::through(self.opened.kind, &timeline, status, &self.present_scope());
        let updates = self.updates(&timeline, &steps);
        let postmortem = self.postmortem();
        let status = if postmortem.is_some() && status == Status::Resolved { Status::Postmortem } else { status };
        let titles = self.field(&edits, |edit| edit.title.clone(), |opened| Some(opened.title.clone()));
        let impacts = {
            let mut setters =
                self.setters(&edits, |edit| edit.impact, |opened| Some(opened.first.impact.unwrap_or(opened.impact)));
            setters.extend(self.posts.iter().filter_map(|(at, post)| Some((*at, post.impact?))));
            setters.sort_by_key(|(at, _)| *at);
            setters.dedup();
            self.ancestry.standing(&setters)
        };
        let schedule = self.field(&edits, |edit| edit.schedule, |opened| opened.schedule);
        let expectations: Vec<(usize, Expectation)> =
            self.posts.iter().filter_map(|(at, post)| Some((*at, post.expected_recovery?))).collect();
        let causes: Vec<(usize, &Text)> =
            self.posts.iter().filter_map(|(at, post)| Some((*at, post.root_cause.as_ref()?))).collect();
        let ended = status.is_ended();
        let reached =
            |wanted: Status| timeline.iter().find(|(_, post)| post.status == Some(wanted)).map(|(_, post)| post.at);
        let started_at = timeline.iter().map(|(_, post)| post.at).min().unwrap_or_default();
        let newest_post_at = timeline.iter().map(|(_, post)| post.at).max().unwrap_or_default();
        let named: BTreeSet<Cell> =
            self.posts.iter().flat_map(|(_, post)| post.scope.iter().map(|change| change.cell)).collect();
        Incident {
            id: self.id,
            kind: self.opened.kind,
            title: titles.unwrap_or_default(),
            impact: impacts.iter().map(|(_, impact)| *impact).max().unwrap_or(self.opened.impact),
            status,
            started_at,
            monitoring_at: reached(Status::Monitoring),
            ended_at: if ended { steps.ended_at.or(Some(newest_post_at)) } else { None },
            updated_at: newest_change(self.taken(), self.opened.source.is_some()),
            schedule,
            expected_recovery_at: match self.ancestry.newest(&expectations) {
                Some(Expectation::At(at)) if !ended => Some(at),
                _ => None,
            },
            next_update_at: updates.last().and_then(|update| update.next_update_at).filter(|_| !ended),
            root_cause: self.ancestry.newest(&causes).cloned(),
            updates,
            spans: steps.spans,
            named: named.into_iter().collect(),
            postmortem,
            source: self.opened.source.clone(),
            conflict: self.is_apart(),
            heads: self.ancestry.heads.clone(),
        }
    }

    /// Whether nobody has seen all of it yet.
    fn is_apart(&self) -> bool {
        let is_head =
            |(at, event): &(usize, &&Event)| self.ancestry.heads.contains(&event.id) && !self.repeats.contains_key(at);
        let heads = self.ancestry.events.iter().enumerate().filter(is_head);
        let heads: Vec<(usize, ())> = heads.map(|(at, _)| (at, ())).collect();
        self.ancestry.standing(&heads).len() > 1
    }

    /// The ids by which an edit may name a post: in a region that knew a repeat of it alone, it had that one's.
    fn ids(&self, at: usize, post: &UpdatePosted) -> BTreeSet<UpdateId> {
        let repeats = self.repeats.iter().filter(|(_, held)| **held == at).map(|(repeat, _)| *repeat);
        let events = [at].into_iter().chain(repeats);
        events.map(|at| post.id.unwrap_or_else(|| UpdateId::of_event(&self.ancestry.events[at].id))).collect()
    }

    /// The events without the posts that do not fit.
    fn taken(&self) -> impl Iterator<Item = &'a Event> {
        let is_post = |change: &Change| matches!(change, Change::IncidentOpened(_) | Change::UpdatePosted(_));
        let fits = |at: usize| self.posts.binary_search_by_key(&at, |(at, _)| *at).is_ok();
        let events = self.ancestry.events.iter().copied().enumerate();
        events.filter(move |(at, event)| !is_post(&event.change) || fits(*at)).map(|(_, event)| event)
    }

    /// The setters of a field: the opening first, then the edits that name it.
    fn setters<T: Clone>(
        &self,
        edits: &[(usize, &'a IncidentEdited)],
        of_edit: impl Fn(&IncidentEdited) -> Option<T>,
        of_opening: impl Fn(&IncidentOpened) -> Option<T>,
    ) -> Vec<(usize, T)> {
        let openings = indexed(self.ancestry, |change| match change {
            Change::IncidentOpened(opened) => of_opening(opened),
            _ => None,
        });
        openings.into_iter().chain(edits.iter().filter_map(|(at, edit)| Some((*at, of_edit(edit)?)))).collect()
    }

    fn field<T: Clone>(
        &self,
        edits: &[(usize, &'a IncidentEdited)],
        of_edit: impl Fn(&IncidentEdited) -> Option<T>,
        of_opening: impl Fn(&IncidentOpened) -> Option<T>,
    ) -> Option<T> {
        self.ancestry.newest(&self.setters(edits, of_edit, of_opening))
    }

    /// The least resolved of the statuses that stand.
    fn status(&self) -> Status {
        let setters: Vec<(usize, Status)> =
            self.posts.iter().filter_map(|(at, post)| Some((*at, post.status?))).collect();
        let standing = self.ancestry.standing(&setters);
        let default = match self.opened.kind {
            Kind::Incident => Status::Investigating,
            Kind::Maintenance => Status::Scheduled,
        };
        standing.iter().map(|(_, status)| *status).max_by_key(|status| openness(*status)).unwrap_or(default)
    }

    /// Per cell the worst of the statuses that stand: what the present shows, whatever the times shown say.
    fn present_scope(&self) -> BTreeMap<Cell, ComponentStatus> {
        let mut setters: BTreeMap<Cell, Vec<(usize, ComponentStatus)>> = BTreeMap::new();
        for (at, post) in &self.posts {
            for change in &post.scope {
                setters.entry(change.cell).or_default().push((*at, change.status));
            }
        }
        let worst = |setters: &[(usize, ComponentStatus)]| {
            ComponentStatus::worst(self.ancestry.standing(setters).into_iter().map(|(_, status)| status))
        };
        setters.iter().map(|(cell, setters)| (*cell, worst(setters))).collect()
    }

    /// The posts by the time shown, then in causal order.
    fn timeline(&self) -> Vec<(usize, &'a UpdatePosted)> {
        let mut timeline = self.posts.clone();
        timeline.sort_by_key(|(at, post)| (post.at, *at));
        timeline
    }

    fn updates(&self, timeline: &[(usize, &'a UpdatePosted)], steps: &Steps) -> Vec<Update> {
        let edits = indexed(self.ancestry, |change| match change {
            Change::UpdateEdited(edit) => Some(edit),
            _ => None,
        });
        timeline
            .iter()
            .zip(&steps.per_post)
            .map(|((at, post), (standing, scope))| {
                let event = self.ancestry.events[*at].id;
                let id = post.id.unwrap_or_else(|| UpdateId::of_event(&event));
                let mut text = post.text.clone();
                let mut earlier = Vec::new();
                let ids = self.ids(*at, post);
                for (_, edit) in edits.iter().filter(|(_, edit)| ids.contains(&edit.update)) {
                    let before = std::mem::replace(&mut text, edit.text.clone());
                    earlier.push(Edit { at: edit.at, before });
                }
                Update {
                    id,
                    event,
                    at: post.at,
                    status: post.status,
                    standing: *standing,
                    text,
                    scope: scope.clone(),
                    expected_recovery_at: match post.expected_recovery {
                        Some(Expectation::At(at)) => Some(at),
                        _ => None,
                    },
                    next_update_at: post.next_update_at,
                    root_cause: post.root_cause.clone(),
                    edits: earlier,
                }
            })
            .collect()
    }

    fn postmortem(&self) -> Option<Postmortem> {
        let published: Vec<(usize, &PostmortemPublished)> = indexed(self.ancestry, |change| match change {
            Change::PostmortemPublished(postmortem) => Some(postmortem),
            _ => None,
        });
        let newest = self.ancestry.newest(&published)?;
        let (first, _) = published.first()?;
        let id = UpdateId::of_event(&self.ancestry.events[*first].id);
        Some(Postmortem { id, at: newest.at, text: newest.text.clone() })
    }
}

/// How far from done a status is; among concurrent ones the furthest is shown.
fn openness(status: Status) -> u8 {
    match status {
        Status::Investigating | Status::InProgress => 5,
        Status::Identified | Status::Verifying => 4,
        Status::Monitoring => 3,
        Status::Scheduled => 2,
        Status::Resolved | Status::Completed => 1,
        Status::Postmortem => 0,
    }
}

/// What a walk along the timeline finds.
struct Steps {
    spans: Vec<CellSpan>,
    /// For each post: where the incident stood after it, and what it changed.
    per_post: Vec<(Status, Vec<ScopeStep>)>,
    ended_at: Option<Instant>,
}

impl Steps {
    /// `settled` is the status that the causal order gives: when it is open, concurrent regions have not all seen the
    /// end, and the walk leaves the cells of its last open scope affected. `present` is what it must arrive at.
    fn through(
        kind: Kind,
        timeline: &[(usize, &UpdatePosted)],
        settled: Status,
        present: &BTreeMap<Cell, ComponentStatus>,
    ) -> Steps {
        let mut walk = Walk::default();
        let mut standing = match kind {
            Kind::Incident => Status::Investigating,
            Kind::Maintenance => Status::Scheduled,
        };
        let mut per_post = Vec::with_capacity(timeline.len());
        let mut ended_at = None;
        for (number, (_, post)) in timeline.iter().enumerate() {
            let is_last = number + 1 == timeline.len();
            let status_now = match post.status {
                // Whatever the times shown say, the walk arrives at what the causal order gives.
                _ if is_last => settled,
                Some(status) if status.is_ended() && !settled.is_ended() => settled,
                Some(status) => status,
                None => standing,
            };
            for change in &post.scope {
                walk.declared.insert(change.cell, change.status);
            }
            if is_last && !settled.is_ended() {
                walk.declared.extend(present);
            }
            let scope = walk.settle(post.at, status_now.is_active());
            if status_now.is_ended() && !standing.is_ended() || ended_at.is_none() && status_now.is_ended() {
                ended_at = Some(post.at);
                walk.declared.clear();
            }
            standing = status_now;
            per_post.push((standing, scope));
        }
        let mut spans = walk.spans;
        spans.sort();
        Steps { spans, per_post, ended_at }
    }
}

#[derive(Default)]
struct Walk {
    /// The newest status that the scope gave each cell, also while a maintenance has not begun.
    declared: BTreeMap<Cell, ComponentStatus>,
    /// Where each affected cell's running span is.
    running: BTreeMap<Cell, usize>,
    spans: Vec<CellSpan>,
}

impl Walk {
    /// Brings the running spans to what is declared (to nothing while not active), and tells the steps.
    fn settle(&mut self, at: Instant, active: bool) -> Vec<ScopeStep> {
        let cells: BTreeSet<Cell> = self.declared.keys().chain(self.running.keys()).copied().collect();
        let mut steps = Vec::new();
        for cell in cells {
            let to = match self.declared.get(&cell) {
                Some(status) if active => *status,
                _ => ComponentStatus::Operational,
            };
            let from = self.running.get(&cell).map_or(ComponentStatus::Operational, |index| self.spans[*index].status);
            if from == to {
                continue;
            }
            if let Some(index) = self.running.remove(&cell) {
                self.spans[index].until = Some(at);
            }
            if to != ComponentStatus::Operational {
                self.running.insert(cell, self.spans.len());
                self.spans.push(CellSpan { cell, from: at, until: None, status: to });
            }
            steps.push(ScopeStep { cell, from, to });
        }
        steps
    }
}
