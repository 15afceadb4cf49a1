//! The wire types of the Statuspage v2 API, with its fields in its order. Every field is always written, `null` where
//! there is no value, but for those that the shape gives to one kind of entry only.

use chrono::{NaiveDate, SecondsFormat};
use domain::{Instant, id::Id};
use serde::{Serialize, Serializer};

/// ISO 8601 with milliseconds and `Z`, which is the only form that every client reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub Instant);

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

#[derive(Serialize)]
pub struct Document {
    pub page: Page,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub components: Option<Vec<Component>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incidents: Option<Vec<Incident>>,
    #[serde(rename = "scheduled_maintenances", skip_serializing_if = "Option::is_none")]
    pub maintenances: Option<Vec<Incident>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
}

#[derive(Serialize)]
pub struct Page {
    pub id: Id,
    pub name: String,
    pub url: String,
    pub time_zone: String,
    pub updated_at: Moment,
}

#[derive(Serialize)]
pub struct Status {
    /// none, minor, major, critical.
    pub indicator: &'static str,
    pub description: String,
}

/// A component, or a container of components.
#[derive(Clone, Serialize)]
pub struct Component {
    pub id: Id,
    pub name: String,
    pub status: &'static str,
    pub created_at: Moment,
    pub updated_at: Moment,
    /// From 1, within its container or among what has none.
    pub position: u32,
    pub description: Option<String>,
    pub showcase: bool,
    pub start_date: Option<NaiveDate>,
    pub group_id: Option<Id>,
    pub page_id: Id,
    pub group: bool,
    pub only_show_if_degraded: bool,
    /// The children of a container.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub components: Option<Vec<Id>>,
    /// Of our own: the status is the last one known. Written only when it is true.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unknown: bool,
}

/// An incident, or with a schedule a maintenance.
#[derive(Serialize)]
pub struct Incident {
    pub id: Id,
    pub name: String,
    pub status: &'static str,
    pub created_at: Moment,
    pub updated_at: Moment,
    pub monitoring_at: Option<Moment>,
    pub resolved_at: Option<Moment>,
    pub impact: &'static str,
    pub shortlink: String,
    pub started_at: Moment,
    pub page_id: Id,
    /// Newest first.
    pub incident_updates: Vec<Update>,
    pub components: Vec<Component>,
    #[serde(flatten)]
    pub schedule: Option<Schedule>,
}

/// What a maintenance has beyond an incident; `null` in an import that did not know.
#[derive(Serialize)]
pub struct Schedule {
    pub scheduled_for: Option<Moment>,
    pub scheduled_until: Option<Moment>,
}

#[derive(Serialize)]
pub struct Update {
    pub id: Id,
    pub status: &'static str,
    pub body: String,
    pub incident_id: Id,
    pub created_at: Moment,
    pub updated_at: Moment,
    pub display_at: Moment,
    pub affected_components: Option<Vec<AffectedComponent>>,
    pub deliver_notifications: bool,
    pub custom_tweet: Option<String>,
    pub tweet_id: Option<String>,
}

#[derive(Serialize)]
pub struct AffectedComponent {
    /// The component's id.
    pub code: Id,
    pub name: String,
    pub old_status: &'static str,
    pub new_status: &'static str,
}
