//! The event log through its public calls.

use domain::{Instant, board::Board, catalog::Cell, change::*, id::*, incident::Incident, status::*, trust::Member};
use redb::{StorageBackend, backends::InMemoryBackend};
use server::store::{
    AppendError, Header, INDEX_FILE, INSERT_MAX, Identity, InsertError, Record, Store,
    body::BodyError,
    envelope::{EnvelopeError, MUST_UNDERSTAND},
    requests::{REQUEST_AGE_MS_MAX, REQUESTS_MAX, RequestKey},
    stream::{ImportCause, StreamError},
};
use std::{io, path::Path, sync::Arc};

pub fn at(seconds: i64) -> Instant {
    Instant::from_timestamp(1_712_560_920 + seconds, 0).unwrap()
}

/// Node number `node` of the test cluster.
pub fn identity(node: u8) -> Identity {
    Identity::new([node; 32], [9; 32])
}

/// A node of the test cluster, as a configuration names it.
pub fn member(node: u8) -> Member {
    Member {
        key: identity(node).node_key(),
        name: format!("node {node}"),
        region: String::new(),
        address: String::new(),
    }
}

/// The log of node number `node`, which trusts the nodes 1 to 4.
pub fn open_as(directory: &Path, node: u8) -> Store {
    let store = Store::open(directory, identity(node)).unwrap();
    store.seed((1..=4).map(member).collect()).unwrap();
    store
}

pub fn author() -> Author {
    Author { name: "Wei".to_owned(), way: "cli".to_owned() }
}

pub fn post(seconds: i64, status: Status, text: &str) -> UpdatePosted {
    UpdatePosted {
        at: at(seconds),
        status: Some(status),
        text: text.into(),
        scope: Vec::new(),
        impact: None,
        expected_recovery: None,
        next_update_at: None,
        root_cause: None,
        id: None,
    }
}

pub fn incident_id(number: u8) -> IncidentId {
    IncidentId(Id::derived(&[b"test", &[number]]))
}

pub fn opening(number: u8, seconds: i64, text: &str) -> (Subject, Change) {
    let opened = IncidentOpened {
        title: "Cloud API unavailable".into(),
        impact: Impact::Critical,
        schedule: None,
        kind: Kind::Incident,
        first: post(seconds, Status::Investigating, text),
        source: None,
    };
    (Subject::Incident(incident_id(number)), Change::IncidentOpened(opened))
}

pub fn update(number: u8, seconds: i64, status: Status, text: &str) -> (Subject, Change) {
    (Subject::Incident(incident_id(number)), Change::UpdatePosted(post(seconds, status, text)))
}

pub fn append(store: &Store, planned: (Subject, Change), seconds: i64) -> Event {
    store.append(&[planned], &author(), at(seconds)).unwrap().remove(0)
}

fn open(directory: &Path) -> Store {
    open_as(directory, 1)
}

/// A record of node `node` with any kind and body.
pub fn record(node: u8, number: u8, kind: u16, flags: u8, hlc: Hlc, parents: Vec<EventId>, body: &[u8]) -> Record {
    let identity = identity(node);
    let header = Header {
        version: 1,
        flags,
        kind,
        cluster: identity.cluster,
        node: identity.node_key(),
        hlc,
        subject: Subject::Incident(incident_id(number)),
        body_bytes: body.len() as u32,
        body_hash: *blake3::hash(body).as_bytes(),
        parents,
    };
    Record { signed: header.sign(&identity.node), body: Some(body.to_vec()) }
}

pub fn all_records(store: &Store) -> Vec<Record> {
    let (mut records, mut from) = (Vec::new(), 1);
    loop {
        let page = store.records(from).unwrap();
        let Some((last, _)) = page.last() else { return records };
        from = last + 1;
        records.extend(page.into_iter().map(|(_, record)| record));
    }
}

fn incident(store: &Store, number: u8) -> Incident {
    store.incident(incident_id(number)).unwrap().unwrap()
}

