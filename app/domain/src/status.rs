//! Statuses, impacts and planes: the words of the field and the orders among them.

use serde::{Deserialize, Serialize};

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($variant),* }
        impl $name {
            pub const ALL: &'static [$name] = &[$($name::$variant),*];
            /// The word in API, log and catalog file.
            pub fn word(self) -> &'static str {
                match self { $($name::$variant => $word),* }
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result { f.pad(self.word()) }
        }
        impl std::str::FromStr for $name {
            type Err = WordError;
            fn from_str(text: &str) -> Result<Self, WordError> {
                $name::ALL.iter().copied().find(|value| value.word() == text).ok_or_else(|| WordError {
                    given: text.chars().take(40).collect(),
                    known: $name::ALL.iter().map(|value| value.word()).collect::<Vec<_>>().join(", "),
                })
            }
        }
    )*};
}

/// Why a word is not one of an enumeration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is none of {known}")]
pub struct WordError {
    pub given: String,
    pub known: String,
}

words! {
    /// How a cell is. The order is from best to worst, as the page ranks them; `unknown` ranks between maintenance and
    /// degraded: not knowing is worse than knowing that it is up, and never hides a known fault.
    ComponentStatus {
        Operational = "operational",
        UnderMaintenance = "under_maintenance",
        Unknown = "unknown",
        DegradedPerformance = "degraded_performance",
        PartialOutage = "partial_outage",
        MajorOutage = "major_outage",
    }
    /// Where an incident (first five) or a maintenance (last four) stands.
    Status {
        Investigating = "investigating",
        Identified = "identified",
        Monitoring = "monitoring",
        Resolved = "resolved",
        Postmortem = "postmortem",
        Scheduled = "scheduled",
        InProgress = "in_progress",
        Verifying = "verifying",
        Completed = "completed",
    }
    /// How bad an incident is for those who use the service.
    Impact {
        None = "none",
        Minor = "minor",
        Major = "major",
        Critical = "critical",
    }
    /// Control manages resources, data carries the workload.
    Plane {
        Control = "control",
        Data = "data",
    }
    /// Whether a timeline belongs to an incident or a maintenance.
    Kind {
        Incident = "incident",
        Maintenance = "maintenance",
    }
}

impl ComponentStatus {
    /// The worst of several; operational when there is none.
    pub fn worst(statuses: impl IntoIterator<Item = ComponentStatus>) -> ComponentStatus {
        statuses.into_iter().max().unwrap_or(ComponentStatus::Operational)
    }
}

impl Status {
    pub fn kind(self) -> Kind {
        match self {
            Status::Investigating | Status::Identified | Status::Monitoring | Status::Resolved | Status::Postmortem => {
                Kind::Incident
            }
            Status::Scheduled | Status::InProgress | Status::Verifying | Status::Completed => Kind::Maintenance,
        }
    }

    /// Nothing more is expected of it.
    pub fn is_ended(self) -> bool {
        matches!(self, Status::Resolved | Status::Postmortem | Status::Completed)
    }

    /// The cells of its scope are affected now: an incident that is not ended, a maintenance that has begun.
    pub fn is_active(self) -> bool {
        !self.is_ended() && self != Status::Scheduled
    }

    /// Whether an operator may move from `self` to `next`. Going back among the open statuses is allowed, because
    /// real incidents do; what has ended stays so, and a new incident is opened instead.
    pub fn may_become(self, next: Status) -> bool {
        if self.kind() != next.kind() {
            return false;
        }
        match (self, next) {
            (Status::Resolved, Status::Postmortem) => true,
            (Status::Resolved | Status::Postmortem | Status::Completed, _) => self == next,
            (_, Status::Postmortem) => false,
            (Status::InProgress | Status::Verifying, Status::Scheduled) => false,
            _ => true,
        }
    }

    /// The statuses that may follow `self`, for messages.
    pub fn successors(self) -> impl Iterator<Item = Status> {
        Status::ALL.iter().copied().filter(move |next| *next != self && self.may_become(*next))
    }
}
