//! Passkeys (WebAuthn): the browser's own keys, bound to the domain that the regions share, so that one that was added in
//! a region opens every other. They need the user's presence and a PIN or a finger, and so no second step.
//!
//! What a ceremony has to remember travels with its form, sealed, so that any node can end what another began; each node
//! takes it once.

use super::{Access, session::SignedIn, sign_in::Refused};
use axum::http::{HeaderMap, HeaderValue};
use chrono::TimeDelta;
use data_encoding::BASE64URL_NOPAD;
use domain::{
    board::Board,
    change::{Bytes, PasskeyAdded},
    id::{OperatorId, SessionId},
    operator::{self, Operator},
};
use moka::{policy::EvictionPolicy, sync::Cache};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{net::IpAddr, sync::Arc, time::Duration};
use webauthn_rs::prelude::*;

/// How long a ceremony may take, in seconds.
pub const CEREMONY_SECONDS: i64 = 300;
/// Longest state that is looked at, in bytes: it names the passkeys that there are.
const STATE_BYTES_MAX: usize = 64 * 1024;
/// Longest credential that is looked at, in bytes.
const CREDENTIAL_BYTES_MAX: usize = 64 * 1024;
/// Ceremonies that are remembered as taken at most.
const TAKEN_MAX: u64 = 10_000;
const ADDING: &[u8] = b"holdfast passkey to add";
const SHOWING: &[u8] = b"holdfast passkey to show";

/// A ceremony as the browser begins it.
#[derive(Serialize)]
pub struct Begun {
    /// For `navigator.credentials`.
    pub options: serde_json::Value,
    /// What any node needs to end it.
    pub state: String,
}

/// Why a passkey was not added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAdded {
    #[error("the page's address has no domain that passkeys could be bound to")]
    NoDomain,
    #[error("this took too long, or was begun by another session")]
    Over,
    #[error("the browser's answer is not right")]
    Wrong,
    #[error("this node cannot do it at this moment")]
    Failed,
}

/// The ceremonies that this node has seen the end of.
#[derive(Debug)]
pub struct Taken(Cache<[u8; 32], ()>);

impl Default for Taken {
    fn default() -> Self {
        let kept = Duration::from_secs(CEREMONY_SECONDS.unsigned_abs());
        // The oldest go first. The policy that moka has of itself may not take in a new one while it is full, and that one
        // could be used again at once.
        let cache = Cache::builder().max_capacity(TAKEN_MAX).time_to_live(kept);
        Taken(cache.eviction_policy(EvictionPolicy::lru()).build())
    }
}

impl Taken {
    pub(super) fn take(&self, state: &str) -> bool {
        self.0.entry(*blake3::hash(state.as_bytes()).as_bytes()).or_insert(()).is_fresh()
    }
}

#[derive(Serialize, Deserialize)]
struct Ceremony<T> {
    /// Whose session it is; none for a sign-in.
    session: Option<SessionId>,
    ends_at: i64,
    state: T,
}

/// What authenticators keep of an account: the characters of its id, and zeros.
fn handle(operator: OperatorId) -> Uuid {
    let mut bytes = [0; 16];
    for (byte, of) in bytes.iter_mut().zip(operator.0.as_str().bytes()) {
        *byte = of;
    }
    Uuid::from_bytes(bytes)
}

/// What a passkey is found by.
fn hash(credential: &[u8]) -> [u8; 32] {
    *blake3::hash(credential).as_bytes()
}

fn find<'b>(board: &'b Board, credential: &[u8; 32]) -> Option<(&'b Arc<Operator>, &'b operator::Passkey)> {
    let of = |operator: &'b Arc<Operator>| operator.passkeys.values().map(move |passkey| (operator, passkey));
    board.operators.values().flat_map(of).find(|(_, passkey)| passkey.credential_hash == *credential)
}

