//! The way from peers: handshakes side by side, each bounded in time, and the queue of links that are ready.

use super::{
    super::transport::{Known, LinkError},
    HANDSHAKE_SECONDS, HANDSHAKES_MAX, PROTOCOL, READY_LINKS_MAX, WELCOME, identity,
    pinned::Pinned,
    reason::Reason,
    refusals::Refusals,
    socket,
};
use domain::id::NodeKey;
use rustls::{
    ServerConfig,
    crypto::CryptoProvider,
    server::{AlwaysResolvesServerRawPublicKeys, NoServerSessionStorage},
    sign::CertifiedKey,
};
use std::{collections::VecDeque, fmt, io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpSocket, TcpStream},
    sync::{Mutex, mpsc},
    task::{AbortHandle, JoinSet},
    time::timeout,
};
use tokio_rustls::{TlsAcceptor, TlsStream};

/// Connections that the system keeps for us until they are taken.
const BACKLOG: u32 = 128;
/// Milliseconds to wait after the system refused a new connection, which it does when it is out of file descriptors.
const REFUSED_WAIT_MS: u64 = 500;

type Link = (TlsStream<TcpStream>, NodeKey);

pub(super) struct Listener {
    address: SocketAddr,
    known: Known,
    refusals: Arc<Refusals>,
    ready: Mutex<mpsc::Receiver<Result<Link, LinkError>>>,
    /// Ends with the listener, and the handshakes with it.
    _accepting: JoinSet<()>,
}

/// What every handshake shares.
struct Handshakes {
    provider: Arc<CryptoProvider>,
    key: Arc<CertifiedKey>,
    known: Known,
    refusals: Arc<Refusals>,
    ready: mpsc::Sender<Result<Link, LinkError>>,
}

impl Listener {
    pub fn bind(
        listen: SocketAddr,
        provider: Arc<CryptoProvider>,
        key: Arc<CertifiedKey>,
        known: Known,
    ) -> io::Result<Self> {
        let socket = if listen.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        // A restarted node takes its port back at once.
        socket.set_reuseaddr(true)?;
        socket.bind(listen)?;
        let listener = socket.listen(BACKLOG)?;
        let address = listener.local_addr()?;
        let (sender, ready) = mpsc::channel(READY_LINKS_MAX);
        let refusals = Arc::new(Refusals::default());
        let handshakes =
            Handshakes { provider, key, known: Arc::clone(&known), refusals: Arc::clone(&refusals), ready: sender };
        let mut accepting = JoinSet::new();
        accepting.spawn(accept_all(listener, Arc::new(handshakes)));
        Ok(Listener { address, known, refusals, ready: Mutex::new(ready), _accepting: accepting })
    }

    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    pub async fn accept(&self) -> Result<Link, LinkError> {
        let mut ready = self.ready.lock().await;
        loop {
            let ended = || LinkError::Listener(io::Error::other("it has ended"));
            let (stream, key) = ready.recv().await.ok_or_else(ended)??;
            // Whoever was removed while the link waited here is as unknown as one who comes now.
            if (self.known)(&key) {
                return Ok((stream, key));
            }
            if let Ok(address) = stream.get_ref().0.peer_addr() {
                self.refusals.tell(address, &Reason::Refused(key));
            }
        }
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("Listener").field("address", &self.address).finish_non_exhaustive()
    }
}

async fn accept_all(listener: TcpListener, handshakes: Arc<Handshakes>) {
    let mut running = JoinSet::new();
    let mut oldest_first = VecDeque::<AbortHandle>::new();
    loop {
        let (stream, address) = tokio::select! {
            Some(_) = running.join_next() => continue,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // If the queue is full, whoever takes from it has not heard of the last failures yet.
                    let _ = handshakes.ready.try_send(Err(LinkError::Listener(error)));
                    tokio::time::sleep(Duration::from_millis(REFUSED_WAIT_MS)).await;
                    continue;
                }
            },
        };
        oldest_first.retain(|handshake| !handshake.is_finished());
        if oldest_first.len() >= HANDSHAKES_MAX
            && let Some(oldest) = oldest_first.pop_front()
        {
            tracing::debug!(at_once = HANDSHAKES_MAX, "too many handshakes with peers: the oldest is dropped");
            oldest.abort();
        }
        oldest_first.push_back(running.spawn(Arc::clone(&handshakes).one(stream, address)));
    }
}

impl Handshakes {
    async fn one(self: Arc<Self>, stream: TcpStream, address: SocketAddr) {
        let greeting = timeout(Duration::from_secs(HANDSHAKE_SECONDS), self.greet(stream)).await;
        if let Err(reason) = greeting.unwrap_or(Err(Reason::TooLong)) {
            self.refusals.tell(address, &reason);
        }
    }

    async fn greet(&self, stream: TcpStream) -> Result<(), Reason> {
        let pinned = Pinned::new(Arc::clone(&self.known), &self.provider);
        let failed = |error| Reason::new(error, pinned.claimed());
        socket::prepare(&stream).map_err(failed)?;
        let config = self.config(Arc::clone(&pinned)).map_err(|error| Reason::Tls(io::Error::other(error)))?;
        let mut stream = TlsAcceptor::from(Arc::new(config)).accept(stream).await.map_err(failed)?;
        let session = stream.get_ref().1;
        if session.alpn_protocol() != Some(PROTOCOL) {
            return Err(Reason::OtherProtocol);
        }
        let proved = session.peer_certificates().and_then(|raw| identity::node_key(raw.first()?));
        let key = proved.ok_or_else(|| Reason::Tls(io::Error::other("no key was proved")))?;
        // The welcome follows only when there is a place: the dialer's link is then as good as taken.
        let Ok(place) = self.ready.reserve().await else { return Ok(()) };
        stream.write_u8(WELCOME).await.map_err(failed)?;
        stream.flush().await.map_err(failed)?;
        place.send(Ok((TlsStream::Server(stream), key)));
        Ok(())
    }

    fn config(&self, pinned: Arc<Pinned>) -> Result<ServerConfig, rustls::Error> {
        let mut config = ServerConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_client_cert_verifier(pinned)
            .with_cert_resolver(Arc::new(AlwaysResolvesServerRawPublicKeys::new(Arc::clone(&self.key))));
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        config.max_early_data_size = 0;
        Ok(config)
    }
}
