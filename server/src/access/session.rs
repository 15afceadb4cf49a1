//! A session as a cookie: what it says, signed by the node that began it. Every node that trusts that node honours it,
//! so that an operator whose region dies goes on in another; events end it ([`domain::operator::Operator::keeps`]).
//!
//! The cookie is `PAYLOAD.SIGNATURE` in base64url without padding: the payload is the node's key (32 bytes) and CBOR, the
//! signature Ed25519 over `SESSION_CONTEXT` and the payload. Events are signed under another context, so neither can be taken
//! for the other.

use super::{Access, cookies};
use axum::http::{HeaderMap, HeaderValue};
use chrono::TimeDelta;
use data_encoding::BASE64URL_NOPAD;
use domain::{
    change::Author,
    id::{CodeBatchId, EventId, Id, NodeKey, OperatorId, SessionId},
    operator::Role,
};
use ed25519_dalek::{Signature, Signer, Verifier, VerifyingKey};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use subtle::ConstantTimeEq;

/// How long a session lasts, in seconds: one shift.
pub const SESSION_SECONDS: i64 = 12 * 3600;
/// How long a session lasts that a break-glass code began, in seconds.
pub const GLASS_SECONDS: i64 = 2 * 3600;
/// What such a session may do.
pub const GLASS_ROLE: Role = Role::Poster;
/// The way in of such a session, in the audit trail.
pub const BREAK_GLASS_WAY: &str = "break-glass";
/// The way in of a session that a provider's word began.
pub const PROVIDER_WAY: &str = "oidc";
/// How long the second factor is waited for, in seconds.
pub const SECOND_STEP_SECONDS: i64 = 300;
const SESSION_CONTEXT: &[u8] = b"holdfast session\0";
const SECOND_STEP_CONTEXT: &[u8] = b"holdfast second step\0";
const GLASS_CONTEXT: &[u8] = b"holdfast break-glass session\0";
/// The one meaning of the key that form keys are made with.
const FORM_KEY_CONTEXT: &str = "holdfast 2026 form key";
/// The one meaning of the key that tags are made with.
const TAG_CONTEXT: &str = "holdfast 2026 account tag";
/// Enough that no two accounts have the same.
const TAG_BYTES: usize = 12;
const KEY_BYTES: usize = 32;
/// Longest cookie that is looked at, in bytes.
const COOKIE_BYTES_MAX: usize = 2048;

/// What has let an operator in, as far as the audit trail tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Way {
    /// What this node knows by itself: a password, a passkey.
    #[default]
    Own,
    /// A provider's word.
    Provider,
}

impl Way {
    fn is_own(&self) -> bool {
        *self == Way::Own
    }

    /// As the audit trail has it.
    pub fn word(self) -> &'static str {
        match self {
            Way::Own => "console",
            Way::Provider => PROVIDER_WAY,
        }
    }
}

/// What a session's cookie says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    pub id: SessionId,
    pub operator: OperatorId,
    /// The newest event that ends sessions, when this one began.
    pub since: EventId,
    /// Seconds since the Unix epoch.
    pub ends_at: i64,
    #[serde(default, skip_serializing_if = "Way::is_own")]
    pub way: Way,
}

/// What the cookie of a session says that a break-glass code began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct GlassSession {
    id: SessionId,
    batch: CodeBatchId,
    number: u16,
    /// Seconds since the Unix epoch.
    ends_at: i64,
}

/// Whose session it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    Operator(OperatorId),
    /// Whoever held a code of this batch.
    BreakGlass(CodeBatchId),
}

/// Who is between the password and the second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondStep {
    pub operator: OperatorId,
    /// The newest event that ends sessions, when the password was right.
    since: EventId,
    /// Seconds since the Unix epoch.
    ends_at: i64,
    /// What let them come this far.
    #[serde(default, skip_serializing_if = "Way::is_own")]
    pub way: Way,
}

/// An operator with a session that goes on.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub session: SessionId,
    /// Seconds since the Unix epoch.
    pub ends_at: i64,
    pub holder: Holder,
    pub way: Way,
    pub login: String,
    pub name: String,
    pub role: Role,
    /// By which a browser tells what is whose; the same in every region. A session of a break-glass code is one by itself.
    pub account: String,
    /// What each form of this session carries, so that no other page can send one.
    pub form_key: String,
}

impl SignedIn {
    /// As the audit trail has it.
    pub fn author(&self) -> Author {
        let way = match self.holder {
            Holder::Operator(_) => self.way.word(),
            Holder::BreakGlass(_) => BREAK_GLASS_WAY,
        };
        Author { name: self.name.clone(), way: way.to_owned() }
    }

