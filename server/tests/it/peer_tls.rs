//! Links between nodes over TLS: who gets one, who does not, and what is said about it.

use domain::id::NodeKey;
use futures_util::FutureExt;
use server::{
    replication::{
        frame::{FRAME_BYTES_MAX, FrameError, read_frame, write_frame},
        tls::{READY_LINKS_MAX, TlsTransport},
        transport::{Known, LinkError, Transport},
    },
    store::Identity,
};
use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    task::JoinSet,
};

pub fn identity(seed: u8) -> Identity {
    Identity::new([seed; 32], [9; 32])
}

/// A node that listens on a free port of the loopback address. It trusts whom the test names.
pub struct Peer {
    pub identity: Identity,
    pub transport: Arc<TlsTransport>,
    known: Arc<Mutex<BTreeSet<NodeKey>>>,
}

impl Peer {
    pub fn start(seed: u8, known: &[u8]) -> Peer {
        let identity = identity(seed);
        let keys = Arc::new(Mutex::new(known.iter().map(|seed| self::identity(*seed).node_key()).collect()));
        let asked: Arc<Mutex<BTreeSet<NodeKey>>> = Arc::clone(&keys);
        let known: Known = Arc::new(move |key| asked.lock().expect("unpoisoned").contains(key));
        let transport = TlsTransport::bind("127.0.0.1:0".parse().expect("an address"), &identity, known);
        Peer { identity, transport: Arc::new(transport.expect("a port")), known: keys }
    }

    pub fn key(&self) -> NodeKey {
        self.identity.node_key()
    }

    pub fn address(&self) -> String {
        self.transport.local_addr().to_string()
    }

    pub fn forget(&self, other: &Peer) {
        assert!(self.known.lock().expect("unpoisoned").remove(&other.key()));
    }

    pub async fn dial(&self, other: &Peer) -> Result<Link, LinkError> {
        self.transport.dial(&other.address(), other.key()).await
    }

    /// A link that must be there: both ends, and whom the listener takes the dialer for.
    pub async fn link(&self, other: &Peer) -> (Link, Link, NodeKey) {
        let dialled = async { self.dial(other).await.expect("a link") };
        let (far, (near, key)) = tokio::join!(dialled, other.accept());
        (far, near, key)
    }

    pub async fn accept(&self) -> (Link, NodeKey) {
        self.transport.accept().await.expect("a link")
    }
}

pub type Link = <TlsTransport as Transport>::Stream;

fn refusal<T>(dialled: Result<T, LinkError>) -> String {
    match dialled.map(|_| ()) {
        Err(LinkError::Handshake { reason, .. }) => reason,
        other => panic!("not refused in the handshake: {other:?}"),
    }
}

#[tokio::test]
async fn two_nodes_that_know_each_other_pass_bytes_both_ways() {
    let (east, west) = (Peer::start(1, &[2]), Peer::start(2, &[1]));
    for (from, to) in [(&east, &west), (&west, &east)] {
        let (mut far, mut near, key) = from.link(to).await;
        assert_eq!(key, from.key());
        near.write_all(b"from the listener").await.expect("written");
        near.shutdown().await.expect("ended");
        far.write_all(b"from the dialer").await.expect("written");
        far.shutdown().await.expect("ended");
        let mut text = String::new();
        far.read_to_string(&mut text).await.expect("read to a clean end");
        assert_eq!(text, "from the listener");
        text.clear();
        near.read_to_string(&mut text).await.expect("read to a clean end");
        assert_eq!(text, "from the dialer");
    }
}

#[tokio::test]
async fn frames_pass_and_a_too_long_one_ends_the_reading() {
    let (east, west) = (Peer::start(1, &[2]), Peer::start(2, &[1]));
    let (mut far, near, _) = east.link(&west).await;
    let (mut near, mut back) = tokio::io::split(near);
    let longest: Vec<u8> = (0..FRAME_BYTES_MAX).map(|index| (index % 251) as u8).collect();
    let send = async {
        for frame in [&longest[..0], &longest[..1], &longest] {
            write_frame(&mut far, frame, FRAME_BYTES_MAX).await.expect("written");
        }
        assert_eq!(read_frame(&mut far, FRAME_BYTES_MAX).await.expect("read").as_deref(), Some(b"seen".as_slice()));
        write_frame(&mut far, &[0; 65], 65).await.expect("written");
    };
    let receive = async {
        for frame in [&longest[..0], &longest[..1], &longest] {
            assert_eq!(read_frame(&mut near, FRAME_BYTES_MAX).await.expect("read").as_deref(), Some(frame));
        }
        write_frame(&mut back, b"seen", FRAME_BYTES_MAX).await.expect("written");
        let error = read_frame(&mut near, 64).await.expect_err("too long");
        assert!(matches!(error, FrameError::TooLong { bytes: 65, max: 64 }), "{error}");
    };
    tokio::join!(send, receive);
}

