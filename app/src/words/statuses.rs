//! The names of statuses, impacts and planes.

use super::Words;
use domain::{operator::Role, status::*};

impl Words {
    /// "major outage", "operating".
    pub fn component_status(&self, status: ComponentStatus) -> String {
        self.say(match status {
            ComponentStatus::Operational => "status-operational",
            ComponentStatus::UnderMaintenance => "status-under-maintenance",
            ComponentStatus::Unknown => "status-unknown",
            ComponentStatus::DegradedPerformance => "status-degraded-performance",
            ComponentStatus::PartialOutage => "status-partial-outage",
            ComponentStatus::MajorOutage => "status-major-outage",
        })
    }

    /// Where an incident or a maintenance stands.
    pub fn status(&self, status: Status) -> String {
        self.say(match status {
            Status::Investigating => "standing-investigating",
            Status::Identified => "standing-identified",
            Status::Monitoring => "standing-monitoring",
            Status::Resolved => "standing-resolved",
            Status::Postmortem => "standing-postmortem",
            Status::Scheduled => "standing-scheduled",
            Status::InProgress => "standing-in-progress",
            Status::Verifying => "standing-verifying",
            Status::Completed => "standing-completed",
        })
    }

    pub fn impact(&self, impact: Impact) -> String {
        self.say(match impact {
            Impact::None => "impact-none",
            Impact::Minor => "impact-minor",
            Impact::Major => "impact-major",
            Impact::Critical => "impact-critical",
        })
    }

    pub fn role(&self, role: Role) -> String {
        self.say(match role {
            Role::Poster => "role-poster",
            Role::Editor => "role-editor",
            Role::Administrator => "role-administrator",
        })
    }

    pub fn plane(&self, plane: Plane) -> String {
        self.say(match plane {
            Plane::Control => "plane-control",
            Plane::Data => "plane-data",
        })
    }
}
