//! Bodies that are missing are fetched from whoever has them, and nobody is asked for ever.

use super::*;
use crate::store::redact;
use domain::{
    change::{IncidentOpened, NodeRemoved, Redacted, UpdatePosted},
    id::{EventId, Hlc, Id, IncidentId},
    status::{Impact, Kind, Status},
};

impl Site {
    fn append(&self, subject: Subject, change: Change) -> Record {
        let author = Author { name: "test".to_owned(), way: "test".to_owned() };
        let event = self.store.append(&[(subject, change)], &author, Moment::UNIX_EPOCH).expect("an event").remove(0);
        self.record(event.id)
    }

    fn record(&self, id: EventId) -> Record {
        self.store.records_of(&[id], usize::MAX).expect("its record").0.remove(0)
    }

    fn post(&self, number: u8) -> Record {
        let first = UpdatePosted {
            at: Moment::UNIX_EPOCH,
            status: Some(Status::Investigating),
            text: "We are looking".into(),
            scope: Vec::new(),
            impact: None,
            expected_recovery: None,
            next_update_at: None,
            root_cause: None,
            id: None,
        };
        let opened = IncidentOpened {
            title: "Down".into(),
            impact: Impact::Minor,
            schedule: None,
            kind: Kind::Incident,
            first,
            source: None,
        };
        let id = IncidentId(Id::derived(&[b"test", &[number]]));
        self.append(Subject::Incident(id), Change::IncidentOpened(opened))
    }

    fn redact(&self, record: &Record) -> Record {
        self.take(std::slice::from_ref(record));
        let target = self.store.redactable(record.id()).expect("a look").expect("the event");
        let residue = target.change.as_ref().and_then(|(author, change)| redact::residue(author, change));
        let redacted = Redacted { event: record.id(), residue, reason: None };
        self.append(target.header.subject, Change::Redacted(redacted))
    }

    fn take(&self, records: &[Record]) {
        self.store.insert(records, Moment::UNIX_EPOCH).expect("a batch");
    }

    fn has_body(&self, id: EventId) -> bool {
        self.record(id).body.is_some()
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_one_region_has_erased_is_fetched_from_another() {
    let (erased, whole, new, stranger) = (Site::new(1), Site::new(2), Site::new(3), Site::new(4));
    let posts: Vec<Record> = (0..3).map(|number| whole.post(number)).collect();
    let redaction = stranger.redact(&posts[0]);
    whole.take(std::slice::from_ref(&redaction));
    // One region alone trusts the redactor.
    erased.store.seed(vec![stranger.member()]).expect("seeds");
    erased.take(&[posts.clone(), vec![redaction]].concat());
    let id = posts[0].id();
    assert!(!erased.has_body(id) && whole.has_body(id));

    let network = Network::default();
    start(&erased, vec![new.member()], &network);
    let peers = start(&new, vec![erased.member()], &network);
    until("the events", || new.store.digest().count == 4).await;
    assert!(!new.has_body(id));
    // What the one region has not got is asked of it once.
    sleep(LONG).await;
    let inserts = new.inserts.load(Ordering::Relaxed);
    sleep(LONG).await;
    assert_eq!(new.inserts.load(Ordering::Relaxed), inserts, "it is asked again and again");
    assert_eq!(new.store.body_counts().missing, 1);

    start(&whole, vec![new.member()], &network);
    peers.set_members(vec![erased.member(), whole.member()]);
    until("the body", || new.has_body(id)).await;
    assert_eq!(new.record(id), posts[0]);
    assert_eq!(new.store.body_counts().missing, 0);
    sleep(LONG).await;
    assert!(!erased.has_body(id), "where the redaction counts it stays away");
}

#[tokio::test(start_paused = true)]
async fn a_body_comes_back_when_its_redaction_counts_no_longer_also_by_way_of_one_that_lacked_it_too() {
    let (end, middle, whole, stranger) = (Site::new(1), Site::new(2), Site::new(3), Site::new(4));
    let posts = [whole.post(1), whole.post(2)];
    let redaction = stranger.redact(&posts[0]);
    whole.take(std::slice::from_ref(&redaction));
    let key = stranger.member().key;
    for site in [&end, &middle] {
        // The end is trusted by the one in the middle, so that its word counts there.
        site.store.seed(vec![end.member(), stranger.member()]).expect("seeds");
        site.take(&[posts.to_vec(), vec![redaction.clone()]].concat());
        assert!(!site.has_body(posts[0].id()));
    }
    let network = Network::default();
    let linked = start(&end, vec![middle.member()], &network);
    let peers = start(&middle, vec![end.member()], &network);
    until("agreement", || linked.confirmed_age(Instant::now()).is_some()).await;
    let removed = Change::NodeRemoved(NodeRemoved { key, up_to: Hlc(0) });
    end.append(Subject::Node(NodeId::of_key(&key)), removed);
    until("the removal", || middle.store.digest() == end.store.digest()).await;
    // Both have asked each other in vain.
    sleep(LONG).await;
    assert!([&end, &middle].iter().all(|site| site.store.body_counts().missing == 1));

    start(&whole, vec![middle.member()], &network);
    peers.set_members(vec![end.member(), whole.member()]);
    until("the body at the end", || end.has_body(posts[0].id())).await;
    assert!(middle.has_body(posts[0].id()));
}

#[tokio::test(start_paused = true)]
async fn many_bodies_are_fetched_in_pieces_and_a_full_disk_only_delays_them() {
    const COUNT: usize = 700;
    let (bare, whole) = two();
    let key = whole.member().key;
    let trusted = |number: usize| {
        let name = format!("event {number}");
        let trusted = NodeTrusted { key, name, region: String::new(), address: String::new() };
        (Subject::Node(NodeId::of_key(&key)), Change::NodeTrusted(trusted))
    };
    let author = Author { name: "test".to_owned(), way: "test".to_owned() };
    whole.store.append(&(0..COUNT).map(trusted).collect::<Vec<_>>(), &author, Moment::UNIX_EPOCH).expect("events");
    let ids: Vec<EventId> = whole.store.ids().expect("ids").into_iter().map(|(_, id)| id).collect();
    let (records, _) = whole.store.records_of(&ids, usize::MAX).expect("records");
    for batch in records.chunks(100) {
        let batch: Vec<Record> = batch.iter().map(|record| Record { body: None, ..record.clone() }).collect();
        bare.take(&batch);
    }
    bare.is_full.store(true, Ordering::Relaxed);
    let network = Network::default();
    start(&bare, vec![whole.member()], &network);
    start(&whole, vec![bare.member()], &network);
    until("the first attempts", || bare.inserts.load(Ordering::Relaxed) > 2).await;
    let before = bare.inserts.load(Ordering::Relaxed);
    sleep(LONG).await;
    let attempts = bare.inserts.load(Ordering::Relaxed) - before;
    assert!((5..=20).contains(&attempts), "{attempts} attempts in {LONG:?}: one after each beat");
    assert_eq!(bare.store.body_counts().missing, COUNT as u64);
    bare.is_full.store(false, Ordering::Relaxed);
    until("all bodies", || bare.store.body_counts().missing == 0).await;
}
