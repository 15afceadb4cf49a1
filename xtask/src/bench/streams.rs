//! Many idle readers of `/live`, kept by one thread.

use std::io::{BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context as _, ensure};

use super::http_client;

/// How often every stream is read, so that the server never waits for a reader.
const READ_EVERY: Duration = Duration::from_millis(500);
const HEAD_WITHIN: Duration = Duration::from_secs(10);

/// Open streams; closed when dropped.
pub struct Streams {
    stop: Arc<AtomicBool>,
    events: Arc<AtomicU64>,
    closed: Arc<AtomicU64>,
    reader: Option<JoinHandle<()>>,
}

impl Streams {
    /// Opens `count` streams, one after another.
    ///
    /// # Errors
    /// When the server refuses one.
    pub fn open(address: SocketAddr, count: usize) -> anyhow::Result<Self> {
        let mut streams = Vec::with_capacity(count);
        for number in 1..=count {
            streams.push(open(address).with_context(|| format!("stream {number} of {count}"))?);
        }
        let (stop, events, closed) = <(Arc<AtomicBool>, Arc<AtomicU64>, Arc<AtomicU64>)>::default();
        let shared = (Arc::clone(&stop), Arc::clone(&events), Arc::clone(&closed));
        let reader = std::thread::Builder::new().name("streams".to_owned());
        let reader = reader.spawn(move || {
            let (stop, events, closed) = shared;
            while !stop.load(Ordering::Relaxed) {
                streams.retain_mut(|stream| {
                    let (seen, is_open) = drain(stream);
                    events.fetch_add(seen, Ordering::Relaxed);
                    closed.fetch_add(u64::from(!is_open), Ordering::Relaxed);
                    is_open
                });
                std::thread::sleep(READ_EVERY);
            }
        })?;
        Ok(Streams { stop, events, closed, reader: Some(reader) })
    }

    /// Board events that all streams together were sent so far.
    ///
    /// # Errors
    /// When the server closed a stream.
    pub fn board_events(&self) -> anyhow::Result<u64> {
        let closed = self.closed.load(Ordering::Relaxed);
        ensure!(closed == 0, "the server closed {closed} of the live streams");
        Ok(self.events.load(Ordering::Relaxed))
    }
}

impl Drop for Streams {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ended = self.reader.take().map(JoinHandle::join);
    }
}

fn open(address: SocketAddr) -> anyhow::Result<TcpStream> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(HEAD_WITHIN))?;
    stream.write_all(b"GET /live HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")?;
    let (status, _) = http_client::read_head(&mut BufReader::new(&stream))?;
    ensure!(status == 200, "/live answers {status}");
    stream.set_nonblocking(true)?;
    Ok(stream)
}

/// Reads what has come: how many board events, and whether the stream is still open. An event that is cut in two by
/// the end of what has come so far is not counted.
fn drain(stream: &mut TcpStream) -> (u64, bool) {
    let mut bytes = [0; 8192];
    let mut seen = 0;
    loop {
        match stream.read(&mut bytes) {
            Ok(0) => return (seen, false),
            Ok(count) => seen += String::from_utf8_lossy(&bytes[..count]).matches("event: board").count() as u64,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return (seen, true),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return (seen, false),
        }
    }
}
