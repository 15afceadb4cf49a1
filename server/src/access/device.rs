//! Browsers that have signed in to an account: a signed cookie for each, so that what strangers fail at is not counted
//! against the operator's own ([`super::throttle`]). On a shared workstation every operator has one of their own.

use super::{Access, cookies};
use axum::http::{HeaderMap, HeaderValue};
use domain::id::OperatorId;
use serde::{Deserialize, Serialize};

/// How long a browser is remembered as one that has signed in, in seconds.
pub const DEVICE_SECONDS: i64 = 365 * 86_400;
/// Accounts that one browser is remembered for at most; the cookies of more would fill the head of each request.
pub const DEVICES_MAX: usize = 16;
const DEVICE_CONTEXT: &[u8] = b"holdfast device\0";

/// A browser that has signed in to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Device {
    id: [u8; 16],
    operator: OperatorId,
}

impl Access {
    /// The device that has signed in to this account before.
    pub fn device(&self, headers: &HeaderMap, operator: OperatorId) -> Option<[u8; 16]> {
        let name = self.device_cookie(operator);
        let devices = cookies::all(headers, &name).filter_map(|cookie| self.read::<Device>(DEVICE_CONTEXT, &cookie));
        devices.into_iter().find(|device| device.operator == operator).map(|device| device.id)
    }

    /// The headers by which the browser remembers that it has signed in to this account.
    ///
    /// # Errors
    /// When the operating system gives no random bytes.
    pub(super) fn remember_device(
        &self,
        headers: &HeaderMap,
        operator: OperatorId,
    ) -> Result<Vec<HeaderValue>, getrandom::Error> {
        let id = match self.device(headers, operator) {
            Some(id) => id,
            None => {
                let mut entropy = [0; 16];
                getrandom::fill(&mut entropy)?;
                entropy
            }
        };
        let (name, domain) = (self.device_cookie(operator), self.cookie_domain.as_deref());
        // Browsers send the oldest first, and those go first.
        let held: Vec<String> = cookies::names(headers, cookies::DEVICE).filter(|held| *held != name).collect();
        let surplus = (held.len() + 1).saturating_sub(DEVICES_MAX);
        let forgotten = held.into_iter().take(surplus).filter_map(|held| cookies::clear(held, domain));
        let device = self.signed(DEVICE_CONTEXT, &Device { id, operator });
        Ok(cookies::set(name.clone(), device, domain, DEVICE_SECONDS).into_iter().chain(forgotten).collect())
    }

    /// It tells nobody which account that is.
    fn device_cookie(&self, operator: OperatorId) -> String {
        format!("{}{}", cookies::DEVICE, self.tag(&operator.0))
    }
}
