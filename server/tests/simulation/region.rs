//! One region: what outlives its node, and the node itself.

use crate::{
    disk::Disk,
    network::{Network, PORT},
    plan::{Draw, Plan},
};
use app::site::Site;
use chrono::TimeDelta;
use domain::{
    Instant,
    catalog::PageSettings,
    change::{Author, Change, IncidentOpened, UpdatePosted},
    command::Command,
    id::{EventId, Hlc, Id, IncidentId, NodeKey, Subject},
    stamp,
    status::{Impact, Kind, Status},
    trust::Member,
};
use ed25519_dalek::SigningKey;
use server::{
    clock::Clock,
    publish::{Node, NodeOptions, PublishError},
    replication::{Engine, pace::Jitter},
    store::{Header, Identity, Record, body},
};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

/// The simulation's begin, in true time.
pub fn epoch() -> Instant {
    "2024-04-08T15:00:00+08:00".parse().expect("an instant")
}

/// A clock that is wrong by a fixed time.
#[derive(Clone, Copy, Debug)]
pub struct WrongClock(pub TimeDelta);

impl Clock for WrongClock {
    fn now(&self) -> Instant {
        let elapsed = turmoil::sim_elapsed().unwrap_or_default();
        epoch() + TimeDelta::from_std(elapsed).expect("a short run") + self.0
    }
}

/// A post that was acknowledged.
#[derive(Clone, Debug)]
pub struct Acknowledged {
    pub region: usize,
    pub event: EventId,
    pub saved_in: u32,
    /// How many restores from a backup this region had behind it.
    pub restores: usize,
}

/// A post whose redaction was asked for.
#[derive(Clone, Debug)]
pub struct Erased {
    pub event: EventId,
    /// Stands in its texts and nowhere else.
    pub text: String,
}

/// What an operator of a region is to do.
#[derive(Clone, Copy, Debug)]
pub enum Order {
    /// As a later version does.
    WriteUnknown,
    /// A post of another region.
    Redact,
    /// The next one, as soon as it comes, if one comes before this time of the run.
    RedactNext(Duration),
    /// The key of a region after so many restores.
    Trust(usize, usize),
    Remove(usize, usize),
}

/// What happened, for the checks.
#[derive(Debug, Default)]
pub struct Records {
    pub acknowledged: Vec<Acknowledged>,
    pub refused: usize,
    pub erased: Vec<Erased>,
    /// Keys that were trusted and that were removed by an event.
    pub keys: usize,
}

/// What outlives a node.
pub struct Region {
    pub disk: Disk,
    pub backup: Option<Disk>,
    pub restores: usize,
    pub clock: WrongClock,
    pub orders: VecDeque<Order>,
    /// The running node, if there is one.
    pub node: Option<Arc<Node>>,
}

pub type Shared = Arc<Mutex<Vec<Region>>>;

pub fn name(number: usize) -> String {
    format!("region-{number}")
}

/// A region's key after so many restores.
fn identity(number: usize, restores: usize) -> Identity {
    Identity::new([10 * (restores as u8) + number as u8 + 1; 32], [99; 32])
}

pub fn member(number: usize, restores: usize) -> Member {
    let key: NodeKey = identity(number, restores).node_key();
    Member { key, name: name(number), region: name(number), address: format!("{}:{PORT}", name(number)) }
}

/// All that a region needs to start.
#[derive(Clone)]
pub struct Start {
    pub shared: Shared,
    pub records: Arc<Mutex<Records>>,
    pub plan: Arc<Plan>,
    pub number: usize,
    pub seed: u64,
}

