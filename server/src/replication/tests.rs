//! Faults of peers and of tasks that the simulation does not make, on links in memory.

mod bodies;
mod bounds;
mod divergence;
mod full;

use super::{
    Engine, LinkError, Peers, Replica, Transport,
    frame::{FRAME_BYTES_MAX, read_frame, write_frame},
    message::{Hello, Message, PROTOCOL},
    pace::Jitter,
    talk::Talk,
};
use crate::store::{Identity, Record, Store};
use domain::{
    Instant as Moment,
    change::{Author, Change, NodeTrusted},
    id::{NodeId, NodeKey, Subject},
    trust::Member,
};
use std::{
    collections::BTreeMap,
    io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::DuplexStream,
    sync::mpsc,
    time::{Instant, sleep},
};

/// Longer than anything here may take, in simulated time.
const LONG: Duration = Duration::from_secs(60);

/// What one side may have sent and the other not yet read: few enough frames that a flood waits for its reader.
const WIRE_BYTES: usize = 1024;

type Hook = Box<dyn FnOnce() + Send>;

/// A node's own side: a store that can be told to take nothing.
struct Site {
    store: Store,
    is_full: AtomicBool,
    inserts: AtomicUsize,
    reads: AtomicUsize,
    values: Mutex<Vec<(String, String)>>,
    /// Done once, after the next work that reads the store.
    afterwards: Mutex<Option<Hook>>,
    _directory: tempfile::TempDir,
}

impl Site {
    fn new(number: u8) -> Arc<Site> {
        let directory = tempfile::tempdir().expect("a directory");
        let store = Store::open(directory.path(), Identity::new([number; 32], [9; 32])).expect("a store");
        Arc::new(Site {
            store,
            is_full: AtomicBool::new(false),
            inserts: AtomicUsize::new(0),
            reads: AtomicUsize::new(0),
            values: Mutex::default(),
            afterwards: Mutex::default(),
            _directory: directory,
        })
    }

    fn member(&self) -> Member {
        let key = self.store.identity().node_key();
        Member { key, name: key.to_string(), region: key.to_string(), address: key.to_string() }
    }

    fn write(&self, text: &str) -> Record {
        let key = self.store.identity().node_key();
        let trusted = NodeTrusted { key, name: text.to_owned(), region: String::new(), address: String::new() };
        let author = Author { name: "test".to_owned(), way: "test".to_owned() };
        let planned = [(Subject::Node(NodeId::of_key(&key)), Change::NodeTrusted(trusted))];
        let event = self.store.append(&planned, &author, Moment::UNIX_EPOCH).expect("an event").remove(0);
        self.store.records_of(&[event.id], usize::MAX).expect("its record").0.remove(0)
    }
}

impl Replica for Site {
    fn store(&self) -> &Store {
        &self.store
    }

    async fn ask<T: Send + 'static>(&self, work: impl FnOnce(&Store) -> T + Send + 'static) -> T {
        self.reads.fetch_add(1, Ordering::Relaxed);
        let answer = work(&self.store);
        let hook = self.afterwards.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(hook) = hook {
            hook();
        }
        answer
    }

    async fn insert(&self, records: Vec<Record>, _: NodeKey) -> Result<(), String> {
        self.inserts.fetch_add(1, Ordering::Relaxed);
        // A commit takes its time, in which more comes in.
        sleep(Duration::from_millis(1)).await;
        if self.is_full.load(Ordering::Relaxed) {
            return Err("the disk is full".to_owned());
        }
        self.store.insert(&records, Moment::UNIX_EPOCH).map(|_| ()).map_err(|error| error.to_string())
    }

    fn now(&self) -> Moment {
        Moment::UNIX_EPOCH
    }

    fn live_values(&self) -> Vec<(String, String)> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

type Links = mpsc::UnboundedSender<(DuplexStream, NodeKey)>;

/// Who can be dialled.
type Network = Arc<Mutex<BTreeMap<NodeKey, Links>>>;

struct Wire {
    own: NodeKey,
    network: Network,
    accepted: tokio::sync::Mutex<mpsc::UnboundedReceiver<(DuplexStream, NodeKey)>>,
}

impl Wire {
    fn new(own: NodeKey, network: &Network) -> Arc<Wire> {
        let (links, accepted) = mpsc::unbounded_channel();
        network.lock().expect("the network").insert(own, links);
        Arc::new(Wire { own, network: Arc::clone(network), accepted: tokio::sync::Mutex::new(accepted) })
    }
}

impl Transport for Wire {
    type Stream = DuplexStream;

    async fn dial(&self, address: &str, expected: NodeKey) -> Result<DuplexStream, LinkError> {
        let (ours, theirs) = tokio::io::duplex(WIRE_BYTES);
        let links = self.network.lock().expect("the network").get(&expected).cloned();
        let sent = links.is_some_and(|links| links.send((theirs, self.own)).is_ok());
        let error = || LinkError::Unreachable { address: address.to_owned(), error: io::ErrorKind::NotFound.into() };
        if sent { Ok(ours) } else { Err(error()) }
    }

