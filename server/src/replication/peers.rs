//! What this node knows of the others: shared by every link, the writer and the pages.
//!
//! | module | what is there |
//! |---|---|
//! | `outgoing` | what a link is given to do |
//! | `copies` | which regions hold an event, and the wait for them |
//! | `shown` | what pages and operators see |
//!
//! But for that wait, nothing here waits, and nothing does I/O; the one lock is held for a few map look-ups.

mod copies;
mod outgoing;
mod shown;

#[cfg(test)]
pub(super) use outgoing::OUTGOING_BYTES_MAX;
pub(super) use outgoing::{Outgoing, Place};

use super::{
    ages::Ages,
    message::{Hello, plain},
    sealed::{NewestSet, SealedSet},
};
use crate::store::{Record, SetDigest};
use copies::Counted;
use domain::{
    id::{EventId, NodeKey},
    trust::Member,
};
use outgoing::Queue;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};
use tokio::{
    sync::{Notify, futures::Notified},
    time::Instant,
};

#[derive(Debug)]
struct Link {
    /// Tells this link apart from an earlier one to the same peer.
    number: u64,
    /// Who opened it.
    dialer: NodeKey,
    outgoing: Queue,
}

#[derive(Debug)]
struct Peer {
    member: Member,
    link: Option<Link>,
    hello: Option<Hello>,
    /// This peer holds the first so many events of this node's log.
    holds: u64,
    /// Beyond those, the events that it has acknowledged or handed over.
    acknowledged: BTreeSet<EventId>,
    /// Events that it holds, as it last said.
    count: u64,
    clock_offset_ms: Option<i64>,
    round_trip_ms: Option<u64>,
    /// Why there is no link, or why the peer does not store what it is sent.
    trouble: Option<String>,
    /// Why its events are not taken in here.
    not_taken: Option<String>,
    /// It did not store what it was sent last, and said so.
    refuses: bool,
    /// Its set and ours have one sum and differ all the same.
    diverged: bool,
    values: BTreeMap<String, String>,
}

#[derive(Debug, Default)]
struct State {
    peers: BTreeMap<NodeKey, Peer>,
    ages: Ages,
    counted: Counted,
    links: u64,
    full: Option<(SetDigest, [u8; 32])>,
    sealed: NewestSet,
}

/// This node among the others.
#[derive(Debug)]
pub struct Peers {
    own: Member,
    state: Mutex<State>,
    /// Told whenever a link, a confirmation or a count of copies has changed. It wakes in the order of asking, so that a
    /// simulation replays.
    changed: Notify,
    /// Somebody keeps the links: a process that only looks at the log does not.
    links: AtomicBool,
}

impl Peers {
    pub fn new(own: Member, members: Vec<Member>) -> Arc<Self> {
        let peers = Peers { own, state: Mutex::default(), changed: Notify::new(), links: AtomicBool::new(false) };
        peers.set_members(members);
        Arc::new(peers)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self) {
        self.changed.notify_waiters();
    }

