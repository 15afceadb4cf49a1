//! Nodes trusted and removed. Everything is decided on the writer's thread, by the trust that there is then.

use super::{Node, PublishError, Receipt, writer};
use crate::store::drag_end;
use domain::{
    Instant,
    change::Author,
    command::{Refusal, nodes},
    id::{Hlc, NodeKey},
    trust::Member,
};
use ed25519_dalek::VerifyingKey;

impl Node {
    /// Trusts nodes by events, all or none; those that are trusted already as said cost nothing.
    ///
    /// # Errors
    /// A key that is none or was removed, a name that is no name; and as for [`Node::publish`].
    pub async fn trust_nodes(&self, members: Vec<Member>, author: Author) -> Result<Receipt, PublishError> {
        for member in &members {
            if !VerifyingKey::from_bytes(&member.key.0).is_ok_and(|key| !key.is_weak()) {
                let what = format!("`{}` is no Ed25519 public key", member.key);
                return Err(refused(Refusal::new("key", what, "what `holdfast node key` prints on that node")));
            }
        }
        let plan = move |node: &Node| nodes::trust(&node.trust(), &members).map_err(PublishError::Refused);
        let receipt = self.write(writer::Task::Plan { plan: Box::new(plan), author }).await?;
        Ok(self.spread(receipt).await)
    }

    /// Removes a node by an event. What it signed before `since` counts on; without, everything of it that is here.
    ///
    /// # Errors
    /// This node itself, or one that is removed already; and as for [`Node::publish`].
    pub async fn remove_node(
        &self,
        key: NodeKey,
        since: Option<Instant>,
        author: Author,
    ) -> Result<Receipt, PublishError> {
        let plan = move |node: &Node| {
            let up_to = match since {
                Some(since) => Some(before(since)),
                None => {
                    let last = node.store.last_clock(key);
                    let last = last.map_err(|error| PublishError::Unavailable(error.to_string()))?;
                    if let Some(last) = last.filter(|last| *last > drag_end(node.clock().now())) {
                        return Err(refused(of_the_future(last)));
                    }
                    last
                }
            };
            let own = node.store.identity().node_key();
            nodes::remove(&node.trust(), own, key, up_to).map_err(PublishError::Refused)
        };
        let receipt = self.write(writer::Task::Plan { plan: Box::new(plan), author }).await?;
        Ok(self.spread(receipt).await)
    }

    /// Makes a new key, has the old one trust it, and puts it in the old one's place. It is used from the next start on.
    ///
    /// # Errors
    /// When the key files cannot be written, or a rotation waits for the next start; and as for [`Node::publish`].
    pub async fn rotate_key(&self, author: Author) -> Result<(NodeKey, Receipt), PublishError> {
        let unavailable = |error: &dyn std::fmt::Display| PublishError::Unavailable(error.to_string());
        let store = self.store.clone();
        let key = blocking(move || store.new_key()).await?.map_err(|error| unavailable(&error))?;
        let own = self.trust().known(&self.store.identity().node_key()).cloned();
        let member = own.map(|own| Member { key, ..own });
        let member = member.ok_or_else(|| unavailable(&"this node's own key is not known"))?;
        let receipt = self.trust_nodes(vec![member], author).await?;
        let store = self.store.clone();
        blocking(move || store.swap_keys()).await?.map_err(|error| unavailable(&error))?;
        Ok((key, receipt))
    }
}

/// Why a node is not removed up to the last clock value that it signed: whatever it signs until then would count too.
fn of_the_future(last: Hlc) -> Refusal {
    let day = i64::try_from(last.milliseconds()).ok().and_then(Instant::from_timestamp_millis);
    let day = day.map_or("later than any date".to_owned(), |at| at.format("%Y-%m-%dT%H:%MZ").to_string());
    let what = format!(
        "its clock runs ahead: the newest event that it signed is dated {day}, and what it signs before then would count on"
    );
    Refusal::new("since", what, "`--since TIME`: what it dated later is held")
}

/// The last clock value before a moment.
fn before(since: Instant) -> Hlc {
    let milliseconds = u64::try_from(since.timestamp_millis()).unwrap_or(0);
    Hlc((milliseconds << Hlc::COUNTER_BITS).saturating_sub(1))
}

fn refused(refusal: Refusal) -> PublishError {
    PublishError::Refused(vec![refusal])
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, PublishError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| PublishError::Unavailable(error.to_string()))
}