impl Start {
    /// Runs a region's node until it is crashed.
    pub async fn run(self) -> turmoil::Result {
        let (disk, restores, clock) = {
            let shared = self.shared.lock().expect("the regions");
            let region = &shared[self.number];
            (region.disk.clone(), region.restores, region.clock)
        };
        let identity = identity(self.number, restores);
        let own = member(self.number, restores);
        // The configuration is as it was at the beginning: later keys are trusted by events.
        let mut seeds: Vec<Member> = (0..self.plan.regions).map(|number| member(number, 0)).collect();
        if restores > 0 {
            seeds.push(own.clone());
        }
        let store = disk.open(identity);
        let options = NodeOptions {
            clock: Arc::new(clock),
            site: Site::default(),
            origin: own.region.clone(),
            default_page: PageSettings::default(),
            amber_seconds: stamp::AMBER_SECONDS,
            grey_seconds: stamp::GREY_SECONDS,
            seeds,
            keep_free_mib: 0,
        };
        let node = Node::start_without_threads(store, options)?;
        node.replicate();
        let peers = Arc::clone(node.peers());
        self.shared.lock().expect("the regions")[self.number].node = Some(Arc::clone(&node));
        let begun_ms = turmoil::sim_elapsed().unwrap_or_default().as_millis() as u64;
        let engine = Engine {
            peers,
            replica: Arc::clone(&node),
            transport: Arc::new(Network::bind(own.key).await?),
            jitter: Jitter::new(self.seed ^ (self.number as u64) << 32 ^ begun_ms),
        };
        let renewing = async {
            loop {
                tokio::time::sleep(Duration::from_secs(stamp::STAMP_SECONDS)).await;
                node.renew_stamp();
            }
        };
        tokio::select! {
            biased;
            () = engine.run() => {}
            () = self.obey(&node, restores) => {}
            () = self.post(&node, restores) => {}
            () = renewing => {}
        }
        Ok(())
    }

    /// Does what it is told to, one after the other.
    async fn obey(&self, node: &Arc<Node>, restores: usize) {
        loop {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let order = self.shared.lock().expect("the regions")[self.number].orders.front().copied();
            let Some(order) = order else { continue };
            if self.carry_out(node, restores, order).await {
                self.shared.lock().expect("the regions")[self.number].orders.pop_front();
            }
        }
    }

    /// Whether it is done with; a crash in between begins it anew.
    async fn carry_out(&self, node: &Arc<Node>, restores: usize, order: Order) -> bool {
        let salt = turmoil::sim_elapsed().unwrap_or_default().as_millis() as u64;
        let author = Author { name: name(self.number), way: "simulation".to_owned() };
        match order {
            Order::WriteUnknown => {
                let at = node.clock().now();
                let _full_disk = node.insert(vec![unknown_event(self.number, restores, salt, at)]).await;
                true
            }
            Order::Redact => {
                if let Some(erased) = post_of_another(node, 1, Draw::new(self.seed ^ salt).next()) {
                    self.redact(node, erased, author).await;
                }
                true
            }
            Order::RedactNext(until) => {
                let next = node.store().digest().count + 1;
                let coming = async {
                    loop {
                        tokio::time::sleep(Duration::from_millis(10)).await;
                        if let Some(erased) = post_of_another(node, next, 0) {
                            return erased;
                        }
                    }
                };
                let wait = until.saturating_sub(turmoil::sim_elapsed().unwrap_or_default());
                if let Ok(erased) = tokio::time::timeout(wait, coming).await {
                    self.redact(node, erased, author).await;
                }
                true
            }
            Order::Trust(number, restores) => {
                let trusted = node.trust_nodes(vec![member(number, restores)], author).await;
                self.records.lock().expect("the records").keys +=
                    usize::from(trusted.as_ref().is_ok_and(|receipt| !receipt.events.is_empty()));
                // Without it a region stays out for ever; one that was removed meanwhile is out for good.
                !matches!(trusted, Err(PublishError::Unavailable(_)))
            }
            Order::Remove(number, restores) => {
                let removed = node.remove_node(member(number, restores).key, None, author).await;
                self.records.lock().expect("the records").keys += usize::from(removed.is_ok());
                true
            }
        }
    }

    async fn redact(&self, node: &Arc<Node>, erased: Erased, author: Author) {
        let event = erased.event;
        self.records.lock().expect("the records").erased.push(erased);
        let _full_disk = node.redact(event, None, author).await;
    }

