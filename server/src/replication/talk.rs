//! What is said on one link, and concluded from it.
//!
//! Both sides beat every few seconds. A beat gives back the newest token it has seen of the other side and shows what its
//! sender holds. If that is what this node holds, or held a moment ago, the peer has nothing that is not here; and since
//! it has seen our token first, this is so as of the moment when we sent that token. That is all that a quiet cluster
//! says. When a beat shows something else, it is looked at again after [`RECHECK_MS`], because pushes may be under way;
//! if it still differs, the side that has opened the link begins a round.

use super::{
    bodies::Bodies,
    message::{Beat, Message, PUSH_BYTES_MAX, PUSH_MAX, WANT_MAX, live_values},
    pace::{BEAT_MS, DIVERGED_ROUND_MS, Jitter, RECHECK_MS, ROUND_AGAIN_MS, STANDSTILL_MS_MAX},
    peers::{HeardBeat, Outgoing, Peers},
    replica::Replica,
    round::{Answering, Asking, Outcome},
    sealed::SealedSet,
};
use crate::store::{Record, SetDigest, Store};
use bytes::Bytes;
use domain::id::{EventId, NodeKey};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};
use tokio::{sync::mpsc, time::Instant};

/// Pushes of a round that wait for their acknowledgement at the same time.
const BULK_PUSHES_MAX: usize = 4;
/// Own tokens that are remembered.
const TOKENS_MAX: usize = 64;
/// Events that a peer may have asked for and not got yet.
const REQUESTED_MAX: usize = 64 * WANT_MAX;
/// Pushes of new events that wait for their acknowledgement at the same time; further ones are left to a round.
const PUSHES_MAX: usize = 256;
/// And the bytes of their records: so much memory a peer that reads slowly can take, beside what a round has under way.
pub(super) const PUSHES_BYTES_MAX: usize = 8 << 20;

/// Why the link ends, when it does.
type Done = Result<(), String>;

/// A token of ours, and when it was sent.
#[derive(Clone, Copy, Debug)]
struct Token {
    number: u64,
    sent_at: Instant,
}

/// Events under way.
#[derive(Debug)]
struct Pushed {
    events: Vec<EventId>,
    bytes: usize,
    /// Part of a round, or asked for in one.
    in_bulk: bool,
}

pub(super) struct Talk<R> {
    peers: Arc<Peers>,
    replica: Arc<R>,
    peer: NodeKey,
    /// This node begins rounds.
    asks: bool,
    sending: mpsc::Sender<Bytes>,
    jitter: Jitter,
    next_beat: Instant,
    /// The next beat asks for one in return.
    look_again: bool,
    /// The last comparison differed, or there was none yet.
    in_doubt: bool,
    tokens: VecDeque<Token>,
    last_token: u64,
    /// The newest token of the peer, and when it came.
    seen: Option<(u64, Instant)>,
    /// What the peer's last beat showed.
    shown: Option<SetDigest>,
    /// What was held at this node's last beat: only what stays is worth a full digest.
    beaten: SetDigest,
    last_push: u64,
    pushed: BTreeMap<u64, Pushed>,
    /// Events that the peer has asked for.
    requested: VecDeque<EventId>,
    last_round: u64,
    asking: Option<Asking>,
    answering: Option<Answering>,
    bodies: Bodies,
    /// When a round was begun last because the sets differ though their sums agree.
    diverged_round_at: Option<Instant>,
    /// Not before this moment a round is begun, and how long after it the next one if this one fails as well.
    round_from: Instant,
    round_again_ms: u64,
    moved_at: Instant,
    /// It was told that this peer hands over events that cannot be stored.
    has_sent_bad: bool,
}

