//! Listeners: what is bound, and what answers there.

use super::{public::Public, tls::Certificates};
use axum::Router;
use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicBool},
};
use tokio::net::{TcpListener, UnixListener};

/// Why an address cannot be listened on.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    #[error("cannot listen on {0}: another program uses this port already; stop it or choose another address")]
    InUse(SocketAddr),
    #[error("cannot listen on {0}: not permitted; use a port from 1024 or give the service CAP_NET_BIND_SERVICE")]
    NotPermitted(SocketAddr),
    #[error("cannot listen on {0}: {1}")]
    Tcp(SocketAddr, io::Error),
    #[error("cannot listen on {}: {error}", .path.display())]
    Unix { path: PathBuf, error: io::Error },
}

#[derive(Debug)]
pub enum Socket {
    Plain(TcpListener),
    Tls(TcpListener, Arc<Certificates>),
    Unix(UnixListener),
}

#[derive(Clone, Debug)]
pub enum Service {
    Public(Arc<Public>),
    Router(Router),
    /// A copy answers readers until the node's log is whole again, and from then on the node.
    Refilling {
        copy: Router,
        public: Arc<Public>,
        is_whole: Arc<AtomicBool>,
    },
}

/// A bound socket and what answers there.
#[derive(Debug)]
pub struct Listener {
    pub socket: Socket,
    pub service: Service,
}

/// Binds an address; port 0 takes any free one.
///
/// # Errors
/// When the address cannot be used; the message names it.
pub async fn tcp(address: SocketAddr) -> Result<TcpListener, ListenError> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => ListenError::InUse(address),
        io::ErrorKind::PermissionDenied => ListenError::NotPermitted(address),
        _ => ListenError::Tcp(address, error),
    })
}

/// Binds a Unix socket that only the service's own user may open. A socket file that nobody answers on is replaced:
/// the data directory's lock has already shown that no other node runs.
///
/// # Errors
/// When the path cannot be used.
pub fn unix(path: &Path) -> Result<UnixListener, ListenError> {
    use std::os::unix::fs::{FileTypeExt, PermissionsExt};
    let error = |error| ListenError::Unix { path: path.to_owned(), error };
    match std::fs::symlink_metadata(path) {
        Ok(held) if held.file_type().is_socket() => std::fs::remove_file(path).map_err(error)?,
        Ok(_) => return Err(error(io::Error::new(io::ErrorKind::AlreadyExists, "a file that is no socket is there"))),
        Err(_) => {}
    }
    let listener = UnixListener::bind(path).map_err(error)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).map_err(error)?;
    Ok(listener)
}
