//! Whose events count. The configuration seeds it; what trusted nodes say of other keys extends it; a removal wins.
//!
//! Everything that verifies is stored and forwarded, whoever signed it, so that the sets of two nodes can be equal.
//! What is not admitted here is held: it is kept out of the page and listed for an administrator.
//!
//! The rules, for statements in any order:
//! - a seed is known, and a key that an admitted statement trusts;
//! - an admitted removal cuts a key off: what it signed past `up_to` is not admitted, whatever else trusts it;
//! - a statement is admitted when its signer is known and not cut off before it.
//!
//! Two nodes that remove each other apart make a circle: each removal would void the other. Then both stand, because a
//! node too many that is held can be trusted anew under another key, and one too few cannot be noticed.

use crate::{
    change::{Change, Event},
    id::*,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A node that may write.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Member {
    pub key: NodeKey,
    pub name: String,
    /// The region that it serves from, as pages show it.
    pub region: String,
    /// Host and port of its peers' listener; empty for one that nobody connects to.
    pub address: String,
}

/// Why an event is not admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// Nobody who is trusted here trusts its signer.
    Untrusted,
    /// Its signer was removed, and signed it after what it may still have signed.
    Removed,
}

/// Which keys are trusted, and up to when those that no longer are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trust {
    known: BTreeMap<NodeKey, Member>,
    cut: BTreeMap<NodeKey, Hlc>,
}

/// For each removed key the earliest of the clocks that its removals name.
type Cuts = BTreeMap<NodeKey, Hlc>;

/// What the events say of keys, by signer.
struct Statements<'a> {
    seeds: BTreeSet<NodeKey>,
    trusting: BTreeMap<NodeKey, Vec<(&'a Event, NodeKey)>>,
    removing: Vec<(&'a Event, NodeKey, Hlc)>,
}

impl Trust {
    /// From the configuration and all events about nodes that are held; others are passed over. Equal sets give equal
    /// trust, in whatever order and however often they name an event.
    pub fn of(seeds: &[Member], events: &[Event]) -> Trust {
        let statements = Statements::new(seeds, events);
        // An alternating fixpoint: `possible` holds every removal that may stand and only shrinks, `certain` those that
        // nothing can void and only grows. What lies between in the end are circles, and they stand.
        let mut certain = Cuts::new();
        let (known, possible) = loop {
            let (_, possible) = statements.closure(&certain);
            let (known, standing) = statements.closure(&possible);
            if standing == certain {
                break (known, possible);
            }
            certain = standing;
        };
        Trust { known: statements.members(seeds, &known, &possible), cut: possible }
    }

    /// Whether what the key signs now counts.
    pub fn is_trusted(&self, key: &NodeKey) -> bool {
        self.known.contains_key(key) && !self.cut.contains_key(key)
    }

    /// Why an event of `key` with this clock does not count; `None` when it does.
    pub fn held(&self, key: &NodeKey, hlc: Hlc) -> Option<Held> {
        match self.cut.get(key) {
            Some(up_to) if hlc > *up_to => Some(Held::Removed),
            _ if self.known.contains_key(key) => None,
            _ => Some(Held::Untrusted),
        }
    }

    pub fn admits(&self, key: &NodeKey, hlc: Hlc) -> bool {
        self.held(key, hlc).is_none()
    }

    /// Those that are trusted, by key.
    pub fn members(&self) -> impl Iterator<Item = &Member> {
        self.known.values().filter(|member| !self.cut.contains_key(&member.key))
    }

    /// A trusted or formerly trusted node.
    pub fn known(&self, key: &NodeKey) -> Option<&Member> {
        self.known.get(key)
    }

    /// Those that were removed, each with the clock up to which its events count.
    pub fn removed(&self) -> impl Iterator<Item = (&NodeKey, Hlc)> {
        self.cut.iter().map(|(key, up_to)| (key, *up_to))
    }

    /// Equal for two that admit the same events.
    pub fn digest(&self) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        for key in self.known.keys() {
            hasher.update(b"+").update(&key.0);
        }
        for (key, up_to) in &self.cut {
            hasher.update(b"-").update(&key.0).update(&up_to.0.to_be_bytes());
        }
        *hasher.finalize().as_bytes()
    }
}

impl<'a> Statements<'a> {
    fn new(seeds: &[Member], events: &'a [Event]) -> Self {
        let mut trusting: BTreeMap<NodeKey, Vec<(&Event, NodeKey)>> = BTreeMap::new();
        let mut removing = Vec::new();
        for event in events {
            let is_about = |key: &NodeKey| event.subject == Subject::Node(NodeId::of_key(key));
            match &event.change {
                Change::NodeTrusted(trusted) if is_about(&trusted.key) => {
                    trusting.entry(event.node).or_default().push((event, trusted.key));
                }
                Change::NodeRemoved(removed) if is_about(&removed.key) => {
                    removing.push((event, removed.key, removed.up_to));
                }
                _ => {}
            }
        }
        Statements { seeds: seeds.iter().map(|member| member.key).collect(), trusting, removing }
    }

    /// The keys that are known when `cuts` cut off, and the removals that those keys then signed.
    fn closure(&self, cuts: &Cuts) -> (BTreeSet<NodeKey>, Cuts) {
        let admitted = |event: &Event| cuts.get(&event.node).is_none_or(|up_to| event.hlc <= *up_to);
        let mut known = self.seeds.clone();
        let mut waiting: Vec<NodeKey> = known.iter().copied().collect();
        while let Some(signer) = waiting.pop() {
            for (event, key) in self.trusting.get(&signer).into_iter().flatten() {
                if admitted(event) && known.insert(*key) {
                    waiting.push(*key);
                }
            }
        }
        let mut removals = Cuts::new();
        for (event, key, up_to) in &self.removing {
            if known.contains(&event.node) && admitted(event) {
                let cut = removals.entry(*key).or_insert(*up_to);
                *cut = (*cut).min(*up_to);
            }
        }
        (known, removals)
    }

    /// What is said of each known key: by the configuration, else by the newest admitted statement.
    fn members(&self, seeds: &[Member], known: &BTreeSet<NodeKey>, cuts: &Cuts) -> BTreeMap<NodeKey, Member> {
        let mut newest: BTreeMap<NodeKey, &Event> = BTreeMap::new();
        for (event, key) in known.iter().filter_map(|signer| self.trusting.get(signer)).flatten() {
            if cuts.get(&event.node).is_none_or(|up_to| event.hlc <= *up_to) {
                let held = newest.entry(*key).or_insert(event);
                if (held.hlc, held.id) < (event.hlc, event.id) {
                    *held = event;
                }
            }
        }
        let of_event = |event: &&Event| match &event.change {
            Change::NodeTrusted(said) => Some(Member {
                key: said.key,
                name: said.name.clone(),
                region: said.region.clone(),
                address: said.address.clone(),
            }),
            _ => None,
        };
        let said = newest.values().filter_map(of_event).map(|member| (member.key, member));
        let mut members: BTreeMap<NodeKey, Member> = said.collect();
        // Of two seeds with one key the greater, whatever their order.
        let mut seeded = seeds.to_vec();
        seeded.sort();
        members.extend(seeded.into_iter().map(|member| (member.key, member)));
        members
    }
}
