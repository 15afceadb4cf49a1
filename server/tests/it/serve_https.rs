//! HTTPS by the program itself: certificate files from the configuration, both protocols, HSTS, new certificates.

use crate::{
    process::{CATALOG, CONFIG, Serving, prepared, refused, said, waited_for},
    snapshot_serve::Served,
    tls::{connect, request, write_pair},
};
use http_body_util::BodyExt;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::CertificateDer;
use server::http::settings::CertificateFiles;
use std::{net::SocketAddr, path::Path, time::Duration};

fn configured(directory: &Path) -> CertificateFiles {
    let tls = "tls = { certificate = \"fullchain.pem\", key = \"key.pem\" }\nhsts = true\n";
    let config = CONFIG.replacen("[public]\n", &format!("[public]\n{tls}"), 1);
    let config = format!("{config}[snapshot]\ndirectory = \"copy\"\n");
    std::fs::write(directory.join("holdfast.toml"), config).expect("a configuration");
    std::fs::write(directory.join("catalog.toml"), CATALOG).expect("a catalog");
    CertificateFiles { certificates: directory.join("fullchain.pem"), key: directory.join("key.pem") }
}

/// The headers and the body of the home page, over a protocol that the handshake must have agreed on.
async fn home(
    address: SocketAddr,
    trusted: &CertificateDer<'static>,
    protocol: &[u8],
) -> (axum::http::HeaderMap, String) {
    let stream = connect(address, trusted, protocol).await.expect("TLS");
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(protocol));
    let io = TokioIo::new(stream);
    let response = if protocol == b"h2" {
        let (mut sender, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.expect("HTTP/2");
        tokio::spawn(connection);
        sender.send_request(request()).await.expect("a response")
    } else {
        let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await.expect("HTTP/1");
        tokio::spawn(connection);
        sender.send_request(request()).await.expect("a response")
    };
    assert_eq!(response.status(), 200);
    let (parts, body) = response.into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    (parts.headers, String::from_utf8_lossy(&body).into_owned())
}

/// Waits until a handshake that trusts `certificate` alone succeeds.
async fn until_served(address: SocketAddr, certificate: &CertificateDer<'static>) {
    let served = async {
        while connect(address, certificate, b"h2").await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), served).await.expect("the new certificate is served");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_serves_https_and_takes_new_certificates_when_they_change_or_on_sighup() {
    let directory = tempfile::tempdir().expect("a directory");
    let files = configured(directory.path());
    let first = write_pair(&files);
    let serving = Serving::start(directory.path());
    assert_eq!(serving.said, format!("The page is at https://{}", serving.address));
    let address: SocketAddr = serving.address.parse().expect("an address");
    for protocol in [&b"http/1.1"[..], b"h2"] {
        let (headers, page) = home(address, &first, protocol).await;
        assert_eq!(headers["strict-transport-security"], "max-age=31536000");
        assert!(page.contains("</html>"), "{page}");
    }

    // Changed files are noticed by themselves.
    let second = write_pair(&files);
    until_served(address, &second).await;
    assert!(connect(address, &first, b"h2").await.is_err(), "the first is gone");

    // Files that carry the times of those before are not; SIGHUP reads them.
    let staged = tempfile::tempdir_in(directory.path()).expect("a directory");
    let staged =
        CertificateFiles { certificates: staged.path().join("fullchain.pem"), key: staged.path().join("key.pem") };
    let third = write_pair(&staged);
    for (new, old) in [(&staged.certificates, &files.certificates), (&staged.key, &files.key)] {
        let time = std::fs::metadata(old).and_then(|metadata| metadata.modified()).expect("a time");
        std::fs::File::options().write(true).open(new).and_then(|file| file.set_modified(time)).expect("set");
        std::fs::rename(new, old).expect("in its place");
    }
    serving.signal("HUP");
    until_served(address, &third).await;

    // A pair that does not fit together is refused, loudly, and the one in use stays.
    std::fs::write(&files.key, "no key").expect("written");
    serving.signal("HUP");
    waited_for("the refusal in the log", || {
        serving.log().contains("certificate not reloaded; the one in use stays").then_some(())
    });
    home(address, &third, b"h2").await;
    assert_eq!(serving.end(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_served_over_https_too() {
    let directory = tempfile::tempdir().expect("a directory");
    let files = configured(directory.path());
    let certificate = write_pair(&files);
    said(directory.path(), &["catalog", "apply", "catalog.toml"]);
    said(directory.path(), &["snapshot", "write", "copy"]);
    std::fs::write(directory.path().join("data/holdfast.redb"), b"no database").expect("a damaged file");
    let serving = Serving::start(directory.path());
    assert_eq!(serving.said, format!("Serving the snapshot at https://{}", serving.address));
    let (headers, page) = home(serving.address.parse().expect("an address"), &certificate, b"h2").await;
    assert_eq!(headers["holdfast-fault"], "store");
    assert!(page.contains("All services are operating"), "{page}");
    assert_eq!(serving.end(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_is_served_over_https_with_nothing_else_there() {
    let directory = tempfile::tempdir().expect("a directory");
    let files = configured(directory.path());
    let certificate = write_pair(&files);
    said(directory.path(), &["snapshot", "write", "copy"]);
    let nowhere = tempfile::tempdir().expect("a directory");
    let (copy, chain, key) = (directory.path().join("copy"), files.certificates.display(), files.key.display());
    let (copy, chain, key) = (copy.display().to_string(), chain.to_string(), key.to_string());
    let served = Served::with(nowhere.path(), &copy, &["--certificate", &chain, "--key", &key]);
    for protocol in [&b"http/1.1"[..], b"h2"] {
        let (headers, page) = home(served.1.parse().expect("an address"), &certificate, protocol).await;
        assert_eq!(headers["holdfast-copy"], "snapshot");
        assert!(page.contains("</html>"), "{page}");
    }
    let (code, error) = refused(nowhere.path(), &["snapshot", "serve", &copy, "--certificate", &chain]);
    assert!(code == 2 && error.contains("--key"), "{error}");
}

#[test]
fn without_certificates_sighup_does_not_end_a_node() {
    let directory = prepared();
    let serving = Serving::start(directory.path());
    serving.signal("HUP");
    waited_for("the signal in the log", || serving.log().contains("SIGHUP").then_some(()));
    said(directory.path(), &["incident", "list"]);
    assert_eq!(serving.end(), 0);
}
