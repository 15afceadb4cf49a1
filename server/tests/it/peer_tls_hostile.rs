//! What comes to the peers' port and is no peer: other protocols, other versions, noise, silence.

use crate::peer_tls::{Peer, identity};
use rustls::{
    AlertDescription, ClientConfig, DigitallySignedStruct, Error, HandshakeKind, SignatureScheme,
    client::{
        AlwaysResolvesClientRawPublicKeys, Resumption,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime},
    version::{TLS12, TLS13},
};
use server::{
    replication::{
        tls::{HANDSHAKE_SECONDS, HANDSHAKES_MAX, PROTOCOL, WELCOME, identity::certified},
        transport::{LinkError, Transport},
    },
    store::Identity,
};
use std::{io, sync::Arc};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{TlsConnector, client::TlsStream};

/// Believes every node.
#[derive(Debug)]
struct Credulous {
    raw_keys: bool,
}

impl ServerCertVerifier for Credulous {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519, SignatureScheme::ECDSA_NISTP256_SHA256]
    }

    fn requires_raw_public_keys(&self) -> bool {
        self.raw_keys
    }
}

type Builder = rustls::ConfigBuilder<ClientConfig, rustls::client::WantsClientCert>;

fn builder(versions: &[&'static rustls::SupportedProtocolVersion], raw_keys: bool) -> Builder {
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(versions)
        .expect("versions")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Credulous { raw_keys }))
}

/// A client with this node's raw public key, as a peer would be.
fn raw_key_client(identity: &Identity) -> ClientConfig {
    let key = certified(identity).expect("a key");
    let mut config =
        builder(&[&TLS13], true).with_client_cert_resolver(Arc::new(AlwaysResolvesClientRawPublicKeys::new(key)));
    config.alpn_protocols = vec![PROTOCOL.to_vec()];
    config
}

async fn connect(config: &Arc<ClientConfig>, peer: &Peer) -> io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(peer.transport.local_addr()).await?;
    let name = ServerName::try_from("peer.invalid").expect("a name");
    TlsConnector::from(Arc::clone(config)).connect(name, stream).await
}

/// What the listener said instead of a welcome.
async fn alert(config: ClientConfig, peer: &Peer) -> AlertDescription {
    let read = async { connect(&Arc::new(config), peer).await?.read_u8().await };
    let error = read.await.expect_err("refused");
    match error.get_ref().and_then(|inner| inner.downcast_ref()) {
        Some(Error::AlertReceived(alert)) => *alert,
        _ => panic!("no alert: {error:?}"),
    }
}

/// A peer that is known gets through, and nobody was in the queue before it.
async fn assert_serves(peer: &Peer, known: &Peer) {
    let (_, _, key) = known.link(peer).await;
    assert_eq!(key, known.key());
}

#[tokio::test]
async fn only_raw_keys_over_tls_13_and_our_protocol_are_taken() {
    let (west, east) = (Peer::start(2, &[1]), Peer::start(1, &[2]));
    let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a pair");
    let (chain, key) = (vec![pair.cert.der().clone()], PrivateKeyDer::try_from(pair.signing_key.serialize_der()));
    let key = key.expect("a key");
    let with_protocol = |mut config: ClientConfig| {
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        config
    };

    let tls12 = with_protocol(builder(&[&TLS12], false).with_no_client_auth());
    assert_eq!(alert(tls12, &west).await, AlertDescription::ProtocolVersion);
    let certificate = builder(&[&TLS13], false).with_client_auth_cert(chain, key).expect("a pair");
    assert_eq!(alert(with_protocol(certificate), &west).await, AlertDescription::HandshakeFailure);
    let keyless = with_protocol(builder(&[&TLS13], true).with_no_client_auth());
    assert_eq!(alert(keyless, &west).await, AlertDescription::HandshakeFailure);
    let mut other = raw_key_client(&east.identity);
    other.alpn_protocols = vec![b"h2".to_vec()];
    assert_eq!(alert(other, &west).await, AlertDescription::NoApplicationProtocol);
    // A client that names no protocol gets its handshake, but no welcome.
    let mut none = raw_key_client(&east.identity);
    none.alpn_protocols.clear();
    let mut stream = connect(&Arc::new(none), &west).await.expect("a handshake");
    assert!(stream.read_u8().await.is_err());

    assert_serves(&west, &east).await;
}

#[tokio::test]
async fn what_a_stranger_sends_with_its_handshake_is_not_read() {
    let (west, east) = (Peer::start(2, &[1]), Peer::start(1, &[2]));
    let config = Arc::new(raw_key_client(&identity(3)));
    // In TLS 1.3 the client is done before the listener has seen its key: its bytes may already be on their way.
    let mut stream = connect(&config, &west).await.expect("done on this side");
    let sent = stream.write_all(b"let me in").await;
    let welcome = stream.read_u8().await;
    assert!(welcome.is_err(), "{sent:?}, {welcome:?}");
    assert_eq!(alert(raw_key_client(&identity(3)), &west).await, AlertDescription::AccessDenied);
    assert_serves(&west, &east).await;
}

