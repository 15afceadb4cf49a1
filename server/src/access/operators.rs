//! Operators, as administrators keep them: a new one gets a link that is used once, never a password.

use super::secret;
use crate::{
    publish::{Node, PublishError, Receipt},
    store::requests::RequestKey,
};
use chrono::TimeDelta;
use domain::{
    Instant,
    change::{Author, Bytes, OperatorInvited, OperatorSet},
    command::{Command, operators::Wish},
    id::OperatorId,
};

/// How long an invitation can be used, in hours.
pub const INVITATION_HOURS: i64 = 72;
/// The path of an invitation, before its secret.
pub const INVITATION_PATH: &str = "/admin/invited?key=";

/// An invitation. Its link is shown here and never again.
pub struct Invited {
    /// Absolute, at the page's own address.
    pub link: String,
    pub expires_at: Instant,
    pub receipt: Receipt,
}

/// Adds an operator and invites them, once for a request.
///
/// # Errors
/// As for [`Node::publish_once`].
pub async fn add(
    node: &Node,
    set: OperatorSet,
    author: Author,
    request: Option<RequestKey>,
) -> Result<Invited, PublishError> {
    let login = set.login.clone();
    invited(node, &login, author, request, |invited| Wish::Add { set, invited }).await
}

/// Invites an operator anew, such as one who has lost the password. What was used before ends with the new password.
///
/// # Errors
/// As for [`Node::publish_once`].
pub async fn invite(
    node: &Node,
    login: &str,
    author: Author,
    request: Option<RequestKey>,
) -> Result<Invited, PublishError> {
    let operator = OperatorId::of_login(login);
    invited(node, login, author, request, |invited| Wish::Invite { operator, invited }).await
}

async fn invited(
    node: &Node,
    login: &str,
    author: Author,
    request: Option<RequestKey>,
    wish: impl FnOnce(OperatorInvited) -> Wish,
) -> Result<Invited, PublishError> {
    let unavailable = |error: getrandom::Error| PublishError::Unavailable(error.to_string());
    let secret = secret::fresh().map_err(unavailable)?;
    let sealed_hash = Bytes(secret::sealed(node.store(), &secret).map_err(unavailable)?);
    let expires_at = node.clock().now() + TimeDelta::hours(INVITATION_HOURS);
    let wish = wish(OperatorInvited { sealed_hash, expires_at });
    let receipt = node.publish_once(Command::Operator(wish), author, request).await?;
    let key: String = form_urlencoded::byte_serialize(format!("{login}.{}", secret.as_str()).as_bytes()).collect();
    let link = format!("{}{INVITATION_PATH}{key}", node.board().catalog.page.url);
    Ok(Invited { link, expires_at, receipt })
}
