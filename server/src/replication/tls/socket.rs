//! What every TCP connection between nodes is set to.

use socket2::{SockRef, TcpKeepalive};
use std::{io, time::Duration};
use tokio::net::TcpStream;

/// Seconds of silence until the system asks whether the other side is still there.
const KEEPALIVE_AFTER_SECONDS: u64 = 15;
/// Seconds between two such questions.
const KEEPALIVE_EVERY_SECONDS: u64 = 5;
/// Questions without an answer that end the connection.
const KEEPALIVE_UNANSWERED_MAX: u32 = 3;
/// Seconds that sent bytes may stay unacknowledged; the system's own bound is a quarter of an hour.
#[cfg(target_os = "linux")]
const UNACKNOWLEDGED_SECONDS: u64 = 30;

/// Small frames leave at once, and a peer that vanished without a word is noticed within half a minute.
pub(super) fn prepare(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let keepalive = TcpKeepalive::new()
        .with_time(Duration::from_secs(KEEPALIVE_AFTER_SECONDS))
        .with_interval(Duration::from_secs(KEEPALIVE_EVERY_SECONDS))
        .with_retries(KEEPALIVE_UNANSWERED_MAX);
    let socket = SockRef::from(stream);
    socket.set_tcp_keepalive(&keepalive)?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(Duration::from_secs(UNACKNOWLEDGED_SECONDS)))?;
    Ok(())
}
