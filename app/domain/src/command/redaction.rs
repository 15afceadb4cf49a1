//! An event whose body is to be erased.

use super::{Planned, Refusal};
use crate::{
    change::{Bytes, Change, Redacted},
    id::*,
    redaction::REASON_LENGTH_MAX,
    text,
};

/// What is asked, and what is known of the event.
#[derive(Clone, Debug)]
pub struct Asked {
    pub event: EventId,
    pub subject: Subject,
    /// Whether events of its kind are ever erased.
    pub is_erasable: bool,
    pub is_redacted: bool,
    pub residue: Option<Bytes>,
    pub reason: Option<String>,
}

/// The event that erases.
///
/// # Errors
/// Everything that is wrong with it.
pub fn plan(asked: Asked) -> Result<Vec<Planned>, Vec<Refusal>> {
    let mut refusals = Vec::new();
    if !asked.is_erasable {
        let what = format!("`{}` says whose events count, or what was erased, and that stays readable", asked.event);
        refusals.push(Refusal::new("event", what, "an event of the page's own content"));
    } else if asked.is_redacted {
        refusals.push(Refusal::new("event", format!("`{}` is redacted already", asked.event), "nothing to do"));
    }
    if let Some(reason) = &asked.reason {
        let length = reason.chars().count();
        if length > REASON_LENGTH_MAX {
            let what = format!("has {length} characters");
            refusals.push(Refusal::new("reason", what, format!("at most {REASON_LENGTH_MAX}")));
        } else if let Err(error) = text::check_name(&reason.as_str().into()) {
            refusals.push(Refusal::new("reason", error.to_string(), "one line for the audit trail"));
        }
    }
    let redacted = Redacted { event: asked.event, residue: asked.residue, reason: asked.reason };
    if refusals.is_empty() { Ok(vec![(asked.subject, Change::Redacted(redacted))]) } else { Err(refusals) }
}
