//! The map of public addresses: path to [`Address`] and back. Links, routes, feeds and the snapshot all use it.
//!
//! Every page and feed also stands under `/en/` and `/zh/`, which fix its language; without that segment the language
//! is negotiated. JSON documents, badges and the calendar have one address each.

use crate::locale::Locale;
use domain::{
    board::{Board, Month},
    catalog::Catalog,
    id::{ComponentId, IncidentId, RegionId},
    incident::{Incident, Summary},
    listing::{Listing, Wanted},
    status::Kind,
};
use std::sync::Arc;

/// Incidents that a feed of one component or region holds at most.
pub const FEED_ENTRIES_MAX: usize = 50;
/// Incidents that a component's page lists at most.
pub const COMPONENT_LISTED_MAX: usize = 20;
/// Past incidents that a region's page lists at most.
pub const REGION_LISTED_MAX: usize = 10;
/// Longest path that is looked at, in bytes.
pub const PATH_BYTES_MAX: usize = 256;

/// What a feed, a calendar or a badge is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Selection {
    Whole,
    Component(ComponentId),
    Region(RegionId),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FeedFormat {
    Rss,
    Atom,
    Json,
}

/// A document of the Statuspage v2 shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum V2 {
    Summary,
    Status,
    Components,
    Incidents,
    Unresolved,
    Maintenances,
    Upcoming,
    Active,
}

/// One public resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Address {
    Home,
    Region(RegionId),
    Component(ComponentId),
    Incident(IncidentId),
    Maintenance(IncidentId),
    /// One month, or without one the newest month with the list of all.
    History(Option<Month>),
    /// How anybody can check a copy.
    Verify,
    NotFound,
    Feed(FeedFormat, Selection),
    /// Maintenances as iCalendar.
    Calendar,
    Badge(Selection),
    V2(V2),
    /// Our own JSON: cells, regions, planes, freshness and board version.
    Status,
    /// The other addresses of the page, with the board that is shown here.
    Copies,
}

/// An address with what it shows beyond what the board holds for every page.
#[derive(Clone, Debug)]
pub struct Page {
    pub address: Address,
    /// The list of [`Address::lists`].
    pub listed: Vec<Arc<Summary>>,
    /// The whole incidents of [`Address::needs`], in that order.
    pub incidents: Vec<Arc<Incident>>,
}

impl Page {
    /// A page that shows nothing beyond the board.
    pub fn alone(address: Address) -> Page {
        Page { address, listed: Vec::new(), incidents: Vec::new() }
    }

    /// A page of a board that holds everything that it shows.
    pub fn of(address: Address, board: &Board) -> Page {
        let listed = address.lists(board).and_then(|listing| board.listed(&listing)).unwrap_or_default();
        let incidents = address.needs(&listed).into_iter().filter_map(|id| board.incident(id).cloned()).collect();
        Page { address, listed, incidents }
    }
}

impl V2 {
    pub const ALL: &'static [V2] = &[
        V2::Summary,
        V2::Status,
        V2::Components,
        V2::Incidents,
        V2::Unresolved,
        V2::Maintenances,
        V2::Upcoming,
        V2::Active,
    ];

    /// The path below `/api/v2/`.
    pub fn file(self) -> &'static str {
        match self {
            V2::Summary => "summary.json",
            V2::Status => "status.json",
            V2::Components => "components.json",
            V2::Incidents => "incidents.json",
            V2::Unresolved => "incidents/unresolved.json",
            V2::Maintenances => "scheduled-maintenances.json",
            V2::Upcoming => "scheduled-maintenances/upcoming.json",
            V2::Active => "scheduled-maintenances/active.json",
        }
    }
}

impl FeedFormat {
    pub const ALL: &'static [FeedFormat] = &[FeedFormat::Rss, FeedFormat::Atom, FeedFormat::Json];

    pub fn extension(self) -> &'static str {
        match self {
            FeedFormat::Rss => "rss",
            FeedFormat::Atom => "atom",
            FeedFormat::Json => "json",
        }
    }
}

impl Address {
    /// The page of an incident or a maintenance.
    pub fn of_timeline(kind: Kind, id: IncidentId) -> Self {
        match kind {
            Kind::Incident => Address::Incident(id),
            Kind::Maintenance => Address::Maintenance(id),
        }
    }