    /// The account that has signed in; none with a break-glass code.
    pub fn operator(&self) -> Option<OperatorId> {
        match self.holder {
            Holder::Operator(operator) => Some(operator),
            Holder::BreakGlass(_) => None,
        }
    }

    /// Whether a form carries the key of this session.
    pub fn is_own_form(&self, form_key: &str) -> bool {
        bool::from(self.form_key.as_bytes().ct_eq(form_key.as_bytes()))
    }
}

impl Access {
    /// Begins a session in the browser that sent `headers`; the headers that give it to that browser.
    ///
    /// # Errors
    /// When the operating system gives no random bytes, or the operator has no way in.
    pub fn begin(&self, operator: OperatorId, headers: &HeaderMap) -> Result<Vec<HeaderValue>, BeginError> {
        self.begin_by(operator, headers, Way::Own)
    }

    /// The same, by a way in that the audit trail tells.
    ///
    /// # Errors
    /// As for [`Access::begin`].
    pub fn begin_by(
        &self,
        operator: OperatorId,
        headers: &HeaderMap,
        way: Way,
    ) -> Result<Vec<HeaderValue>, BeginError> {
        let ends_at = (self.node.clock().now() + TimeDelta::seconds(SESSION_SECONDS)).timestamp();
        let session = self.session(operator, ends_at, way)?;
        Ok(session.into_iter().chain(self.remember_device(headers, operator)?).collect())
    }

    /// Begins a session in place of one that ended with all others, and that ends no later than it would have; the header
    /// that gives it to the browser.
    ///
    /// # Errors
    /// As for [`Access::begin`].
    pub fn begin_again(&self, operator: OperatorId, ended: &SignedIn) -> Result<Vec<HeaderValue>, BeginError> {
        Ok(self.session(operator, ended.ends_at, ended.way)?.into_iter().collect())
    }

    fn session(&self, operator: OperatorId, ends_at: i64, way: Way) -> Result<Option<HeaderValue>, BeginError> {
        let since = self.node.board().operators.get(&operator).and_then(|held| held.sessions_since.last().copied());
        let since = since.ok_or(BeginError::NoWayIn)?;
        let mut entropy = [0; 16];
        getrandom::fill(&mut entropy)?;
        let session = Session { id: SessionId(Id::from_entropy(entropy)), operator, since, ends_at, way };
        let (session, domain) = (self.signed(SESSION_CONTEXT, &session), self.cookie_domain.as_deref());
        Ok(cookies::set(cookies::SESSION, session, domain, ends_at - self.node.clock().now().timestamp()))
    }

    /// Asks for the second factor next; the header that tells any node that the password was right.
    ///
    /// # Errors
    /// When the operator has no way in.
    pub fn ask_second(&self, operator: OperatorId, way: Way) -> Result<Vec<HeaderValue>, BeginError> {
        let since = self.node.board().operators.get(&operator).and_then(|held| held.sessions_since.last().copied());
        let since = since.ok_or(BeginError::NoWayIn)?;
        let ends_at = (self.node.clock().now() + TimeDelta::seconds(SECOND_STEP_SECONDS)).timestamp();
        let step = self.signed(SECOND_STEP_CONTEXT, &SecondStep { operator, since, ends_at, way });
        let domain = self.cookie_domain.as_deref();
        Ok(cookies::set(cookies::SECOND_STEP, step, domain, SECOND_STEP_SECONDS).into_iter().collect())
    }

    /// Who has come as far as the second step a moment ago.
    pub fn second_step(&self, headers: &HeaderMap) -> Option<SecondStep> {
        let mut steps = cookies::all(headers, cookies::SECOND_STEP);
        let step: SecondStep = steps.find_map(|cookie| self.read(SECOND_STEP_CONTEXT, &cookie))?;
        let board = self.node.board();
        let goes_on = board.operators.get(&step.operator)?.is_current(step.since) && !board.passes_over(step.since);
        (goes_on && step.ends_at > self.node.clock().now().timestamp()).then_some(step)
    }

    /// The headers that end the second step.
    pub fn end_second(&self) -> Vec<HeaderValue> {
        cookies::clear(cookies::SECOND_STEP, self.cookie_domain.as_deref()).into_iter().collect()
    }

    /// The headers that take the session from the browser.
    pub fn end(&self) -> Vec<HeaderValue> {
        cookies::clear(cookies::SESSION, self.cookie_domain.as_deref()).into_iter().collect()
    }

    /// Who asks; `None` when no session goes on.
    pub fn signed_in(&self, headers: &HeaderMap) -> Option<SignedIn> {
        // A page of the same domain may have planted others of that name.
        cookies::all(headers, cookies::SESSION).find_map(|cookie| self.signed_in_by(&cookie))
    }

