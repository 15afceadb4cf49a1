//! One form that was sent through two regions, of which the second had not heard of the first: two events, one word.
//!
//! The time may differ, because each region takes its own where none was given; and so may a promise that the form counts
//! in minutes, by as much.

use crate::{Instant, change::*};

/// Whether `post` is `held` once more: it bears the same id that its writer chose, and says the same.
pub(super) fn is_posted_again(held: &UpdatePosted, post: &UpdatePosted) -> bool {
    post.id.is_some() && says_the_same(held, post)
}

/// Whether `opened` is `held` once more. Both are of one incident, whose id the form carried.
pub(super) fn is_opened_again(held: &IncidentOpened, opened: &IncidentOpened) -> bool {
    let own = |opened: &IncidentOpened| (opened.kind, opened.impact, opened.schedule);
    own(held) == own(opened)
        && (&held.title, &held.source) == (&opened.title, &opened.source)
        && says_the_same(&held.first, &opened.first)
}

fn says_the_same(held: &UpdatePosted, post: &UpdatePosted) -> bool {
    (held.id, held.status, held.impact) == (post.id, post.status, post.impact)
        && (&held.text, &held.scope, &held.root_cause) == (&post.text, &post.scope, &post.root_cause)
        && match (held.expected_recovery, post.expected_recovery) {
            (Some(Expectation::At(one)), Some(Expectation::At(other))) => {
                is_one_promise((held.at, one), (post.at, other))
            }
            (one, other) => one == other,
        }
        && match (held.next_update_at, post.next_update_at) {
            (Some(one), Some(other)) => is_one_promise((held.at, one), (post.at, other)),
            (one, other) => one == other,
        }
}

/// Of two times, each with the time at which it was promised: the same one, or as far from its promise.
fn is_one_promise((held_at, held): (Instant, Instant), (at, promised): (Instant, Instant)) -> bool {
    held == promised || held - held_at == promised - at
}