    /// Exists once for each language.
    pub fn is_translated(self) -> bool {
        !matches!(self, Address::V2(_) | Address::Status | Address::Copies | Address::Badge(_) | Address::Calendar)
    }

    /// States the present, so that it carries the stamp in its content and is rendered again with each new one. The
    /// Statuspage documents carry it in headers, and in their words only past the grey bound. An incident or a
    /// maintenance that has ended is history: every board holds those that have not.
    pub fn states_the_present(self, board: &Board) -> bool {
        match self {
            Address::Home
            | Address::Region(_)
            | Address::Component(_)
            | Address::Status
            | Address::Copies
            | Address::Badge(_)
            | Address::V2(_) => true,
            Address::Incident(id) | Address::Maintenance(id) => board.summary(id).is_some_and(|it| it.is_open()),
            Address::History(_) | Address::Verify | Address::NotFound | Address::Feed(..) | Address::Calendar => false,
        }
    }

    /// The path from the root, in `locale` where the address is translated; without one the negotiated path.
    pub fn path(self, catalog: &Catalog, locale: Option<Locale>) -> String {
        let language = match locale.filter(|_| self.is_translated()) {
            Some(locale) => format!("/{}", locale.segment()),
            None => String::new(),
        };
        let below = match self {
            Address::Home | Address::NotFound => "/".to_owned(),
            Address::Region(_) | Address::Component(_) => Self::base(self.selection(), catalog),
            Address::Incident(id) => format!("/incidents/{id}"),
            Address::Maintenance(id) => format!("/maintenance/{id}"),
            Address::History(None) => "/history".to_owned(),
            Address::History(Some(month)) => format!("/history/{month}"),
            Address::Verify => "/verify".to_owned(),
            Address::Feed(format, of) => format!("{}/history.{}", Self::base(of, catalog), format.extension()),
            Address::Calendar => "/maintenance.ics".to_owned(),
            Address::Badge(of) => format!("{}/badge.svg", Self::base(of, catalog)),
            Address::V2(document) => format!("/api/v2/{}", document.file()),
            Address::Status => "/api/v1/status".to_owned(),
            Address::Copies => "/api/v1/copies.json".to_owned(),
        };
        format!("{language}{below}")
    }

    fn selection(self) -> Selection {
        match self {
            Address::Region(id) => Selection::Region(id),
            Address::Component(id) => Selection::Component(id),
            _ => Selection::Whole,
        }
    }

    fn base(of: Selection, catalog: &Catalog) -> String {
        match of {
            Selection::Whole => String::new(),
            Selection::Region(id) => {
                format!("/regions/{}", catalog.region(id).map_or("-", |region| region.code.as_str()))
            }
            Selection::Component(id) => {
                format!("/components/{}", catalog.component(id).map_or("-", |component| component.code.as_str()))
            }
        }
    }

    /// The address of a path, and the language that it fixes. `None`: there is no such page on this board. An incident
    /// that the board does not hold stands under the address that was asked for: whether it exists, and of which kind it
    /// is, is found out by whoever loads the page.
    pub fn parse(path: &str, board: &Board) -> Option<(Address, Option<Locale>)> {
        if path.len() > PATH_BYTES_MAX {
            return None;
        }
        let mut segments: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
        if segments.len() > 1 && segments.last() == Some(&"") {
            segments.pop();
        }
        let locale = Locale::from_segment(segments[0]);
        if locale.is_some() {
            segments.remove(0);
        }
        let address = Self::below(&segments, board)?;
        (locale.is_none() || address.is_translated()).then_some((address, locale))
    }

    fn below(segments: &[&str], board: &Board) -> Option<Address> {
        let catalog = &board.catalog;
        match segments {
            [] | [""] => Some(Address::Home),
            ["history"] => Some(Address::History(None)),
            ["verify"] => Some(Address::Verify),
            ["history", month] => {
                let month = month.parse().ok()?;
                board.has_months(month..=month).then_some(Address::History(Some(month)))
            }
            // Statuspage clients build this address for maintenances too; the page names its own as canonical.
            ["incidents", id] => Address::Incident(id.parse().ok()?).timeline(board),
            ["maintenance", id] => Address::Maintenance(id.parse().ok()?).timeline(board),
            ["maintenance.ics"] => Some(Address::Calendar),
            ["api", "v1", "status"] => Some(Address::Status),
            ["api", "v1", "copies.json"] => Some(Address::Copies),
            ["api", "v2", rest @ ..] => {
                let file = rest.join("/");
                V2::ALL.iter().copied().find(|document| document.file() == file).map(Address::V2)
            }
            ["regions", code] => Some(Address::Region(catalog.region_by_code(code)?.id)),
            ["components", code] => Some(Address::Component(catalog.component_by_code(code)?.id)),
            ["regions", code, file] => Self::file(file, Selection::Region(catalog.region_by_code(code)?.id)),
            ["components", code, file] => Self::file(file, Selection::Component(catalog.component_by_code(code)?.id)),
            [file] => Self::file(file, Selection::Whole),
            _ => None,
        }
    }

