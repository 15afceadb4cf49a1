//! The shape of a status: never colour alone. A word always stands beside it.

use domain::status::{ComponentStatus, Impact};
use leptos::prelude::*;

/// The class that gives a status its colour.
pub fn class(status: ComponentStatus) -> &'static str {
    match status {
        ComponentStatus::Operational => "s-up",
        ComponentStatus::UnderMaintenance => "s-work",
        ComponentStatus::Unknown => "s-unknown",
        ComponentStatus::DegradedPerformance => "s-slow",
        ComponentStatus::PartialOutage => "s-part",
        ComponentStatus::MajorOutage => "s-down",
    }
}

/// The outline on a square of 16 units.
fn outline(status: ComponentStatus) -> &'static str {
    match status {
        // A small disc.
        ComponentStatus::Operational => "M8 4.5a3.5 3.5 0 1 1 0 7a3.5 3.5 0 1 1 0-7z",
        // A hollow diamond.
        ComponentStatus::UnderMaintenance => "M8 1l7 7l-7 7l-7-7zM8 4l-4 4l4 4l4-4z",
        // A question mark.
        ComponentStatus::Unknown => {
            "M4 5.5a4 4 0 1 1 5.2 3.8q-.2 0-.2 1.2H7q-.1-2.7 1.3-3.2A2 2 0 1 0 6 5.5zM6.9 12h2.2v2.2H6.9z"
        }
        // A triangle.
        ComponentStatus::DegradedPerformance => "M8 1.5L15.5 14.5H.5z",
        // A square, half of it filled.
        ComponentStatus::PartialOutage => "M1.5 1.5h13v13h-13zM8 3.5v9h4.5v-9z",
        // A square.
        ComponentStatus::MajorOutage => "M1.5 1.5h13v13h-13z",
    }
}

/// The mark of a status, for the eye only.
pub fn mark(status: ComponentStatus) -> AnyView {
    view! {
        <svg class=format!("mark {}", class(status)) viewBox="0 0 16 16" aria-hidden="true">
            <path d=outline(status) fill-rule="evenodd"></path>
        </svg>
    }
    .into_any()
}

/// The status whose colour and shape an incident carries where no cell says more.
pub fn of_impact(impact: Impact) -> ComponentStatus {
    match impact {
        Impact::None => ComponentStatus::Unknown,
        Impact::Minor => ComponentStatus::DegradedPerformance,
        Impact::Major => ComponentStatus::PartialOutage,
        Impact::Critical => ComponentStatus::MajorOutage,
    }
}
