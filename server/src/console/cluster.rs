//! `/admin/cluster`.

use super::page::{Desk, page};
use crate::{
    access::{Access, session::SignedIn},
    api::{mirrors, peers},
};
use app::console::{self, MirrorLine, PeerLine, ProblemLine};
use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use chrono::TimeDelta;
use std::sync::Arc;

/// Events that are not shown, listed at most; `holdfast events list` has all.
const PROBLEMS_MAX: usize = 200;

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
    let guessed_at = access.guessed_at().into_iter();
    let problems: Vec<ProblemLine> = guessed_at
        .map(|reason| ProblemLine { event: String::new(), reason, is_alarming: true })
        .chain(desk.board().problems().map(|problem| ProblemLine {
            event: problem.event.to_string(),
            reason: problem.reason.clone(),
            is_alarming: problem.kind.is_alarming(),
        }))
        .take(PROBLEMS_MAX)
        .collect();
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
        problems: &problems,
    };
    page(StatusCode::OK, console::cluster(&desk.inputs(&[]), &cluster))
}