    /// A timeline's own address on this board.
    fn timeline(self, board: &Board) -> Option<Address> {
        let (Address::Incident(id) | Address::Maintenance(id)) = self else { return None };
        match board.summary(id) {
            Some(summary) => self.of_kind(summary.kind),
            None => (!board.holds_all()).then_some(self),
        }
    }

    /// A timeline's own address once its kind is known; `None`: there is nothing of that kind here.
    pub fn of_kind(self, kind: Kind) -> Option<Address> {
        match (self, kind) {
            (Address::Incident(id), _) => Some(Address::of_timeline(kind, id)),
            (Address::Maintenance(_), Kind::Maintenance) => Some(self),
            _ => None,
        }
    }

    fn file(file: &str, of: Selection) -> Option<Address> {
        if file == "badge.svg" {
            return Some(Address::Badge(of));
        }
        let extension = file.strip_prefix("history.")?;
        let format = FeedFormat::ALL.iter().copied().find(|format| format.extension() == extension)?;
        Some(Address::Feed(format, of))
    }

    /// The list of incidents and maintenances that the page shows or is made from, where the board need not hold it.
    pub fn lists(self, board: &Board) -> Option<Listing> {
        match self {
            Address::History(month) => {
                let month = month.or_else(|| Some(board.months().next()?.0))?;
                Some(Listing::of_month(month))
            }
            Address::Component(id) => Some(Listing { component: Some(id), ..Listing::newest(COMPONENT_LISTED_MAX) }),
            Address::Region(id) => {
                let ended = Listing { status: Wanted::Ended, ..Listing::newest(REGION_LISTED_MAX) };
                Some(Listing { region: Some(id), ..ended })
            }
            Address::Feed(_, of) => {
                let newest = Listing::newest(FEED_ENTRIES_MAX);
                Some(match of {
                    Selection::Whole => newest,
                    Selection::Component(id) => Listing { component: Some(id), ..newest },
                    Selection::Region(id) => Listing { region: Some(id), ..newest },
                })
            }
            _ => None,
        }
    }

    /// The incidents that the page shows whole, beyond those that the board holds for every page (the open ones and
    /// the newest). `listed` is the page's list.
    pub fn needs(self, listed: &[Arc<Summary>]) -> Vec<IncidentId> {
        match self {
            Address::Incident(id) | Address::Maintenance(id) => vec![id],
            Address::Feed(..) => listed.iter().map(|summary| summary.id).collect(),
            _ => Vec::new(),
        }
    }

    /// Every public address of a board: what a snapshot writes. `timelines` are all incidents and maintenances; the
    /// board need not hold them.
    pub fn all(board: &Board, timelines: impl IntoIterator<Item = (Kind, IncidentId)>) -> Vec<Address> {
        let mut selections = vec![Selection::Whole];
        let mut all = vec![
            Address::Home,
            Address::History(None),
            Address::Verify,
            Address::NotFound,
            Address::Calendar,
            Address::Status,
            Address::Copies,
        ];
        for region in &board.catalog.regions {
            all.push(Address::Region(region.id));
            selections.push(Selection::Region(region.id));
        }
        for component in &board.catalog.components {
            all.push(Address::Component(component.id));
            selections.push(Selection::Component(component.id));
        }
        for of in selections {
            all.push(Address::Badge(of));
            all.extend(FeedFormat::ALL.iter().map(|format| Address::Feed(*format, of)));
        }
        all.extend(V2::ALL.iter().copied().map(Address::V2));
        all.extend(board.months().map(|(month, _)| Address::History(Some(month))));
        all.extend(timelines.into_iter().map(|(kind, id)| Address::of_timeline(kind, id)));
        all
    }
}
