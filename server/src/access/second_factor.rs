//! The second factor: codes that change every 30 seconds (RFC 6238), and recovery codes for the day on which the device
//! that makes them is lost.
//!
//! An offer of a new one lives in the form that confirms it, sealed: any node takes that form. A code counts once on each
//! node; a recovery code counts once in all, and is spent by an event before the session begins.

use super::{
    Access,
    code::{self, Code},
    session::SignedIn,
};
use chrono::TimeDelta;
use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD};
use domain::{
    Instant,
    change::{Bytes, RecoverySpent, SecondFactorSet},
    command::operators::OPERATORS_MAX,
    id::{OperatorId, SessionId},
    operator::SecondFactor,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};
use totp_rs::{Algorithm, Builder, Totp, TotpError};
use zeroize::{Zeroize, Zeroizing};

/// What authenticators understand everywhere.
const DIGITS: u8 = 6;
const STEP_SECONDS: u64 = 30;
/// Steps before and after the present one whose codes count: clocks differ.
const SKEW_STEPS: u16 = 1;
const SEED_BYTES: usize = 20;
/// Recovery codes of one second factor.
pub const RECOVERY_COUNT: usize = 10;
/// Characters of a recovery code: 75 random bits and a check.
const RECOVERY_LENGTH: usize = 16;
/// How long an offer can be confirmed, in seconds.
const OFFER_SECONDS: i64 = 900;
const OFFER_PURPOSE: &[u8] = b"holdfast second factor offer";
/// Longest offer that is looked at, in bytes.
const OFFER_BYTES_MAX: usize = 1024;

/// A second factor that counts once a code of it was typed.
#[derive(Serialize, Deserialize)]
struct Offer {
    operator: OperatorId,
    session: SessionId,
    ends_at: i64,
    seed: [u8; SEED_BYTES],
}

impl Drop for Offer {
    fn drop(&mut self) {
        self.seed.zeroize();
    }
}

/// An offer as the page shows it.
pub struct Offered {
    /// For the form that confirms it.
    pub sealed: String,
    /// The seed, for an authenticator that cannot scan.
    pub secret: Zeroizing<String>,
    /// What a scan gives.
    pub uri: Zeroizing<String>,
}

/// Why an offer was not confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unconfirmed {
    /// It is over, or of another session.
    Over,
    Wrong,
    /// The operating system gave no random bytes.
    Failed,
}

/// What a typed code is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    Right,
    /// A recovery code, to be spent before it counts.
    Recovery(RecoverySpent),
    Wrong,
}

/// The newest step whose code was taken, of each operator, so that no code is taken twice.
#[derive(Debug, Default)]
pub struct UsedSteps(Mutex<BTreeMap<OperatorId, u64>>);

impl UsedSteps {
    /// Takes a step, unless it or a later one was taken before.
    fn take(&self, operator: OperatorId, step: u64) -> bool {
        let mut used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Of those that are kept at most, nobody's code of so long ago counts any more.
        if used.len() >= OPERATORS_MAX {
            used.retain(|_, newest| newest.saturating_add(u64::from(2 * SKEW_STEPS + 1)) >= step);
        }
        match used.get(&operator) {
            Some(newest) if *newest >= step => false,
            _ => used.insert(operator, step).is_none_or(|newest| newest < step),
        }
    }
}

fn totp(seed: &[u8]) -> Result<Totp, TotpError> {
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(DIGITS)
        .with_step_duration(STEP_SECONDS)
        .with_skew(SKEW_STEPS)
        .with_secret(seed.to_vec())
        .build()
}

/// The step of a code, when it is one of these minutes.
fn step(seed: &[u8], typed: &str, now: Instant) -> Option<u64> {
    let digits: String =
        typed.chars().filter(|character| !character.is_whitespace()).take(usize::from(DIGITS) + 1).collect();
    totp(seed).ok()?.check(&digits, u64::try_from(now.timestamp()).ok()?)
}

impl Access {
    /// A new second factor for whoever is signed in.
    ///
    /// # Errors
    /// When the operating system gives no random bytes.
    pub fn offer(&self, signed: &SignedIn, operator: OperatorId) -> Result<Offered, getrandom::Error> {
        let mut seed = [0; SEED_BYTES];
        getrandom::fill(&mut seed)?;
        let ends_at = (self.node.clock().now() + TimeDelta::seconds(OFFER_SECONDS)).timestamp();
        let offer = Offer { operator, session: signed.session, ends_at, seed };
        let mut plain = Zeroizing::new(Vec::new());
        // Plain values always have a CBOR form; an empty one is no offer.
        if ciborium::into_writer(&offer, &mut *plain).is_err() {
            plain.clear();
        }
        let sealed = BASE64URL_NOPAD.encode(&self.node.store().seal_for(OFFER_PURPOSE, &plain)?);
        Ok(self.shown(sealed, &offer.seed, &signed.login))
    }