    fn signed_in_by(&self, cookie: &str) -> Option<SignedIn> {
        let Some(session) = self.read::<Session>(SESSION_CONTEXT, cookie) else {
            return self.with_broken_glass(self.read(GLASS_CONTEXT, cookie)?);
        };
        if session.ends_at <= self.node.clock().now().timestamp() {
            return None;
        }
        let board = self.node.board();
        let operator = board.operators.get(&session.operator)?;
        // What another node has seen may not be here yet. What is here and does not count began nothing: else a session by
        // the word of a node that was removed would be one that no event ends.
        if !operator.keeps(session.id, session.since) || board.passes_over(session.since) {
            return None;
        }
        Some(SignedIn {
            form_key: self.form_key(session.id),
            account: self.tag(&session.operator.0),
            login: operator.login.clone(),
            name: operator.name.clone(),
            role: operator.role,
            session: session.id,
            ends_at: session.ends_at,
            holder: Holder::Operator(session.operator),
            way: session.way,
        })
    }

    /// Begins the session of a break-glass code; the headers that give it to the browser. Its event has been written.
    pub fn begin_broken_glass(&self, id: SessionId, batch: CodeBatchId, number: u16) -> Vec<HeaderValue> {
        let ends_at = (self.node.clock().now() + TimeDelta::seconds(GLASS_SECONDS)).timestamp();
        let session = self.signed(GLASS_CONTEXT, &GlassSession { id, batch, number, ends_at });
        cookies::set(cookies::SESSION, session, self.cookie_domain.as_deref(), GLASS_SECONDS).into_iter().collect()
    }

    fn with_broken_glass(&self, session: GlassSession) -> Option<SignedIn> {
        let board = self.node.board();
        let batch = board.break_glass.get(&session.batch)?;
        if session.ends_at <= self.node.clock().now().timestamp() || !batch.keeps(session.id) {
            return None;
        }
        Some(SignedIn {
            form_key: self.form_key(session.id),
            account: self.tag(&session.id.0),
            login: String::new(),
            name: batch.name(session.number),
            role: GLASS_ROLE,
            session: session.id,
            ends_at: session.ends_at,
            holder: Holder::BreakGlass(session.batch),
            way: Way::Own,
        })
    }

    /// The same in every region: a form that one region gave is taken by another.
    fn form_key(&self, session: SessionId) -> String {
        let key = blake3::derive_key(FORM_KEY_CONTEXT, &*self.node.store().identity().cluster_key);
        BASE64URL_NOPAD.encode(&blake3::keyed_hash(&key, session.0.as_str().as_bytes()).as_bytes()[..16])
    }

    /// What stands for an account or a session where its name has no place; the same in every region.
    pub(super) fn tag(&self, id: &Id) -> String {
        let key = blake3::derive_key(TAG_CONTEXT, &*self.node.store().identity().cluster_key);
        BASE64URL_NOPAD.encode(&blake3::keyed_hash(&key, id.as_str().as_bytes()).as_bytes()[..TAG_BYTES])
    }

    pub(super) fn signed(&self, context: &[u8], what: &impl Serialize) -> String {
        let identity = self.node.store().identity();
        let mut payload = identity.node_key().0.to_vec();
        // Plain values always have a CBOR form; an empty one verifies nowhere.
        if ciborium::into_writer(what, &mut payload).is_err() {
            payload.clear();
        }
        let signature = identity.node.sign(&[context, &payload].concat());
        format!("{}.{}", BASE64URL_NOPAD.encode(&payload), BASE64URL_NOPAD.encode(&signature.to_bytes()))
    }

    /// What a node of this cluster has signed.
    pub(super) fn read<T: DeserializeOwned>(&self, context: &[u8], text: &str) -> Option<T> {
        if text.len() > COOKIE_BYTES_MAX {
            return None;
        }
        let (payload, signature) = text.split_once('.')?;
        let payload = BASE64URL_NOPAD.decode(payload.as_bytes()).ok()?;
        let signature = Signature::from_slice(&BASE64URL_NOPAD.decode(signature.as_bytes()).ok()?).ok()?;
        let (key, said) = payload.split_first_chunk::<KEY_BYTES>()?;
        if !self.node.trust().is_trusted(&NodeKey(*key)) {
            return None;
        }
        let signed = [context, &payload].concat();
        VerifyingKey::from_bytes(key).ok()?.verify(&signed, &signature).ok()?;
        ciborium::from_reader(said).ok()
    }
}

/// Why no session began.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    #[error("the operating system gave no random bytes: {0}")]
    Entropy(#[from] getrandom::Error),
    #[error("this operator has no password yet, or is out")]
    NoWayIn,
}