    /// Posts what is planned from now on.
    async fn post(&self, node: &Arc<Node>, restores: usize) {
        let mut draw = Draw::new(self.seed ^ (self.number as u64 + 1) << 40);
        for at in &self.plan.posts[self.number] {
            let (kind, target) = (draw.below(4), draw.next());
            let now = turmoil::sim_elapsed().unwrap_or_default();
            let Some(wait) = at.checked_sub(now) else { continue };
            tokio::time::sleep(wait).await;
            let command = command(node, kind, target);
            let author = Author { name: name(self.number), way: "simulation".to_owned() };
            let answer = node.publish(command, author).await;
            let mut records = self.records.lock().expect("the records");
            match answer {
                Ok(receipt) => records.acknowledged.extend(receipt.events.iter().map(|event| Acknowledged {
                    region: self.number,
                    event: *event,
                    saved_in: receipt.saved_in,
                    restores,
                })),
                Err(_) => records.refused += 1,
            }
        }
        std::future::pending::<()>().await;
    }
}

/// Begins every post; its number follows, which no other has.
const POST: &str = "post ";

fn update(at: Instant, status: Status, text: String) -> UpdatePosted {
    UpdatePosted {
        at,
        status: Some(status),
        text: text.as_str().into(),
        scope: Vec::new(),
        impact: None,
        expected_recovery: None,
        next_update_at: None,
        root_cause: None,
        id: None,
    }
}

/// A new incident, or a further update of one that this node knows.
fn command(node: &Node, kind: u64, target: u64) -> Command {
    let board = node.board();
    let now = node.clock().now();
    let open: Vec<IncidentId> = board.open_incidents().iter().map(|incident| incident.id).collect();
    if kind == 0 || open.is_empty() {
        let first = update(now, Status::Investigating, format!("{POST}{target}"));
        let id = IncidentId(Id::derived(&[&target.to_be_bytes(), &now.timestamp_millis().to_be_bytes()]));
        let title = format!("incident {target}");
        let opened = IncidentOpened {
            title: title.as_str().into(),
            impact: Impact::Minor,
            schedule: None,
            kind: Kind::Incident,
            first,
            source: None,
        };
        return Command::Open { id, opened };
    }
    let incident = open[(target % open.len() as u64) as usize];
    let status = [Status::Identified, Status::Monitoring, Status::Resolved][(kind % 3) as usize];
    Command::Post { incident, update: update(now, status, format!("{POST}{target}")) }
}

/// One of the posts of other regions that are readable here, from number `from` of the log on.
fn post_of_another(node: &Node, mut from: u64, drawn: u64) -> Option<Erased> {
    let own = node.store().identity().node_key();
    let mut posts = Vec::new();
    loop {
        // A node whose disk is full may read nothing.
        let page = node.store().records(from).ok()?;
        let Some((last, _)) = page.last() else { break };
        from = last + 1;
        posts.extend(page.iter().filter_map(|(_, record)| post_of(record, own)));
    }
    (!posts.is_empty()).then(|| posts.swap_remove((drawn % posts.len() as u64) as usize))
}

fn post_of(record: &Record, own: NodeKey) -> Option<Erased> {
    let header = Header::decode(&record.signed).expect("a header");
    let text = match body::decode(header.kind, record.body.as_ref()?) {
        Ok(Some((_, Change::IncidentOpened(opened)))) => opened.first.text,
        Ok(Some((_, Change::UpdatePosted(update)))) => update.text,
        _ => return None,
    };
    let text = text.default.strip_prefix(POST)?.to_owned();
    (header.node != own).then(|| Erased { event: record.id(), text })
}

/// An event of a later version: header and kind that this version does not know, with a field behind the parents.
fn unknown_event(number: usize, restores: usize, salt: u64, at: Instant) -> Record {
    let identity = identity(number, restores);
    let body = salt.to_be_bytes().to_vec();
    let header = Header {
        version: 2,
        flags: 1,
        kind: 9000,
        cluster: identity.cluster,
        node: identity.node_key(),
        hlc: Hlc::default().next(u64::try_from(at.timestamp_millis()).unwrap_or(0)),
        subject: Subject::Unknown([7; 16]),
        body_bytes: body.len() as u32,
        body_hash: *blake3::hash(&body).as_bytes(),
        parents: Vec::new(),
    };
    let key: &SigningKey = &identity.node;
    Record { signed: header.sign(key), body: Some(body) }
}
