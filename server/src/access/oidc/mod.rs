//! Sign-in by a provider (OpenID Connect): an addition to the ways in that need nobody else. The provider says who somebody
//! is; whether that is an operator, and what they may do, the log alone says.
//!
//! | module | what is there |
//! |---|---|
//! | here | the two steps: off to the provider, and back |
//! | [`provider`] | what is asked of the provider |
//! | `claims` | what of its answers is believed |
//! | `settings` | what a node is told of it |
//! | [`fetch`] | its HTTP: bounded in time and size, without following anything |
//!
//! What the way there must remember (state, nonce, PKCE verifier, the page to go on with) travels in a sealed cookie, so
//! that any node can end what another began; each node takes it once. The cookie is also what binds the answer to the
//! browser that asked: without it no answer is looked at.

mod claims;
mod fetch;
mod provider;
mod settings;

pub use provider::{AWAY_SECONDS, KNOWN_SECONDS, Provider};
pub use settings::{ClientSecret, Settings, UnusableProvider};

use super::{
    Access, cookies,
    passkeys::CEREMONY_SECONDS,
    secret,
    session::Way,
    sign_in::{Entered, Refused},
};
use axum::http::{HeaderMap, HeaderValue};
use chrono::TimeDelta;
use data_encoding::BASE64URL_NOPAD;
use domain::{
    id::OperatorId,
    operator::{Operator, check_login},
};
use provider::{Asking, ProviderError};
use serde::{Deserialize, Serialize};
use std::{net::IpAddr, sync::Arc};
use subtle::ConstantTimeEq;

/// Where the provider sends people back to.
pub const BACK: &str = "/admin/oidc/back";
/// Longest page to go on with, in bytes; a longer one is forgotten.
const NEXT_BYTES_MAX: usize = 512;
/// Longest cookie of a flow that is looked at, in bytes.
const FLOW_BYTES_MAX: usize = 4096;
/// Longest code that is handed on, in bytes.
const CODE_BYTES_MAX: usize = 4096;
/// How much of an error is logged, in characters: the provider writes part of it.
const LOGGED_MAX: usize = 400;
const FLOW: &[u8] = b"holdfast sign-in by a provider";

/// What is remembered from the press of the button until the way back.
#[derive(Serialize, Deserialize)]
struct Flow {
    asking: Asking,
    next: String,
    /// Seconds since the Unix epoch.
    ends_at: i64,
}

/// Off to the provider.
#[derive(Debug)]
pub struct Away {
    pub url: String,
    pub cookies: Vec<HeaderValue>,
}

/// Back from it.
#[derive(Debug)]
pub struct Back {
    pub entered: Entered,
    pub next: String,
}

/// What the provider's answer says in its address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    pub state: String,
    pub code: String,
    /// Why there is no code.
    pub error: String,
    /// Whose answer it is (RFC 9207); empty where the provider does not say.
    pub issuer: String,
}

/// Why nobody is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotIn {
    /// The configuration names no provider.
    NoProvider,
    /// It is away, slow or at fault.
    Unreachable,
    /// What it answered is not what was asked for, or is not its own.
    Untrue,
    Refused(Refused),
}

impl From<ProviderError> for NotIn {
    fn from(error: ProviderError) -> NotIn {
        match error {
            ProviderError::Unreachable(_) => NotIn::Unreachable,
            ProviderError::Untrue(_) => NotIn::Untrue,
            ProviderError::Nobody(_) => NotIn::Refused(Refused::Wrong),
        }
    }
}

impl Access {
    /// Where to send a browser that wants to sign in by the provider, and what it must bring back.
    ///
    /// # Errors
    /// [`NotIn`].
    pub async fn ask_provider(&self, address: Option<IpAddr>, next: &str) -> Result<Away, NotIn> {
        let provider = self.provider.as_ref().ok_or(NotIn::NoProvider)?;
        self.may_try(address)?;
        let _turn = provider.turn().ok_or(NotIn::Refused(Refused::Crowded))?;
        let now = self.node.clock().now();
        let asked = provider.ask(&self.back_to(provider), now).await.map_err(|error| {
            tracing::warn!(error = logged(&error), "the sign-in provider could not be asked");
            NotIn::from(error)
        })?;
        let next = if next.len() <= NEXT_BYTES_MAX { next.to_owned() } else { String::new() };
        let ends_at = (now + TimeDelta::seconds(CEREMONY_SECONDS)).timestamp();
        let flow = self.sealed_flow(&Flow { asking: asked.asking, next, ends_at }).map_err(|error| {
            tracing::error!(%error, "no sign-in by the provider began");
            NotIn::Refused(Refused::NotSaved)
        })?;
        let cookie = cookies::set_lax(cookies::PROVIDER, flow, self.cookie_domain.as_deref(), CEREMONY_SECONDS);
        Ok(Away { url: asked.url, cookies: cookie.into_iter().collect() })
    }

