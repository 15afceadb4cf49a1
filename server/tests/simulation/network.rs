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

    async fn greet(&self, stream: &mut TcpStream) -> io::Result<NodeKey> {
        let exchanged = async {
            stream.write_all(&self.own.0).await?;
            let mut theirs = [0; 32];
            stream.read_exact(&mut theirs).await?;
            Ok(NodeKey(theirs))
        };
        timeout(HANDSHAKE, exchanged).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl Transport for Network {
    type Stream = TcpStream;

    async fn dial(&self, address: &str, expected: NodeKey) -> Result<TcpStream, LinkError> {
        let unreachable = |error| LinkError::Unreachable { address: address.to_owned(), error };
        let connected = timeout(HANDSHAKE, TcpStream::connect((address, PORT))).await;
        let mut stream = connected.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())).map_err(unreachable)?;
        match self.greet(&mut stream).await {
            Ok(key) if key == expected => Ok(stream),
            Ok(key) => Err(LinkError::Handshake { address: address.to_owned(), reason: format!("it is {key}") }),
            Err(error) => Err(unreachable(error)),
        }
    }

    async fn accept(&self) -> Result<(TcpStream, NodeKey), LinkError> {
        loop {
            let (mut stream, _) = self.listener.accept().await.map_err(LinkError::Listener)?;
            if let Ok(key) = self.greet(&mut stream).await {
                return Ok((stream, key));
            }
        }
    }
}
