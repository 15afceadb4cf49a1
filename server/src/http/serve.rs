//! The accept loops: bounded connections, and an end that drains.

use super::{
    connection::{Connections, Protocol},
    forwarded::{Networks, Peer},
    listen::{Listener, Service, Socket},
    settings::{Limits, Settings},
    shutdown::Shutdown,
    tls::Certificates,
};
use std::{io, net::IpAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_rustls::TlsAcceptor;

/// Milliseconds to wait after the system refused a new connection, which it does when it is out of file descriptors.
const REFUSED_WAIT_MS: u64 = 50;

/// What every connection of one listener shares.
struct Accepting {
    service: Service,
    connections: Connections,
    proxies: Networks,
    handshake_timeout: Duration,
}

/// Serves every listener until the end is announced and requests under way are answered, or the drain time is over.
/// The bound on connections is each listener's own, so that a full public one does not shut the operators out.
pub async fn serve(listeners: Vec<Listener>, settings: &Settings, shutdown: Shutdown) {
    let mut running = tokio::task::JoinSet::new();
    for Listener { socket, service } in listeners {
        let accepting = Arc::new(Accepting {
            service,
            connections: Connections::new(&settings.limits, shutdown.clone()),
            proxies: settings.trusted_proxies.clone(),
            handshake_timeout: settings.limits.handshake_timeout,
        });
        running.spawn(listener(socket, accepting, settings.limits.clone(), shutdown.clone()));
    }
    while running.join_next().await.is_some() {}
}

async fn listener(socket: Socket, accepting: Arc<Accepting>, limits: Limits, shutdown: Shutdown) {
    if let Socket::Tls(_, certificates) = &socket {
        tokio::spawn(Arc::clone(certificates).run(shutdown.clone()));
    }
    let permits = Arc::new(Semaphore::new(limits.connections_max));
    let accepts = async {
        loop {
            let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { return };
            if let Err(error) = one(&socket, &accepting, permit).await {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(REFUSED_WAIT_MS)).await;
            }
        }
    };
    tokio::select! {
        () = accepts => {}
        () = shutdown.begun() => {}
    }
    drop(socket);
    let all = u32::try_from(limits.connections_max).unwrap_or(u32::MAX);
    if tokio::time::timeout(limits.drain_timeout, permits.acquire_many(all)).await.is_err() {
        let left = limits.connections_max - permits.available_permits();
        tracing::warn!(connections = left, seconds = limits.drain_timeout.as_secs(), "closed before they were done");
    }
}

async fn one(socket: &Socket, accepting: &Arc<Accepting>, permit: OwnedSemaphorePermit) -> io::Result<()> {
    let accepting = Arc::clone(accepting);
    match socket {
        Socket::Plain(listener) => {
            let (stream, address) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let peer = Peer::new(Some(address.ip()), false, &accepting.proxies);
            tokio::spawn(plain(accepting, stream, peer, permit));
        }
        Socket::Tls(listener, certificates) => {
            let (stream, address) = listener.accept().await?;
            stream.set_nodelay(true)?;
            tokio::spawn(encrypted(accepting, Arc::clone(certificates), stream, address.ip(), permit));
        }
        Socket::Unix(listener) => {
            let (stream, _) = listener.accept().await?;
            let peer = Peer::new(None, false, &accepting.proxies);
            tokio::spawn(plain(accepting, stream, peer, permit));
        }
    }
    Ok(())
}

async fn plain<Io>(accepting: Arc<Accepting>, stream: Io, peer: Peer, _permit: OwnedSemaphorePermit)
where
    Io: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    accepting.connections.serve(stream, peer, accepting.service.clone(), Protocol::Http1).await;
}

async fn encrypted(
    accepting: Arc<Accepting>,
    certificates: Arc<Certificates>,
    stream: TcpStream,
    address: IpAddr,
    _permit: OwnedSemaphorePermit,
) {
    let handshake = TlsAcceptor::from(certificates.config()).accept(stream);
    let stream = match tokio::time::timeout(accepting.handshake_timeout, handshake).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return tracing::debug!(%error, "TLS handshake failed"),
        Err(_) => return tracing::debug!("TLS handshake took too long"),
    };
    let protocol = match stream.get_ref().1.alpn_protocol() {
        Some(b"h2") => Protocol::Http2,
        _ => Protocol::Http1,
    };
    let peer = Peer::new(Some(address), true, &accepting.proxies);
    accepting.connections.serve(stream, peer, accepting.service.clone(), protocol).await;
}
