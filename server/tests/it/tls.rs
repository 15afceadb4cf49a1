//! HTTPS with certificate files.

use crate::test_app::TestApp;
use axum::http::Request;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use server::http::{
    Listener, Settings, Shutdown,
    listen::{self, Service, Socket},
    serve,
    settings::CertificateFiles,
    tls::Certificates,
};
use std::{net::SocketAddr, path::Path, sync::Arc};
use tokio::net::TcpStream;

/// Writes a new self-signed pair; the certificate.
pub fn write_pair(files: &CertificateFiles) -> CertificateDer<'static> {
    let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a pair");
    std::fs::write(&files.key, pair.signing_key.serialize_pem()).expect("written");
    std::fs::write(&files.certificates, pair.cert.pem()).expect("written");
    CertificateDer::from_pem_slice(pair.cert.pem().as_bytes()).expect("a certificate")
}

fn files(directory: &Path) -> CertificateFiles {
    CertificateFiles { certificates: directory.join("fullchain.pem"), key: directory.join("key.pem") }
}

pub async fn connect(
    address: SocketAddr,
    trusted: &CertificateDer<'static>,
    protocol: &[u8],
) -> Result<tokio_rustls::client::TlsStream<TcpStream>, std::io::Error> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(trusted.clone()).expect("a root");
    let mut config = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.to_vec()];
    let stream = TcpStream::connect(address).await.expect("a connection");
    let name = ServerName::try_from("localhost").expect("a name");
    tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

pub fn request() -> Request<Full<Bytes>> {
    Request::builder().uri("https://localhost/").header("host", "localhost").body(Full::default()).expect("a request")
}

#[tokio::test]
async fn https_serves_both_protocols_says_hsts_and_takes_a_new_certificate() {
    let app = TestApp::start().await;
    let directory = tempfile::tempdir().expect("a directory");
    let files = files(directory.path());
    let first = write_pair(&files);
    let certificates = Certificates::load(files.clone()).expect("certificates");
    let socket = listen::tcp("127.0.0.1:0".parse().expect("an address")).await.expect("a port");
    let address = socket.local_addr().expect("bound");
    let shutdown = Shutdown::default();
    let listener = Listener {
        socket: Socket::Tls(socket, Arc::clone(&certificates)),
        service: Service::Public(Arc::clone(&app.public)),
    };
    let end = shutdown.clone();
    let serving = tokio::spawn(async move { serve(vec![listener], &Settings::default(), end).await });

    let stream = connect(address, &first, b"http/1.1").await.expect("TLS");
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("HTTP/1");
    let running = tokio::spawn(connection);
    let response = sender.send_request(request()).await.expect("a response");
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["strict-transport-security"], "max-age=31536000");
    response.into_body().collect().await.expect("a body");
    drop(sender);
    running.await.expect("ended").expect("closed cleanly");

    let stream = connect(address, &first, b"h2").await.expect("TLS");
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.expect("HTTP/2");
    let running = tokio::spawn(connection);
    for method in ["GET", "HEAD"] {
        let mut request = request();
        *request.method_mut() = method.parse().expect("a method");
        let response = sender.send_request(request).await.expect("a response");
        assert_eq!(response.status(), 200);
        let length: usize = response.headers()["content-length"].to_str().expect("text").parse().expect("a length");
        let body = response.into_body().collect().await.expect("a body").to_bytes();
        assert_eq!(body.len(), if method == "HEAD" { 0 } else { length });
        assert!(length > 0);
    }
    drop(sender);
    running.await.expect("ended").expect("closed cleanly");

    // A pair that does not fit together is refused, and the one in use stays.
    // At no moment do the files hold another good pair: the listener looks at them too.
    let elsewhere = tempfile::tempdir().expect("a directory");
    let other_files = self::files(elsewhere.path());
    let other = write_pair(&other_files);
    std::fs::copy(&other_files.certificates, &files.certificates).expect("written");
    let error = certificates.reload().expect_err("they do not fit").to_string();
    assert!(error.contains("fullchain.pem") && error.contains("key.pem"), "{error}");
    connect(address, &first, b"http/1.1").await.expect("still the first");
    assert!(connect(address, &other, b"http/1.1").await.is_err());

    // One that no listener looks after: here it is this test alone that notices a change.
    std::fs::copy(&other_files.key, &files.key).expect("written");
    let unwatched = Certificates::load(files.clone()).expect("the other pair");
    let second = write_pair(&files);
    let newer = std::time::SystemTime::now() + std::time::Duration::from_secs(5);
    let file = std::fs::File::options().write(true).open(&files.certificates).expect("the file");
    file.set_modified(newer).expect("touched");
    assert!(unwatched.reload_if_changed().expect("fits"));
    assert!(!unwatched.reload_if_changed().expect("nothing new"));
    // Whether the listener has noticed by itself or not: after this it has.
    certificates.reload_if_changed().expect("fits");
    connect(address, &second, b"http/1.1").await.expect("the second");
    assert!(connect(address, &first, b"http/1.1").await.is_err(), "the first is gone");

    shutdown.begin();
    serving.await.expect("the end");
    app.end().await;
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let directory = tempfile::tempdir().expect("a directory");
    let files = files(directory.path());
    let error = |files: &CertificateFiles| Certificates::load(files.clone()).expect_err("unusable").to_string();
    assert!(error(&files).contains("cannot read") && error(&files).contains("fullchain.pem"));
    write_pair(&files);
    std::fs::write(&files.certificates, "no certificate").expect("written");
    assert!(error(&files).contains("fullchain.pem holds no PEM certificate"), "{}", error(&files));
    write_pair(&files);
    std::fs::write(&files.key, "no key").expect("written");
    assert!(error(&files).contains("key.pem holds no PEM private key"), "{}", error(&files));
}
