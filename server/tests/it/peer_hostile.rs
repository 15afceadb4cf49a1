//! A peer whose key is right and who is not: broken, careless or stolen. It is contained: its link ends or what it says is
//! refused, nothing is lost, the node goes on, and a good peer is served all the while.

use crate::{
    node::{TestNode, at},
    peer_tls::Peer,
    store::{append, identity, opening},
};
use bytes::{BufMut, Bytes, BytesMut};
use domain::id::{EventId, Hlc};
use proptest::prelude::*;
use server::{
    replication::{
        Engine, Transport,
        frame::{FRAME_BYTES_MAX, read_frame, write_frame},
        message::{Beat, Hello, Message, PROTOCOL, WANT_MAX},
        pace::Jitter,
    },
    store::{Record, Store},
};
use std::{sync::Arc, time::Duration};
use tokio::{io::AsyncWriteExt, time::timeout};

const NOW: &str = "2024-04-08T15:24:00+08:00";
const PATIENCE: Duration = Duration::from_secs(20);
const VICTIM: u8 = 1;
const HOSTILE: u8 = 2;
const GOOD: u8 = 3;

type Stream = <server::replication::tls::TlsTransport as Transport>::Stream;

/// A node with its engine, linked with whoever connects.
struct Victim {
    app: TestNode,
    peer: Peer,
}

impl Victim {
    fn start() -> Victim {
        let app = TestNode::number(VICTIM, NOW);
        let peer = Peer::start(VICTIM, &[HOSTILE, GOOD]);
        // Nobody has an address: this node only accepts.
        let member = |seed: u8| domain::trust::Member { address: String::new(), ..crate::store::member(seed) };
        app.node.replicate();
        let peers = Arc::clone(app.node.peers());
        peers.set_members([HOSTILE, GOOD].into_iter().map(member).collect());
        let engine = Engine {
            peers,
            replica: Arc::clone(&app.node),
            transport: Arc::clone(&peer.transport),
            jitter: Jitter::new(7),
        };
        tokio::spawn(engine.run());
        Victim { app, peer }
    }

    fn store(&self) -> &Store {
        self.app.node.store()
    }

    /// A link of `seed`, greeted.
    async fn link(&self, seed: u8) -> Linked {
        let own = Peer::start(seed, &[VICTIM]);
        let stream = own.dial(&self.peer).await.expect("a link");
        let mut linked = Linked { stream, _own: own };
        linked.say(&Message::Hello(hello(&identity(seed).cluster.to_string()))).await;
        linked
    }

    /// That nothing has come of it: the node takes a post, and a good peer gets it.
    async fn goes_on(&self) {
        let held = self.store().digest().count;
        let event = append(self.store(), opening(held as u8 + 1, 0, "still here"), 0);
        let mut good = self.link(GOOD).await;
        good.say(&Message::Want { ids: vec![event.id] }).await;
        let pushed = good.heard(|message| match message {
            Message::Push { records, .. } => records.first().map(Record::id),
            _ => None,
        });
        assert_eq!(pushed.await, event.id);
        assert_eq!(self.store().digest().count, held + 1);
    }
}

fn hello(cluster: &str) -> Hello {
    let text = |text: &str| text.to_owned();
    Hello { protocol: PROTOCOL, cluster: text(cluster), name: text("h"), region: text("h"), version: text("0") }
}

/// An event of the hostile node, of a kind that nobody knows.
fn record(body: &[u8], hlc: Hlc) -> Record {
    crate::store::record(HOSTILE, 1, 9000, 0, hlc, Vec::new(), body)
}

struct Linked {
    stream: Stream,
    _own: Peer,
}

impl Linked {
    async fn say(&mut self, message: &Message) {
        self.say_bytes(&message.encode().expect("a message")).await;
    }

    async fn say_bytes(&mut self, frame: &[u8]) {
        write_frame(&mut self.stream, frame, FRAME_BYTES_MAX).await.expect("a frame is sent");
    }

