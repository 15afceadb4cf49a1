//! Bodies that are missing here, asked of one peer.
//!
//! Digests and rounds compare ids, so that neither finds an event whose body is missing; the store names those
//! (`store::missing`). When the peer holds every event that is held here, it is asked for them in passes over the whole
//! list, some at a time. A body that it has not got either comes back as it is here, as an event without a body, and is
//! asked for again only by another pass. That begins when something has changed: another body is missing here, or the
//! peer has come by one that it had lacked. So what nobody has is asked for once on each link, and costs nothing then.

use crate::store::BodyCounts;
use domain::id::EventId;
use std::collections::BTreeSet;

#[derive(Debug, Default)]
pub(super) struct Bodies {
    /// What both sides had come to when the last pass began: bodies missing here, bodies come by there.
    seen: Option<(u64, u64)>,
    /// A pass is under way.
    passes: bool,
    /// The last event of it that was asked for.
    last: Option<EventId>,
    /// Asked for and not answered yet.
    awaited: BTreeSet<EventId>,
    /// None of those has come since the last beat that agreed.
    stands_still: bool,
}

impl Bodies {
    /// The peer holds every event that is held here, and has come by `theirs` bodies that it had lacked.
    pub fn agreed(&mut self, ours: BodyCounts, theirs: u64) {
        let now = Some((ours.lost, theirs));
        // A peer passes over what it does not hold: one that is new here may not have been there yet.
        if std::mem::replace(&mut self.stands_still, !self.awaited.is_empty()) && !self.awaited.is_empty() {
            *self = Bodies::default();
        }
        if ours.missing > 0 && self.seen != now {
            (self.seen, self.passes, self.last) = (now, true, None);
        }
    }

    /// Whether the next ones may be asked for: those behind the event here.
    pub fn asks_behind(&self) -> Option<Option<EventId>> {
        (self.passes && self.awaited.is_empty()).then_some(self.last)
    }

    /// The next ones of the pass, which ends where there are none.
    pub fn ask(&mut self, ids: &[EventId]) {
        self.passes = !ids.is_empty();
        self.last = ids.last().copied();
        self.awaited.extend(ids);
    }

    /// The peer has handed over these; what could not be stored is asked for again after the next beat that agrees.
    pub fn received(&mut self, events: &[EventId], is_stored: bool) {
        let before = self.awaited.len();
        self.awaited.retain(|event| !events.contains(event));
        if self.awaited.len() < before {
            self.stands_still = false;
            if !is_stored {
                (self.passes, self.seen) = (false, None);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn event(number: u8) -> EventId {
        EventId([number; 32])
    }

    fn missing(count: u64, lost: u64) -> BodyCounts {
        BodyCounts { missing: count, lost, came: 0 }
    }

    /// One pass over `ids`, two at a time; what was asked for.
    fn pass(bodies: &mut Bodies, ids: &[EventId]) -> Vec<EventId> {
        let mut asked = Vec::new();
        while let Some(last) = bodies.asks_behind() {
            let next: Vec<EventId> = ids.iter().filter(|id| Some(**id) > last).take(2).copied().collect();
            bodies.ask(&next);
            assert!(next.is_empty() || bodies.asks_behind().is_none(), "no more before those have come");
            bodies.received(&next, true);
            asked.extend(next);
        }
        asked
    }

    #[test]
    fn each_is_asked_for_once_until_something_has_changed_on_either_side() {
        let ids = [event(1), event(2), event(3), event(4), event(5)];
        let mut bodies = Bodies::default();
        assert_eq!(pass(&mut bodies, &ids), [], "not before the peer holds the events");
        bodies.agreed(missing(0, 1), 0);
        assert_eq!(pass(&mut bodies, &ids), [], "nothing is missing");
        bodies.agreed(missing(5, 1), 0);
        assert_eq!(pass(&mut bodies, &ids), ids);
        for (what, ours, theirs, is_asked) in [
            ("nothing new", missing(5, 1), 0, false),
            ("one came here from elsewhere", missing(4, 1), 0, false),
            ("the peer has come by one", missing(5, 1), 1, true),
            ("nothing new since", missing(5, 1), 1, false),
            ("another is missing here", missing(6, 2), 1, true),
        ] {
            bodies.agreed(ours, theirs);
            assert_eq!(!pass(&mut bodies, &ids).is_empty(), is_asked, "{what}");
        }
    }

    #[test]
    fn what_is_not_answered_by_the_second_beat_is_asked_for_again() {
        let ids = [event(1), event(2)];
        let mut bodies = Bodies::default();
        bodies.agreed(missing(2, 1), 0);
        bodies.ask(&ids);
        bodies.agreed(missing(2, 1), 0);
        assert!(bodies.asks_behind().is_none(), "it may be on its way");
        bodies.received(&ids[..1], true);
        bodies.agreed(missing(1, 1), 0);
        assert!(bodies.asks_behind().is_none(), "one has come, so the other may be on its way");
        bodies.agreed(missing(1, 1), 0);
        assert_eq!(pass(&mut bodies, &ids[1..]), ids[1..]);
    }

    #[test]
    fn what_could_not_be_stored_ends_the_pass_and_is_asked_for_again_at_the_next_beat() {
        let ids = [event(1), event(2), event(3)];
        let mut bodies = Bodies::default();
        bodies.agreed(missing(3, 1), 0);
        bodies.ask(&ids[..2]);
        bodies.received(&[event(9)], false);
        assert!(bodies.asks_behind().is_none() && bodies.seen.is_some(), "another push is no business of this");
        bodies.received(&ids[..2], false);
        assert!(bodies.asks_behind().is_none());
        bodies.agreed(missing(3, 1), 0);
        assert_eq!(pass(&mut bodies, &ids), ids);
    }
}