    async fn accept(&self) -> Result<(DuplexStream, NodeKey), LinkError> {
        let accepted = self.accepted.lock().await.recv().await;
        accepted.ok_or_else(|| LinkError::Listener(io::ErrorKind::NotFound.into()))
    }
}

/// A node that runs until the test ends.
fn start(site: &Arc<Site>, members: Vec<Member>, network: &Network) -> Arc<Peers> {
    let peers = Peers::new(site.member(), members);
    let engine = Engine {
        peers: Arc::clone(&peers),
        replica: Arc::clone(site),
        transport: Wire::new(site.member().key, network),
        jitter: Jitter::new(u64::from(site.member().key.0[0])),
    };
    tokio::spawn(engine.run());
    peers
}

/// Two sites, the one with the smaller key first: its links are kept.
fn two() -> (Arc<Site>, Arc<Site>) {
    let (one, other) = (Site::new(1), Site::new(2));
    if one.member().key < other.member().key { (one, other) } else { (other, one) }
}

async fn until(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < LONG, "{what}: not within {LONG:?}");
        sleep(Duration::from_millis(50)).await;
    }
}

fn has_news_since(peers: &Peers, since: Instant) -> bool {
    peers.confirmed_age(Instant::now()).is_some_and(|age| age < since.elapsed())
}

#[tokio::test(start_paused = true)]
async fn a_peer_whose_address_changes_is_linked_with_again() {
    let (first, second) = two();
    let network = Network::default();
    let ours = start(&first, vec![second.member()], &network);
    let theirs = start(&second, vec![first.member()], &network);
    until("a first confirmation", || {
        has_news_since(&ours, Instant::now() - LONG) && theirs.confirmed_age(Instant::now()).is_some()
    })
    .await;
    ours.set_members(vec![Member { address: "elsewhere".to_owned(), ..second.member() }]);
    sleep(LONG / 2).await;
    let later = Instant::now();
    until("news after the change", || has_news_since(&ours, later) && has_news_since(&theirs, later)).await;
}

#[tokio::test(start_paused = true)]
async fn the_link_of_a_removed_peer_ends_though_it_never_stops_sending() {
    const FRAMES: usize = 3000;
    const REMOVED_AT: usize = 500;
    let (first, second) = two();
    let network = Network::default();
    let ours = start(&first, vec![Member { address: String::new(), ..second.member() }], &network);
    let stream = Wire::new(second.member().key, &network).dial("", first.member().key).await.expect("a link");
    let (mut reader, mut writer) = tokio::io::split(stream);
    tokio::spawn(async move { while let Ok(Some(_)) = read_frame(&mut reader, FRAME_BYTES_MAX).await {} });
    let cluster = first.store.identity().cluster.to_string();
    let hello =
        Hello { protocol: PROTOCOL, cluster, name: String::new(), region: String::new(), version: String::new() };
    let mut frame = Message::Hello(hello).encode().expect("a frame");
    for number in 0..FRAMES {
        match number {
            1 => until("the link", || ours.is_linked(&second.member().key)).await,
            REMOVED_AT => ours.set_members(Vec::new()),
            _ => {}
        }
        if write_frame(&mut writer, &frame, FRAME_BYTES_MAX).await.is_err() {
            assert!(number >= REMOVED_AT, "the link ended before the peer was removed");
            return;
        }
        frame = Message::Push { number: number as u64, records: Vec::new() }.encode().expect("a frame");
    }
    panic!("{FRAMES} frames were taken of a peer that was removed after {REMOVED_AT}");
}

