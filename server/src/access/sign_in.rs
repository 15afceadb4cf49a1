//! From a name and a password to a session, over the second factor where there is one, by this node alone.

use super::{
    Access,
    password::{BYTES_MAX, Browser, Crowded},
    second_factor,
    session::{BeginError, Way},
    throttle::{Attempt, SECOND_STEPS_MAX},
};
use crate::publish::PublishError;
use axum::http::{HeaderMap, HeaderValue};
use domain::{
    change::Author,
    command::{Command, operators::Wish},
    id::OperatorId,
};
use std::net::IpAddr;

/// What somebody types to sign in.
pub struct Typed {
    pub login: String,
    pub password: String,
}

/// How far somebody has come, with the headers that say so to the browser.
#[derive(Debug)]
pub enum Entered {
    Session(Vec<HeaderValue>),
    /// The second factor is asked for.
    SecondStep(Vec<HeaderValue>),
}

/// Why nobody is signed in. It never says which part was wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    Wrong,
    /// Too many failures; seconds until the next attempt.
    Wait(i64),
    /// Too many are signing in at once.
    Crowded,
    /// The second step was not begun, or is over: it goes on with the first.
    Over,
    /// What has to be saved first could not be.
    NotSaved,
}

/// A name as it is compared: without spaces around it, in lower case (of ASCII: no other letter is one of a name).
pub fn normalised(login: &str) -> String {
    login.trim().to_ascii_lowercase()
}

