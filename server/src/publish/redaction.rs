//! A body erased in every region, by an event that every node carries out.

use super::{Node, PublishError, Receipt, writer};
use crate::store::redact;
use domain::{
    change::Author,
    command::{Refusal, redaction},
    id::EventId,
};

impl Node {
    /// Erases an event's body. What stands in its place is the same change with its texts replaced, as far as this node
    /// can read it.
    ///
    /// # Errors
    /// An event that is not here, that is never erased or that is redacted already; and as for [`Node::publish`].
    pub async fn redact(
        &self,
        event: EventId,
        reason: Option<String>,
        author: Author,
    ) -> Result<Receipt, PublishError> {
        let plan = move |node: &Node| {
            let found = node.store.redactable(event).map_err(|error| PublishError::Unavailable(error.to_string()))?;
            let Some(target) = found else {
                let what = format!("there is no event `{event}` here");
                let right = "an id that `holdfast events list` shows";
                return Err(PublishError::Refused(vec![Refusal::new("event", what, right)]));
            };
            let residue = target.change.as_ref().and_then(|(author, change)| redact::residue(author, change));
            let asked = redaction::Asked {
                event,
                subject: target.header.subject,
                is_erasable: redact::is_erasable(&target.header),
                is_redacted: target.is_redacted,
                residue,
                reason,
            };
            redaction::plan(asked).map_err(PublishError::Refused)
        };
        let receipt = self.write(writer::Task::Plan { plan: Box::new(plan), author }).await?;
        Ok(self.spread(receipt).await)
    }
}
