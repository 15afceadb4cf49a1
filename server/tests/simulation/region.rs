//! One region: what outlives its node, and the node itself.

use crate::{
    disk::Disk,
    network::Network,
    plan::{Draw, Plan},
};
use app::site::Site;
use chrono::TimeDelta;
use domain::{
    Instant,
    catalog::PageSettings,
    change::{Author, IncidentOpened, UpdatePosted},
    command::Command,
    id::{EventId, Hlc, Id, IncidentId, NodeKey, Subject},
    stamp,
    status::{Impact, Kind, Status},
    trust::Member,
};
use ed25519_dalek::SigningKey;
use server::{
    clock::Clock,
    publish::{Node, NodeOptions},
    replication::{Engine, Peers, pace::Jitter},
    store::{Header, Identity, Record},
};
use std::{
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

/// What happened, for the checks.
#[derive(Debug, Default)]
pub struct Records {
    pub acknowledged: Vec<Acknowledged>,
    pub refused: usize,
}

/// What outlives a node.
pub struct Region {
    pub disk: Disk,
    pub backup: Option<Disk>,
    pub restores: usize,
    pub clock: WrongClock,
    /// A later version is to write something here.
    pub unknown_due: bool,
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

/// Most restores of one region in a run.
const RESTORES_MAX: usize = 20;

fn member(number: usize, restores: usize) -> Member {
    let key: NodeKey = identity(number, restores).node_key();
    Member { key, name: name(number), region: name(number), address: name(number) }
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
        // Every key that a region will ever have: how trust spreads is another test's subject.
        let members =
            (0..self.plan.regions).flat_map(|number| (0..RESTORES_MAX).map(move |restores| member(number, restores)));
        let seeds: Vec<Member> = members.collect();
        let others = seeds.iter().filter(|member| member.name != own.name).cloned().collect();
        let store = disk.open(identity);
        let options = NodeOptions {
            clock: Arc::new(clock),
            site: Site::default(),
            origin: own.region.clone(),
            default_page: PageSettings::default(),
            amber_seconds: stamp::AMBER_SECONDS,
            grey_seconds: stamp::GREY_SECONDS,
            seeds,
        };
        let node = Node::start_without_threads(store, options)?;
        let peers = Peers::new(own.clone(), others);
        node.replicate(Arc::clone(&peers));
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
            () = self.write_unknown(&node, restores) => {}
            () = self.post(&node, restores) => {}
            () = renewing => {}
        }
        Ok(())
    }

    /// Writes, when it is told to, as a later version would.
    async fn write_unknown(&self, node: &Arc<Node>, restores: usize) {
        loop {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let due = std::mem::take(&mut self.shared.lock().expect("the regions")[self.number].unknown_due);
            if due {
                let at = node.clock().now();
                let salt = turmoil::sim_elapsed().unwrap_or_default().as_millis() as u64;
                let _full_disk = node.insert(vec![unknown_event(self.number, restores, salt, at)]).await;
            }
        }
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
        let first = update(now, Status::Investigating, format!("post {target}"));
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
    Command::Post { incident, update: update(now, status, format!("post {target}")) }
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
