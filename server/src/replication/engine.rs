//! Keeps a link to every peer: opens one where there is none, takes in those that peers open.

use super::{
    link::Link,
    message::{Hello, PROTOCOL},
    pace::{Jitter, REDIAL_MS},
    peers::Peers,
    replica::Replica,
    transport::Transport,
};
use domain::{id::NodeKey, trust::Member};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::{
    task::{AbortHandle, JoinSet},
    time::{Instant, sleep},
};

/// A link that ends sooner was not worth the dialling: a peer that closes it at once is not dialled many times a second.
const LASTING: Duration = Duration::from_secs(10);

/// Replication of one node.
pub struct Engine<T, R> {
    pub peers: Arc<Peers>,
    pub replica: Arc<R>,
    pub transport: Arc<T>,
    pub jitter: Jitter,
}

impl<T: Transport, R: Replica> Engine<T, R> {
    /// Runs until it is dropped; its links end with it.
    pub async fn run(mut self) {
        let mut tasks = JoinSet::new();
        let peers = Arc::clone(&self.peers);
        let mut dialling: BTreeMap<NodeKey, (Member, AbortHandle)> = BTreeMap::new();
        let accepting = self.caller();
        let jitter = self.jitter.split();
        tasks.spawn(accepting.accept(jitter));
        loop {
            let changed = peers.changed();
            // One task for each member that has an address; a member whose address has changed gets another.
            let members = self.peers.members();
            dialling.retain(|key, (member, task)| {
                let stays = members.iter().any(|held| held == member && held.key == *key) && !task.is_finished();
                if !stays {
                    task.abort();
                }
                stays
            });
            for member in members.into_iter().filter(|member| !member.address.is_empty()) {
                if dialling.contains_key(&member.key) {
                    continue;
                }
                let (caller, jitter) = (self.caller(), self.jitter.split());
                let task = tasks.spawn(caller.dial(member.clone(), jitter));
                dialling.insert(member.key, (member, task));
            }
            tokio::select! {
                biased;
                () = changed => {}
                // One that was told to end, or that panicked and is begun again.
                Some(_) = tasks.join_next() => {}
            }
        }
    }

    fn caller(&self) -> Caller<T, R> {
        Caller {
            peers: Arc::clone(&self.peers),
            replica: Arc::clone(&self.replica),
            transport: Arc::clone(&self.transport),
        }
    }
}

/// What a task needs to make links.
struct Caller<T, R> {
    peers: Arc<Peers>,
    replica: Arc<R>,
    transport: Arc<T>,
}

impl<T: Transport, R: Replica> Caller<T, R> {
    /// Opens a link to one peer whenever there is none.
    async fn dial(self, member: Member, mut jitter: Jitter) {
        let mut wait_ms = *REDIAL_MS.start();
        loop {
            loop {
                let changed = self.peers.changed();
                if !self.peers.is_linked(&member.key) {
                    break;
                }
                wait_ms = *REDIAL_MS.start();
                changed.await;
            }
            match self.transport.dial(&member.address, member.key).await {
                Ok(stream) => {
                    let begun = Instant::now();
                    let was_served = self.serve(stream, member.key, self.peers.own().key, jitter.split()).await;
                    if was_served && begun.elapsed() >= LASTING {
                        wait_ms = *REDIAL_MS.start();
                    }
                }
                Err(error) => self.peers.unreachable(member.key, error.to_string()),
            }
            sleep(jitter.around(wait_ms)).await;
            wait_ms = (wait_ms * 2).min(*REDIAL_MS.end());
        }
    }

    /// Takes in the links that peers open.
    async fn accept(self, mut jitter: Jitter) {
        let mut links = JoinSet::new();
        loop {
            tokio::select! {
                biased;
                accepted = self.transport.accept() => match accepted {
                    Ok((stream, peer)) => {
                        let caller = Caller {
                            peers: Arc::clone(&self.peers),
                            replica: Arc::clone(&self.replica),
                            transport: Arc::clone(&self.transport),
                        };
                        let jitter = jitter.split();
                        links.spawn(async move { caller.serve(stream, peer, peer, jitter).await });
                    }
                    Err(error) => {
                        tracing::warn!(%error, "no peer can link with this node");
                        sleep(jitter.around(*REDIAL_MS.end())).await;
                    }
                },
                Some(_) = links.join_next() => {}
            }
        }
    }

    /// Talks on a stream until the link ends. No when another link to the peer stays instead.
    async fn serve(&self, stream: T::Stream, peer: NodeKey, dialer: NodeKey, jitter: Jitter) -> bool {
        let Some(place) = self.peers.open(peer, dialer) else { return false };
        let number = place.number;
        tracing::info!(node = %peer, opened_here = dialer != peer, "linked with a peer");
        let own = self.peers.own();
        let hello = Hello {
            protocol: PROTOCOL,
            cluster: self.replica.store().identity().cluster.to_string(),
            name: own.name.clone(),
            region: own.region.clone(),
            version: crate::store::version::PROGRAM.to_owned(),
        };
        let link = Link {
            peers: Arc::clone(&self.peers),
            replica: Arc::clone(&self.replica),
            peer,
            asks: dialer != peer,
            place,
            jitter,
        };
        let mut open = Open { peers: &self.peers, peer, number, why: "this node has ended it".to_owned() };
        open.why = link.run(stream, hello).await;
        true
    }
}

/// An open link. It is closed also when the task that serves it is ended or panics: a place that nobody holds any more
/// would keep every other link out.
struct Open<'a> {
    peers: &'a Peers,
    peer: NodeKey,
    number: u64,
    why: String,
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        let why = std::mem::take(&mut self.why);
        tracing::info!(node = %self.peer, %why, "the link to a peer has ended");
        self.peers.close(self.peer, self.number, why);
    }
}
