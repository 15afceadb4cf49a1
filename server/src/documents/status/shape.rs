//! The wire types of `/api/v1/status`. Fields may be added, none changes its meaning. Times are RFC 3339 in UTC;
//! regions, groups and components are named by their codes, as in addresses and in the catalog file.

use domain::{
    Instant,
    status::{ComponentStatus, Impact, Kind, Plane, Status},
};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The present, as far as this node can confirm it.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatusDocument {
    pub page: Page,
    pub headline: Headline,
    pub freshness: Freshness,
    /// How many other regions there should be; 0 for a lone node.
    pub peers: u32,
    /// Those of which this node does not have all news within `amber_seconds`, by name. It says nothing of the services
    /// there: updates posted there may be missing here.
    pub silent: Vec<Silent>,
    /// The one that this node last had all news of; null for a lone node, and while it has heard from none since it
    /// started.
    pub heard: Option<Heard>,
    /// Newer information exists that this node cannot read yet; other regions may show it.
    pub newer: bool,
    pub board: BoardVersion,
    /// In the order of the page, like every list of the catalog.
    pub regions: Vec<Region>,
    pub groups: Vec<Group>,
    pub components: Vec<Component>,
    /// Not resolved; worst impact first, then the newest start.
    pub incidents: Vec<Timeline>,
    /// Not completed, by planned begin.
    pub maintenances: Vec<Timeline>,
}

/// A text in the page's first language under `default`, with translations by BCP 47 tag.
#[derive(Debug, Serialize, ToSchema)]
#[serde(transparent)]
pub struct Texts(pub BTreeMap<String, String>);

#[derive(Debug, Serialize, ToSchema)]
pub struct Page {
    pub id: String,
    pub name: Texts,
    /// Absolute, without a slash at its end.
    pub url: String,
    /// IANA name of the zone that the page shows times in.
    pub time_zone: String,
    pub notice: Option<Texts>,
    pub support_url: Option<String>,
    /// Moves only when something changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Instant,
}

/// What the first sentence is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HeadlineKind {
    /// The catalog is empty.
    Nothing,
    Operating,
    /// Nothing is known to be wrong, but the last confirmation is past the freshness bound.
    Unconfirmed,
    Trouble,
}

/// The page's first sentence and the facts behind it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Headline {
    pub kind: HeadlineKind,
    /// The same as in `/api/v2/status.json`: none, minor, major, critical.
    #[schema(value_type = String, example = "critical")]
    pub indicator: Impact,
    /// The sentence, by BCP 47 tag: `en`, `zh-CN`.
    pub text: BTreeMap<String, String>,
    /// The worst open incident.
    pub incident: Option<String>,
    pub open_incidents: usize,
    pub running_maintenances: usize,
    /// Regions that the worst incident ever affected; told once the first of them is back.
    pub regions_affected: Option<usize>,
    pub regions_recovered: Option<usize>,
    /// Every cell that the worst incident affected is back, while it is still open.
    pub all_recovered: bool,
    /// Data-plane components that no open incident names, when a control-plane component is affected; none past the
    /// freshness bound.
    pub unaffected: Vec<String>,
}

/// How old the newest confirmation is that this node has all news.
#[derive(Debug, Serialize, ToSchema)]
pub struct Freshness {
    /// fresh, amber, grey.
    #[schema(value_type = String, example = "fresh")]
    pub state: domain::stamp::Freshness,
    #[schema(value_type = String, format = DateTime)]
    pub confirmed_at: Instant,
    /// After this moment, treat this document as out of date.
    #[schema(value_type = String, format = DateTime)]
    pub trust_until: Instant,
    /// The serving region or node.
    pub origin: String,
    /// Ages in seconds from which the state is amber, and grey.
    pub amber_seconds: i64,
    pub grey_seconds: i64,
}

/// A region that this node has not heard from lately.
#[derive(Debug, Serialize, ToSchema)]
pub struct Silent {
    /// As the node's configuration names it.
    pub region: String,
    /// The newest moment as of which this node has all its news; null: not since this node started.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub as_of: Option<Instant>,
}