#[tokio::test]
async fn a_dialer_that_is_not_known_is_told_so_and_never_accepted() {
    let (east, west, stranger) = (Peer::start(1, &[2]), Peer::start(2, &[1]), Peer::start(3, &[2]));
    let reason = refusal(stranger.dial(&west).await);
    assert!(reason.contains("does not know this node's key") && reason.contains(&stranger.key().to_string()));
    let (_, _, key) = east.link(&west).await;
    assert_eq!(key, east.key(), "the stranger is not in the queue");
}

#[tokio::test]
async fn a_dialer_takes_no_other_key_than_the_expected() {
    let (east, west) = (Peer::start(1, &[2]), Peer::start(2, &[1]));
    let expected = identity(3).node_key();
    let reason = refusal(east.transport.dial(&west.address(), expected).await);
    assert_eq!(reason, format!("the key {} answers there, not {expected}", west.key()));
    east.link(&west).await;
    assert!(west.transport.accept().now_or_never().is_none(), "there is no second one");
}

#[tokio::test]
async fn a_removed_peer_is_refused_at_its_next_connection() {
    let (east, west, north) = (Peer::start(1, &[2]), Peer::start(2, &[1, 3]), Peer::start(3, &[2]));
    let (mut far, mut near, _) = east.link(&west).await;
    // This one is welcome, and removed before anybody takes it from the queue.
    let mut waiting = east.dial(&west).await.expect("a link");
    west.forget(&east);

    let reason = refusal(east.dial(&west).await);
    assert!(reason.contains("does not know this node's key"), "{reason}");
    let (_, _, key) = north.link(&west).await;
    assert_eq!(key, north.key());
    assert!(waiting.read_u8().await.is_err(), "closed");
    // Ending links that are there already is for whoever holds them.
    near.write_u8(7).await.expect("written");
    near.flush().await.expect("sent");
    assert_eq!(far.read_u8().await.expect("read"), 7);
}

#[tokio::test]
async fn links_that_nobody_takes_are_bounded() {
    let (east, west) = (Peer::start(1, &[2]), Peer::start(2, &[1]));
    let (east, address, key) = (Arc::clone(&east.transport), west.address(), west.key());
    let mut dialling = JoinSet::new();
    for _ in 0..=READY_LINKS_MAX {
        let (east, address) = (Arc::clone(&east), address.clone());
        dialling.spawn(async move { east.dial(&address, key).await });
    }
    let mut links = Vec::new();
    for _ in 0..READY_LINKS_MAX {
        links.push(dialling.join_next().await.expect("more").expect("no panic").expect("a link"));
    }
    assert!(dialling.join_next().now_or_never().is_none(), "one too many waits for its welcome");
    west.accept().await;
    dialling.join_next().await.expect("the last").expect("no panic").expect("a link");
}

#[tokio::test]
async fn names_are_looked_up_and_failures_name_the_address() {
    let (east, west) = (Peer::start(1, &[2]), Peer::start(2, &[1]));
    let name = format!("localhost:{}", west.transport.local_addr().port());
    let dialled = async { east.transport.dial(&name, west.key()).await.expect("a link") };
    tokio::join!(dialled, west.accept());

    let west_key = west.key();
    let address = west.address();
    drop(west);
    // The port is closed as soon as the listener's task has seen that it is to end.
    let error = loop {
        match east.transport.dial(&address, west_key).await {
            Err(error @ LinkError::Unreachable { .. }) => break error.to_string(),
            Err(LinkError::Handshake { .. }) => tokio::task::yield_now().await,
            other => panic!("nobody listens: {other:?}"),
        }
    };
    assert!(error.starts_with(&format!("{address} cannot be reached: ")), "{error}");
    let error = east.transport.dial("nowhere.invalid:1", west_key).await.expect_err("no such name");
    assert!(matches!(error, LinkError::Unreachable { .. }), "{error}");
    let error = east.transport.dial("no port", west_key).await.expect_err("no port");
    assert!(matches!(error, LinkError::Unreachable { .. }), "{error}");

    let taken: SocketAddr = east.transport.local_addr();
    let error = TlsTransport::bind(taken, &identity(4), Arc::new(|_| true)).expect_err("taken").to_string();
    assert!(error.contains(&format!("cannot listen for peers on {taken}")), "{error}");
}
