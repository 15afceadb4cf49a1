//! The Statuspage v2 documents as they come over the wire: only the fields that are imported.

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::Deserialize;

/// The union of every document's keys.
#[derive(Debug, Default, Deserialize)]
pub struct Document {
    pub page: Option<Page>,
    #[serde(default)]
    pub components: Vec<Component>,
    #[serde(default)]
    pub incidents: Vec<Incident>,
    #[serde(default)]
    pub scheduled_maintenances: Vec<Incident>,
}

#[derive(Debug, Deserialize)]
pub struct Page {
    pub url: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Component {
    pub id: String,
    pub name: String,
    pub description: Option<String>,
    pub created_at: Option<DateTime<FixedOffset>>,
    pub start_date: Option<NaiveDate>,
    pub group_id: Option<String>,
    #[serde(default)]
    pub group: bool,
    #[serde(default)]
    pub position: i64,
}

#[derive(Debug, Deserialize)]
pub struct Incident {
    pub id: String,
    pub name: String,
    pub status: String,
    pub created_at: DateTime<FixedOffset>,
    pub impact: String,
    pub shortlink: Option<String>,
    pub scheduled_for: Option<DateTime<FixedOffset>>,
    pub scheduled_until: Option<DateTime<FixedOffset>>,
    #[serde(default)]
    pub incident_updates: Vec<Update>,
    #[serde(default)]
    pub components: Vec<Component>,
}

#[derive(Debug, Deserialize)]
pub struct Update {
    pub id: String,
    pub status: String,
    #[serde(default)]
    pub body: Option<String>,
    pub created_at: DateTime<FixedOffset>,
    pub display_at: Option<DateTime<FixedOffset>>,
    pub affected_components: Option<Vec<Affected>>,
}

#[derive(Debug, Deserialize)]
pub struct Affected {
    /// The component's id.
    pub code: String,
    pub name: String,
    pub new_status: String,
}

impl Document {
    /// Adds what another document has and this one lacks; entries are the same when their ids are.
    pub fn merge(&mut self, other: Document) {
        self.page = self.page.take().or(other.page);
        let absent = |list: &[Component], id: &str| !list.iter().any(|held| held.id == id);
        for component in other.components {
            if absent(&self.components, &component.id) {
                self.components.push(component);
            }
        }
        for (list, others) in
            [(&mut self.incidents, other.incidents), (&mut self.scheduled_maintenances, other.scheduled_maintenances)]
        {
            for incident in others {
                if !list.iter().any(|held| held.id == incident.id) {
                    list.push(incident);
                }
            }
        }
    }
}