    /// An offer once more, after its code was mistyped.
    pub fn offered(&self, signed: &SignedIn, sealed: &str) -> Option<Offered> {
        let offer = self.read_offer(signed, sealed)?;
        Some(self.shown(sealed.to_owned(), &offer.seed, &signed.login))
    }

    fn shown(&self, sealed: String, seed: &[u8], login: &str) -> Offered {
        let secret = Zeroizing::new(BASE32_NOPAD.encode(seed));
        let board = self.node.board();
        let issuer = app::words::first_language(&board.catalog.page.name).replace(':', " ");
        let issuer = escaped(&issuer);
        let uri = format!("otpauth://totp/{issuer}:{}?secret={}&issuer={issuer}", escaped(login), secret.as_str());
        Offered { sealed, secret, uri: Zeroizing::new(uri) }
    }

    fn read_offer(&self, signed: &SignedIn, sealed: &str) -> Option<Offer> {
        let sealed = Some(sealed).filter(|sealed| sealed.len() <= OFFER_BYTES_MAX)?;
        let sealed = BASE64URL_NOPAD.decode(sealed.as_bytes()).ok()?;
        let plain = Zeroizing::new(self.node.store().open_sealed_for(OFFER_PURPOSE, &sealed)?);
        let offer: Offer = ciborium::from_reader(plain.as_slice()).ok()?;
        let is_own = Some(offer.operator) == signed.operator() && offer.session == signed.session;
        (is_own && offer.ends_at > self.node.clock().now().timestamp()).then_some(offer)
    }

    /// The second factor of an offer whose code was typed, for the log, and its recovery codes, to be shown once.
    ///
    /// # Errors
    /// [`Unconfirmed`].
    pub fn confirm(
        &self,
        signed: &SignedIn,
        sealed: &str,
        typed: &str,
    ) -> Result<(SecondFactorSet, Vec<String>), Unconfirmed> {
        let offer = self.read_offer(signed, sealed).ok_or(Unconfirmed::Over)?;
        let step = step(&offer.seed, typed, self.node.clock().now()).ok_or(Unconfirmed::Wrong)?;
        if !self.used_steps.take(offer.operator, step) {
            return Err(Unconfirmed::Wrong);
        }
        let sealed = || {
            let recovery = code::fresh(RECOVERY_COUNT, RECOVERY_LENGTH)?;
            let set = SecondFactorSet {
                sealed_seed: Bytes(self.node.store().seal(&offer.seed)?),
                sealed_recovery: Bytes(self.node.store().seal(&recovery.hashes)?),
            };
            Ok::<_, getrandom::Error>((set, recovery.shown))
        };
        sealed().map_err(|_| Unconfirmed::Failed)
    }

    /// What a code is that was typed for this second factor. A right one is taken by this.
    pub fn second_code(&self, operator: OperatorId, factor: &SecondFactor, typed: &str) -> Typed {
        let store = self.node.store();
        let open = |sealed: &[u8]| Zeroizing::new(store.open_sealed(sealed).unwrap_or_default());
        if let Some(step) = step(&open(&factor.sealed_seed), typed, self.node.clock().now()) {
            return if self.used_steps.take(operator, step) { Typed::Right } else { Typed::Wrong };
        }
        let code = Code::parse(typed, RECOVERY_LENGTH).ok();
        match code.and_then(|code| code::number(&code, &open(&factor.sealed_recovery))) {
            Some(number) if !factor.spent.contains(&number) => {
                let region = self.node.origin().to_owned();
                Typed::Recovery(RecoverySpent { factor: factor.set_by, number, region })
            }
            _ => Typed::Wrong,
        }
    }
}

/// For an address: a space is no plus there.
fn escaped(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of RFC 6238, appendix B, of which six digits are the last.
    #[test]
    fn codes_are_those_of_the_standard() {
        for (second, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            let now = Instant::from_timestamp(second, 0).expect("a time");
            let taken = step(b"12345678901234567890", code, now);
            assert_eq!(taken, u64::try_from(second / 30).ok(), "{second}");
            let spaced = format!("{} {}", &code[..3], &code[3..]);
            assert_eq!(step(b"12345678901234567890", &spaced, now), taken);
            let later = now + TimeDelta::seconds(30);
            assert_eq!(step(b"12345678901234567890", code, later), taken, "one step late");
            assert_eq!(step(b"12345678901234567890", code, later + TimeDelta::seconds(30)), None);
        }
    }

    #[test]
    fn a_step_is_taken_once_and_none_before_it() {
        let (used, wei) = (UsedSteps::default(), OperatorId::of_login("wei"));
        assert!(used.take(wei, 10));
        assert!(!used.take(wei, 10));
        assert!(!used.take(wei, 9));
        assert!(used.take(OperatorId::of_login("eve"), 10));
        assert!(used.take(wei, 11));
        for other in 0..2 * OPERATORS_MAX {
            used.take(OperatorId::of_login(&other.to_string()), 100 + other as u64);
        }
        let held = used.0.lock().expect("no panic").len();
        assert!(held <= OPERATORS_MAX, "{held}");
    }
}
