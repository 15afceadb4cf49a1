//! The Statuspage v2 JSON: any of its documents, or several merged.
//!
//! - [`document`]: the wire types
//! - [`components`]: components with their ids; containers whose members are named `Name (region)` become one
//!   component in regions, other containers become groups
//! - [`timelines`]: incidents and maintenances with their ids, times and the scope of each update
//! - [`fetch`]: the documents of a page over HTTP, bounded in size and time

pub mod components;
pub mod document;
pub mod fetch;
pub mod timelines;

use super::{Bad, Gathered};
use components::Components;
use document::Document;
use domain::{Instant, catalog::Catalog};

/// Why a text is no Statuspage document.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    #[error("this is not a Statuspage v2 document: {0}")]
    Json(#[from] serde_json::Error),
    #[error(
        "this JSON has no `components`, `incidents` or `scheduled_maintenances`; give a document such as summary.json or incidents.json"
    )]
    Nothing,
}

/// Reads documents, merged, against the present catalog.
///
/// # Errors
/// When one is no Statuspage document; what is wrong with single entries is in the result.
pub fn gather(documents: &[&str], catalog: &Catalog, now: Instant) -> Result<Gathered, DocumentError> {
    let mut whole = Document::default();
    for text in documents {
        whole.merge(serde_json::from_str(text)?);
    }
    if whole.components.is_empty() && whole.incidents.is_empty() && whole.scheduled_maintenances.is_empty() {
        return Err(DocumentError::Nothing);
    }
    let mut bad: Vec<Bad> = Vec::new();
    let components = Components::of(&whole, catalog, &mut bad);
    let timelines = timelines::all(&whole, &components, now, &mut bad);
    Ok(Gathered { additions: components.additions, timelines, bad })
}
