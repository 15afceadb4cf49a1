//! From a name and a password to a session, by this node alone.

use super::{Access, password::BYTES_MAX, throttle::Attempt};
use axum::http::{HeaderMap, HeaderValue};
use domain::id::OperatorId;
use std::net::IpAddr;

/// What somebody types to sign in.
pub struct Typed {
    pub login: String,
    pub password: String,
}

/// Why nobody is signed in. It never says which part was wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    Wrong,
    /// Too many failures; seconds until the next attempt.
    Wait(i64),
    /// Too many are signing in at once.
    Crowded,
}

/// A name as it is compared: without spaces around it, in lower case.
pub fn normalised(login: &str) -> String {
    login.trim().to_lowercase()
}

impl Access {
    /// Signs somebody in; the headers that give the browser its session.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn sign_in(
        &self,
        headers: &HeaderMap,
        address: Option<IpAddr>,
        typed: Typed,
    ) -> Result<Vec<HeaderValue>, Refused> {
        let now = self.node.clock().now();
        let account = OperatorId::of_login(&normalised(&typed.login));
        let attempt = Attempt { address, account, device: self.device(headers, account) };
        if let Some(seconds) = self.throttle.wait(&attempt, now) {
            tracing::warn!(%account, address = ?address, seconds, "a sign-in has to wait: too many failures");
            return Err(Refused::Wait(seconds));
        }
        let board = self.node.board();
        let sealed = board.operators.get(&account).and_then(|operator| operator.password.as_ref());
        let hash = sealed.and_then(|sealed| self.node.store().open_sealed(sealed));
        let hash = hash.and_then(|hash| String::from_utf8(hash).ok());
        let is_right = match typed.password.len() {
            0..=BYTES_MAX => self.hashing.verify(typed.password, hash).await.map_err(|_| Refused::Crowded)?,
            _ => false,
        };
        let begun = is_right.then(|| self.begin(account, attempt.device)).and_then(Result::ok);
        match begun {
            Some(cookies) => {
                self.throttle.succeeded(&attempt);
                tracing::info!(%account, address = ?address, "signed in");
                Ok(cookies)
            }
            None => {
                self.throttle.failed(&attempt, now);
                tracing::warn!(%account, address = ?address, "a sign-in failed");
                Err(Refused::Wrong)
            }
        }
    }
}
