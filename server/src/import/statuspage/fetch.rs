//! The documents of a Statuspage page over HTTP: bounded in size and time, without following anything.

use http_body_util::{BodyExt, Limited};
use hyper::{StatusCode, Uri, body::Bytes, header};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use std::{
    error::Error,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// Largest document, in bytes.
pub const DOCUMENT_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Time for one document, in seconds.
pub const FETCH_SECONDS_MAX: u64 = 30;
/// What is read of a page whose address alone is given.
const DOCUMENTS: [&str; 3] = ["components.json", "incidents.json", "scheduled-maintenances.json"];

/// Why a document could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error("`{0}` is not an address; give one such as `https://status.example.com`")]
    Address(String),
    #[error("{}: {what}; `--ca` names a PEM file with the certificates of the authorities to trust", .path.display())]
    Authorities { path: PathBuf, what: String },
    #[error("{0}: {1}")]
    Connection(String, String),
    #[error(
        "{0} is not trusted: {1}; with `--ca FILE` the certificates of that file are trusted instead of the built-in authorities"
    )]
    Untrusted(String, rustls::Error),
    #[error("{0} took longer than {FETCH_SECONDS_MAX} seconds")]
    Time(String),
    #[error("{0} answers {1}; give the address of the page itself, or of one of its v2 JSON documents")]
    Status(String, StatusCode),
    #[error("{0} is moved to `{1}`; give that address if you trust it")]
    Moved(String, String),
    #[error("{0} could not be read to its end, or is larger than {DOCUMENT_BYTES_MAX} bytes: {1}")]
    Body(String, String),
    #[error("{0} is not UTF-8")]
    Text(String),
}

/// Whether a source is an address rather than a file.
pub fn is_address(source: &str) -> bool {
    source.starts_with("https://") || source.starts_with("http://")
}

/// The addresses that are read for `source`: itself when it is a JSON document, else the page's documents.
fn addresses(source: &str) -> Vec<String> {
    if source.ends_with(".json") {
        return vec![source.to_owned()];
    }
    let base = source.trim_end_matches('/').trim_end_matches("/api/v2");
    DOCUMENTS.iter().map(|document| format!("{base}/api/v2/{document}")).collect()
}

/// Reads the documents of a page or one document. Over HTTPS the server must show a certificate of a built-in authority,
/// or of one in the PEM file `authorities`.
///
/// # Errors
/// What went wrong with which address.
pub async fn documents(source: &str, authorities: Option<&Path>) -> Result<Vec<String>, FetchError> {
    let connector = connector(source, authorities)?;
    let client: Client<_, http_body_util::Empty<Bytes>> = Client::builder(TokioExecutor::new()).build(connector);
    let mut documents = Vec::new();
    for address in addresses(source) {
        let uri: Uri = address.parse().map_err(|_| FetchError::Address(address.clone()))?;
        let read = async {
            let answer = client.get(uri).await.map_err(|error| failed(&address, &error))?;
            if answer.status().is_redirection() {
                let location = answer.headers().get(header::LOCATION).and_then(|to| to.to_str().ok());
                return Err(FetchError::Moved(address.clone(), location.unwrap_or("somewhere else").to_owned()));
            }
            if answer.status() != StatusCode::OK {
                return Err(FetchError::Status(address.clone(), answer.status()));
            }
            let body = Limited::new(answer.into_body(), DOCUMENT_BYTES_MAX).collect().await;
            let body = body.map_err(|error| FetchError::Body(address.clone(), error.to_string()))?.to_bytes();
            String::from_utf8(body.into()).map_err(|_| FetchError::Text(address.clone()))
        };
        let document = tokio::time::timeout(Duration::from_secs(FETCH_SECONDS_MAX), read).await;
        documents.push(document.map_err(|_| FetchError::Time(address.clone()))??);
    }
    Ok(documents)
}

pub(crate) fn connector(source: &str, authorities: Option<&Path>) -> Result<HttpsConnector<HttpConnector>, FetchError> {
    let unusable = |error: &dyn std::fmt::Display| FetchError::Connection(source.to_owned(), error.to_string());
    let provider = rustls::crypto::ring::default_provider();
    let builder = HttpsConnectorBuilder::new();
    let builder = match authorities {
        None => builder.with_provider_and_webpki_roots(provider).map_err(|error| unusable(&error))?,
        Some(path) => {
            let config = rustls::ClientConfig::builder_with_provider(Arc::new(provider))
                .with_safe_default_protocol_versions()
                .map_err(|error| unusable(&error))?
                .with_root_certificates(roots(path)?)
                .with_no_client_auth();
            builder.with_tls_config(config)
        }
    };
    Ok(builder.https_or_http().enable_http1().build())
}

fn roots(path: &Path) -> Result<rustls::RootCertStore, FetchError> {
    let unusable = |what: String| FetchError::Authorities { path: path.to_owned(), what };
    let pem = std::fs::read(path).map_err(|error| unusable(error.to_string()))?;
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
        roots.add(certificate).map_err(|error| unusable(error.to_string()))?;
    }
    if roots.is_empty() { Err(unusable("it holds no certificate".to_owned())) } else { Ok(roots) }
}

/// The whole chain of causes; a certificate that is not trusted is told apart.
fn failed(address: &str, error: &dyn Error) -> FetchError {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(tls @ rustls::Error::InvalidCertificate(_)) = tls_error(error) {
            return FetchError::Untrusted(address.to_owned(), tls.clone());
        }
        told = format!("{told}: {error}");
        cause = error.source();
    }
    FetchError::Connection(address.to_owned(), told)
}

/// What TLS says; I/O errors wrap it without naming it as their source.
fn tls_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    match error.downcast_ref::<std::io::Error>() {
        Some(error) => tls_error(error.get_ref()?),
        None => error.downcast_ref(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_stands_for_its_documents_and_a_document_for_itself() {
        assert_eq!(addresses("https://a.example/api/v2/summary.json"), ["https://a.example/api/v2/summary.json"]);
        for page in ["https://a.example", "https://a.example/", "https://a.example/api/v2/"] {
            assert_eq!(addresses(page)[1], "https://a.example/api/v2/incidents.json", "{page}");
        }
        assert!(is_address("http://a") && !is_address("a.json"));
    }
}