impl<R: Replica> Talk<R> {
    pub fn new(
        (peers, replica): (Arc<Peers>, Arc<R>),
        (peer, asks): (NodeKey, bool),
        sending: mpsc::Sender<Bytes>,
        jitter: Jitter,
    ) -> Self {
        let now = Instant::now();
        Talk {
            peers,
            replica,
            peer,
            asks,
            sending,
            jitter,
            // At once, because a new link is when most is missing.
            next_beat: now,
            look_again: true,
            in_doubt: true,
            tokens: VecDeque::new(),
            last_token: 0,
            seen: None,
            shown: None,
            beaten: SetDigest::default(),
            last_push: 0,
            pushed: BTreeMap::new(),
            requested: VecDeque::new(),
            last_round: 0,
            asking: None,
            answering: None,
            bodies: Bodies::default(),
            diverged_round_at: None,
            round_from: now,
            round_again_ms: *ROUND_AGAIN_MS.start(),
            moved_at: now,
            has_sent_bad: false,
        }
    }

    pub fn next_beat(&self) -> Instant {
        self.next_beat
    }

    pub fn send(&self, message: &Message) -> Done {
        let frame = message.encode().map_err(|error| error.to_string())?;
        self.sending.try_send(frame).map_err(|_| "the peer does not read what it is sent".to_owned())
    }

    fn beat_within(&mut self, ms: u64) {
        self.next_beat = self.next_beat.min(Instant::now() + Duration::from_millis(ms));
    }

    // ---- beats

    /// Says what this node holds.
    pub async fn beat(&mut self) -> Done {
        let lasting = self.replica.store().digest();
        if lasting == self.beaten && self.peers.full(&lasting).is_none() {
            let read = self.replica.ask(|store| store.full_digest()).await;
            let (of, full) = read.map_err(|error| error.to_string())?;
            self.peers.set_full(of, full);
        }
        let now = Instant::now();
        // The ages before the digest: others take events in meanwhile, and whoever holds all that the digest shows must
        // hold what the ages speak of.
        let ages_ms = self.peers.ages_ms(now);
        let digest = self.replica.store().digest();
        self.beaten = digest;
        let clock_ms = self.replica.now().timestamp_millis();
        self.last_token += 1;
        if self.tokens.len() == TOKENS_MAX {
            self.tokens.pop_front();
        }
        self.tokens.push_back(Token { number: self.last_token, sent_at: now });
        let (echo, held_ms) = match self.seen {
            Some((token, at)) => (token, whole_ms(now.saturating_duration_since(at))),
            None => (0, 0),
        };
        let beat = Beat {
            token: self.last_token,
            echo,
            held_ms,
            count: digest.count,
            sum: digest.sum,
            full: self.peers.full(&digest),
            asks: std::mem::take(&mut self.look_again),
            bodies_came: self.replica.store().body_counts().came,
            lacks: self.shown.is_some_and(|shown| !self.replica.store().was(&shown)),
            ages_ms,
            clock_ms,
            values: live_values(self.replica.live_values()),
        };
        self.next_beat = now + self.jitter.around(BEAT_MS);
        self.send(&Message::Beat(beat))
    }

    fn token(&self, number: u64) -> Option<Token> {
        self.tokens.iter().find(|token| token.number == number).copied()
    }

    async fn heard(&mut self, beat: Beat) -> Done {
        let now = Instant::now();
        let shown = beat.digest();
        self.seen = Some((beat.token, now));
        self.shown = Some(shown);
        if beat.asks {
            self.next_beat = now;
        }
        if let Some(full) = &beat.full {
            self.peers.compared(self.peer, &shown, full);
        }
        let is_part = self.replica.store().was(&shown);
        if let Some(token) = self.token(beat.echo) {
            let round_trip =
                now.saturating_duration_since(token.sent_at).saturating_sub(Duration::from_millis(beat.held_ms));
            let clock_now = self.replica.now().timestamp_millis();
            let midway = clock_now - i64::try_from(round_trip.as_millis() / 2).unwrap_or(i64::MAX);
            self.peers.heard(
                self.peer,
                HeardBeat {
                    count: beat.count,
                    ages_ms: beat.ages_ms,
                    not_before: token.sent_at,
                    now,
                    clock_offset_ms: beat.clock_ms.saturating_sub(midway),
                    round_trip_ms: whole_ms(round_trip),
                    values: beat.values,
                },
            );
            if is_part {
                self.peers.confirm(self.peer, token.sent_at, now);
            }
        }
        if is_part {
            self.peers.holds(self.peer, shown.count);
        }
        if is_part && beat.echo == 0 {
            // It has not seen yet what is held here, so that it cannot say whether it lacks something: that comes next.
            return Ok(());
        }
        if is_part && !beat.lacks && self.wants_round_of_diverged(now) {
            self.diverged_round_at = Some(now);
            return self.begin_round().await;
        }
        if is_part && !beat.lacks {
            self.in_doubt = false;
            self.agreed();
            self.peers.agrees(self.peer);
            self.bodies.agreed(self.replica.store().body_counts(), beat.bodies_came);
            return Ok(());
        }
        if !std::mem::replace(&mut self.in_doubt, true) {
            // The first time it may only be pushes that are under way.
            self.look_again = true;
            self.beat_within(RECHECK_MS);
            return Ok(());
        }
        if self.asks && self.asking.is_none() && now >= self.round_from {
            return self.begin_round().await;
        }
        Ok(())
    }