#[tokio::test]
async fn a_claimed_key_without_its_secret_is_refused() {
    let (west, east) = (Peer::start(2, &[1]), Peer::start(1, &[2]));
    let (claimed, held) = (certified(&east.identity).expect("a key"), certified(&identity(3)).expect("a key"));
    let forged = rustls::sign::CertifiedKey::new(claimed.cert.clone(), Arc::clone(&held.key));
    let mut config = builder(&[&TLS13], true)
        .with_client_cert_resolver(Arc::new(AlwaysResolvesClientRawPublicKeys::new(Arc::new(forged))));
    config.alpn_protocols = vec![PROTOCOL.to_vec()];
    assert_eq!(alert(config, &west).await, AlertDescription::DecryptError);
    assert_serves(&west, &east).await;
}

#[tokio::test]
async fn no_connection_resumes_an_earlier_one() {
    let (west, east) = (Peer::start(2, &[1]), Peer::start(1, &[2]));
    let mut config = raw_key_client(&east.identity);
    config.resumption = Resumption::in_memory_sessions(8);
    config.enable_early_data = true;
    let config = Arc::new(config);
    for _ in 0..2 {
        let mut stream = connect(&config, &west).await.expect("a handshake");
        assert_eq!(stream.read_u8().await.expect("the welcome"), WELCOME);
        assert_eq!(stream.get_ref().1.handshake_kind(), Some(HandshakeKind::Full));
        assert_eq!(stream.get_ref().1.tls13_tickets_received(), 0);
        west.accept().await;
    }
    west.forget(&east);
    assert_eq!(alert(raw_key_client(&east.identity), &west).await, AlertDescription::AccessDenied);
}

#[tokio::test]
async fn noise_and_silence_keep_nobody_waiting() {
    let (west, east) = (Peer::start(2, &[1]), Peer::start(1, &[2]));
    let address = west.transport.local_addr();
    let start = tokio::time::Instant::now();
    // More than handshakes may be under way: the oldest give way.
    let mut silent = Vec::new();
    for _ in 0..HANDSHAKES_MAX + 2 {
        silent.push(TcpStream::connect(address).await.expect("a connection"));
    }
    assert_serves(&west, &east).await;
    let first = silent.first_mut().expect("the oldest").read_u8().await;
    assert!(first.is_err(), "{first:?}");
    assert!(start.elapsed().as_secs() < HANDSHAKE_SECONDS, "dropped to make room, not for its time");
    for noise in [b"GET / HTTP/1.1\r\n\r\n".as_slice(), &[0; 4096], &[0x16, 3, 1, 0xff, 0xff], &[0xff; 70_000]] {
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        // The listener may close in the middle.
        let _ = stream.write_all(noise).await;
        let _ = stream.shutdown().await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        assert!(answer.len() <= 7, "an alert at most: {answer:?}");
        assert_serves(&west, &east).await;
    }
    drop(silent);
}

#[tokio::test(start_paused = true)]
async fn a_silent_client_is_dropped_and_a_silent_listener_given_up() {
    let (west, east) = (Peer::start(2, &[1]), Peer::start(1, &[2]));
    let start = tokio::time::Instant::now();
    let mut silent = TcpStream::connect(west.transport.local_addr()).await.expect("a connection");
    assert!(silent.read_u8().await.is_err(), "closed");
    assert_eq!(start.elapsed().as_secs(), HANDSHAKE_SECONDS);

    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound").to_string();
    match east.transport.dial(&address, west.key()).await {
        Err(LinkError::Handshake { reason, .. }) => assert_eq!(reason, "not done within 10 seconds"),
        other => panic!("nobody answers there: {other:?}"),
    }
}

#[tokio::test]
async fn a_dialer_is_not_taken_in_by_whatever_answers() {
    let (west, east) = (Peer::start(2, &[1]), Peer::start(1, &[2]));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound").to_string();
    for (answer, said) in [(b"HTTP/1.1 400 Bad Request\r\n\r\n".as_slice(), "corrupt"), (b"", "closed the connection")]
    {
        let answers = async {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let mut hello = [0; 5];
            stream.read_exact(&mut hello).await.expect("the begin of a hello");
            stream.write_all(answer).await.expect("written");
            stream.shutdown().await.expect("ended");
            let _ = stream.read_to_end(&mut Vec::new()).await;
        };
        let (dialled, ()) = tokio::join!(east.transport.dial(&address, west.key()), answers);
        match dialled {
            Err(LinkError::Handshake { reason, .. }) => assert!(reason.contains(said), "{reason}"),
            other => panic!("that was no node: {other:?}"),
        }
    }
}