#[test]
fn what_is_appended_is_read_also_after_opening_again() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    let first = append(&store, opening(1, 0, "We are looking"), 0);
    let both = [update(1, 60, Status::Identified, "Found"), update(1, 120, Status::Resolved, "Fixed")];
    let written = store.append(&both, &author(), at(120)).unwrap();
    assert_eq!(first.parents, []);
    assert_eq!(written[0].parents, [first.id]);
    assert_eq!(written[1].parents, [written[0].id], "events of one command follow one another");
    assert!(first.hlc < written[0].hlc && written[0].hlc < written[1].hlc);
    assert_eq!(written[1].written_at(), at(120));
    drop(store);

    let store = open(directory.path());
    let (events, problems) = store.subject(Subject::Incident(incident_id(1))).unwrap();
    assert_eq!(events, [&[first], written.as_slice()].concat());
    assert_eq!(problems, []);
    assert_eq!(incident(&store, 1).status, Status::Resolved);
    assert_eq!(store.incident(incident_id(2)).unwrap(), None);
    store.self_check().unwrap();
}

#[test]
fn the_clock_never_goes_back() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    let before = append(&store, opening(1, 0, "A"), 1_000);
    let after = append(&store, opening(2, 0, "B"), 0);
    assert!(after.hlc > before.hlc);
}

#[test]
fn a_text_that_fits_no_event_is_refused_and_nothing_of_its_command_is_written() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    let planned = [opening(1, 0, "fits"), opening(2, 0, &"x".repeat(64 * 1024))];
    let refused = store.append(&planned, &author(), at(0)).unwrap_err();
    assert!(matches!(refused, AppendError::Body(BodyError::TooLarge { kind: "incident_opened", .. })), "{refused}");
    assert!(refused.to_string().contains("at most 65536 fit"), "{refused}");
    assert_eq!(all_records(&store), []);
}

#[test]
fn foreign_events_arrive_in_any_order_and_are_counted_once() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let source = open_as(there.path(), 2);
    append(&source, opening(1, 0, "A"), 0);
    append(&source, update(1, 60, Status::Identified, "B"), 60);
    append(&source, update(1, 90, Status::Resolved, "C"), 90);
    let mut records = all_records(&source);
    records.reverse();

    let store = open(here.path());
    let first = store.insert(&records[..2], at(100)).unwrap();
    assert_eq!((first.new.len(), first.known), (2, 0));
    assert_eq!(first.subjects.into_iter().collect::<Vec<_>>(), [Subject::Incident(incident_id(1))]);
    let second = store.insert(&records, at(100)).unwrap();
    assert_eq!((second.new, second.known), (vec![records[2].id()], 2));
    assert_eq!(incident(&store, 1), incident(&source, 1));
    let board = store.load_board().unwrap();
    assert_eq!(board.version.0.into_iter().collect::<Vec<_>>(), [(identity(2).node_key(), 3)]);
}

#[test]
fn a_foreign_clock_drags_ours_five_minutes_at_most() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    let far = Hlc((at(86_400).timestamp_millis() as u64) << Hlc::COUNTER_BITS);
    let foreign = record(2, 1, 999, 0, far, Vec::new(), b"later");
    store.insert(&[foreign], at(0)).unwrap();
    assert_eq!(append(&store, opening(2, 0, "now"), 0).written_at(), at(300));
    assert_eq!(append(&store, opening(3, 0, "later"), 301).written_at(), at(301), "our own time has caught up");
}