    /// Whether it is time to look for what differs where the sums do not tell: ranges of the sets may.
    fn wants_round_of_diverged(&self, now: Instant) -> bool {
        let pause = Duration::from_millis(DIVERGED_ROUND_MS);
        self.asks
            && self.asking.is_none()
            && self.peers.has_diverged(&self.peer)
            && self.diverged_round_at.is_none_or(|at| now.saturating_duration_since(at) >= pause)
    }

    // ---- rounds

    async fn begin_round(&mut self) -> Done {
        let begun = Instant::now();
        let echo = self.seen.map_or(0, |(token, _)| token);
        let set = self.sealed().await?;
        self.last_round += 1;
        let (asking, text) = Asking::begin(self.last_round, begun, set).map_err(|error| error.to_string())?;
        self.asking = Some(asking);
        self.moved_at = begun;
        self.send(&Message::Ask { round: self.last_round, echo, text })
    }

    /// What is held now, for a round.
    async fn sealed(&self) -> Result<SealedSet, String> {
        if let Some(set) = self.peers.sealed(&self.replica.store().digest()) {
            return Ok(set);
        }
        let read = |store: &Store| {
            let ids = store.ids().map_err(|error| error.to_string())?;
            SealedSet::of(&ids).map_err(|error| error.to_string())
        };
        let set = self.replica.ask(read).await?;
        self.peers.set_sealed(set.clone());
        Ok(set)
    }

    /// The next round need not wait for long.
    fn agreed(&mut self) {
        self.round_from = Instant::now();
        self.round_again_ms = *ROUND_AGAIN_MS.start();
    }

    async fn asked(&mut self, round: u64, echo: u64, text: Bytes) -> Done {
        if self.answering.as_ref().is_none_or(|answering| answering.number != round) {
            let set = self.sealed().await?;
            let seen = self.token(echo).map(|token| token.sent_at);
            self.answering = Some(Answering::begin(round, seen, set).map_err(|error| error.to_string())?);
        }
        let Some(answering) = &mut self.answering else { return Ok(()) };
        let text = answering.answer(&text).map_err(|error| error.to_string())?;
        self.send(&Message::Answer { round, text })
    }

    fn answered(&mut self, round: u64, text: &Bytes) -> Done {
        let Some(asking) = self.asking.as_mut().filter(|asking| asking.number == round) else { return Ok(()) };
        match asking.answered(text).map_err(|error| error.to_string())? {
            Some(text) => self.send(&Message::Ask { round, echo: 0, text }),
            None => Ok(()),
        }
    }

    /// The asking side is through: what it has handed over is here, unless it was refused, and what it has taken in is
    /// there.
    fn finished(&mut self, round: u64, outcome: Outcome) {
        let Some(answering) = self.answering.take().filter(|answering| answering.number == round) else { return };
        let is_all_here = outcome.handed_over && !answering.failed;
        if let Some(seen) = answering.seen.filter(|_| is_all_here) {
            self.peers.confirm(self.peer, seen, seen);
        }
        if outcome.took_in {
            self.peers.holds(self.peer, answering.held);
        }
        if is_all_here && outcome.took_in {
            self.beat_within(0);
        }
    }

