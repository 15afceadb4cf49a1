//! `/admin/cluster`.

use super::page::{Desk, page};
use crate::{
    access::{Access, session::SignedIn},
    api::{mirrors, peers},
};
use app::console::{self, Listed, MirrorLine, PeerLine, ProblemLine};
use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use chrono::TimeDelta;
use domain::{board::Board, id::EventId};
use std::{borrow::Cow, sync::Arc};

/// Problems of either kind, listed at most; `holdfast events list` has all.
const PROBLEMS_MAX: usize = 200;

/// What operators have to know of the log, told apart: each with its reason, and with the event that it is about.
pub struct Problems<'a> {
    /// What somebody has to look into.
    pub alarming: Vec<(Option<EventId>, Cow<'a, str>)>,
    /// Events that are kept and not shown.
    pub kept: Vec<(Option<EventId>, Cow<'a, str>)>,
}

impl<'a> Problems<'a> {
    pub fn of(access: &Access, board: &'a Board) -> Self {
        let mut alarming: Vec<_> = access.guessed_at().into_iter().map(|reason| (None, Cow::from(reason))).collect();
        let mut kept = Vec::new();
        for problem in board.problems() {
            let of_its_kind = if problem.kind.is_alarming() { &mut alarming } else { &mut kept };
            of_its_kind.push((Some(problem.event), Cow::from(&problem.reason)));
        }
        Problems { alarming, kept }
    }
}

fn listed(problems: &[(Option<EventId>, Cow<'_, str>)]) -> Listed {
    let line = |(event, reason): &(Option<EventId>, Cow<'_, str>)| ProblemLine {
        event: event.map(|event| event.to_string()).unwrap_or_default(),
        reason: reason.clone().into_owned(),
    };
    let lines: Vec<ProblemLine> = problems.iter().take(PROBLEMS_MAX).map(line).collect();
    Listed { more: problems.len() - lines.len(), lines }
}

pub async fn show(
    State(access): State<Arc<Access>>,
    Extension(signed): Extension<Option<SignedIn>>,
    keeping: mirrors::Keeping,
    headers: HeaderMap,
) -> Response {
    let desk = Desk::new(&access.node, &headers, signed.as_ref());
    let now = access.node.clock().now();
    let seen = peers::seen(&access.node);
    let as_of = |age_ms: u64| i64::try_from(age_ms).ok().map(|age_ms| now - TimeDelta::milliseconds(age_ms));
    let lines: Vec<PeerLine> = seen
        .peers
        .into_iter()
        .map(|peer| PeerLine {
            region: peer.region,
            name: peer.name,
            link: peer.link,
            as_of: peer.age_ms.and_then(as_of),
            events: peer.events,
            clock_offset_ms: peer.clock_offset_ms,
            round_trip_ms: peer.round_trip_ms,
            version: peer.version,
            trouble: peer.trouble,
        })
        .collect();
    let problems = Problems::of(&access, desk.board());
    let kept = mirrors::seen(&access.node, keeping.as_ref().map(|Extension(publishers)| &**publishers));
    let copies: Vec<MirrorLine> = kept
        .mirrors
        .into_iter()
        .map(|mirror| MirrorLine {
            name: mirror.name,
            target: mirror.target,
            state: mirror.state,
            written_by: mirror.written_by,
            writer_removed: mirror.writer_removed,
            succeeded_at: mirror.succeeded_at,
            failing_since: mirror.failing_since,
            trouble: mirror.trouble,
            board_version: mirror.board_version,
            files: mirror.files,
        })
        .collect();
    let cluster = console::Cluster {
        events: seen.events,
        board_version: kept.board_version,
        peers: &lines,
        mirrors: &copies,
        alarming: &listed(&problems.alarming),
        kept: &listed(&problems.kept),
    };
    page(StatusCode::OK, console::cluster(&desk.inputs(&[]), &cluster))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_listed_is_counted() {
        let problems = |count: usize| vec![(None, Cow::from("reason")); count];
        let [all, cut] = [PROBLEMS_MAX, PROBLEMS_MAX + 3].map(|count| listed(&problems(count)));
        assert_eq!((all.lines.len(), all.more), (PROBLEMS_MAX, 0));
        assert_eq!((cut.lines.len(), cut.more), (PROBLEMS_MAX, 3));
    }
}
