//! Where a snapshot is read from: a directory of this machine, or any web server.

use crate::{
    import::statuspage::fetch::{self, FETCH_SECONDS_MAX},
    snapshot::{
        manifest::{NEXT, OURS, PREVIOUS},
        target::{Answer, Directory, Target, TargetError, Trouble, too_long},
    },
};
use http_body_util::{BodyExt, Empty, LengthLimitError, Limited};
use hyper::{StatusCode, Uri, body::Bytes};
use hyper_rustls::HttpsConnector;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use std::{fs, path::Path, time::Duration};

/// Whoever can be asked for the files of a snapshot.
pub trait Reader: Send + Sync {
    /// The bytes of a file; `None` when there is none. Longer than `bytes_max` is an error.
    fn get<'a>(&'a self, path: &'a str, bytes_max: u64) -> Answer<'a, Option<Vec<u8>>>;

    /// Whether [`Reader::list`] tells of every file.
    fn can_list(&self) -> bool {
        false
    }

    /// The files that are there, but for those that are no part of a snapshot.
    ///
    /// # Errors
    /// When the place cannot be read.
    fn list(&self) -> Result<Vec<String>, TargetError> {
        Ok(Vec::new())
    }
}

impl Reader for Directory {
    fn get<'a>(&'a self, path: &'a str, bytes_max: u64) -> Answer<'a, Option<Vec<u8>>> {
        Target::get(self, path, bytes_max)
    }

    fn can_list(&self) -> bool {
        true
    }

    fn list(&self) -> Result<Vec<String>, TargetError> {
        let mut files = Vec::new();
        let mut directories = vec![self.root().to_owned()];
        while let Some(directory) = directories.pop() {
            let failed = |error| TargetError::new("listing", &name_of(self.root(), &directory), self, error);
            let entries = match fs::read_dir(&directory) {
                // Gone meanwhile, or never there.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                entries => entries.map_err(failed)?,
            };
            for entry in entries {
                let entry = entry.map_err(failed)?;
                let name = name_of(self.root(), &entry.path());
                match entry.file_type().map_err(failed)?.is_dir() {
                    _ if name.starts_with(OURS) => {}
                    true => directories.push(entry.path()),
                    false => files.push(name),
                }
            }
        }
        files.sort();
        Ok(files)
    }
}

fn name_of(root: &Path, path: &Path) -> String {
    let parts = path.strip_prefix(root).unwrap_or(path).components();
    parts.map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// A snapshot behind a web server.
#[derive(Debug)]
pub struct Web {
    /// Without a slash at the end.
    base: String,
    client: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
}

/// Why a file could not be read from a web server.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    #[error("`{0}` is not an address")]
    Address(String),
    #[error("it answers {0}")]
    Status(StatusCode),
    #[error("no answer within {FETCH_SECONDS_MAX} seconds")]
    Time,
}

impl Web {
    /// # Errors
    /// When the file of the authorities to trust is none.
    pub fn new(base: &str, authorities: Option<&Path>) -> Result<Web, fetch::FetchError> {
        let client = Client::builder(TokioExecutor::new()).build(fetch::connector(base, authorities)?);
        Ok(Web { base: base.trim_end_matches('/').to_owned(), client })
    }

    fn failed(&self, path: &str, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> TargetError {
        TargetError {
            operation: "reading",
            path: path.to_owned(),
            target: self.base.clone(),
            cause: cause.into(),
            trouble: Trouble::Other,
        }
    }

    async fn ask(&self, path: &str, bytes_max: u64) -> Result<Option<Vec<u8>>, TargetError> {
        let address = format!("{}/{path}", self.base);
        let uri: Uri = address.parse().map_err(|_| self.failed(path, WebError::Address(address.clone())))?;
        let read = async {
            let answer = self.client.get(uri).await.map_err(|error| self.failed(path, error))?;
            match answer.status() {
                StatusCode::OK => {}
                StatusCode::NOT_FOUND | StatusCode::GONE => return Ok(None),
                // A bucket that nobody may list answers so for what is not there.
                StatusCode::FORBIDDEN if [NEXT, PREVIOUS].contains(&path) => return Ok(None),
                status => return Err(self.failed(path, WebError::Status(status))),
            }
            let limit = usize::try_from(bytes_max).unwrap_or(usize::MAX);
            let body = Limited::new(answer.into_body(), limit).collect().await;
            let body = body.map_err(|error| match error.is::<LengthLimitError>() {
                true => self.failed(path, too_long(bytes_max)),
                false => self.failed(path, error),
            })?;
            Ok(Some(body.to_bytes().to_vec()))
        };
        let read = tokio::time::timeout(Duration::from_secs(FETCH_SECONDS_MAX), read).await;
        read.unwrap_or_else(|_| Err(self.failed(path, WebError::Time)))
    }
}

impl Reader for Web {
    fn get<'a>(&'a self, path: &'a str, bytes_max: u64) -> Answer<'a, Option<Vec<u8>>> {
        Box::pin(self.ask(path, bytes_max))
    }
}