#[test]
fn a_wrong_batch_is_refused_whole() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    let good = record(2, 1, 999, 0, Hlc(5), Vec::new(), b"x");
    let mut forged = good.clone();
    forged.body = Some(b"y".to_vec());
    let refused = store.insert(&[good.clone(), forged], at(0)).unwrap_err();
    assert!(matches!(refused, InsertError::Envelope { number: 1, error: EnvelopeError::Body, .. }), "{refused}");

    let stranger = Identity::new([3; 32], [8; 32]);
    let mut header = good.verify().unwrap();
    (header.cluster, header.node) = (stranger.cluster, stranger.node_key());
    let foreign = Record { signed: header.sign(&stranger.node), body: good.body.clone() };
    let refused = store.insert(&[foreign], at(0)).unwrap_err();
    assert!(matches!(refused, InsertError::OtherCluster { number: 0, .. }), "{refused}");

    let many = vec![good; INSERT_MAX + 1];
    assert_eq!(store.insert(&many, at(0)).unwrap_err(), InsertError::TooMany(INSERT_MAX + 1));
    assert_eq!(all_records(&store), []);
}

#[test]
fn an_unknown_kind_is_kept_and_does_not_part_those_around_it() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    let first = append(&store, opening(1, 0, "A"), 0);
    let unknown = record(2, 1, 999, MUST_UNDERSTAND, first.hlc.next(0), vec![first.id], b"\xff\xff not cbor");
    store.insert(std::slice::from_ref(&unknown), at(1)).unwrap();
    let last = append(&store, update(1, 60, Status::Resolved, "B"), 60);
    assert_eq!(last.parents, [unknown.id()], "the writer names what it has seen, understood or not");

    let (events, problems) = store.subject(Subject::Incident(incident_id(1))).unwrap();
    assert_eq!(events[1].parents, [first.id], "the fold sees through it");
    assert_eq!(problems.len(), 1);
    assert!(problems[0].reason.contains("kind 999 that must be understood"), "{}", problems[0].reason);
    let board = store.load_board().unwrap();
    assert_eq!(board.version.total(), 3);
    assert_eq!(board.problems().map(|problem| problem.event).collect::<Vec<_>>(), [unknown.id()]);
    assert!(board.has_newer());
    assert!(!board.incident(incident_id(1)).unwrap().conflict);
    assert_eq!(all_records(&store)[1], unknown, "handed on byte for byte");
}

#[test]
fn an_unknown_kind_that_may_be_passed_over_is_no_problem_and_a_broken_body_is() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    append(&store, opening(1, 0, "A"), 0);
    let passed = record(2, 1, 999, 0, Hlc(7), Vec::new(), b"?");
    let broken = record(2, 1, 17, 0, Hlc(8), Vec::new(), b"\xa1\x61");
    store.insert(&[passed, broken.clone()], at(1)).unwrap();
    let (events, problems) = store.subject(Subject::Incident(incident_id(1))).unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(problems.iter().map(|problem| problem.event).collect::<Vec<_>>(), [broken.id()]);
    assert!(problems[0].reason.starts_with("the body of a update_posted cannot be read"), "{}", problems[0].reason);
    assert!(!store.load_board().unwrap().has_newer());
}

#[test]
fn an_event_without_its_body_is_carried_and_completed() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let source = open_as(there.path(), 2);
    append(&source, opening(1, 0, "A"), 0);
    let whole = all_records(&source).remove(0);
    let bare = Record { body: None, ..whole.clone() };
    let store = open(here.path());
    store.insert(std::slice::from_ref(&bare), at(0)).unwrap();
    assert_eq!(all_records(&store), [bare]);
    let board = store.load_board().unwrap();
    assert_eq!(
        board.problems().map(|problem| problem.reason.as_str()).collect::<Vec<_>>(),
        ["its body is not here; it is asked of the other regions"]
    );
    store.settle().unwrap();

    let inserted = store.insert(std::slice::from_ref(&whole), at(0)).unwrap();
    assert_eq!(inserted.completed, [whole.id()]);
    let completed = |store: &Store| {
        let loaded = store.load(Instant::MIN_UTC).unwrap();
        assert_eq!((loaded.folded, loaded.anew), (1, false), "the one incident alone is folded again");
        assert_eq!(loaded.board.problems().count(), 0);
        assert_eq!(loaded.board.incident(incident_id(1)), Some(&Arc::new(incident(&source, 1))));
    };
    let crashed = copied(here.path());
    completed(&store);
    completed(&open(crashed.path()));
}