    /// Takes what the provider sent a browser back with.
    ///
    /// # Errors
    /// [`NotIn`].
    pub async fn take_provider(
        &self,
        headers: &HeaderMap,
        address: Option<IpAddr>,
        answer: Answer,
    ) -> Result<Back, NotIn> {
        let provider = self.provider.as_ref().ok_or(NotIn::NoProvider)?;
        self.may_try(address)?;
        let mut flows = cookies::all(headers, cookies::PROVIDER);
        let flow = flows.find_map(|cookie| self.flow_of(&cookie, &answer.state));
        // Any page can send a browser here. That guesses nothing, and is not counted.
        let flow = flow.ok_or_else(|| {
            tracing::info!(address = ?address, "an answer to no sign-in of this browser");
            NotIn::Refused(Refused::Over)
        })?;
        let _turn = provider.turn().ok_or(NotIn::Refused(Refused::Crowded))?;
        let now = self.node.clock().now();
        let said = provider.redeem(&flow.asking, &answer, &self.back_to(provider), now).await;
        let login = said.map_err(|error| {
            let what = logged(&error);
            match NotIn::from(error) {
                NotIn::Unreachable => {
                    tracing::warn!(address = ?address, error = what, "the sign-in provider could not be asked");
                    NotIn::Unreachable
                }
                NotIn::Refused(refused) => self.turned_away(address, &what, refused),
                untrue => {
                    self.throttle.address_failed(address, now);
                    tracing::warn!(address = ?address, error = what, "the sign-in provider's answer was not taken");
                    untrue
                }
            }
        })?;
        // No letter but those of ASCII is folded: the provider's may be somebody else's.
        let login = login.to_ascii_lowercase();
        let account = OperatorId::of_login(&login);
        let is_named = |operator: &Arc<Operator>| operator.active && operator.login == login;
        let is_known = check_login(&login).is_ok() && self.node.board().operators.get(&account).is_some_and(is_named);
        if !is_known {
            return Err(self.turned_away(address, "the provider named nobody of the log", Refused::Wrong));
        }
        let entered = self.enter_by(account, headers, Way::Provider).map_err(|error| {
            tracing::warn!(%account, address = ?address, %error, "no session began after the provider's word");
            NotIn::Refused(Refused::Wrong)
        })?;
        match &entered {
            Entered::Session(_) => tracing::info!(%account, address = ?address, "signed in by the provider"),
            Entered::SecondStep(_) => {
                tracing::info!(%account, address = ?address, "named by the provider; the second factor is asked for")
            }
        }
        Ok(Back { entered, next: flow.next })
    }

    /// The headers that end a flow, however it ended.
    pub fn end_flow(&self) -> Vec<HeaderValue> {
        cookies::clear(cookies::PROVIDER, self.cookie_domain.as_deref()).into_iter().collect()
    }

    /// Each press makes this node ask another one, so whoever has failed too often waits before that.
    fn may_try(&self, address: Option<IpAddr>) -> Result<(), NotIn> {
        match self.throttle.wait_of_address(address, self.node.clock().now()) {
            Some(seconds) => {
                tracing::warn!(address = ?address, seconds, "a sign-in by the provider has to wait: too many failures");
                Err(NotIn::Refused(Refused::Wait(seconds)))
            }
            None => Ok(()),
        }
    }

    fn turned_away(&self, address: Option<IpAddr>, what: &str, refused: Refused) -> NotIn {
        self.throttle.address_failed(address, self.node.clock().now());
        tracing::warn!(address = ?address, what, "a sign-in by the provider failed");
        NotIn::Refused(refused)
    }

    /// The console's own address, and no other: never one that a request names.
    fn back_to(&self, provider: &Provider) -> String {
        let board = self.node.board();
        let address = provider.address().unwrap_or(&board.catalog.page.url);
        format!("{}{BACK}", address.trim_end_matches('/'))
    }

    fn sealed_flow(&self, flow: &Flow) -> Result<String, FlowError> {
        let plain = serde_json::to_vec(flow)?;
        Ok(BASE64URL_NOPAD.encode(&self.node.store().seal_for(FLOW, &plain)?))
    }

    /// What a cookie remembers, if the answer is to it, and for the first time.
    fn flow_of(&self, cookie: &str, state: &str) -> Option<Flow> {
        let text = Some(cookie).filter(|cookie| cookie.len() <= FLOW_BYTES_MAX)?;
        let plain = self.node.store().open_sealed_for(FLOW, &BASE64URL_NOPAD.decode(text.as_bytes()).ok()?)?;
        let flow: Flow = serde_json::from_slice(&plain).ok()?;
        let is_its = bool::from(flow.asking.state.as_bytes().ct_eq(state.as_bytes()));
        let is_in_time = flow.ends_at > self.node.clock().now().timestamp();
        (is_its && is_in_time && self.taken.take(text)).then_some(flow)
    }
}

/// Why no flow began.
#[derive(Debug, thiserror::Error)]
enum FlowError {
    #[error("{0}")]
    Text(#[from] serde_json::Error),
    #[error("the operating system gave no random bytes: {0}")]
    Entropy(#[from] getrandom::Error),
}

fn logged(error: &ProviderError) -> String {
    error.to_string().chars().take(LOGGED_MAX).collect()
}
