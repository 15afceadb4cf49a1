//! The provider's HTTP: bounded in time and size, over TLS (or to this very machine), without following anything.

use http_body_util::{BodyExt, Full, Limited};
use hyper::{Uri, body::Bytes};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use std::{error::Error, path::Path, pin::Pin, sync::Arc, time::Duration};

/// Largest answer, in bytes.
pub const ANSWER_BYTES_MAX: usize = 256 * 1024;
/// Time for one answer, in seconds.
pub const ANSWER_SECONDS_MAX: u64 = 5;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error("`{0}` is neither https nor on this machine")]
    Open(String),
    #[error("{0}: {1}")]
    Connection(String, String),
    #[error("{0} answers {1}")]
    AtFault(String, u16),
    #[error("{0} took longer than {ANSWER_SECONDS_MAX} seconds")]
    Time(String),
    #[error("{0} could not be read to its end, or is larger than {ANSWER_BYTES_MAX} bytes: {1}")]
    Body(String, String),
}

/// Whether what is sent there stays between the two ends: over TLS, or on this very machine.
pub fn is_private(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let is_here = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    match uri.scheme_str() {
        Some("https") => !host.is_empty(),
        Some("http") => is_here,
        _ => false,
    }
}

/// Asks the provider.
#[derive(Debug)]
pub struct Fetcher(Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

impl Fetcher {
    /// The server must show a certificate of a built-in authority, or of one in the PEM file `authorities`.
    ///
    /// # Errors
    /// What is wrong with that file, or with TLS itself.
    pub fn new(authorities: Option<&Path>) -> Result<Fetcher, String> {
        let crypto = rustls::crypto::ring::default_provider();
        let builder = HttpsConnectorBuilder::new();
        let builder = match authorities {
            None => builder.with_provider_and_webpki_roots(crypto).map_err(|error| error.to_string())?,
            Some(path) => {
                let config = rustls::ClientConfig::builder_with_provider(Arc::new(crypto));
                let config = config.with_safe_default_protocol_versions().map_err(|error| error.to_string())?;
                builder.with_tls_config(config.with_root_certificates(roots(path)?).with_no_client_auth())
            }
        };
        let connector = builder.https_or_http().enable_http1().build();
        Ok(Fetcher(Client::builder(TokioExecutor::new()).build(connector)))
    }

    async fn fetch(&self, request: HttpRequest) -> Result<HttpResponse, FetchError> {
        let address = told(request.uri());
        if !is_private(request.uri()) {
            return Err(FetchError::Open(address));
        }
        let read = async {
            let answer = self.0.request(request.map(|body| Full::new(Bytes::from(body)))).await;
            let answer = answer.map_err(|error| FetchError::Connection(address.clone(), causes(&error)))?;
            if answer.status().is_server_error() {
                return Err(FetchError::AtFault(address.clone(), answer.status().as_u16()));
            }
            let (parts, body) = answer.into_parts();
            let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await;
            let body = body.map_err(|error| FetchError::Body(address.clone(), error.to_string()))?;
            Ok(HttpResponse::from_parts(parts, body.to_bytes().to_vec()))
        };
        let answer = tokio::time::timeout(Duration::from_secs(ANSWER_SECONDS_MAX), read).await;
        answer.map_err(|_| FetchError::Time(address.clone()))?
    }
}

impl<'c> AsyncHttpClient<'c> for Fetcher {
    type Error = FetchError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, FetchError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.fetch(request))
    }
}

/// An address without what may be secret in it.
fn told(uri: &Uri) -> String {
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    format!("{}://{authority}{}", uri.scheme_str().unwrap_or_default(), uri.path())
}

fn roots(path: &Path) -> Result<rustls::RootCertStore, String> {
    let unusable = |what: &dyn std::fmt::Display| format!("{}: {what}", path.display());
    let pem = std::fs::read(path).map_err(|error| unusable(&error))?;
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        roots.add(certificate.map_err(|error| unusable(&error))?).map_err(|error| unusable(&error))?;
    }
    if roots.is_empty() { Err(unusable(&"it holds no certificate")) } else { Ok(roots) }
}

fn causes(error: &dyn Error) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        told = format!("{told}: {error}");
        cause = error.source();
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_sent_in_the_clear_past_this_machine() {
        let is = |address: &'static str| is_private(&Uri::from_static(address));
        for private in ["https://id.example.com/a", "http://localhost:1/a", "http://127.0.0.1/a", "http://[::1]:2/a"] {
            assert!(is(private), "{private}");
        }
        for open in ["http://id.example.com/a", "http://127.0.0.1.example.com/a", "ftp://localhost/a", "/a"] {
            assert!(!is(open), "{open}");
        }
    }
}