    /// Sends what may be sent by now, and ends a round that is complete or stands still.
    pub async fn go_on(&mut self) -> Done {
        while self.pushed.values().filter(|pushed| pushed.in_bulk).count() < BULK_PUSHES_MAX {
            let queue = match &mut self.asking {
                Some(asking) if !asking.lacking.is_empty() => &mut asking.lacking,
                _ if !self.requested.is_empty() => &mut self.requested,
                _ => break,
            };
            let next: Vec<EventId> = queue.iter().take(PUSH_MAX).copied().collect();
            let read = self.replica.ask(move |store| store.records_of(&next, PUSH_BYTES_MAX)).await;
            let (records, looked_at) = read.map_err(|error| error.to_string())?;
            queue.drain(..looked_at.min(queue.len()));
            self.push(records, true)?;
        }
        let Some(asking) = &mut self.asking else { return self.ask_for_bodies().await };
        // One more is asked for while one is taken in, so that the way there and back is not waited for each time.
        if asking.awaited.len() <= WANT_MAX && !asking.missing.is_empty() {
            let ids = asking.want(WANT_MAX);
            return self.send(&Message::Want { ids });
        }
        if asking.is_complete() && !self.pushed.values().any(|pushed| pushed.in_bulk) {
            let (number, begun, held) = (asking.number, asking.begun, asking.held);
            let (outcome, refused) = (asking.outcome(), asking.refused);
            self.asking = None;
            if outcome.took_in {
                // Also when the peer's disk is full: its news are here, whatever became of ours there.
                self.peers.confirm(self.peer, begun, begun);
            }
            if outcome.handed_over && !refused {
                self.peers.holds(self.peer, held);
            }
            if outcome.took_in && outcome.handed_over && !refused {
                self.in_doubt = false;
                self.agreed();
                self.beat_within(0);
            } else {
                self.round_from = Instant::now() + self.jitter.around(self.round_again_ms);
                self.round_again_ms = (self.round_again_ms * 2).min(*ROUND_AGAIN_MS.end());
            }
            return self.send(&Message::Done { round: number, outcome });
        }
        if self.moved_at.elapsed() > Duration::from_millis(STANDSTILL_MS_MAX) {
            return Err("a round of reconciliation stood still".to_owned());
        }
        Ok(())
    }

    /// The next bodies that are missing here: a few, until those have come.
    async fn ask_for_bodies(&mut self) -> Done {
        let Some(last) = self.bodies.asks_behind() else { return Ok(()) };
        let read = self.replica.ask(move |store| store.missing_bodies(last, WANT_MAX)).await;
        let ids = read.map_err(|error| error.to_string())?;
        self.bodies.ask(&ids);
        if ids.is_empty() { Ok(()) } else { self.send(&Message::Want { ids }) }
    }

    // ---- events

    fn push(&mut self, records: Vec<Record>, in_bulk: bool) -> Done {
        if records.is_empty() {
            return Ok(());
        }
        self.last_push += 1;
        let events = records.iter().map(Record::id).collect();
        let bytes = records.iter().map(Record::bytes).sum();
        self.pushed.insert(self.last_push, Pushed { events, bytes, in_bulk });
        self.send(&Message::Push { number: self.last_push, records })
    }

    /// New events of this node, or word that others came in.
    pub fn outgoing(&mut self, outgoing: Outgoing) -> Done {
        match outgoing {
            Outgoing::Push(records) => {
                let pushes = in_pushes(&records);
                // Half of what may wait to be sent stays free for what is said beside: a peer on a slow line is no peer
                // that does not read.
                let has_room = self.sending.capacity() >= pushes.len() + self.sending.max_capacity() / 2;
                let waiting = self.pushed.values().filter(|pushed| !pushed.in_bulk).map(|pushed| pushed.bytes);
                let bytes = waiting.chain(records.iter().map(Record::bytes)).sum::<usize>();
                if self.pushed.len() >= PUSHES_MAX || bytes > PUSHES_BYTES_MAX || !has_room {
                    self.beat_within(RECHECK_MS);
                    return Ok(());
                }
                for records in pushes {
                    self.push(records, false)?;
                }
            }
            Outgoing::Nudge => self.beat_within(RECHECK_MS),
        }
        Ok(())
    }

