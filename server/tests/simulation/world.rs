//! A whole run: the regions, their troubles, and what must hold.
//!
//! At every moment: no page is fresher than the truth. At the end, when everything is mended: every node holds the same
//! bytes and shows the same board; what was redacted is nowhere; what was acknowledged by two regions is everywhere; so is what one region
//! acknowledged, unless its disk was rolled back since.

use crate::{
    disk::Disk,
    plan::{Fault, Plan},
    region::{Order, Records, Region, Shared, Start, WrongClock, epoch, name},
};
use chrono::TimeDelta;
use domain::{Instant, id::EventId};
use serde::{Deserialize, Serialize};
use server::store::{Record, Store};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};
use turmoil::Sim;

/// How long the regions may take to agree after everything is mended: a dead link is noticed, dialled anew, reconciled.
const AGREE_MAX: Duration = Duration::from_secs(30);
/// How long a redactor waits for the next post.
const NEXT_POST: Duration = Duration::from_secs(20);
const TICK: Duration = Duration::from_millis(10);
const PLAIN_LATENCY: Duration = Duration::from_millis(100);

/// What a run came to.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Outcome {
    pub acknowledged: usize,
    pub in_one_region: usize,
    pub refused: usize,
    pub events: u64,
    /// Events whose redaction counted in the end.
    pub erased: usize,
    /// Events whose redaction no longer counts when nobody has their bodies any more.
    pub missing: usize,
    /// Bodies that came in after their events.
    pub completed: usize,
    /// Keys trusted and removed by events.
    pub keys: usize,
    /// Stamps whose age was checked against the truth.
    pub confirmations: usize,
    /// Longest time from the last mending to agreement, in milliseconds.
    pub agreed_ms: u64,
    /// A hash of everything that happened, when and where.
    pub story: String,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(
            f,
            "{} posts acknowledged ({} of them by one region alone), {} refused; {} events, {} of them erased, {} bodies lost with a redaction that counts no longer and {} fetched; {} keys trusted or removed; {} stamps checked against \
             the truth; agreement at most {} ms after the last mending",
            self.acknowledged,
            self.in_one_region,
            self.refused,
            self.events,
            self.erased,
            self.missing,
            self.completed,
            self.keys,
            self.confirmations,
            self.agreed_ms
        )
    }
}

impl Outcome {
    pub fn add(&mut self, other: &Outcome) {
        self.acknowledged += other.acknowledged;
        self.in_one_region += other.in_one_region;
        self.refused += other.refused;
        self.events += other.events;
        self.erased += other.erased;
        self.keys += other.keys;
        self.missing += other.missing;
        self.completed += other.completed;
        self.confirmations += other.confirmations;
        self.agreed_ms = self.agreed_ms.max(other.agreed_ms);
    }
}

pub fn run(seed: u64, speaks: bool) -> Outcome {
    let plan = Arc::new(Plan::of(seed));
    let mut builder = turmoil::Builder::new();
    builder
        .rng_seed(seed)
        .epoch(epoch().into())
        .tick_duration(TICK)
        .min_message_latency(Duration::from_millis(2))
        .max_message_latency(PLAIN_LATENCY)
        .tcp_capacity(4096)
        .simulation_duration(plan.end + AGREE_MAX + Duration::from_secs(60));
    let region = |number: usize| Region {
        disk: Disk::default(),
        backup: None,
        restores: 0,
        clock: WrongClock(TimeDelta::milliseconds(plan.clock_wrong_ms[number])),
        orders: Default::default(),
        node: None,
    };
    let mut world = World {
        shared: Arc::new(Mutex::new((0..plan.regions).map(region).collect())),
        records: Arc::default(),
        sim: builder.build(),
        seen: vec![Seen::default(); plan.regions],
        story: blake3::Hasher::new(),
        speaks,
        confirmations: 0,
        completed: 0,
        heard: 0,
        plan,
    };
    for number in 0..world.plan.regions {
        let start = Start {
            shared: Arc::clone(&world.shared),
            records: Arc::clone(&world.records),
            plan: Arc::clone(&world.plan),
            number,
            seed,
        };
        world.sim.host(name(number), move || start.clone().run());
    }
    world.run()
}

/// What a region was seen to hold.
#[derive(Clone, Debug, Default)]
struct Seen {
    /// Each event with the moment by which it was there.
    events: BTreeMap<EventId, Duration>,
    next: u64,
    confirmed_at: Option<Instant>,
    /// Events whose bodies were missing at the last look.
    missing: BTreeSet<EventId>,
}

struct World<'a> {
    shared: Shared,
    records: Arc<Mutex<Records>>,
    sim: Sim<'a>,
    seen: Vec<Seen>,
    story: blake3::Hasher,
    speaks: bool,
    confirmations: usize,
    completed: usize,
    /// Acknowledgements that were told.
    heard: usize,
    plan: Arc<Plan>,
}

