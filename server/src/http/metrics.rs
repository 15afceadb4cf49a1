//! Counters of the public listener, and the text for `/metrics`.

use super::public::Public;
use crate::snapshot::publisher::{State, Status};
use axum::http::StatusCode;
use prometheus_client::{
    encoding::{EncodeLabelSet, EncodeLabelValue, text},
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

/// What kind of thing was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
pub enum Class {
    Page,
    File,
    Live,
    Api,
    Missing,
    Other,
}

const CLASSES: [Class; 6] = [Class::Page, Class::File, Class::Live, Class::Api, Class::Missing, Class::Other];
/// Statuses that are counted apart; every other one is counted by its first digit.
const STATUSES: [u16; 5] = [200, 304, 404, 429, 503];
const STATUS_NAMES: [&str; 10] = ["200", "304", "404", "429", "503", "1xx", "2xx", "3xx", "4xx", "5xx"];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    class: Class,
    status: &'static str,
}

/// Requests by class and status: a table made once, so that a request is one addition.
#[derive(Debug)]
pub struct Metrics {
    family: Family<Labels, Counter>,
    table: [[Counter; STATUS_NAMES.len()]; CLASSES.len()],
}

impl Default for Metrics {
    fn default() -> Self {
        let family = Family::<Labels, Counter>::default();
        let table =
            CLASSES.map(|class| STATUS_NAMES.map(|status| family.get_or_create_owned(&Labels { class, status })));
        Metrics { family, table }
    }
}

impl Metrics {
    pub fn count(&self, class: Class, status: StatusCode) {
        let code = status.as_u16();
        let own = STATUSES.iter().position(|own| *own == code);
        let column = own.unwrap_or(STATUSES.len() - 1 + usize::from(code / 100));
        if let Some(counter) = self.table[class as usize].get(column) {
            counter.inc();
        }
    }
}

/// A copy of the site, by the name that the configuration gives it; there are `config::mirror::MIRRORS_MAX` and one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct MirrorLabels {
    mirror: String,
}

/// How the copies stand.
fn mirrors(registry: &mut Registry, mirrors: &[Status], now: domain::Instant) {
    type Gauges = Family<MirrorLabels, Gauge>;
    type Counters = Family<MirrorLabels, Counter>;
    if mirrors.is_empty() {
        return;
    }
    let (ages, boards, failing, standing_by) =
        (Gauges::default(), Gauges::default(), Gauges::default(), Gauges::default());
    let (updates, failures) = (Counters::default(), Counters::default());
    for status in mirrors {
        let labels = MirrorLabels { mirror: status.name.clone() };
        if let Some(succeeded_at) = status.succeeded_at {
            ages.get_or_create(&labels).set((now - succeeded_at).num_seconds());
            let board_version = i64::try_from(status.done.board_version).unwrap_or(i64::MAX);
            boards.get_or_create(&labels).set(board_version);
        }
        failing.get_or_create(&labels).set(i64::from(matches!(status.state, State::Failing(..))));
        standing_by.get_or_create(&labels).set(i64::from(matches!(status.state, State::StandingBy(_))));
        updates.get_or_create(&labels).inc_by(status.updates);
        failures.get_or_create(&labels).inc_by(status.failures);
    }
    registry.register("mirror_success_age_seconds", "Since the newest update of a copy that succeeded", ages);
    registry.register("mirror_board_version", "Events that the board of a copy is made of", boards);
    registry.register("mirror_failing", "Whether the last update of a copy failed", failing);
    registry.register("mirror_standing_by", "Whether another node writes a copy", standing_by);
    registry.register("mirror_updates", "Updates of a copy that succeeded", updates);
    registry.register("mirror_failures", "Updates of a copy that failed", failures);
}

fn gauge(registry: &mut Registry, name: &str, help: &str, value: i64) {
    let gauge: Gauge = Gauge::default();
    gauge.set(value);
    registry.register(name, help, gauge);
}

/// Everything, in the OpenMetrics text format.
pub fn text(public: &Public, copies: &[Status]) -> String {
    let mut registry = Registry::with_prefix("holdfast");
    registry.register("requests", "Requests by class and status", public.metrics.family.clone());
    public.pages.measures.register(&mut registry);
    let hot = public.pages.hot();
    let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    gauge(&mut registry, "board_version", "Events that the board is made of", whole(hot.board.version.total()));
    gauge(&mut registry, "incidents", "Incidents and maintenances on the board", count(hot.board.incident_count()));
    gauge(&mut registry, "problems", "Events that could not be folded", count(hot.board.problems().count()));
    let age = (public.pages.source().now() - hot.stamp.confirmed_at).num_seconds();
    gauge(&mut registry, "confirmed_age_seconds", "Age of the newest confirmation", age);
    gauge(&mut registry, "live_streams", "Live streams that are open", count(public.live.open()));
    gauge(&mut registry, "hot_pages", "Pages that are pinned", count(hot.pages.len()));
    let faults = hot.pages.values().filter(|page| page.fault).count();
    gauge(&mut registry, "hot_pages_faulty", "Pinned pages that are the last good ones", count(faults));
    mirrors(&mut registry, copies, public.pages.source().now());
    let mut text = String::new();
    match text::encode(&mut text, &registry) {
        Ok(()) => text,
        Err(error) => {
            tracing::error!(%error, "metrics cannot be written");
            String::new()
        }
    }
}