impl Access {
    /// The domain is the one that cookies are sent to; else the page's own.
    fn webauthn(&self) -> Result<Webauthn, NotAdded> {
        let board = self.node.board();
        let page = &board.catalog.page;
        let url = Url::parse(&page.url).map_err(|_| NotAdded::NoDomain)?;
        let shared = self.cookie_domain.as_deref().map(|domain| domain.trim_start_matches('.'));
        let domain = shared.or(url.domain()).ok_or(NotAdded::NoDomain)?.to_owned();
        let parent = Url::parse(&format!("https://{domain}")).map_err(|_| NotAdded::NoDomain)?;
        let name = app::words::first_language(&page.name).to_owned();
        let builder = WebauthnBuilder::new(&domain, &url).map_err(|_| NotAdded::NoDomain)?;
        builder
            .rp_name(&name)
            .append_allowed_origin(&parent)
            .allow_subdomains(shared.is_some())
            // Nobody but this very machine.
            .allow_any_port(domain == "localhost")
            .build()
            .map_err(|_| NotAdded::NoDomain)
    }

    fn begun(
        &self,
        purpose: &[u8],
        options: serde_json::Value,
        session: Option<SessionId>,
        state: impl Serialize,
    ) -> Result<Begun, NotAdded> {
        let ends_at = (self.node.clock().now() + TimeDelta::seconds(CEREMONY_SECONDS)).timestamp();
        let plain = serde_json::to_vec(&Ceremony { session, ends_at, state }).map_err(|_| NotAdded::Failed)?;
        let sealed = self.node.store().seal_for(purpose, &plain).map_err(|_| NotAdded::Failed)?;
        Ok(Begun { options, state: BASE64URL_NOPAD.encode(&sealed) })
    }

    /// The state of a ceremony that this may end.
    fn state<T: DeserializeOwned>(&self, purpose: &[u8], session: Option<SessionId>, sealed: &str) -> Option<T> {
        let text = Some(sealed).filter(|sealed| sealed.len() <= STATE_BYTES_MAX)?;
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        let plain = self.node.store().open_sealed_for(purpose, &bytes)?;
        let ceremony: Ceremony<T> = serde_json::from_slice(&plain).ok()?;
        let is_in_time = ceremony.ends_at > self.node.clock().now().timestamp();
        (is_in_time && ceremony.session == session).then_some(ceremony.state)
    }

    /// Begins to add a passkey.
    ///
    /// # Errors
    /// [`NotAdded`].
    pub fn begin_passkey(&self, signed: &SignedIn, operator: OperatorId) -> Result<Begun, NotAdded> {
        let board = self.node.board();
        let held = board.operators.get(&operator).ok_or(NotAdded::Over)?;
        let known = held.passkeys.values().filter_map(|passkey| self.opened(passkey));
        let known: Vec<CredentialID> = known.map(|passkey| passkey.cred_id().clone()).collect();
        let webauthn = self.webauthn()?;
        let begun = webauthn.start_passkey_registration(handle(operator), &held.login, &held.name, Some(known));
        let (options, state) = begun.map_err(|_| NotAdded::Failed)?;
        let mut options = serde_json::to_value(options).map_err(|_| NotAdded::Failed)?["publicKey"].take();
        // Signing in asks for no name, so the authenticator has to know the account.
        if let Some(selection) = options["authenticatorSelection"].as_object_mut() {
            selection.insert("residentKey".to_owned(), "required".into());
            selection.insert("requireResidentKey".to_owned(), true.into());
        }
        self.begun(ADDING, options, Some(signed.session), state)
    }

