//! A TCP relay that stands for the network between two nodes: it delays, cuts, swallows, and counts what it carries.
//! `cargo xtask bench` measures through it too.
//!
//! Bytes leave the relay `delay` after they came, in order, in each direction. What it does not stand for: the round trip
//! in which a connection is set up, loss, and a bound on the rate (beyond [`CHUNKS_UNDER_WAY_MAX`]).

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::{mpsc, watch},
    task::JoinSet,
    time::Instant,
};

const CHUNK_BYTES_MAX: usize = 64 << 10;
/// In one direction of one connection; more waits at the sender.
const CHUNKS_UNDER_WAY_MAX: usize = 256;

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From whoever connected to the relay.
    ToTarget,
    FromTarget,
}

#[derive(Clone, Copy, Debug, Default)]
struct Weather {
    /// Connections that were there at an earlier cut are gone.
    cuts: u64,
    cut: bool,
    to_target_held: bool,
    from_target_held: bool,
}

/// Bytes of all connections together.
#[derive(Debug, Default)]
struct Carried {
    to_target: AtomicU64,
    from_target: AtomicU64,
}

impl Carried {
    fn bytes(&self, direction: Direction) -> &AtomicU64 {
        match direction {
            Direction::ToTarget => &self.to_target,
            Direction::FromTarget => &self.from_target,
        }
    }
}

/// What every connection needs.
#[derive(Clone, Debug)]
struct Way {
    target: SocketAddr,
    delay: Duration,
    carried: Arc<Carried>,
    weather: watch::Receiver<Weather>,
}

/// Ends, with its connections, when it is dropped.
#[derive(Debug)]
pub struct Relay {
    address: SocketAddr,
    weather: watch::Sender<Weather>,
    carried: Arc<Carried>,
    _accepting: JoinSet<()>,
}

impl Relay {
    /// Relays a free port of the loopback address to `target`. `delay` is one way, in each direction.
    pub async fn start(target: SocketAddr, delay: Duration) -> io::Result<Relay> {
        Relay::start_on((Ipv4Addr::LOCALHOST, 0).into(), target, delay).await
    }

    /// The same, where `listen` says.
    pub async fn start_on(listen: SocketAddr, target: SocketAddr, delay: Duration) -> io::Result<Relay> {
        let listener = TcpListener::bind(listen).await?;
        let address = listener.local_addr()?;
        let (weather, seen) = watch::channel(Weather::default());
        let carried = Arc::new(Carried::default());
        let way = Way { target, delay, carried: Arc::clone(&carried), weather: seen };
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(listener, way));
        Ok(Relay { address, weather, carried, _accepting: accepting })
    }

    /// Where to connect to instead of to the target.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Bytes that have come in for this direction since the start, without what TCP and IP add.
    pub fn carried_bytes(&self, direction: Direction) -> u64 {
        self.carried.bytes(direction).load(Ordering::Relaxed)
    }

    /// Closes every connection, and each new one at once, until [`Relay::restore`].
    pub fn cut(&self) {
        self.weather.send_modify(|weather| {
            weather.cuts += 1;
            weather.cut = true;
        });
    }

    /// Keeps connections open but passes nothing in this direction until [`Relay::restore`]; neither the end of a stream
    /// nor bytes under way. Like a network that drops packets: they arrive later, because TCP sends them again.
    pub fn black_hole(&self, direction: Direction) {
        self.weather.send_modify(|weather| match direction {
            Direction::ToTarget => weather.to_target_held = true,
            Direction::FromTarget => weather.from_target_held = true,
        });
    }

    /// All is well again.
    pub fn restore(&self) {
        self.weather.send_modify(|weather| *weather = Weather { cuts: weather.cuts, ..Weather::default() });
    }
}

async fn accept(listener: TcpListener, way: Way) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { return };
                let now = *way.weather.borrow();
                if !now.cut {
                    connections.spawn(connection(stream, now.cuts, way.clone()));
                }
            }
        }
    }
}

/// Passes both directions until both have ended or one fails, or until the next cut.
async fn connection(near: TcpStream, cuts: u64, way: Way) {
    let mut next_cut = way.weather.clone();
    let pass = async {
        let far = TcpStream::connect(way.target).await?;
        near.set_nodelay(true)?;
        far.set_nodelay(true)?;
        let ((near_read, near_write), (far_read, far_write)) = (near.into_split(), far.into_split());
        tokio::try_join!(
            one_way(near_read, far_write, Direction::ToTarget, way.clone()),
            one_way(far_read, near_write, Direction::FromTarget, way.clone()),
        )
    };
    tokio::select! {
        // Dropping both sockets is all there is to do about a failure.
        _ = pass => {}
        _ = next_cut.wait_for(|weather| weather.cuts != cuts) => {}
    }
}