/// The region heard last.
#[derive(Debug, Serialize, ToSchema)]
pub struct Heard {
    /// As the node's configuration names it.
    pub region: String,
    /// The moment as of which this node has all its news, on this node's clock.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
}

/// Which events the document shows.
#[derive(Debug, Serialize, ToSchema)]
pub struct BoardVersion {
    /// How many events.
    pub version: u64,
    /// Tells two versions with the same count apart.
    pub digest: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Region {
    pub id: String,
    pub code: String,
    pub name: Texts,
    /// The worst of its cells.
    #[schema(value_type = String, example = "operational")]
    pub status: ComponentStatus,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Group {
    pub id: String,
    pub code: String,
    pub name: Texts,
    /// The worst of its components.
    #[schema(value_type = String, example = "operational")]
    pub status: ComponentStatus,
    pub components: Vec<String>,
    /// The mean of its components' over the last 90 UTC days, in percent; null without data.
    pub uptime_percent: Option<f64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Component {
    pub id: String,
    pub code: String,
    pub name: Texts,
    pub description: Option<Texts>,
    pub group: Option<String>,
    /// control, data.
    #[schema(value_type = String, example = "control")]
    pub plane: Plane,
    /// What its control plane needs.
    pub depends_on: Vec<String>,
    /// The worst of its cells.
    #[schema(value_type = String, example = "operational")]
    pub status: ComponentStatus,
    /// 1 - (major outage + 0.3 x partial outage) / time with data over the last 90 UTC days, the mean of the cells, in
    /// percent rounded down to two decimals; null without data.
    pub uptime_percent: Option<f64>,
    /// When data about it begins.
    #[schema(value_type = String, format = DateTime)]
    pub since: Instant,
    pub cells: Vec<Cell>,
}

/// One component in one region.
#[derive(Debug, Serialize, ToSchema)]
pub struct Cell {
    /// The component's id in the Statuspage v2 documents.
    pub id: String,
    /// Null for a component without regions.
    pub region: Option<String>,
    /// operational, under_maintenance, unknown, degraded_performance, partial_outage, major_outage.
    #[schema(value_type = String, example = "operational")]
    pub status: ComponentStatus,
    /// Since when it has been affected without a break by what is open; null while it is not.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub affected_since: Option<Instant>,
    /// The open incidents and running maintenances that affect it.
    pub affected_by: Vec<String>,
}

/// An open incident or maintenance.
#[derive(Debug, Serialize, ToSchema)]
pub struct Timeline {
    pub id: String,
    #[schema(value_type = String, example = "incident")]
    pub kind: Kind,
    /// Its page, absolute.
    pub url: String,
    pub title: Texts,
    /// none, minor, major, critical.
    #[schema(value_type = String, example = "critical")]
    pub impact: Impact,
    #[schema(value_type = String, example = "identified")]
    pub status: Status,
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Instant,
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Instant,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expected_recovery_at: Option<Instant>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_update_at: Option<Instant>,
    /// Markdown.
    pub root_cause: Option<Texts>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub scheduled_from: Option<Instant>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub scheduled_until: Option<Instant>,
    /// Two regions changed it apart from each other, and nobody who has seen both has decided since.
    pub conflict: bool,
    /// Every cell that it ever named.
    pub scope: Vec<ScopeEntry>,
    /// Newest first.
    pub updates: Vec<Update>,
}

/// How one cell fares in an incident.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScopeEntry {
    pub component: String,
    pub region: Option<String>,
    /// Now, by this incident alone; null while a maintenance has not begun or the cell is back.
    #[schema(value_type = Option<String>)]
    pub status: Option<ComponentStatus>,
    #[schema(value_type = Option<String>)]
    pub worst: Option<ComponentStatus>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub impacted_at: Option<Instant>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub recovered_at: Option<Instant>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Update {
    pub id: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    /// Null for a further word without a change of status.
    #[schema(value_type = Option<String>)]
    pub status: Option<Status>,
    /// Markdown.
    pub text: Texts,
}