/// The data directory as a process that is killed now would leave it.
fn copied(directory: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
    }
    copy
}

/// Two incidents, one of them open.
fn small_log(store: &Store) {
    append(store, opening(1, 0, "A"), 0);
    append(store, update(1, 60, Status::Resolved, "B"), 60);
    append(store, opening(2, 120, "C"), 120);
    let components = [None, Some(RegionId::of_code("ap-shanghai"))];
    let scope = components.map(|region| ScopeChange {
        cell: Cell { component: ComponentId::of_code("cloud-api"), region },
        status: ComponentStatus::PartialOutage,
    });
    let mut recovered = post(140, Status::Identified, "E");
    recovered.scope = vec![ScopeChange { status: ComponentStatus::Operational, ..scope[0] }];
    let mut hit = post(130, Status::Identified, "D");
    hit.scope = scope.to_vec();
    for post in [hit, recovered] {
        append(store, (Subject::Incident(incident_id(2)), Change::UpdatePosted(post)), 140);
    }
}

#[test]
fn the_index_catches_up_with_the_log_also_after_a_crash() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    small_log(&store);
    let loaded = store.load(Instant::MIN_UTC).unwrap();
    assert_eq!((loaded.folded, loaded.anew), (2, true));
    store.settle().unwrap();
    append(&store, update(2, 180, Status::Monitoring, "D"), 180);
    let expected = Board::of(&all_events(&store));
    let spans = &expected.summary(incident_id(2)).unwrap().spans;
    assert_eq!(spans.iter().filter(|span| span.until.is_some()).count(), 1);
    assert_eq!(spans.len(), 2);

    let crashed = copied(directory.path());
    let loaded = store.load(Instant::MIN_UTC).unwrap();
    assert_eq!((loaded.folded, loaded.anew), (1, false), "what changed alone is folded");
    assert_eq!(loaded.board, expected);
    // What was written after the last settling is lost in a crash, and kept by a good end.
    let after_crash = open(crashed.path()).load(Instant::MIN_UTC).unwrap();
    assert_eq!((after_crash.folded, after_crash.anew), (1, false));
    assert_eq!(after_crash.board, expected);
    drop(store);
    let store = open(directory.path());
    let loaded = store.load(Instant::MIN_UTC).unwrap();
    assert_eq!((loaded.folded, loaded.anew), (0, false));
    assert_eq!(loaded.board, expected);
    drop(store);
    std::fs::remove_file(directory.path().join(INDEX_FILE)).unwrap();
    let anew = open(directory.path()).load(Instant::MIN_UTC).unwrap();
    assert_eq!((anew.folded, anew.anew), (2, true));
    assert_eq!(anew.board, expected);
}

fn all_events(store: &Store) -> Vec<Event> {
    let subjects = [1, 2].map(|number| Subject::Incident(incident_id(number)));
    subjects.into_iter().flat_map(|subject| store.subject(subject).unwrap().0).collect()
}

#[test]
fn an_index_that_is_damaged_is_passed_over() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(INDEX_FILE);
    small_log(&open(directory.path()));
    let truth = open(directory.path()).load_board().unwrap();
    let whole = std::fs::read(&path).unwrap();
    let load = || open(directory.path()).load(Instant::MIN_UTC).unwrap();
    assert!(!load().anew, "as it is, it is used");
    let mut noticed = 0;
    for position in (0..whole.len()).step_by(1601) {
        let mut damaged = whole.clone();
        damaged[position] ^= 0x20;
        std::fs::write(&path, &damaged).unwrap();
        let loaded = load();
        assert_eq!(loaded.board, truth, "byte {position}");
        noticed += usize::from(loaded.anew);
    }
    assert!(noticed > 0, "some of these bytes matter");
    for length in (0..whole.len()).step_by(8009) {
        std::fs::write(&path, &whole[..length]).unwrap();
        assert_eq!(load().board, truth, "cut at {length}");
    }
}