    /// The passkey of a browser's answer, for the log.
    ///
    /// # Errors
    /// [`NotAdded`].
    pub fn end_passkey(
        &self,
        signed: &SignedIn,
        sealed: &str,
        credential: &str,
        name: String,
    ) -> Result<PasskeyAdded, NotAdded> {
        let state: PasskeyRegistration = self.state(ADDING, Some(signed.session), sealed).ok_or(NotAdded::Over)?;
        if !self.taken.take(sealed) {
            return Err(NotAdded::Over);
        }
        let given = Some(credential).filter(|given| given.len() <= CREDENTIAL_BYTES_MAX).ok_or(NotAdded::Wrong)?;
        let given: RegisterPublicKeyCredential = serde_json::from_str(given).map_err(|_| NotAdded::Wrong)?;
        let passkey = self.webauthn()?.finish_passkey_registration(&given, &state).map_err(|error| {
            tracing::warn!(%error, login = signed.login, "a passkey was not added");
            NotAdded::Wrong
        })?;
        let plain = serde_json::to_vec(&passkey).map_err(|_| NotAdded::Failed)?;
        let sealed = self.node.store().seal(&plain).map_err(|_| NotAdded::Failed)?;
        let credential_hash = Bytes(hash(passkey.cred_id()).to_vec());
        Ok(PasskeyAdded { name, credential_hash, sealed_passkey: Bytes(sealed) })
    }

    fn opened(&self, passkey: &operator::Passkey) -> Option<Passkey> {
        serde_json::from_slice(&self.node.store().open_sealed(&passkey.sealed_passkey)?).ok()
    }

    /// Begins a sign-in with whichever passkey the browser has for this domain; it names nobody.
    ///
    /// # Errors
    /// [`NotAdded`].
    pub fn ask_passkey(&self) -> Result<Begun, NotAdded> {
        let (options, state) = self.webauthn()?.start_discoverable_authentication().map_err(|_| NotAdded::Failed)?;
        let options = serde_json::to_value(options).map_err(|_| NotAdded::Failed)?["publicKey"].take();
        self.begun(SHOWING, options, None, state)
    }

    /// Signs in whoever's passkey it is; the headers that give the browser its session.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn take_passkey(
        &self,
        headers: &HeaderMap,
        address: Option<IpAddr>,
        sealed: &str,
        credential: &str,
    ) -> Result<Vec<HeaderValue>, Refused> {
        let now = self.node.clock().now();
        let state = self.state(SHOWING, None, sealed).ok_or(Refused::Over)?;
        let Some(account) = self.shown_by(state, credential) else {
            // Only what is wrong waits: others may stand behind the same address.
            if let Some(seconds) = self.throttle.wait_of_address(address, now) {
                return Err(Refused::Wait(seconds));
            }
            self.throttle.address_failed(address, now);
            tracing::warn!(address = ?address, "a passkey was refused");
            return Err(Refused::Wrong);
        };
        // Only what was right is remembered, so that nobody can push that out with what is wrong.
        if !self.taken.take(sealed) {
            return Err(Refused::Over);
        }
        let begun = self.begin(account, headers);
        let cookies = begun.map_err(|error| {
            tracing::error!(%account, %error, "no session began after the right passkey");
            Refused::Wrong
        })?;
        tracing::info!(%account, address = ?address, "signed in with a passkey");
        Ok(cookies)
    }

    /// Whose passkey it is, if it is right.
    fn shown_by(&self, state: DiscoverableAuthentication, credential: &str) -> Option<OperatorId> {
        let given = Some(credential).filter(|given| given.len() <= CREDENTIAL_BYTES_MAX)?;
        let given: PublicKeyCredential = serde_json::from_str(given).ok()?;
        let webauthn = self.webauthn().ok()?;
        let (of, id) = webauthn.identify_discoverable_authentication(&given).ok()?;
        let board = self.node.board();
        let (operator, held) = find(&board, &hash(id))?;
        if !operator.active || of != handle(operator.id) {
            return None;
        }
        let passkey = self.opened(held)?;
        let shown =
            webauthn.finish_discoverable_authentication_v2(&given, state, DiscoverableKey::from(passkey)).ok()?;
        shown.user_verified().then_some(operator.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_taken_last_is_remembered_however_many_came_before() {
        let taken = Taken::default();
        for number in 0..TAKEN_MAX + 100 {
            assert!(taken.take(&number.to_string()));
        }
        taken.0.run_pending_tasks();
        assert!(taken.take("shown"));
        taken.0.run_pending_tasks();
        assert!(!taken.take("shown"));
    }
}
