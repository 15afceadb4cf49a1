//! Operators: who may work in the console, and what each may do.

use crate::{Instant, id::*};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Longest name to sign in with, in characters.
pub const LOGIN_LENGTH_MAX: usize = 64;

/// What an operator, or a token, may do; each may do what those before it may. The order is the rank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Opens incidents and posts updates.
    Poster,
    /// Also edits what was posted, schedules maintenances, keeps the catalog and templates, publishes postmortems.
    Editor,
    /// Also decides who may do what.
    Administrator,
}

impl Role {
    pub const ALL: &'static [Role] = &[Role::Poster, Role::Editor, Role::Administrator];

    /// The word in API, log and command line.
    pub fn word(self) -> &'static str {
        match self {
            Role::Poster => "poster",
            Role::Editor => "editor",
            Role::Administrator => "administrator",
        }
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.pad(self.word())
    }
}

impl std::str::FromStr for Role {
    type Err = crate::status::WordError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Role::ALL.iter().copied().find(|role| role.word() == text).ok_or_else(|| crate::status::WordError {
            given: text.chars().take(40).collect(),
            known: Role::ALL.iter().map(|role| role.word()).collect::<Vec<_>>().join(", "),
        })
    }
}

/// An operator as the log tells them. Secrets are sealed with the cluster key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    pub id: OperatorId,
    pub login: String,
    pub name: String,
    /// Of two regions that set it apart, the lesser.
    pub role: Role,
    /// Of two regions that set it apart, `false`.
    pub active: bool,
    pub created_at: Instant,
    /// That has not been used, and that no password was set after.
    pub invitation: Option<Invitation>,
    /// The argon2id hash, sealed.
    pub password: Option<Vec<u8>>,
    /// Of two regions that set and removed it apart, set.
    pub second_factor: Option<SecondFactor>,
    /// By the events that added them.
    pub passkeys: BTreeMap<EventId, Passkey>,
    /// The events that ended all sessions begun before them, the newest last. A session names the last one that the
    /// node which began it knew.
    pub sessions_since: Vec<EventId>,
    /// Sessions that were ended one by one.
    pub sessions_ended: BTreeSet<SessionId>,
}

/// An invitation to choose a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    pub event: EventId,
    pub sealed_hash: Vec<u8>,
    pub expires_at: Instant,
}

/// What signing in asks for after the password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecondFactor {
    pub set_by: EventId,
    pub set_at: Instant,
    pub sealed_seed: Vec<u8>,
    pub sealed_recovery: Vec<u8>,
    /// The numbers of the recovery codes that are used up.
    pub spent: BTreeSet<u16>,
}

/// A browser's own key that signs an operator in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passkey {
    /// What its owner calls it.
    pub name: String,
    pub added_at: Instant,
    pub credential_hash: Vec<u8>,
    pub sealed_passkey: Vec<u8>,
}

impl Operator {
    /// Whether a session goes on that was begun when `since` was the newest event to end sessions.
    ///
    /// One that this node does not know is newer than all that it knows: another node, whose signature the session
    /// bears, has seen it.
    pub fn keeps(&self, session: SessionId, since: EventId) -> bool {
        self.is_current(since) && !self.sessions_ended.contains(&session)
    }

    /// Whether nothing has ended what began when `since` was the newest event to end sessions, as far as is known here.
    pub fn is_current(&self, since: EventId) -> bool {
        self.active && (self.sessions_since.last() == Some(&since) || !self.sessions_since.contains(&since))
    }
}

/// Why a text is no name to sign in with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no name to sign in with: 1 to 64 of a-z, 0-9, `.`, `-`, `_`, `+` and `@`, in lower case")]
pub struct LoginError(pub String);

/// Checks a name to sign in with; an address of mail can be one.
///
/// # Errors
/// [`LoginError`] for anything but 1 to [`LOGIN_LENGTH_MAX`] of the characters that it names.
pub fn check_login(login: &str) -> Result<(), LoginError> {
    let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_+@".contains(&byte);
    if (1..=LOGIN_LENGTH_MAX).contains(&login.len()) && login.bytes().all(is_allowed) {
        return Ok(());
    }
    Err(LoginError(login.chars().take(LOGIN_LENGTH_MAX).collect()))
}