    /// Ends with the next change after this call, also with one before it is waited for: ask first, then look.
    pub fn changed(&self) -> Notified<'_> {
        self.changed.notified()
    }

    pub fn own(&self) -> &Member {
        &self.own
    }

    /// The nodes to link with, from now on. The link to one that is no member any more ends.
    pub fn set_members(&self, members: Vec<Member>) {
        let mut state = self.state();
        let members: BTreeMap<NodeKey, Member> = members
            .into_iter()
            .filter(|member| member.key != self.own.key)
            .map(|member| (member.key, member))
            .collect();
        state.peers.retain(|key, _| members.contains_key(key));
        state.ages.retain(|key| members.contains_key(key));
        for (key, member) in members {
            match state.peers.get_mut(&key) {
                Some(peer) => peer.member = member,
                None => drop(state.peers.insert(key, Peer::new(member))),
            }
        }
        drop(state);
        self.tell();
    }

    pub fn members(&self) -> Vec<Member> {
        self.state().peers.values().map(|peer| peer.member.clone()).collect()
    }

    pub fn is_member(&self, key: &NodeKey) -> bool {
        self.state().peers.contains_key(key)
    }

    /// Whether this node is alone: it keeps no links and trusts nobody elsewhere. A member without a region only signs,
    /// such as one whose posts came in a file. One that keeps links and trusts nobody may be about to trust the new key
    /// of a region that was restored.
    pub fn are_none(&self) -> bool {
        !self.links.load(Relaxed) && self.state().peers.values().all(|peer| peer.member.region.is_empty())
    }

    /// Regions that there are, this one included.
    pub fn regions(&self) -> u32 {
        self.regions_of(self.state().peers.values())
    }

    /// This region and those of `peers`, told apart by their names: two nodes, or two keys of one, are one region. A
    /// member without a region only signs, such as one whose posts came in a file.
    fn regions_of<'a>(&'a self, peers: impl Iterator<Item = &'a Peer>) -> u32 {
        let others: BTreeSet<&str> =
            peers.filter(|peer| self.is_elsewhere(peer)).map(|peer| peer.member.region.as_str()).collect();
        u32::try_from(others.len() + 1).unwrap_or(u32::MAX)
    }

    fn is_elsewhere(&self, peer: &Peer) -> bool {
        !peer.member.region.is_empty() && peer.member.region != self.own.region
    }

    // ---- links

    /// From now on links are kept.
    pub fn begin(&self) {
        self.links.store(true, Relaxed);
    }

    /// Takes a new link in; nothing when the one that there is stays. Of two links the one that the node with the
    /// smaller key has opened stays, so that both sides keep the same one; a newer one of the same opener replaces its
    /// former, because that side has given it up.
    pub(super) fn open(&self, peer: NodeKey, dialer: NodeKey) -> Option<Place> {
        let mut state = self.state();
        state.links += 1;
        let number = state.links;
        let held = state.peers.get_mut(&peer)?;
        let preferred = self.own.key.min(peer);
        if held.link.as_ref().is_some_and(|link| link.dialer != dialer && dialer != preferred) {
            return None;
        }
        // Whoever serves the former link notices that its sender is gone.
        let (place, outgoing) = Place::new(number);
        held.link = Some(Link { number, dialer, outgoing });
        held.trouble = None;
        held.not_taken = None;
        held.refuses = false;
        // It may have lost its disk and kept its key: what it holds is learnt anew, with its first beat at the earliest.
        held.holds = 0;
        held.acknowledged.clear();
        drop(state);
        self.tell();
        Some(place)
    }

    /// A link has ended, and why.
    pub(super) fn close(&self, peer: NodeKey, number: u64, trouble: String) {
        let mut state = self.state();
        if let Some(held) = state.peers.get_mut(&peer)
            && held.link.as_ref().is_some_and(|link| link.number == number)
        {
            held.link = None;
            held.trouble = Some(trouble);
            held.values.clear();
            held.round_trip_ms = None;
        }
        drop(state);
        self.tell();
    }

    /// There is no link, and why.
    pub(super) fn unreachable(&self, peer: NodeKey, trouble: String) {
        if let Some(held) = self.state().peers.get_mut(&peer).filter(|held| held.link.is_none()) {
            held.trouble = Some(trouble);
        }
    }

    pub fn is_linked(&self, peer: &NodeKey) -> bool {
        self.state().peers.get(peer).is_some_and(|peer| peer.link.is_some())
    }

    // ---- what peers say

    pub(super) fn greeted(&self, peer: NodeKey, mut hello: Hello) {
        for name in [&mut hello.name, &mut hello.region, &mut hello.version] {
            *name = plain(name);
        }
        if let Some(held) = self.state().peers.get_mut(&peer) {
            held.hello = Some(hello);
        }
    }

    /// A peer's beat: what it holds, how old its news of others are, and by how much its clock differs.
    pub(super) fn heard(&self, peer: NodeKey, heard: HeardBeat) {
        let mut state = self.state();
        let members: BTreeSet<NodeKey> = state.peers.keys().copied().collect();
        state.sealed.tidy(heard.now);
        let ages_ms = heard.ages_ms.into_iter().filter(|(node, _)| members.contains(node)).collect();
        state.ages.tell(peer, heard.not_before, heard.now, &ages_ms);
        if let Some(held) = state.peers.get_mut(&peer) {
            held.count = heard.count;
            held.clock_offset_ms = Some(heard.clock_offset_ms);
            held.round_trip_ms = Some(heard.round_trip_ms);
            held.values = heard.values;
        }
    }

    /// Everything that `peer` had at `as_of` is here.
    pub(super) fn confirm(&self, peer: NodeKey, as_of: Instant, said_until: Instant) {
        let mut state = self.state();
        if state.peers.get(&peer).is_some_and(|held| !held.diverged) {
            state.ages.confirm(peer, as_of, said_until);
        }
        drop(state);
        self.tell();
    }

    /// `peer` holds the first `count` events of this log.
    pub(super) fn holds(&self, peer: NodeKey, count: u64) {
        let mut state = self.state();
        let Some(held) = state.peers.get_mut(&peer).filter(|held| held.holds < count && !held.diverged) else { return };
        held.holds = count;
        held.acknowledged.clear();
        drop(state);
        self.tell();
    }

    /// `peer` has stored these own events, or why it has not.
    pub(super) fn stored(&self, peer: NodeKey, events: &[EventId], refused: Option<String>) {
        let mut state = self.state();
        if let Some(held) = state.peers.get_mut(&peer) {
            held.refuses = refused.is_some();
            match refused {
                Some(reason) => held.trouble = Some(format!("it does not store events: {reason}")),
                None => {
                    held.trouble = None;
                    held.acknowledge(events.iter().copied());
                }
            }
        }
        drop(state);
        self.tell();
    }

    /// `peer` and this node hold the same events: whatever was not stored on either side is there by now, also by another
    /// way.
    pub(super) fn agrees(&self, peer: NodeKey) {
        let mut state = self.state();
        let Some(held) = state.peers.get_mut(&peer) else { return };
        held.not_taken = None;
        if std::mem::take(&mut held.refuses) {
            held.trouble = None;
        }
    }

    /// Events of `peer` were taken in, or why they were not; loud when that begins.
    pub fn took_in(&self, peer: NodeKey, refused: Option<&String>) {
        let mut state = self.state();
        let Some(held) = state.peers.get_mut(&peer) else { return };
        if let Some(reason) = refused.filter(|_| held.not_taken.is_none()) {
            tracing::warn!(node = %peer, %reason, "events of this peer are not taken in; it sends them again");
        }
        held.not_taken = refused.map(|reason| format!("its events are not taken in here: {reason}"));
    }

    /// Whether the full digests of `peer` and of this node agree for one sum; loud when they do not.
    pub(super) fn compared(&self, peer: NodeKey, digest: &SetDigest, full: &[u8; 32]) {
        let mut state = self.state();
        let Some((_, ours)) = state.full.filter(|(of, _)| of == digest) else { return };
        let Some(held) = state.peers.get_mut(&peer) else { return };
        let diverged = ours != *full;
        if diverged && !held.diverged {
            tracing::error!(
                node = %peer,
                events = digest.count,
                "this peer's events and ours have one sum and are not the same: compare exports of both; nothing is confirmed with it"
            );
        }
        held.diverged = diverged;
    }

    pub(super) fn has_diverged(&self, peer: &NodeKey) -> bool {
        self.state().peers.get(peer).is_some_and(|held| held.diverged)
    }

    pub(super) fn full(&self, digest: &SetDigest) -> Option<[u8; 32]> {
        self.state().full.filter(|(of, _)| of == digest).map(|(_, full)| full)
    }

    pub(super) fn set_full(&self, digest: SetDigest, full: [u8; 32]) {
        self.state().full = Some((digest, full));
    }

    /// The set that rounds compare, while what is held has this digest.
    pub(super) fn sealed(&self, digest: &SetDigest) -> Option<SealedSet> {
        self.state().sealed.of(digest, Instant::now())
    }

    #[cfg(test)]
    pub(super) fn keeps_sealed(&self) -> bool {
        self.state().sealed.is_there()
    }

    pub(super) fn set_sealed(&self, set: SealedSet) {
        self.state().sealed.keep(set, Instant::now());
    }

    pub(super) fn ages_ms(&self, now: Instant) -> BTreeMap<NodeKey, u64> {
        self.state().ages.in_ms(now)
    }

    // ---- writes

    /// Hands new events to every link at once; never waits. `count` is how many events the log held right after their
    /// commit.
    pub fn committed(&self, records: Arc<[Record]>, count: u64) {
        let mut state = self.state();
        records.iter().for_each(|record| state.counted.add(record.id(), count));
        for link in state.peers.values().filter_map(|peer| peer.link.as_ref()) {
            link.outgoing.give(Outgoing::Push(Arc::clone(&records)));
        }
    }

    /// New events of `from`, which holds what it hands over: the others may lack them too.
    pub fn passed_on(&self, events: &[EventId], from: NodeKey) {
        let mut state = self.state();
        if let Some(held) = state.peers.get_mut(&from) {
            held.acknowledge(events.iter().copied());
        }
        for (_, peer) in state.peers.iter().filter(|(key, _)| **key != from) {
            if let Some(link) = &peer.link {
                link.outgoing.give(Outgoing::Nudge);
            }
        }
    }

    /// Bodies came in of events that were held without them: others may be missing the same ones.
    pub fn completed(&self, from: Option<NodeKey>) {
        for (_, peer) in self.state().peers.iter().filter(|(key, _)| Some(**key) != from) {
            if let Some(link) = &peer.link {
                link.outgoing.give(Outgoing::Nudge);
            }
        }
    }
}

