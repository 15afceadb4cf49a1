//! Free ports of this machine, and waiting until somebody listens.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use anyhow::bail;

/// Until a started server must listen; longer means that the run is broken.
const LISTENING_WITHIN: Duration = Duration::from_secs(60);
/// Between two attempts to connect: the resolution of start-up times.
pub const ATTEMPT_EVERY: Duration = Duration::from_millis(1);

/// A loopback address that nobody uses at the moment.
///
/// # Errors
/// When the system has none.
pub fn free() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// Waits until somebody listens.
///
/// # Errors
/// When nobody does in time.
pub fn wait_for(address: SocketAddr) -> anyhow::Result<()> {
    let begun = Instant::now();
    while TcpStream::connect(address).is_err() {
        if begun.elapsed() > LISTENING_WITHIN {
            bail!("nobody listens on {address} after {} s", LISTENING_WITHIN.as_secs());
        }
        std::thread::sleep(ATTEMPT_EVERY);
    }
    Ok(())
}
