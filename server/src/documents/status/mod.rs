//! Our own `/api/v1/status`: everything that the page shows of the present, for machines.
//!
//! - [`shape`]: the wire types, as the OpenAPI document shows them
//! - [`catalog`]: regions, groups, components and their cells
//! - [`timeline`]: open incidents and maintenances
//!
//! Past the freshness bound a cell that was operating is `unknown` here; known faults stay as they were.

pub mod catalog;
pub mod shape;
pub mod timeline;

use crate::documents::v2;
use app::{locale::Locale, words::Words};
use domain::{
    board::Board,
    headline::Headline,
    stamp::{Freshness, Silent, Stamp},
    status::ComponentStatus,
    text::Text,
};
use std::collections::BTreeMap;

/// The whole document.
pub(super) fn document(board: &Board, stamp: &Stamp) -> shape::StatusDocument {
    let settings = &board.catalog.page;
    let uptimes = catalog::uptimes(board, stamp.confirmed_at);
    shape::StatusDocument {
        page: shape::Page {
            id: v2::page_id(board).to_string(),
            name: texts(&settings.name),
            url: settings.url.clone(),
            time_zone: settings.time_zone.clone(),
            notice: settings.notice.as_ref().map(texts),
            support_url: settings.support_url.clone(),
            updated_at: v2::updated_at(board),
        },
        headline: headline(board, stamp),
        freshness: shape::Freshness {
            state: stamp.freshness,
            confirmed_at: stamp.confirmed_at,
            trust_until: stamp.trust_until(),
            origin: stamp.origin.clone(),
            amber_seconds: stamp.amber_seconds,
            grey_seconds: stamp.grey_seconds,
        },
        peers: stamp.peers,
        silent: stamp.silent.iter().map(silent).collect(),
        heard: stamp.heard.as_ref().map(|heard| shape::Heard { region: heard.region.clone(), at: heard.at }),
        newer: board.has_newer(),
        board: shape::BoardVersion { version: board.version.total(), digest: board.version.digest() },
        regions: catalog::regions(board, stamp),
        groups: catalog::groups(board, stamp, &uptimes),
        components: catalog::components(board, stamp, &uptimes),
        incidents: board.open_incidents().into_iter().map(|incident| timeline::timeline(board, incident)).collect(),
        maintenances: board.open_maintenances().into_iter().map(|open| timeline::timeline(board, open)).collect(),
    }
}

fn silent(silent: &Silent) -> shape::Silent {
    shape::Silent { region: silent.region.clone(), as_of: silent.as_of }
}

/// A text in its first language under `default`, and its translations by language tag.
fn texts(text: &Text) -> shape::Texts {
    let text = app::words::all_languages(text);
    let translations = text.translations.iter().map(|(tag, text)| (tag.clone(), text.clone()));
    shape::Texts(std::iter::once(("default".to_owned(), text.default.clone())).chain(translations).collect())
}

/// A status as the stamp lets it be told.
fn told(status: ComponentStatus, stamp: &Stamp) -> ComponentStatus {
    match (status, stamp.freshness) {
        (ComponentStatus::Operational, Freshness::Grey) => ComponentStatus::Unknown,
        _ => status,
    }
}

fn headline(board: &Board, stamp: &Stamp) -> shape::Headline {
    let facts = Headline::of(board);
    let overall = match stamp.freshness {
        Freshness::Grey => v2::indicator::unconfirmed(board, stamp.confirmed_at),
        Freshness::Fresh | Freshness::Amber => v2::indicator::overall(board),
    };
    let kind = kind(&facts, stamp);
    let sentence = |locale: &Locale| {
        let words = Words::of(*locale);
        let sentence = match kind {
            shape::HeadlineKind::Unconfirmed => words.say("status-document-unconfirmed"),
            _ => words.headline(&facts, board).plain,
        };
        (locale.tag().to_owned(), sentence)
    };
    let mut headline = shape::Headline {
        kind,
        indicator: overall.indicator,
        text: Locale::ALL.iter().map(sentence).collect::<BTreeMap<_, _>>(),
        incident: None,
        open_incidents: 0,
        running_maintenances: 0,
        regions_affected: None,
        regions_recovered: None,
        all_recovered: false,
        unaffected: Vec::new(),
    };
    match facts {
        Headline::Nothing => {}
        Headline::Operating { maintenances } => headline.running_maintenances = maintenances,
        Headline::Trouble { worst, more, unaffected } => {
            headline.incident = Some(worst.incident.to_string());
            headline.open_incidents = more + 1;
            headline.regions_recovered = worst.recovered.map(|(back, _)| back);
            headline.regions_affected = worst.recovered.map(|(_, ever)| ever);
            headline.all_recovered = worst.all_recovered;
            // That something is not affected is a claim too.
            if stamp.freshness != Freshness::Grey {
                headline.unaffected =
                    unaffected.into_iter().filter_map(|id| catalog::component_code(board, id)).collect();
            }
        }
    }
    headline
}

fn kind(facts: &Headline, stamp: &Stamp) -> shape::HeadlineKind {
    match (facts, stamp.freshness) {
        (Headline::Nothing, _) => shape::HeadlineKind::Nothing,
        (Headline::Operating { .. }, Freshness::Grey) => shape::HeadlineKind::Unconfirmed,
        (Headline::Operating { .. }, Freshness::Fresh | Freshness::Amber) => shape::HeadlineKind::Operating,
        (Headline::Trouble { .. }, _) => shape::HeadlineKind::Trouble,
    }
}