/// What a beat has told, in this node's own time.
#[derive(Clone, Debug)]
pub(super) struct HeardBeat {
    pub count: u64,
    pub ages_ms: BTreeMap<NodeKey, u64>,
    /// The peer said it after this moment.
    pub not_before: Instant,
    pub now: Instant,
    pub clock_offset_ms: i64,
    pub round_trip_ms: u64,
    pub values: BTreeMap<String, String>,
}

impl Peer {
    fn new(member: Member) -> Self {
        Peer {
            member,
            link: None,
            hello: None,
            holds: 0,
            acknowledged: BTreeSet::new(),
            count: 0,
            clock_offset_ms: None,
            round_trip_ms: None,
            trouble: None,
            not_taken: None,
            refuses: false,
            diverged: false,
            values: BTreeMap::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(key: u8, name: &str, region: &str) -> Member {
        Member { key: NodeKey([key; 32]), name: name.to_owned(), region: region.to_owned(), address: String::new() }
    }

    #[test]
    fn regions_are_told_apart_by_name_and_only_by_it() {
        let tokyo = || member(2, "tokyo", "Tokyo");
        let table: [(&str, Vec<Member>, u32); 8] = [
            ("a lone node", vec![], 1),
            ("another region", vec![tokyo()], 2),
            ("two others", vec![tokyo(), member(3, "frankfurt", "Frankfurt")], 3),
            ("two nodes of one region", vec![tokyo(), member(3, "tokyo-2", "Tokyo")], 2),
            ("the old key of a restored node", vec![tokyo(), member(3, "tokyo", "Tokyo")], 2),
            ("an old key of this node", vec![member(2, "shanghai", "Shanghai"), member(3, "tokyo", "Tokyo")], 2),
            ("another node of this region", vec![member(2, "shanghai-2", "Shanghai")], 1),
            ("one whose posts came in a file", vec![tokyo(), member(3, "by-file", "")], 2),
        ];
        for (what, members, regions) in table {
            let peers = Peers::new(member(1, "shanghai", "Shanghai"), members.clone());
            assert_eq!(peers.regions(), regions, "{what}");
            // Everybody holds everything, and that is never in more regions than there are.
            members.iter().for_each(|member| peers.holds(member.key, 1));
            assert_eq!(peers.saved_in(&EventId([9; 32]), 1), regions, "{what}");
            let now = Instant::now();
            assert_eq!(peers.news(now).len() + 1, regions as usize, "{what}");
        }
        let nameless = Peers::new(member(1, "shanghai", ""), vec![tokyo(), member(3, "by-file", "")]);
        assert_eq!(nameless.regions(), 2, "this node counts, also without a region");
    }
}