    /// The first of the node's messages that `wanted` takes.
    async fn heard<T>(&mut self, mut wanted: impl FnMut(Message) -> Option<T>) -> T {
        let heard = async {
            loop {
                let frame = read_frame(&mut self.stream, FRAME_BYTES_MAX).await.expect("a frame").expect("no end");
                if let Some(found) = wanted(Message::decode(frame).expect("a message")) {
                    return found;
                }
            }
        };
        timeout(PATIENCE, heard).await.expect("it says so")
    }

    /// The node ends the link.
    async fn is_ended(&mut self) {
        let ended = async { while let Ok(Some(_)) = read_frame(&mut self.stream, FRAME_BYTES_MAX).await {} };
        timeout(PATIENCE, ended).await.expect("the link is ended");
    }

    /// Why a push was not stored; nothing when it was.
    async fn pushed(&mut self, number: u64, records: Vec<Record>) -> Option<String> {
        self.say(&Message::Push { number, records }).await;
        let answer = self.heard(|message| match message {
            Message::Stored { number: of, refused } if of == number => Some(refused),
            _ => None,
        });
        answer.await
    }
}

#[tokio::test]
async fn messages_that_make_no_sense_end_the_link_and_nothing_else() {
    let victim = Victim::start();
    let mut negentropy = BytesMut::new();
    negentropy.put_u8(5);
    negentropy.put_u64(1);
    negentropy.put_u64(0);
    negentropy.put_slice(&[0x61; 5000]);
    let too_many = Message::Want { ids: vec![EventId([1; 32]); WANT_MAX + 1] }.encode().expect("a message");
    let cases: [(&str, Bytes); 6] = [
        ("an empty frame", Bytes::new()),
        ("a push that ends too early", Bytes::from_static(&[3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 9])),
        ("more records than there may be", Bytes::from_static(&[3, 0, 0, 0, 0, 0, 0, 0, 1, 255, 255, 255, 255])),
        ("a beat that is no CBOR", Bytes::from_static(&[2, 0xff, 0xff])),
        ("negentropy that is none", negentropy.freeze()),
        ("more ids than one may ask for", too_many),
    ];
    for (what, frame) in cases {
        let mut hostile = victim.link(HOSTILE).await;
        hostile.say_bytes(&frame).await;
        hostile.is_ended().await;
        assert_eq!(victim.store().digest().count, 0, "{what}");
    }
    // A frame that claims to be longer than any may be: not a byte of it is waited for.
    let mut hostile = victim.link(HOSTILE).await;
    hostile.stream.write_all(&u32::MAX.to_be_bytes()).await.expect("a length");
    hostile.stream.flush().await.expect("flushed");
    hostile.is_ended().await;
    // Another cluster's node that somehow has a trusted key.
    let own = Peer::start(HOSTILE, &[VICTIM]);
    let stream = own.dial(&victim.peer).await.expect("a link");
    let mut hostile = Linked { stream, _own: own };
    hostile.say(&Message::Hello(hello("00000000000000000000000000000000"))).await;
    hostile.is_ended().await;
    victim.goes_on().await;
}

#[tokio::test]
async fn what_it_asks_for_without_end_is_bounded() {
    let victim = Victim::start();
    append(victim.store(), opening(200, 0, "one event"), 0);
    let mut hostile = victim.link(HOSTILE).await;
    let want = Message::Want { ids: vec![EventId([7; 32]); WANT_MAX] }.encode().expect("a message");
    // It never reads an answer, asks again and again, and says things that no version knows.
    let flood = async {
        for _ in 0..20_000 {
            if write_frame(&mut hostile.stream, &want, FRAME_BYTES_MAX).await.is_err()
                || write_frame(&mut hostile.stream, &[250, 1, 2, 3], FRAME_BYTES_MAX).await.is_err()
            {
                return;
            }
        }
    };
    tokio::join!(flood, victim.goes_on());
}

