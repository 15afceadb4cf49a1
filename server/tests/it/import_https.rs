//! `holdfast import statuspage https://...` by the built program, from a server whose certificate an authority of the
//! test's own has signed.

use crate::{
    import_statuspage::SUMMARY,
    process::{json, prepared, program, refused, said},
};
use axum::{
    Router,
    http::{StatusCode, header},
    response::IntoResponse,
    routing::get,
};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use server::{
    http::{
        Listener, Settings, Shutdown,
        listen::{self, Service, Socket},
        serve,
        settings::CertificateFiles,
        tls::Certificates,
    },
    import::statuspage::fetch::DOCUMENT_BYTES_MAX,
};
use std::path::Path;

/// Writes an authority's certificate to `NAME.pem`, and a pair that it has signed for `localhost`.
fn write_authority(directory: &Path, name: &str) -> CertificateFiles {
    let mut authority = CertificateParams::new(Vec::new()).expect("no names");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    let certificate = authority.self_signed(&key).expect("a certificate");
    std::fs::write(directory.join(format!("{name}.pem")), certificate.pem()).expect("written");
    let issuer = Issuer::new(authority, key);
    let key = KeyPair::generate().expect("a key");
    let of_server = CertificateParams::new(["localhost".to_owned()]).expect("a name");
    let certificate = of_server.signed_by(&key, &issuer).expect("a certificate");
    let files = CertificateFiles {
        certificates: directory.join(format!("{name}-server.pem")),
        key: directory.join(format!("{name}-server.key")),
    };
    std::fs::write(&files.certificates, certificate.pem()).expect("written");
    std::fs::write(&files.key, key.serialize_pem()).expect("written");
    files
}

fn page() -> Router {
    let moved = || async { (StatusCode::FOUND, [(header::LOCATION, "https://elsewhere.example/")]).into_response() };
    Router::new()
        .route("/api/v2/components.json", get(|| async { SUMMARY }))
        .route("/api/v2/incidents.json", get(|| async { SUMMARY }))
        .route("/api/v2/scheduled-maintenances.json", get(|| async { SUMMARY }))
        .route("/moved.json", get(moved))
        .route("/page.json", get(|| async { "<!doctype html><title>Status</title>" }))
        .route("/long.json", get(|| async { vec![b' '; DOCUMENT_BYTES_MAX + 1] }))
        .route("/binary.json", get(|| async { vec![0xff; 16] }))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_imported_over_https_from_a_server_that_is_trusted() {
    let directory = prepared();
    let path = directory.path();
    let files = write_authority(path, "authority");
    write_authority(path, "other");
    let socket = listen::tcp("127.0.0.1:0".parse().expect("an address")).await.expect("a port");
    let port = socket.local_addr().expect("bound").port();
    let socket = Socket::Tls(socket, Certificates::load(files).expect("certificates"));
    let listener = Listener { socket, service: Service::Router(page()) };
    let shutdown = Shutdown::default();
    let end = shutdown.clone();
    let serving = tokio::spawn(async move { serve(vec![listener], &Settings::default(), end).await });

    let in_directory = path.to_owned();
    let commands = tokio::task::spawn_blocking(move || commands(&in_directory, port));
    commands.await.expect("every command");
    shutdown.begin();
    serving.await.expect("the end");
}

fn commands(path: &Path, port: u16) {
    let page = format!("https://localhost:{port}");
    let import = |source: &str, more: &[&str]| refused(path, &[&["import", "statuspage", source][..], more].concat());
    let trusted = ["--ca", "authority.pem"];
    let other_name = format!("https://127.0.0.1:{port}");
    let document = |name: &str| format!("{page}/{name}.json");
    let cases: [(&str, &[&str], &str); 9] = [
        (&page, &[], "is not trusted: invalid peer certificate: UnknownIssuer; with `--ca FILE`"),
        (&page, &["--ca", "other.pem"], "is not trusted: invalid peer certificate"),
        (&other_name, &trusted, "is not trusted: invalid peer certificate: certificate not valid for name"),
        (&page, &["--ca", "none.pem"], "none.pem: No such file"),
        (&page, &["--ca", "catalog.toml"], "catalog.toml: it holds no certificate"),
        (&document("moved"), &trusted, "is moved to `https://elsewhere.example/`; give that address if you trust it"),
        (&document("page"), &trusted, "this is not a Statuspage v2 document"),
        (&document("long"), &trusted, "is larger than 33554432 bytes"),
        (&document("binary"), &trusted, "is not UTF-8"),
    ];
    for (source, more, expected) in cases {
        let (code, error) = import(source, more);
        assert!(code == 1 && error.contains(expected), "{source} {more:?}: {code} {error}");
        assert!(error.contains("Nothing was changed"), "{source} {more:?}: {error}");
    }
    let events = || json(&said(path, &["events", "list", "--json"]))["events"].as_array().expect("a list").len();
    assert_eq!(events(), 0);

    let imported = said(path, &["import", "statuspage", &page, "--ca", "authority.pem"]);
    assert!(imported.starts_with("Imported: 2 new incidents"), "{imported}");
    let before = events();
    // The variable that other programs go by.
    let again = program(path, &["import", "statuspage", &page]).env("SSL_CERT_FILE", "authority.pem").output();
    let again = String::from_utf8(again.expect("the program").stdout).expect("text");
    assert!(again.starts_with("Imported: 0 new incidents, 0 extended, 2 unchanged"), "{again}");
    assert_eq!(events(), before);
}