impl Access {
    /// Takes a name and a password.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn sign_in(
        &self,
        headers: &HeaderMap,
        address: Option<IpAddr>,
        typed: Typed,
    ) -> Result<Entered, Refused> {
        let account = OperatorId::of_login(&normalised(&typed.login));
        let attempt = self.prove(headers, address, account, typed.password).await?;
        match self.enter(account, headers) {
            Ok(Entered::Session(cookies)) => {
                self.throttle.succeeded(&attempt);
                tracing::info!(%account, address = ?address, "signed in");
                Ok(Entered::Session(cookies))
            }
            Ok(step) => Ok(step),
            Err(error) => {
                tracing::error!(%account, %error, "no session began after the right password");
                Err(Refused::Wrong)
            }
        }
    }

    /// Whether a password is that of an account. It counts as a failure before it is hashed, so that whoever hangs up
    /// meanwhile has made an attempt; when it was right that is taken back, and a success is for the caller to note.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn prove(
        &self,
        headers: &HeaderMap,
        address: Option<IpAddr>,
        account: OperatorId,
        password: String,
    ) -> Result<Attempt, Refused> {
        let attempt = self.attempt(headers, address, account)?;
        let board = self.node.board();
        let sealed = board.operators.get(&account).and_then(|operator| operator.password.as_ref());
        let hash = sealed.and_then(|sealed| self.node.store().open_sealed(sealed));
        let hash = hash.and_then(|hash| String::from_utf8(hash).ok());
        if password.len() > BYTES_MAX {
            // It costs nothing, so it must not fill the counts of accounts either.
            self.throttle.address_failed(address, self.node.clock().now());
            return Err(turned_away(&attempt, "a password was too long"));
        }
        let crowded = |_: Crowded| Refused::Crowded;
        let of = if attempt.device.is_some() { Browser::Known } else { Browser::Stranger };
        let turn = self.hashing.turn(of).await.map_err(crowded)?;
        // Others may have failed while this one waited.
        self.wait(&attempt)?;
        let now = self.node.clock().now();
        self.throttle.failed(&attempt, now);
        if !turn.verify(password, hash).await.map_err(crowded)? {
            return Err(turned_away(&attempt, "a password was wrong"));
        }
        self.throttle.take_back(&attempt, now);
        Ok(attempt)
    }

    /// The session of an operator whose password was right, or the second step.
    ///
    /// # Errors
    /// When the operating system gives no random bytes, or the operator has no way in.
    pub fn enter(&self, operator: OperatorId, headers: &HeaderMap) -> Result<Entered, BeginError> {
        self.enter_by(operator, headers, Way::Own)
    }

    /// The same, by a way in that the audit trail tells.
    ///
    /// # Errors
    /// As for [`Access::enter`].
    pub fn enter_by(&self, operator: OperatorId, headers: &HeaderMap, way: Way) -> Result<Entered, BeginError> {
        let board = self.node.board();
        match board.operators.get(&operator).and_then(|held| held.second_factor.as_ref()) {
            Some(_) => self.ask_second(operator, way).map(Entered::SecondStep),
            None => self.begin_by(operator, headers, way).map(Entered::Session),
        }
    }

    /// Takes a code of the second factor; the headers that give the browser its session.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn sign_in_second(
        &self,
        headers: &HeaderMap,
        address: Option<IpAddr>,
        code: &str,
    ) -> Result<Vec<HeaderValue>, Refused> {
        let step = self.second_step(headers).ok_or(Refused::Over)?;
        let account = step.operator;
        let attempt = self.attempt(headers, address, account)?;
        let now = self.node.clock().now();
        if let Some(seconds) = self.throttle.wait_of_second_step(&attempt, now) {
            tracing::warn!(%account, address = ?address, seconds, "a second step has to wait: too many failures in a day");
            return Err(Refused::Wait(seconds));
        }
        let board = self.node.board();
        let held = board.operators.get(&account).ok_or(Refused::Over)?;
        let factor = held.second_factor.as_ref().ok_or(Refused::Over)?;
        match self.second_code(account, factor, code) {
            second_factor::Typed::Right => {}
            second_factor::Typed::Wrong => return Err(self.second_failed(&attempt, "a second factor was wrong")),
            second_factor::Typed::Recovery(spent) => {
                let author = Author { name: held.name.clone(), way: step.way.word().to_owned() };
                let number = spent.number;
                let wish = Wish::SpendRecovery { operator: account, spent };
                match self.node.publish(Command::Operator(wish), author).await {
                    Ok(_) => {
                        tracing::warn!(%account, address = ?address, number, "a recovery code was used")
                    }
                    // Somebody else was faster with the same code.
                    Err(PublishError::Refused(_)) => {
                        return Err(self.second_failed(&attempt, "a recovery code was used up"));
                    }
                    Err(error) => {
                        tracing::error!(%account, %error, "a recovery code could not be spent");
                        return Err(Refused::NotSaved);
                    }
                }
            }
        }
        let cookies = self.begin_by(account, headers, step.way).map_err(|error| {
            tracing::error!(%account, %error, "no session began after the right second factor");
            Refused::Over
        })?;
        self.throttle.succeeded(&attempt);
        tracing::info!(%account, address = ?address, "signed in with a second factor");
        Ok([cookies, self.end_second()].concat())
    }

    /// An attempt that may be made now.
    fn attempt(&self, headers: &HeaderMap, address: Option<IpAddr>, account: OperatorId) -> Result<Attempt, Refused> {
        let attempt = Attempt { address, account, device: self.device(headers, account) };
        self.wait(&attempt).map(|()| attempt)
    }

    fn wait(&self, attempt: &Attempt) -> Result<(), Refused> {
        let Some(seconds) = self.throttle.wait(attempt, self.node.clock().now()) else { return Ok(()) };
        let Attempt { account, address, .. } = attempt;
        tracing::warn!(%account, ?address, seconds, "a sign-in has to wait: too many failures");
        Err(Refused::Wait(seconds))
    }

    fn second_failed(&self, attempt: &Attempt, what: &str) -> Refused {
        let now = self.node.clock().now();
        self.throttle.failed(attempt, now);
        self.throttle.second_step_failed(attempt, now);
        turned_away(attempt, what)
    }

    /// Operators whose password somebody knows who guesses at the second factor here: for the operators to see.
    pub fn guessed_at(&self) -> Vec<String> {
        let board = self.node.board();
        let accounts = self.throttle.guessed_at(self.node.clock().now());
        let logins = accounts.iter().filter_map(|account| Some(board.operators.get(account)?.login.clone()));
        let told = |login| {
            format!(
                "{SECOND_STEPS_MAX} codes of `{login}` were wrong in a day, in browsers that never signed in to that \
                 account, after the right password: ask them, and let them choose another password"
            )
        };
        logins.map(told).collect()
    }
}

fn turned_away(attempt: &Attempt, what: &str) -> Refused {
    tracing::warn!(account = %attempt.account, address = ?attempt.address, what, "a sign-in failed");
    Refused::Wrong
}