impl World<'_> {
    fn run(mut self) -> Outcome {
        let mut faults = self.plan.faults.clone().into_iter().peekable();
        while self.sim.elapsed() < self.plan.end {
            while let Some((_, fault)) = faults.next_if(|(at, _)| *at <= self.sim.elapsed()) {
                self.tell(&format!("{fault:?}"));
                self.apply(fault);
            }
            self.step();
        }
        self.mend();
        let mended = self.sim.elapsed();
        while !self.agree() {
            assert!(self.sim.elapsed() < mended + AGREE_MAX, "the regions do not agree: {}", self.difference());
            self.step();
        }
        self.outcome(mended)
    }

    fn tell(&mut self, what: &str) {
        let at = self.sim.elapsed();
        self.story.update(format!("{at:?} {what}\n").as_bytes());
        if self.speaks {
            println!("{at:>12?} {what}");
        }
    }

    fn step(&mut self) {
        self.sim.step().expect("a step");
        self.look();
        self.listen();
    }

    /// Tells what was acknowledged since the last step.
    fn listen(&mut self) {
        let new: Vec<String> = {
            let records = self.records.lock().expect("the records");
            let told = |post: &crate::region::Acknowledged| {
                format!("{} says that {} is saved in {}", name(post.region), post.event, post.saved_in)
            };
            records.acknowledged[self.heard..].iter().map(told).collect()
        };
        self.heard += new.len();
        for what in new {
            self.tell(&what);
        }
    }

    /// Notes what has become visible since the last step, and checks every new stamp against the truth.
    fn look(&mut self) {
        let now = self.sim.elapsed();
        for number in 0..self.plan.regions {
            let (node, wrong) = {
                let shared = self.shared.lock().expect("the regions");
                (shared[number].node.clone(), shared[number].clock.0)
            };
            let Some(node) = node else { continue };
            if node.store().digest().count > self.seen[number].next {
                let (mut from, mut new) = (self.seen[number].next + 1, Vec::new());
                loop {
                    let page = node.store().records(from).expect("a page of records");
                    let Some((last, _)) = page.last() else { break };
                    from = last + 1;
                    new.extend(page.iter().map(|(_, record)| record.id()));
                }
                self.seen[number].next = from - 1;
                for event in new {
                    self.tell(&format!("{} holds {event}", name(number)));
                    self.seen[number].events.entry(event).or_insert(now);
                }
            }
            self.look_at_bodies(number, node.store());
            let stamp = node.stamp();
            if self.seen[number].confirmed_at != Some(stamp.confirmed_at) {
                self.seen[number].confirmed_at = Some(stamp.confirmed_at);
                let confirmed_at = stamp.confirmed_at - wrong;
                if let Ok(confirmed) = (confirmed_at - epoch()).to_std() {
                    self.confirmed(number, confirmed);
                }
            }
        }
    }

    /// Notes which bodies are missing, and which came.
    fn look_at_bodies(&mut self, number: usize, store: &Store) {
        if store.body_counts().missing as usize == self.seen[number].missing.len() {
            return;
        }
        // A node whose disk is full may read nothing.
        let Ok(missing) = store.missing_bodies(None, usize::MAX) else { return };
        let before = std::mem::replace(&mut self.seen[number].missing, missing.iter().copied().collect());
        let found: Vec<EventId> = before.into_iter().filter(|event| !missing.contains(event)).collect();
        for record in store.records_of(&found, usize::MAX).expect("records").0 {
            if record.body.is_some() {
                self.completed += 1;
                self.tell(&format!("{} has the body of {} now", name(number), record.id()));
            }
        }
    }

    /// A page says that it has all news of some region as of `confirmed`.
    fn confirmed(&mut self, number: usize, confirmed: Duration) {
        self.confirmations += 1;
        let (before, held) = (confirmed.saturating_sub(TICK), &self.seen[number].events);
        let is_true_of = |seen: &Seen| seen.events.iter().all(|(event, at)| *at > before || held.contains_key(event));
        let others = self.seen.iter().enumerate().filter(|(other, _)| *other != number);
        assert!(
            others.map(|(_, seen)| seen).any(is_true_of),
            "{} says at {:?} that it has all news as of {confirmed:?}, and lacks some of every other region",
            name(number),
            self.sim.elapsed()
        );
    }

    fn apply(&mut self, fault: Fault) {
        let sim = &mut self.sim;
        match fault {
            Fault::Cut(one, other) => sim.partition(name(one), name(other)),
            Fault::CutOneWay(one, other) => sim.partition_oneway(name(one), name(other)),
            Fault::Mend(one, other) => sim.repair(name(one), name(other)),
            Fault::Isolate(one) => self.others(one).for_each(|other| self.sim.partition(name(one), name(other))),
            Fault::Rejoin(one) => self.others(one).for_each(|other| self.sim.repair(name(one), name(other))),
            Fault::Flap(one, other) => {
                sim.partition(name(one), name(other));
                for _ in 0..8 {
                    self.step();
                }
                self.sim.repair(name(one), name(other));
            }
            Fault::Crash(one) => self.crash(one),
            Fault::Start(one) => self.start(one),
            Fault::Backup(one) => {
                let mut shared = self.shared.lock().expect("the regions");
                let copy = shared[one].disk.copy();
                shared[one].backup = Some(copy);
            }
            Fault::Restore(one) => {
                let backup = self.shared.lock().expect("the regions")[one].backup.take();
                if let Some(backup) = backup {
                    self.renew(one, backup);
                }
            }
            Fault::Replace(one) => self.renew(one, Disk::default()),
            Fault::DiskFull(one) => {
                // Not between the start of a region and its opening of the disk (see `start`).
                let shared = self.shared.lock().expect("the regions");
                if shared[one].node.is_some() {
                    shared[one].disk.set_full(true);
                }
            }
            Fault::DiskFreed(one) => self.shared.lock().expect("the regions")[one].disk.set_full(false),
            Fault::Slow(ms) => sim.set_max_message_latency(Duration::from_millis(ms)),
            Fault::Lose(0) => sim.set_fail_rate(0.0),
            Fault::Lose(one_in) => sim.set_fail_rate(1.0 / one_in as f64),
            Fault::WriteUnknown(one) => self.order(one, Order::WriteUnknown),
            Fault::Redact(one) => self.order(one, Order::Redact),
            Fault::RedactNext(one) => {
                // From when it is ordered, however many wait before it; and nobody waits for a post when the posts have ended.
                let until = (self.sim.elapsed() + NEXT_POST).min(self.plan.end);
                self.order(one, Order::RedactNext(until));
            }
            Fault::Trust(by, of) => self.order_trust(by, of),
            Fault::Remove(by, of) => {
                if let Some(before) = self.restores(of).checked_sub(1) {
                    self.order(by, Order::Remove(of, before));
                }
            }
        }
    }

    fn order(&self, one: usize, order: Order) {
        self.shared.lock().expect("the regions")[one].orders.push_back(order);
    }

    fn restores(&self, one: usize) -> usize {
        self.shared.lock().expect("the regions")[one].restores
    }

    /// Has the present key of a region trusted, when it is another than at the beginning.
    fn order_trust(&self, by: usize, of: usize) {
        match self.restores(of) {
            0 => {}
            restores => self.order(by, Order::Trust(of, restores)),
        }
    }

    fn others(&self, one: usize) -> impl Iterator<Item = usize> + use<> {
        (0..self.plan.regions).filter(move |other| *other != one)
    }

    fn crash(&mut self, one: usize) {
        if self.sim.is_host_running(name(one)) {
            self.shared.lock().expect("the regions")[one].node = None;
            self.sim.crash(name(one));
        }
    }

    fn start(&mut self, one: usize) {
        if !self.sim.is_host_running(name(one)) {
            // A node cannot start on a disk that takes nothing.
            self.shared.lock().expect("the regions")[one].disk.set_full(false);
            self.sim.bounce(name(one));
        }
    }

    /// Starts a region on another disk, under a new key.
    fn renew(&mut self, one: usize, disk: Disk) {
        self.crash(one);
        {
            let mut shared = self.shared.lock().expect("the regions");
            let region = &mut shared[one];
            region.disk = disk;
            region.restores += 1;
        }
        self.seen[one] = Seen::default();
        self.start(one);
    }

    fn mend(&mut self) {
        self.tell("everything is mended");
        self.sim.set_fail_rate(0.0);
        self.sim.set_max_message_latency(PLAIN_LATENCY);
        for one in 0..self.plan.regions {
            self.shared.lock().expect("the regions")[one].disk.set_full(false);
            for other in one + 1..self.plan.regions {
                self.sim.repair(name(one), name(other));
            }
        }
        for one in 0..self.plan.regions {
            self.start(one);
            self.order_trust((one + 1) % self.plan.regions, one);
        }
    }

    fn digests(&self) -> Vec<Option<server::store::SetDigest>> {
        let shared = self.shared.lock().expect("the regions");
        shared.iter().map(|region| region.node.as_ref().map(|node| node.store().digest())).collect()
    }

    fn agree(&self) -> bool {
        if self.shared.lock().expect("the regions").iter().any(|region| !region.orders.is_empty()) {
            return false;
        }
        let digests = self.digests();
        digests.iter().all(|digest| digest.is_some() && *digest == digests[0])
            && self.missing().windows(2).all(|two| two[0] == two[1])
    }

    /// The events of each region whose bodies are missing there.
    fn missing(&self) -> Vec<Vec<EventId>> {
        let shared = self.shared.lock().expect("the regions");
        let nodes = shared.iter().filter_map(|region| region.node.as_ref());
        nodes.map(|node| node.store().missing_bodies(None, usize::MAX).expect("a look")).collect()
    }

    fn difference(&self) -> String {
        let counts: Vec<_> = self.digests().iter().map(|digest| digest.map(|digest| digest.count)).collect();
        let views: Vec<_> = {
            let shared = self.shared.lock().expect("the regions");
            let nodes = shared.iter().filter_map(|region| region.node.clone());
            nodes.map(|node| node.peers().view(tokio_now())).collect()
        };
        let linked: Vec<Vec<_>> = views
            .into_iter()
            .map(|view| {
                view.into_iter()
                    .filter(|peer| peer.version.is_some())
                    .map(|peer| (peer.name, peer.link, peer.trouble))
                    .collect()
            })
            .collect();
        let sums: BTreeSet<_> = self.digests().iter().map(|digest| format!("{digest:?}")).collect();
        let orders: Vec<_> =
            self.shared.lock().expect("the regions").iter().map(|region| region.orders.clone()).collect();
        format!(
            "they hold {counts:?} events with {} sums; bodies missing: {:?}; orders not carried out: {orders:?}; links: {linked:#?}",
            sums.len(),
            self.missing()
        )
    }

    fn outcome(self, mended: Duration) -> Outcome {
        let agreed_ms = u64::try_from((self.sim.elapsed() - mended).as_millis()).expect("a short run");
        let shared = self.shared.lock().expect("the regions");
        let nodes: Vec<_> = shared.iter().map(|region| region.node.clone().expect("a running node")).collect();
        let bytes = |number: usize| -> BTreeMap<EventId, Record> {
            let (mut held, mut from) = (BTreeMap::new(), 1);
            loop {
                let page = nodes[number].store().records(from).expect("a page of records");
                let Some((last, _)) = page.last() else { return held };
                from = last + 1;
                held.extend(page.into_iter().map(|(_, record)| (record.id(), record)));
            }
        };
        let is_erased = |event: &EventId| {
            nodes[0].store().redactable(*event).expect("a look").is_some_and(|target| target.is_redacted)
        };
        let first = bytes(0);
        for number in 1..nodes.len() {
            let held = bytes(number);
            assert!(held.keys().eq(first.keys()), "{} holds other events than {}", name(number), name(0));
            let differ: Vec<&EventId> =
                first.iter().filter(|(event, record)| held[*event] != **record).map(|(event, _)| event).collect();
            assert!(differ.is_empty(), "{} holds other bytes than {}: {differ:?}", name(number), name(0));
            let is_equal = *nodes[0].board() == *nodes[number].board();
            assert!(is_equal, "{} shows another board than {}", name(number), name(0));
        }
        let missing = nodes[0].store().missing_bodies(None, usize::MAX).expect("a look").len();
        let records = self.records.lock().expect("the records");
        let erased: BTreeMap<EventId, &str> =
            records.erased.iter().map(|erased| (erased.event, erased.text.as_str())).collect();
        let erased: Vec<_> = erased.into_iter().filter(|(event, _)| is_erased(event)).collect();
        // All nodes hold the same bytes, so that the first one speaks for all.
        let board = format!("{:?}", nodes[0].board()).into_bytes();
        for (event, text) in &erased {
            assert!(first[event].body.is_none(), "{event} is redacted and its body is held");
            let bodies = first.values().filter_map(|record| record.body.as_deref());
            for bytes in bodies.chain([board.as_slice()]) {
                let is_there = bytes.windows(text.len()).any(|window| window == text.as_bytes());
                assert!(!is_there, "{event} is redacted and its text {text} is held or shown");
            }
        }
        let held: BTreeSet<EventId> = first.keys().copied().collect();
        for post in &records.acknowledged {
            let is_rolled_back = shared[post.region].restores > post.restores;
            assert!(
                held.contains(&post.event) || (post.saved_in < 2 && is_rolled_back),
                "a post of {} that {} regions had acknowledged is lost: {}",
                name(post.region),
                post.saved_in,
                post.event
            );
        }
        Outcome {
            acknowledged: records.acknowledged.len(),
            in_one_region: records.acknowledged.iter().filter(|post| post.saved_in < 2).count(),
            refused: records.refused,
            events: first.len() as u64,
            erased: erased.len(),
            keys: records.keys,
            missing,
            completed: self.completed,
            confirmations: self.confirmations,
            agreed_ms,
            story: self.story.finalize().to_string(),
        }
    }
}

/// Only ages are made of it, which this prints for people.
fn tokio_now() -> tokio::time::Instant {
    tokio::time::Instant::now()
}