    async fn received(&mut self, number: u64, records: Vec<Record>) -> Done {
        let events: Vec<EventId> = records.iter().map(Record::id).collect();
        let refused = self.take_in(records).await.err();
        self.bodies.received(&events, refused.is_none());
        if let Some(answering) = self.answering.as_mut().filter(|_| refused.is_some()) {
            answering.failed = true;
        }
        if let Some(asking) = &mut self.asking {
            asking.failed |= refused.is_some();
            for event in &events {
                asking.awaited.remove(event);
            }
        }
        self.send(&Message::Stored { number, refused })
    }

    /// All of a batch; or those that can be stored, so that one bad event does not keep the good ones out. A store that
    /// takes nothing is not asked again: each attempt would open the file anew.
    async fn take_in(&mut self, records: Vec<Record>) -> Result<(), String> {
        let Err(reason) = self.replica.insert(records.clone(), self.peer).await else { return Ok(()) };
        let all = records.len();
        let judged = move |store: &Store| records.into_iter().partition(|record| store.check(0, record).is_ok());
        let (good, bad): (Vec<Record>, Vec<Record>) = self.replica.ask(judged).await;
        if bad.is_empty() {
            return Err(reason);
        }
        if !std::mem::replace(&mut self.has_sent_bad, true) {
            tracing::warn!(node = %self.peer, bad = bad.len(), all, %reason, "events of this peer are not stored; further ones go untold");
        }
        if !good.is_empty() {
            self.replica.insert(good, self.peer).await?;
        }
        Err(reason)
    }

    fn stored(&mut self, number: u64, refused: Option<String>) {
        let Some(pushed) = self.pushed.remove(&number) else { return };
        if let Some(asking) = self.asking.as_mut().filter(|_| pushed.in_bulk) {
            asking.refused |= refused.is_some();
        }
        self.peers.stored(self.peer, &pushed.events, refused);
    }

    fn wanted(&mut self, ids: Vec<EventId>) -> Done {
        if self.requested.len() + ids.len() > REQUESTED_MAX {
            return Err(format!("it asks for more than {REQUESTED_MAX} events at once"));
        }
        self.requested.extend(ids);
        Ok(())
    }

    /// Answers one message.
    pub async fn answer(&mut self, message: Message) -> Done {
        if !matches!(message, Message::Beat(_)) {
            self.moved_at = Instant::now();
        }
        match message {
            Message::Beat(beat) => self.heard(beat).await,
            Message::Push { number, records } => self.received(number, records).await,
            Message::Stored { number, refused } => {
                self.stored(number, refused);
                Ok(())
            }
            Message::Ask { round, echo, text } => self.asked(round, echo, text).await,
            Message::Answer { round, text } => self.answered(round, &text),
            Message::Want { ids } => self.wanted(ids),
            Message::Done { round, outcome } => {
                self.finished(round, outcome);
                Ok(())
            }
            // Of a later version; or said twice, which changes nothing.
            Message::Unknown(_) | Message::Hello(_) => Ok(()),
        }
    }
}

/// Records in groups that fit a push.
fn in_pushes(records: &[Record]) -> Vec<Vec<Record>> {
    let mut pushes: Vec<Vec<Record>> = Vec::new();
    let mut bytes = 0;
    for record in records {
        let size = record.bytes();
        match pushes.last_mut().filter(|last| last.len() < PUSH_MAX && bytes + size <= PUSH_BYTES_MAX) {
            Some(last) => last.push(record.clone()),
            None => {
                pushes.push(vec![record.clone()]);
                bytes = 0;
            }
        }
        bytes += size;
    }
    pushes
}

fn whole_ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
