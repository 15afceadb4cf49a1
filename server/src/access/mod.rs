//! Who works in the console: sign-in that depends on nobody but this node and its log.
//!
//! | module | what is there |
//! |---|---|
//! | [`password`] | argon2id, a bounded number at a time |
//! | [`session`] | a session as a signed cookie, which every node of the cluster honours |
//! | [`device`] | browsers that have signed in to an account before |
//! | [`cookies`] | how cookies are set and read |
//! | [`throttle`] | how often somebody may guess |
//! | [`operators`] | adding and inviting operators |
//! | [`secret`] | secrets that are shown once: invitations |
//! | [`first`] | the link that makes the first administrator |
//! | [`sign_in`] | from a name and a password to a session, or to the second step |
//! | [`second_factor`] | codes that change every 30 seconds, and recovery codes |
//! | [`break_glass`] | a printed code instead of a name, with nothing else reachable |
//! | [`passkeys`] | the browser's own keys |
//! | [`oidc`] | a provider's word (OpenID Connect), beside all these |
//! | [`code`] | codes that people copy by hand |
//!
//! Operators are events ([`domain::operator`]); what is kept of their secrets is sealed with the cluster key. A refused
//! sign-in never says which part was wrong, and takes as long as any other.

pub mod break_glass;
pub mod code;
pub mod cookies;
pub mod device;
pub mod first;
pub mod oidc;
pub mod operators;
pub mod passkeys;
pub mod password;
pub mod second_factor;
pub mod secret;
pub mod session;
pub mod sign_in;
pub mod throttle;

use crate::publish::Node;
use first::FirstLink;
use oidc::Provider;
use passkeys::Taken;
use password::Hashing;
use second_factor::UsedSteps;
use std::sync::Arc;
use throttle::Throttle;
use tokio::sync::Semaphore;

/// What a node knows of those who sign in.
pub struct Access {
    pub node: Arc<Node>,
    pub throttle: Throttle,
    pub hashing: Hashing,
    pub first: FirstLink,
    /// One export of the audit trail at a time: each is made in memory.
    pub exports: Arc<Semaphore>,
    pub used_steps: UsedSteps,
    pub taken: Taken,
    /// The domain that cookies are sent to, for regions that share a parent domain; `None`: this host alone.
    pub cookie_domain: Option<String>,
    /// Who else may say who somebody is.
    pub provider: Option<Provider>,
}

impl Access {
    pub fn new(node: Arc<Node>, cookie_domain: Option<String>, provider: Option<Provider>) -> Arc<Self> {
        let _made_meanwhile = password::prepare();
        Arc::new(Access {
            node,
            throttle: Throttle::default(),
            hashing: Hashing::default(),
            first: FirstLink::default(),
            exports: Arc::new(Semaphore::new(1)),
            used_steps: UsedSteps::default(),
            taken: Taken::default(),
            cookie_domain,
            provider,
        })
    }
}