#[test]
fn an_index_of_another_log_is_passed_over() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    small_log(&open(here.path()));
    let truth = open(here.path()).load_board().unwrap();
    // The same node and as many events, of other contents; fewer; more; none.
    for events in [5, 4, 6, 0] {
        let other = there.path().join(events.to_string());
        std::fs::create_dir(&other).unwrap();
        {
            let other = open(&other);
            for number in 0..events {
                append(&other, opening(number, 7, "other"), 7);
            }
            other.load_board().unwrap();
        }
        std::fs::copy(other.join(INDEX_FILE), here.path().join(INDEX_FILE)).unwrap();
        let loaded = open(here.path()).load(Instant::MIN_UTC).unwrap();
        assert_eq!((loaded.board, loaded.anew), (truth.clone(), true), "{events} events");
    }
    let stranger = Store::open(there.path(), Identity::new([1; 32], [8; 32])).unwrap();
    stranger.load_board().unwrap();
    drop(stranger);
    std::fs::copy(there.path().join(INDEX_FILE), here.path().join(INDEX_FILE)).unwrap();
    assert_eq!(open(here.path()).load_board().unwrap(), truth);
}

#[test]
fn a_log_whose_index_the_disk_does_not_take_is_read_all_the_same() {
    let directory = tempfile::tempdir().unwrap();
    // Neither can be opened nor replaced by a file.
    std::fs::create_dir_all(directory.path().join(INDEX_FILE).join("in the way")).unwrap();
    let store = open(directory.path());
    small_log(&store);
    let loaded = store.load(Instant::MIN_UTC).unwrap();
    assert_eq!((loaded.board, loaded.anew), (Board::of(&all_events(&store)), true));
    assert_eq!(store.summary(incident_id(2)).unwrap(), Some(incident(&store, 2).summary()), "it lives in memory");
}

#[test]
fn an_export_imports_elsewhere_once() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (store, other) = (open(here.path()), open_as(there.path(), 2));
    small_log(&store);
    let mut file = Vec::new();
    assert_eq!(store.export(1, &mut file).unwrap(), 5);
    let imported = other.import(file.as_slice(), at(0)).unwrap();
    assert_eq!((imported.new.len(), imported.known), (5, 0));
    let again = other.import(file.as_slice(), at(0)).unwrap();
    assert_eq!((again.new.len(), again.known), (0, 5));
    assert_eq!(other.load_board().unwrap(), store.load_board().unwrap());
}

#[test]
fn a_file_of_events_that_was_cut_off_says_so_wherever_it_was_cut() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (store, other) = (open(here.path()), open_as(there.path(), 2));
    small_log(&store);
    let mut file = Vec::new();
    store.export(1, &mut file).unwrap();
    let not_events = other.import(&b"holdfast"[..], at(0)).unwrap_err();
    assert!(matches!(not_events.cause, ImportCause::Stream(StreamError::NotEvents)));
    for length in (18..file.len()).rev() {
        let cut = other.import(&file[..length], at(0)).unwrap_err();
        assert!(matches!(cut.cause, ImportCause::Stream(StreamError::Truncated { .. })), "{length}: {cut}");
    }
    assert_eq!(other.records(1).unwrap().len(), 5, "the whole events before a cut were taken in");
    let position = file.len() - 1;
    file[position] = 4;
    let miscounted = other.import(file.as_slice(), at(0)).unwrap_err();
    assert!(matches!(miscounted.cause, ImportCause::Stream(StreamError::Count { said: 4, there: 5 })));
}

fn request(key: &str, digest: u8) -> RequestKey {
    RequestKey { key: key.to_owned(), digest: [digest; 32] }
}

