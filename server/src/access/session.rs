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
    Instant,
    change::Author,
    id::{EventId, Id, NodeKey, OperatorId, SessionId},
    operator::Role,
};
use ed25519_dalek::{Signature, Signer, Verifier, VerifyingKey};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use subtle::ConstantTimeEq;

/// How long a session lasts, in seconds: one shift.
pub const SESSION_SECONDS: i64 = 12 * 3600;
/// How long a browser is remembered as one that has signed in, in seconds.
pub const DEVICE_SECONDS: i64 = 365 * 86_400;
const SESSION_CONTEXT: &[u8] = b"holdfast session\0";
const DEVICE_CONTEXT: &[u8] = b"holdfast device\0";
/// The one meaning of the key that form keys are made with.
const FORM_KEY_CONTEXT: &str = "holdfast 2026 form key";
const KEY_BYTES: usize = 32;
/// Longest cookie that is looked at, in bytes.
const COOKIE_BYTES_MAX: usize = 2048;

/// What a session's cookie says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    pub id: SessionId,
    pub operator: OperatorId,
    /// The newest event that ends sessions, when this one began.
    pub since: EventId,
    /// Seconds since the Unix epoch.
    pub ends_at: i64,
}

/// A browser that has signed in to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Device {
    id: [u8; 16],
    operator: OperatorId,
}

/// An operator with a session that goes on.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub session: Session,
    pub login: String,
    pub name: String,
    pub role: Role,
    /// What each form of this session carries, so that no other page can send one.
    pub form_key: String,
}

impl SignedIn {
    /// As the audit trail has it.
    pub fn author(&self) -> Author {
        Author { name: self.name.clone(), way: "console".to_owned() }
    }

    /// Whether a form carries the key of this session.
    pub fn is_own_form(&self, form_key: &str) -> bool {
        bool::from(self.form_key.as_bytes().ct_eq(form_key.as_bytes()))
    }
}

impl Access {
    /// Begins a session; the headers that give it to the browser.
    ///
    /// # Errors
    /// When the operating system gives no random bytes, or the operator has no way in.
    pub fn begin(&self, operator: OperatorId, device: Option<[u8; 16]>) -> Result<Vec<HeaderValue>, BeginError> {
        let since = self.node.board().operators.get(&operator).and_then(|held| held.sessions_since.last().copied());
        let since = since.ok_or(BeginError::NoWayIn)?;
        let mut entropy = [0; 16];
        getrandom::fill(&mut entropy)?;
        let ends_at = (self.node.clock().now() + TimeDelta::seconds(SESSION_SECONDS)).timestamp();
        let session = Session { id: SessionId(Id::from_entropy(entropy)), operator, since, ends_at };
        let device = match device {
            Some(id) => Device { id, operator },
            None => {
                getrandom::fill(&mut entropy)?;
                Device { id: entropy, operator }
            }
        };
        let domain = self.cookie_domain.as_deref();
        let cookies = [
            cookies::set(cookies::SESSION, self.signed(SESSION_CONTEXT, &session), domain, SESSION_SECONDS),
            cookies::set(cookies::DEVICE, self.signed(DEVICE_CONTEXT, &device), domain, DEVICE_SECONDS),
        ];
        Ok(cookies.into_iter().flatten().collect())
    }

    /// The headers that take the session from the browser.
    pub fn end(&self) -> Vec<HeaderValue> {
        cookies::clear(cookies::SESSION, self.cookie_domain.as_deref()).into_iter().collect()
    }

    /// Who asks; `None` when no session goes on.
    pub fn signed_in(&self, headers: &HeaderMap) -> Option<SignedIn> {
        let session: Session = self.read(SESSION_CONTEXT, &cookies::of(headers, cookies::SESSION)?)?;
        if session.ends_at <= self.node.clock().now().timestamp() {
            return None;
        }
        let board = self.node.board();
        let operator = board.operators.get(&session.operator)?;
        if !operator.keeps(session.id, session.since) {
            return None;
        }
        Some(SignedIn {
            form_key: self.form_key(&session),
            login: operator.login.clone(),
            name: operator.name.clone(),
            role: operator.role,
            session,
        })
    }

    /// The device that has signed in to this account before.
    pub fn device(&self, headers: &HeaderMap, operator: OperatorId) -> Option<[u8; 16]> {
        let device: Device = self.read(DEVICE_CONTEXT, &cookies::of(headers, cookies::DEVICE)?)?;
        (device.operator == operator).then_some(device.id)
    }

    /// The same in every region: a form that one region gave is taken by another.
    fn form_key(&self, session: &Session) -> String {
        let key = blake3::derive_key(FORM_KEY_CONTEXT, &*self.node.store().identity().cluster_key);
        BASE64URL_NOPAD.encode(&blake3::keyed_hash(&key, session.id.0.as_str().as_bytes()).as_bytes()[..16])
    }

    fn signed(&self, context: &[u8], what: &impl Serialize) -> String {
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
    fn read<T: DeserializeOwned>(&self, context: &[u8], text: &str) -> Option<T> {
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

    /// When a session ends, for the page.
    pub fn ends_at(&self, session: &Session) -> Instant {
        Instant::from_timestamp(session.ends_at, 0).unwrap_or_default()
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
