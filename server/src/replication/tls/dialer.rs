//! The way to a peer: its address, the handshake with exactly the expected key, its welcome.

use super::{
    super::transport::LinkError, ADDRESSES_TRIED_MAX, CONNECT_SECONDS, HANDSHAKE_SECONDS, PROTOCOL, WELCOME,
    pinned::Pinned, reason::Reason, socket,
};
use domain::id::NodeKey;
use rustls::{
    ClientConfig,
    client::{AlwaysResolvesClientRawPublicKeys, Resumption},
    crypto::CryptoProvider,
    pki_types::ServerName,
    sign::CertifiedKey,
};
use std::{io, sync::Arc, time::Duration};
use tokio::{io::AsyncReadExt, net::TcpStream, time::timeout};
use tokio_rustls::{TlsConnector, TlsStream};

#[derive(Debug)]
pub(super) struct Dialer {
    provider: Arc<CryptoProvider>,
    key: Arc<CertifiedKey>,
    own: NodeKey,
}

impl Dialer {
    pub fn new(provider: Arc<CryptoProvider>, key: Arc<CertifiedKey>, own: NodeKey) -> Self {
        Dialer { provider, key, own }
    }

    pub async fn dial(&self, address: &str, expected: NodeKey) -> Result<TlsStream<TcpStream>, LinkError> {
        let unreachable = |error| LinkError::Unreachable { address: address.to_owned(), error };
        let stream = connect(address).await.map_err(unreachable)?;
        socket::prepare(&stream).map_err(unreachable)?;
        let greeting = timeout(Duration::from_secs(HANDSHAKE_SECONDS), self.greet(stream, expected)).await;
        greeting.unwrap_or(Err(Reason::TooLong)).map_err(|reason| {
            let reason = match reason {
                Reason::Refused(key) => format!("the key {key} answers there, not {expected}"),
                Reason::RefusedThere => format!("{reason}, {}: name it there as a peer", self.own),
                reason => reason.to_string(),
            };
            LinkError::Handshake { address: address.to_owned(), reason }
        })
    }

    async fn greet(&self, stream: TcpStream, expected: NodeKey) -> Result<TlsStream<TcpStream>, Reason> {
        let pinned = Pinned::new(Arc::new(move |key| *key == expected), &self.provider);
        let config = self.config(Arc::clone(&pinned)).map_err(|error| Reason::Tls(io::Error::other(error)))?;
        let failed = |error| Reason::new(error, pinned.claimed());
        // The name is asked for by the library and means nothing here: the key is all.
        let name = ServerName::IpAddress(stream.peer_addr().map_err(failed)?.ip().into());
        let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.map_err(failed)?;
        if stream.get_ref().1.alpn_protocol() != Some(PROTOCOL) {
            return Err(Reason::OtherProtocol);
        }
        match stream.read_u8().await.map_err(failed)? {
            WELCOME => Ok(TlsStream::Client(stream)),
            other => Err(Reason::NoWelcome(other)),
        }
    }

    fn config(&self, pinned: Arc<Pinned>) -> Result<ClientConfig, rustls::Error> {
        let mut config = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .dangerous()
            .with_custom_certificate_verifier(pinned)
            .with_client_cert_resolver(Arc::new(AlwaysResolvesClientRawPublicKeys::new(Arc::clone(&self.key))));
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        config.resumption = Resumption::disabled();
        config.enable_early_data = false;
        config.enable_sni = false;
        Ok(config)
    }
}

/// The first of the address's first few that answers.
async fn connect(address: &str) -> io::Result<TcpStream> {
    let bound = Duration::from_secs(CONNECT_SECONDS);
    let late = |_| io::Error::new(io::ErrorKind::TimedOut, format!("no answer within {CONNECT_SECONDS} seconds"));
    let found = timeout(bound, tokio::net::lookup_host(address)).await.map_err(late)??;
    let mut failed = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for candidate in found.take(ADDRESSES_TRIED_MAX) {
        match timeout(bound, TcpStream::connect(candidate)).await.map_err(late).flatten() {
            Ok(stream) => return Ok(stream),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}