#[tokio::test]
async fn events_that_are_not_what_was_signed_are_refused_and_the_good_ones_beside_them_kept() {
    let victim = Victim::start();
    let mut hostile = victim.link(HOSTILE).await;
    let good = record(b"good", Hlc(1));
    let mut forged = record(b"forged", Hlc(1));
    forged.body = Some(b"another body".to_vec());
    let mut altered = record(b"altered", Hlc(1));
    altered.signed[60] ^= 1;
    for bad in [forged, altered] {
        let refused = hostile.pushed(1, vec![bad.clone()]).await.expect("a refusal");
        assert!(refused.contains("signature") || refused.contains("body"), "{refused}");
        assert!(hostile.pushed(2, vec![good.clone(), bad]).await.is_some());
    }
    assert_eq!(victim.store().digest().count, 1, "the good one alone");
    assert_eq!(hostile.pushed(3, vec![good]).await, None, "and it is known");
    victim.goes_on().await;
}

#[tokio::test]
async fn a_clock_of_the_year_2100_is_kept_and_drags_ours_five_minutes_at_most() {
    let victim = Victim::start();
    let mut hostile = victim.link(HOSTILE).await;
    let of_2100 = u64::try_from(at("2100-01-01T00:00:00Z").timestamp_millis()).expect("a time");
    let record = record(b"later", Hlc::default().next(of_2100));
    assert_eq!(hostile.pushed(1, vec![record.clone()]).await, None, "never refused for its time");
    let (held, _) = victim.store().records_of(&[record.id()], usize::MAX).expect("records");
    assert_eq!(held, [record], "byte by byte");
    let now = at(NOW);
    let event =
        victim.store().append(&[opening(9, 0, "own")], &crate::store::author(), now).expect("an event").remove(0);
    let ahead = event.written_at() - now;
    assert!(ahead >= chrono::TimeDelta::zero() && ahead <= chrono::TimeDelta::minutes(5), "{ahead}");
}

#[tokio::test]
async fn a_beat_proves_nothing_without_a_token_of_ours() {
    let victim = Victim::start();
    let mut hostile = victim.link(HOSTILE).await;
    let digest = victim.store().digest();
    let beat = |echo| Beat { token: 1, echo, count: digest.count, sum: digest.sum, asks: true, ..Beat::default() };
    // Tokens that were never given: it has seen nothing of ours, so it may be speaking of any time.
    for echo in [0, 99, u64::MAX] {
        hostile.say(&Message::Beat(beat(echo))).await;
    }
    let given = hostile.heard(|message| match message {
        Message::Beat(beat) if beat.echo == 1 => Some(beat.token),
        _ => None,
    });
    let given = given.await;
    let peers = Arc::clone(victim.app.node.peers());
    assert_eq!(peers.confirmed_age(tokio::time::Instant::now()), None);
    hostile.say(&Message::Beat(beat(given))).await;
    let confirmed = async {
        loop {
            let changed = peers.changed();
            if peers.confirmed_age(tokio::time::Instant::now()).is_some() {
                return;
            }
            changed.await;
        }
    };
    timeout(PATIENCE, confirmed).await.expect("a token of ours does");
}

proptest! {
    #[test]
    fn any_bytes_are_a_message_or_an_error(frame in proptest::collection::vec(any::<u8>(), 0..2000), kind in 0_u8..10) {
        let mut frame = frame;
        if let Some(first) = frame.first_mut() {
            *first = kind;
        }
        if let Ok(message) = Message::decode(Bytes::from(frame)) {
            // What is understood can be said again, and means the same.
            if !matches!(message, Message::Unknown(_) | Message::Stored { .. }) {
                let again = message.encode().expect("a message");
                prop_assert_eq!(Message::decode(again).expect("a message"), message);
            }
        }
    }
}
