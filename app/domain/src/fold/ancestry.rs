//! Which event has seen which. Parents decide what supersedes what; the clock only breaks ties.

use crate::{change::Event, id::EventId};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap},
};

/// The events of one subject in causal order, without duplicates.
pub struct Ancestry<'a> {
    /// Parents before children; among those free of each other, by clock, then by id.
    pub events: Vec<&'a Event>,
    /// For each event a bit per event: has it seen that one?
    seen: Vec<Vec<u64>>,
    /// No event of the subject has seen these.
    pub heads: Vec<EventId>,
}

impl<'a> Ancestry<'a> {
    /// Sorts topologically (Kahn's algorithm with a heap). A parent that is not held here yet is no obstacle. Signed
    /// ids make a circle impossible; should one come all the same, its events follow at the end, by clock.
    pub fn new(events: &'a [Event]) -> Self {
        let by_id: BTreeMap<EventId, &Event> = events.iter().map(|event| (event.id, event)).collect();
        let mut children: BTreeMap<EventId, Vec<EventId>> = BTreeMap::new();
        let mut waiting: BTreeMap<EventId, usize> = BTreeMap::new();
        for event in by_id.values() {
            let held: BTreeSet<EventId> = event.parents.iter().copied().filter(|id| by_id.contains_key(id)).collect();
            waiting.insert(event.id, held.len());
            for parent in held {
                children.entry(parent).or_default().push(event.id);
            }
        }
        let key = |id: &EventId| Reverse((by_id[id].hlc, *id));
        let mut ready: BinaryHeap<_> =
            waiting.iter().filter(|(_, count)| **count == 0).map(|(id, _)| key(id)).collect();
        let mut order: Vec<&Event> = Vec::with_capacity(by_id.len());
        while let Some(Reverse((_, id))) = ready.pop() {
            order.push(by_id[&id]);
            for child in children.get(&id).into_iter().flatten() {
                if let Some(count) = waiting.get_mut(child) {
                    *count -= 1;
                    if *count == 0 {
                        ready.push(key(child));
                    }
                }
            }
        }
        if order.len() < by_id.len() {
            let placed: BTreeSet<EventId> = order.iter().map(|event| event.id).collect();
            let mut rest: Vec<&Event> = by_id.values().filter(|event| !placed.contains(&event.id)).copied().collect();
            rest.sort_by_key(|event| (event.hlc, event.id));
            order.extend(rest);
        }
        Self::with_order(order)
    }

    fn with_order(events: Vec<&'a Event>) -> Self {
        let index: BTreeMap<EventId, usize> = events.iter().enumerate().map(|(i, event)| (event.id, i)).collect();
        let words = events.len().div_ceil(64);
        let mut seen: Vec<Vec<u64>> = Vec::with_capacity(events.len());
        let mut has_child = vec![false; events.len()];
        for (at, event) in events.iter().enumerate() {
            let mut row = vec![0_u64; words];
            for parent in event.parents.iter().filter_map(|id| index.get(id)).copied().filter(|parent| *parent < at) {
                has_child[parent] = true;
                row[parent / 64] |= 1 << (parent % 64);
                for (word, inherited) in row.iter_mut().zip(&seen[parent]) {
                    *word |= inherited;
                }
            }
            seen.push(row);
        }
        let mut heads: Vec<EventId> =
            events.iter().zip(&has_child).filter(|(_, child)| !**child).map(|(event, _)| event.id).collect();
        heads.sort();
        Ancestry { events, seen, heads }
    }

    /// Had the writer of event number `later` seen event number `earlier`?
    pub fn has_seen(&self, later: usize, earlier: usize) -> bool {
        self.seen[later][earlier / 64] & (1 << (earlier % 64)) != 0
    }

    /// Makes one of two events that were free of each other and say the same: who has seen one has seen the other, and what
    /// either has seen. [`Self::heads`] stays as it is, because parents are named by it.
    pub(super) fn equate(&mut self, one: usize, other: usize) {
        if self.has_seen(one, other) || self.has_seen(other, one) {
            return;
        }
        let joined: Vec<u64> = self.seen[one].iter().zip(&self.seen[other]).map(|(one, other)| one | other).collect();
        let mut beyond = joined.clone();
        beyond[one / 64] |= 1 << (one % 64);
        beyond[other / 64] |= 1 << (other % 64);
        for later in 0..self.seen.len() {
            let has_either = self.has_seen(later, one) || self.has_seen(later, other);
            if has_either {
                for (word, joined) in self.seen[later].iter_mut().zip(&beyond) {
                    *word |= joined;
                }
            }
        }
        self.seen[one].clone_from(&joined);
        self.seen[other] = joined;
    }

    /// The events that somebody knew whose newest were these, themselves included; `None` when one is not held here.
    pub fn known_by(&self, newest: &[EventId]) -> Option<Vec<&'a Event>> {
        let number = |id: &EventId| self.events.iter().position(|event| event.id == *id);
        let newest = newest.iter().map(number).collect::<Option<Vec<usize>>>()?;
        let is_known = |at: &usize| newest.iter().any(|one| one == at || self.has_seen(*one, *at));
        Some((0..self.events.len()).filter(is_known).map(|at| self.events[at]).collect())
    }

    /// Of `(event number, value)` pairs that set one field, in causal order, those that no other one superseded.
    pub fn standing<T: Clone>(&self, setters: &[(usize, T)]) -> Vec<(usize, T)> {
        setters
            .iter()
            .filter(|(at, _)| !setters.iter().any(|(other, _)| other != at && self.has_seen(*other, *at)))
            .cloned()
            .collect()
    }

    /// The one value to use where no merge makes sense: of those standing, the newest by clock, then by id.
    pub fn newest<T: Clone>(&self, setters: &[(usize, T)]) -> Option<T> {
        let standing = self.standing(setters);
        standing.into_iter().max_by_key(|(at, _)| (self.events[*at].hlc, self.events[*at].id)).map(|(_, value)| value)
    }
}