#[test]
fn a_request_is_committed_with_its_events_and_only_once() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    let once = |store: &Store, key: &str, seconds| {
        store.append_once(&[opening(1, 0, "A")], &author(), Some(&request(key, 1)), at(seconds))
    };
    let written = once(&store, "k", 0).unwrap();
    drop(store);
    let store = open(directory.path());
    let held = store.request("k", at(1)).unwrap().unwrap();
    assert_eq!((held.digest, held.answer, &held.events), ([1; 32], None, &vec![written[0].id]));
    assert_eq!(store.events(&held.events).unwrap(), written);
    assert_eq!(once(&store, "k", 1).unwrap_err(), AppendError::Repeated);
    assert_eq!(all_records(&store).len(), 1, "nothing was written");
    store.remember_request(&request("k", 1), "{}", at(2)).unwrap();
    let held = store.request("k", at(2)).unwrap().unwrap();
    assert_eq!((held.answer.as_deref(), held.events.len()), (Some("{}"), 1), "the answer joins the events");
    assert_eq!(once(&store, "k", 3).unwrap_err(), AppendError::Repeated);
    once(&store, "k", 2 + (REQUEST_AGE_MS_MAX / 1000) as i64).unwrap();
    assert_eq!(all_records(&store).len(), 2, "a day later the key is forgotten");
}

#[test]
fn an_answered_request_is_remembered_for_a_day_and_the_number_of_them_is_bounded() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    store.remember_request(&request("k", 1), "{\"saved\":1}", at(0)).unwrap();
    let held = store.request("k", at(1)).unwrap().unwrap();
    assert_eq!((held.digest, held.answer.as_deref()), ([1; 32], Some("{\"saved\":1}")));
    let a_day = (REQUEST_AGE_MS_MAX / 1000) as i64;
    assert!(store.request("k", at(a_day - 1)).unwrap().is_some());
    assert_eq!(store.request("k", at(a_day)).unwrap(), None);
    assert_eq!(store.request("other", at(1)).unwrap(), None);
    let refused = store.remember_request(&request(&"k".repeat(201), 0), "", at(0)).unwrap_err();
    assert!(refused.to_string().contains("201 bytes; at most 200"), "{refused}");
}

/// Ten thousand commits want no disk.
#[derive(Clone, Debug, Default)]
struct Memory(Arc<InMemoryBackend>);

impl StorageBackend for Memory {
    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }
    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read(offset, out)
    }
    fn set_len(&self, length: u64) -> io::Result<()> {
        self.0.set_len(length)
    }
    fn sync_data(&self) -> io::Result<()> {
        self.0.sync_data()
    }
    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.0.write(offset, data)
    }
}

#[test]
fn requests_beyond_the_bound_push_out_the_oldest() {
    let memory = Memory::default();
    let store = Store::open_on(move |builder| builder.create_with_backend(memory.clone()), identity(1)).unwrap();
    for number in 0..=REQUESTS_MAX {
        store.remember_request(&request(&number.to_string(), 0), "{}", at(number as i64)).unwrap();
    }
    assert_eq!(store.request("0", at(1)).unwrap(), None);
    assert!(store.request("1", at(1)).unwrap().is_some());
}

#[test]
fn a_secret_opens_only_with_its_clusters_key() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = open(here.path());
    let stranger = Store::open(there.path(), Identity::new([1; 32], [8; 32])).unwrap();
    let sealed = store.seal(b"hash").unwrap();
    assert_ne!(sealed, store.seal(b"hash").unwrap(), "a nonce is used once");
    assert_eq!(store.open_sealed(&sealed).as_deref(), Some(&b"hash"[..]));
    assert_eq!(stranger.open_sealed(&sealed), None);
    for position in 0..sealed.len() {
        let mut altered = sealed.clone();
        altered[position] ^= 1;
        assert_eq!(store.open_sealed(&altered), None, "byte {position}");
        assert_eq!(store.open_sealed(&sealed[..position]), None, "cut at {position}");
    }
}
