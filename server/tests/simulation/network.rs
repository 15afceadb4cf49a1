//! The transport over simulated TCP. Each side says its key and is believed: that keys are proved is shown over real
//! sockets (`peer_tls.rs`).

use domain::id::NodeKey;
use server::replication::{LinkError, Transport};
use std::{io, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};
use turmoil::net::{TcpListener, TcpStream};

pub const PORT: u16 = 7070;
const HANDSHAKE: Duration = Duration::from_secs(3);

pub struct Network {
    listener: TcpListener,
    own: NodeKey,
}

impl Network {
    pub async fn bind(own: NodeKey) -> io::Result<Self> {
        Ok(Network { listener: TcpListener::bind(("0.0.0.0", PORT)).await?, own })
    }

    /// As in TLS the listener shows its key first, so that nobody who was looking for somebody else is let in.
    async fn shows(&self, stream: &mut TcpStream) -> io::Result<NodeKey> {
        stream.write_all(&self.own.0).await?;
        read_key(stream).await
    }

    async fn looks(&self, stream: &mut TcpStream, expected: NodeKey) -> io::Result<()> {
        match read_key(stream).await? {
            key if key == expected => stream.write_all(&self.own.0).await,
            key => Err(io::Error::other(format!("it is {key}"))),
        }
    }
}

async fn read_key(stream: &mut TcpStream) -> io::Result<NodeKey> {
    let mut key = [0; 32];
    stream.read_exact(&mut key).await?;
    Ok(NodeKey(key))
}

async fn in_time<T>(work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    timeout(HANDSHAKE, work).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

impl Transport for Network {
    type Stream = TcpStream;

    async fn dial(&self, address: &str, expected: NodeKey) -> Result<TcpStream, LinkError> {
        let unreachable = |error| LinkError::Unreachable { address: address.to_owned(), error };
        let mut stream = in_time(TcpStream::connect(address)).await.map_err(unreachable)?;
        in_time(self.looks(&mut stream, expected)).await.map_err(unreachable)?;
        Ok(stream)
    }

    async fn accept(&self) -> Result<(TcpStream, NodeKey), LinkError> {
        loop {
            let (mut stream, _) = self.listener.accept().await.map_err(LinkError::Listener)?;
            if let Ok(key) = in_time(self.shows(&mut stream)).await {
                return Ok((stream, key));
            }
        }
    }
}
