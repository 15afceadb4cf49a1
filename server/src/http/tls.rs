//! Certificate files, reloaded when they change: by their modification times every few seconds, or on SIGHUP.

use super::{settings::CertificateFiles, shutdown::Shutdown};
use arc_swap::ArcSwap;
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

/// Seconds between two looks at the files.
pub const RELOAD_EVERY_SECONDS: u64 = 5;

/// Why certificate files cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("cannot read {}: {error}", .path.display())]
    Unreadable { path: PathBuf, error: std::io::Error },
    #[error("{} holds no PEM certificate", .0.display())]
    NoCertificate(PathBuf),
    #[error("{} holds no PEM private key: {error}", .path.display())]
    NoKey { path: PathBuf, error: rustls::pki_types::pem::Error },
    #[error("{} and {} do not fit together: {error}", .files.certificates.display(), .files.key.display())]
    Unfit { files: CertificateFiles, error: rustls::Error },
}

/// When the files were written, to see that they changed.
type Written = [Option<SystemTime>; 2];

#[derive(Debug)]
pub struct Certificates {
    files: CertificateFiles,
    config: ArcSwap<ServerConfig>,
    written: Mutex<Written>,
}

impl Certificates {
    /// # Errors
    /// When the files cannot be read or do not fit together.
    pub fn load(files: CertificateFiles) -> Result<Arc<Self>, TlsError> {
        let written = Mutex::new(written(&files));
        let config = ArcSwap::from(config(&files)?);
        Ok(Arc::new(Certificates { files, config, written }))
    }

    /// What the next handshake uses.
    pub fn config(&self) -> Arc<ServerConfig> {
        self.config.load_full()
    }

    /// Reads the files again. When that fails, the certificate in use stays.
    ///
    /// # Errors
    /// As for [`Certificates::load`].
    pub fn reload(&self) -> Result<(), TlsError> {
        self.config.store(config(&self.files)?);
        tracing::info!(certificates = %self.files.certificates.display(), "certificate reloaded");
        Ok(())
    }

    /// Reads the files again if they were written since the last look; says whether they were.
    ///
    /// # Errors
    /// As for [`Certificates::load`]; once for each change.
    pub fn reload_if_changed(&self) -> Result<bool, TlsError> {
        let newest = written(&self.files);
        let mut held = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if *held == newest {
            return Ok(false);
        }
        *held = newest;
        self.reload().map(|()| true)
    }

    /// Watches the files until the end is announced.
    pub async fn run(self: Arc<Self>, shutdown: Shutdown) {
        use tokio::signal::unix::{SignalKind, signal};
        let watch = async {
            let mut hangup = signal(SignalKind::hangup()).ok();
            let mut looks = tokio::time::interval(Duration::from_secs(RELOAD_EVERY_SECONDS));
            loop {
                let asked = async {
                    match &mut hangup {
                        Some(hangup) => hangup.recv().await,
                        None => std::future::pending().await,
                    }
                };
                let by_hand = tokio::select! {
                    _ = asked => true,
                    _ = looks.tick() => false,
                };
                let certificates = Arc::clone(&self);
                let reload = tokio::task::spawn_blocking(move || {
                    if by_hand { certificates.reload() } else { certificates.reload_if_changed().map(|_| ()) }
                });
                if let Ok(Err(error)) = reload.await {
                    tracing::error!(%error, "certificate not reloaded; the one in use stays");
                }
            }
        };
        tokio::select! {
            () = watch => {}
            () = shutdown.begun() => {}
        }
    }
}

fn written(files: &CertificateFiles) -> Written {
    let of = |path: &Path| std::fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    [of(&files.certificates), of(&files.key)]
}

fn config(files: &CertificateFiles) -> Result<Arc<ServerConfig>, TlsError> {
    let read = |path: &Path| std::fs::read(path).map_err(|error| TlsError::Unreadable { path: path.to_owned(), error });
    let chain: Vec<CertificateDer<'static>> =
        CertificateDer::pem_slice_iter(&read(&files.certificates)?).filter_map(Result::ok).collect();
    if chain.is_empty() {
        return Err(TlsError::NoCertificate(files.certificates.clone()));
    }
    let key = PrivateKeyDer::from_pem_slice(&read(&files.key)?)
        .map_err(|error| TlsError::NoKey { path: files.key.clone(), error })?;
    let unfit = |error| TlsError::Unfit { files: files.clone(), error };
    let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(unfit)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(unfit)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