#[tokio::test(start_paused = true)]
async fn a_beat_speaks_of_no_news_that_its_digest_does_not_show() {
    let (first, second) = two();
    let third = Site::new(3);
    let peers = Peers::new(first.member(), vec![second.member(), third.member()]);
    let (sending, mut sent) = mpsc::channel(4);
    let replica = Arc::clone(&first);
    let mut talk = Talk::new((Arc::clone(&peers), replica), (second.member().key, true), sending, Jitter::new(1));
    // While this link reads the whole set, another one takes in all of the third node's news.
    let (others, site, record, key) = (Arc::clone(&peers), Arc::clone(&first), third.write("news"), third.member().key);
    let hook: Hook = Box::new(move || {
        site.store.insert(&[record], Moment::UNIX_EPOCH).expect("an event");
        others.confirm(key, Instant::now(), Instant::now());
    });
    *first.afterwards.lock().expect("no hook") = Some(hook);
    talk.beat().await.expect("a beat");
    let Ok(Message::Beat(beat)) = Message::decode(sent.recv().await.expect("a frame")) else { panic!("no beat") };
    let has_news = beat.ages_ms.contains_key(&third.member().key);
    assert!(first.afterwards.lock().expect("no hook").is_none(), "the set was read");
    assert!(!has_news || beat.count == 1, "it has all of the third node's news, and shows none of them: {beat:?}");
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_stores_nothing_keeps_nobody_from_having_all_its_news() {
    let (first, second) = two();
    second.is_full.store(true, Ordering::Relaxed);
    // More than is remembered of former digests, as after a restart: only a round can tell.
    let shared = second.write("shared");
    let own = first.write("of the first");
    first.store.insert(&[shared], Moment::UNIX_EPOCH).expect("an event");
    let network = Network::default();
    let ours = start(&first, vec![second.member()], &network);
    start(&second, vec![first.member()], &network);
    until("a confirmation", || ours.confirmed_age(Instant::now()).is_some()).await;
    assert_eq!(ours.saved_in(&own.id(), first.store.digest().count), 1, "the peer has refused it");
}

#[tokio::test(start_paused = true)]
async fn a_full_store_is_asked_once_for_a_batch_and_bad_events_keep_no_good_ones_out() {
    let (first, second) = two();
    let peers = Peers::new(first.member(), vec![second.member()]);
    let (sending, mut sent) = mpsc::channel(4);
    let mut talk = Talk::new((peers, Arc::clone(&first)), (second.member().key, true), sending, Jitter::new(1));
    let mut records: Vec<Record> = (0..10).map(|number| second.write(&format!("event {number}"))).collect();
    let refusal = |frame| match Message::decode(frame) {
        Ok(Message::Stored { refused, .. }) => refused,
        other => panic!("{other:?}"),
    };
    first.is_full.store(true, Ordering::Relaxed);
    talk.answer(Message::Push { number: 1, records: records.clone() }).await.expect("an answer");
    assert!(refusal(sent.recv().await.expect("a frame")).is_some());
    assert_eq!(first.inserts.load(Ordering::Relaxed), 1);
    first.is_full.store(false, Ordering::Relaxed);
    records[4].body = Some(b"another".to_vec());
    talk.answer(Message::Push { number: 2, records }).await.expect("an answer");
    assert!(refusal(sent.recv().await.expect("a frame")).is_some());
    assert_eq!(first.store.digest().count, 9);
}

#[tokio::test(start_paused = true)]
async fn more_than_may_wait_to_be_sent_is_left_to_a_round_and_does_not_end_the_link() {
    let (first, second) = two();
    let peers = Peers::new(first.member(), vec![second.member()]);
    let (sending, mut sent) = mpsc::channel(8);
    let replica = Arc::clone(&first);
    let mut talk = Talk::new((peers, replica), (second.member().key, true), sending, Jitter::new(1));
    for number in 0..20 {
        let records = Arc::from(vec![first.write(&format!("event {number}"))]);
        talk.outgoing(super::peers::Outgoing::Push(records)).expect("the link stays");
    }
    talk.beat().await.expect("there is room for a beat");
    let mut pushes = 0;
    while let Ok(frame) = sent.try_recv() {
        pushes += usize::from(matches!(Message::decode(frame), Ok(Message::Push { .. })));
    }
    assert_eq!(pushes, 4);
}

#[tokio::test]
async fn what_a_peer_held_before_its_link_ended_is_not_what_it_holds_when_it_is_back() {
    let (first, second) = two();
    let peers = Peers::new(first.member(), vec![second.member()]);
    let (event, key) = (first.write("saved").id(), second.member().key);
    let place = peers.open(key, key).expect("a link");
    peers.holds(key, 1);
    assert_eq!(peers.saved_in(&event, 1), 2);
    peers.close(key, place.number, "cut".to_owned());
    assert_eq!(peers.saved_in(&event, 1), 2, "it is on its disk");
    // It comes back with the same key, and nobody knows on which disk.
    peers.open(key, key).expect("a link");
    assert_eq!(peers.saved_in(&event, 1), 1);
}

#[tokio::test(start_paused = true)]
async fn a_post_does_not_wait_for_a_peer_that_has_just_refused_to_store() {
    let (first, second) = two();
    let peers = Peers::new(first.member(), vec![second.member()]);
    let (event, key) = (first.write("post").id(), second.member().key);
    let _place = peers.open(key, key).expect("a link");
    let begun = Instant::now();
    assert_eq!(peers.spread(&[event], 1).await, 1);
    assert!(!begun.elapsed().is_zero(), "a peer that has said nothing yet is waited for");
    peers.stored(key, &[event], Some("the disk is full".to_owned()));
    let begun = Instant::now();
    assert_eq!(peers.spread(&[event], 1).await, 1);
    assert!(begun.elapsed().is_zero(), "{:?}", begun.elapsed());
}

#[test]
fn what_a_peer_gives_as_its_reason_cannot_write_over_a_terminal() {
    let hostile = format!("\u{1b}[2J\r\nfull {}", "硬盘已满".repeat(1000));
    let frame = Message::Stored { number: 1, refused: Some(hostile) }.encode().expect("a frame");
    let Ok(Message::Stored { refused: Some(reason), .. }) = Message::decode(frame) else { panic!("no reason") };
    assert!(reason.starts_with("[2Jfull") && reason.len() <= super::message::NAME_BYTES_MAX, "{reason:?}");
}
