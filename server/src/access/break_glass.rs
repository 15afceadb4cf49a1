//! Break-glass codes: any node takes one with nothing else reachable. It is spent by an event before its session begins.

use super::{
    Access,
    code::{self, Code, CodeError},
    sign_in::Refused,
};
use crate::{
    publish::{Node, PublishError, Receipt},
    store::{Store, requests::RequestKey},
};
use axum::http::HeaderValue;
use domain::{
    board::Board,
    break_glass::CodeBatch,
    change::{Author, BreakGlassIssued, BreakGlassSpent, Bytes},
    command::{
        Command,
        break_glass::{CODES_MAX, Wish},
    },
    id::{CodeBatchId, Id, SessionId},
};
use std::{net::IpAddr, sync::Arc};
use zeroize::Zeroizing;

/// Characters of a code: 95 random bits and a check.
pub const CODE_LENGTH: usize = 20;

/// Codes that were just issued. They are shown here and never again.
pub struct Issued {
    pub batch: CodeBatchId,
    pub codes: Vec<String>,
    pub receipt: Receipt,
}

/// Why a code began no session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotBroken {
    /// It is not as it was printed.
    Mistyped(CodeError),
    Refused(Refused),
}

/// Issues `count` codes, once for a request.
///
/// # Errors
/// As for [`Node::publish_once`].
pub async fn issue(
    node: &Node,
    label: String,
    count: u16,
    author: Author,
    request: Option<RequestKey>,
) -> Result<Issued, PublishError> {
    let unavailable = |error: getrandom::Error| PublishError::Unavailable(error.to_string());
    let batch = CodeBatchId(fresh_id().map_err(unavailable)?);
    // More are refused below, and need not be made.
    let made = code::fresh(usize::from(count.min(CODES_MAX)), CODE_LENGTH).map_err(unavailable)?;
    let sealed_hashes = Bytes(node.store().seal(&made.hashes).map_err(unavailable)?);
    let wish = Wish::Issue { batch, issued: BreakGlassIssued { label, count, sealed_hashes } };
    let receipt = node.publish_once(Command::BreakGlass(wish), author, request).await?;
    tracing::warn!(%batch, count, "break-glass codes were issued");
    Ok(Issued { batch, codes: made.shown, receipt })
}

fn fresh_id() -> Result<Id, getrandom::Error> {
    let mut entropy = [0; 16];
    getrandom::fill(&mut entropy)?;
    Ok(Id::from_entropy(entropy))
}

/// Which code it is. All are compared, so that the time tells nothing.
fn find<'b>(store: &Store, board: &'b Board, code: &Code) -> Option<(&'b Arc<CodeBatch>, u16)> {
    let mut found = None;
    for batch in board.break_glass.values().filter(|batch| !batch.revoked) {
        let hashes = Zeroizing::new(store.open_sealed(&batch.sealed_hashes).unwrap_or_default());
        found = found.or(code::number(code, &hashes).map(|number| (batch, number)));
    }
    found
}

impl Access {
    /// Takes a code; the headers that give the browser its session.
    ///
    /// # Errors
    /// [`NotBroken`].
    pub async fn break_glass(&self, address: Option<IpAddr>, typed: &str) -> Result<Vec<HeaderValue>, NotBroken> {
        let now = self.node.clock().now();
        // A slip of the hand says nothing of any code, and is not counted.
        let code = Code::parse(typed, CODE_LENGTH).map_err(NotBroken::Mistyped)?;
        // Only what is wrong waits: behind the address of whoever guesses may stand the one who holds a code.
        let failed = |what: &str| {
            if let Some(seconds) = self.throttle.wait_of_address(address, now) {
                return NotBroken::Refused(Refused::Wait(seconds));
            }
            self.throttle.address_failed(address, now);
            tracing::warn!(address = ?address, what, "a break-glass code was refused");
            NotBroken::Refused(Refused::Wrong)
        };
        let board = self.node.board();
        let (batch, number) = find(self.node.store(), &board, &code).ok_or_else(|| failed("it is not known"))?;
        let not_saved = |error: &dyn std::fmt::Display| {
            tracing::error!(%error, batch = %batch.id, "a break-glass code could not be spent");
            NotBroken::Refused(Refused::NotSaved)
        };
        let session = SessionId(fresh_id().map_err(|error| not_saved(&error))?);
        let spent = BreakGlassSpent { number, session, region: self.node.origin().to_owned() };
        let author = Author { name: batch.name(number), way: super::session::BREAK_GLASS_WAY.to_owned() };
        match self.node.publish(Command::BreakGlass(Wish::Spend { batch: batch.id, spent }), author).await {
            Ok(_) => {
                tracing::warn!(address = ?address, batch = %batch.id, number, %session, "the glass is broken: a code began a session");
                Ok(self.begin_broken_glass(session, batch.id, number))
            }
            Err(PublishError::Refused(_)) => Err(failed("it is used up")),
            Err(error) => Err(not_saved(&error)),
        }
    }
}