async fn one_way(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, direction: Direction, way: Way) -> io::Result<()> {
    let Way { delay, carried, mut weather, .. } = way;
    // An empty chunk is the end of the stream.
    let (sender, mut under_way) = mpsc::channel::<(Instant, Vec<u8>)>(CHUNKS_UNDER_WAY_MAX);
    let read = async move {
        loop {
            let mut chunk = Vec::with_capacity(CHUNK_BYTES_MAX);
            let ended = from.read_buf(&mut chunk).await? == 0;
            carried.bytes(direction).fetch_add(chunk.len() as u64, Ordering::Relaxed);
            chunk.shrink_to_fit();
            let left = sender.send((Instant::now() + delay, chunk)).await.is_err();
            if ended || left {
                return Ok(());
            }
        }
    };
    let write = async move {
        while let Some((due, chunk)) = under_way.recv().await {
            tokio::time::sleep_until(due).await;
            let passes = |weather: &Weather| match direction {
                Direction::ToTarget => !weather.to_target_held,
                Direction::FromTarget => !weather.from_target_held,
            };
            weather.wait_for(passes).await.map_err(io::Error::other)?;
            match chunk.is_empty() {
                true => to.shutdown().await?,
                false => to.write_all(&chunk).await?,
            }
        }
        Ok(())
    };
    tokio::try_join!(read, write).map(|_: ((), ())| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A target that sends everything back, behind a relay; and a connection through it.
    async fn echo(delay: Duration) -> (Relay, TcpStream) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let target = listener.local_addr().expect("bound");
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut read, mut write) = stream.split();
                    let _ = tokio::io::copy(&mut read, &mut write).await;
                    let _ = write.shutdown().await;
                });
            }
        });
        let relay = Relay::start(target, delay).await.expect("a relay");
        let stream = TcpStream::connect(relay.address()).await.expect("a connection");
        (relay, stream)
    }

    async fn there_and_back(stream: &mut TcpStream, text: &[u8]) {
        stream.write_all(text).await.expect("written");
        let mut back = vec![0; text.len()];
        stream.read_exact(&mut back).await.expect("read");
        assert_eq!(back, text);
    }

    #[tokio::test]
    async fn both_ways_are_delayed_and_the_end_is_passed_on() {
        let delay = Duration::from_millis(30);
        let (_relay, mut stream) = echo(delay).await;
        let start = Instant::now();
        there_and_back(&mut stream, b"over and back").await;
        assert!(start.elapsed() >= 2 * delay, "{:?}", start.elapsed());
        stream.shutdown().await.expect("shut");
        assert_eq!(stream.read(&mut [0; 1]).await.expect("the end"), 0);
    }

    #[tokio::test]
    async fn more_than_a_chunk_arrives_whole_and_is_counted() {
        let (relay, stream) = echo(Duration::from_millis(1)).await;
        let sent: Vec<u8> = (0..5 * CHUNK_BYTES_MAX).map(|index| (index % 251) as u8).collect();
        let (mut read, mut write) = stream.into_split();
        let mut back = vec![0; sent.len()];
        tokio::try_join!(write.write_all(&sent), read.read_exact(&mut back)).expect("passed");
        assert_eq!(back, sent);
        for direction in [Direction::ToTarget, Direction::FromTarget] {
            assert_eq!(relay.carried_bytes(direction), sent.len() as u64, "{direction:?}");
        }
    }

    #[tokio::test]
    async fn a_cut_ends_connections_and_a_restored_relay_takes_new_ones() {
        let (relay, mut stream) = echo(Duration::ZERO).await;
        there_and_back(&mut stream, b"before").await;
        relay.cut();
        let ended = stream.read(&mut [0; 1]).await;
        assert!(matches!(ended, Ok(0) | Err(_)), "{ended:?}");
        let mut refused = TcpStream::connect(relay.address()).await.expect("taken and dropped");
        let ended = refused.read(&mut [0; 1]).await;
        assert!(matches!(ended, Ok(0) | Err(_)), "{ended:?}");
        relay.restore();
        let mut stream = TcpStream::connect(relay.address()).await.expect("a connection");
        there_and_back(&mut stream, b"after").await;
    }

    #[tokio::test]
    async fn a_black_hole_holds_one_direction_and_lets_it_go() {
        for direction in [Direction::ToTarget, Direction::FromTarget] {
            let (relay, mut stream) = echo(Duration::ZERO).await;
            there_and_back(&mut stream, b"before").await;
            relay.black_hole(direction);
            stream.write_all(b"held").await.expect("written");
            let mut back = [0; 4];
            let held = tokio::time::timeout(Duration::from_millis(50), stream.read_exact(&mut back)).await;
            assert!(held.is_err(), "{direction:?}: {held:?}");
            relay.restore();
            stream.read_exact(&mut back).await.expect("let go");
            assert_eq!(&back, b"held", "{direction:?}");
        }
    }
}
