//! A bucket of an object store as a target: S3 and what speaks its protocol, Google Cloud Storage, Azure Blob Storage. A
//! put replaces an object as a whole, which is all that the protocol of a snapshot asks for.

use super::{Answer, Attributes, Content, Target, TargetError};
use object_store::{
    Attribute, ObjectStore, ObjectStoreExt, ObjectStoreScheme, PutOptions, PutPayload, aws::AmazonS3ConfigKey,
    azure::AzureConfigKey, gcp::GoogleConfigKey, path::Path,
};
use std::{fmt, time::Duration};
use url::Url;

/// Time for one request with its repetitions, in seconds.
pub const REQUEST_SECONDS_MAX: u64 = 60;
/// Begins of the environment variables that name an account and its secrets, as the providers' own tools read them.
const ENVIRONMENT: [&str; 3] = ["AWS_", "GOOGLE_", "AZURE_"];

/// Why an address or its options name no bucket.
#[derive(Debug, thiserror::Error)]
pub enum BucketError {
    #[error("`{0}` is no address of a bucket: `s3://bucket/prefix`, `gs://bucket/prefix` or `az://container/prefix`")]
    Address(String),
    #[error("`{0}` is no option of this kind of bucket")]
    Option(String),
    #[error("{0}")]
    Store(String),
}

/// A bucket, below a prefix.
pub struct Bucket {
    name: String,
    store: Box<dyn ObjectStore>,
    prefix: Path,
}

impl Bucket {
    /// `options` as `object_store` names them, such as `aws_region`; they go before the environment's. Nothing is asked of
    /// the store yet.
    ///
    /// # Errors
    /// When the address is none, or an option is unknown or missing.
    pub fn of(address: &str, options: &[(String, String)]) -> Result<Bucket, BucketError> {
        let url: Url = address.parse().map_err(|_| BucketError::Address(address.to_owned()))?;
        let (scheme, _) = ObjectStoreScheme::parse(&url).map_err(|_| BucketError::Address(address.to_owned()))?;
        let is_known = |option: &str| match scheme {
            ObjectStoreScheme::AmazonS3 => option.parse::<AmazonS3ConfigKey>().is_ok(),
            ObjectStoreScheme::GoogleCloudStorage => option.parse::<GoogleConfigKey>().is_ok(),
            ObjectStoreScheme::MicrosoftAzure => option.parse::<AzureConfigKey>().is_ok(),
            _ => false,
        };
        if !matches!(
            scheme,
            ObjectStoreScheme::AmazonS3 | ObjectStoreScheme::GoogleCloudStorage | ObjectStoreScheme::MicrosoftAzure
        ) {
            return Err(BucketError::Address(address.to_owned()));
        }
        if let Some((unknown, _)) = options.iter().find(|(option, _)| !is_known(&option.to_ascii_lowercase())) {
            return Err(BucketError::Option(unknown.clone()));
        }
        // Whoever installed one first has installed the same one.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let of_environment =
            std::env::vars().filter(|(name, _)| ENVIRONMENT.iter().any(|begin| name.starts_with(begin)));
        let all = of_environment.chain(options.iter().cloned()).map(|(name, value)| (name.to_ascii_lowercase(), value));
        let (store, prefix) =
            object_store::parse_url_opts(&url, all).map_err(|error| BucketError::Store(told(&error)))?;
        Ok(Bucket { name: address.to_owned(), store, prefix })
    }

    fn at(&self, path: &str) -> Path {
        path.split('/').fold(self.prefix.clone(), |place, part| place.join(part))
    }

    fn failed(&self, operation: &'static str, path: &str, error: &object_store::Error) -> TargetError {
        TargetError::new(operation, path, self, told(error))
    }

    /// Bounds a request in time; what is under way then is given up.
    async fn bounded<T>(
        &self,
        operation: &'static str,
        path: &str,
        request: impl Future<Output = Result<T, object_store::Error>>,
    ) -> Result<Result<T, object_store::Error>, TargetError> {
        let limit = Duration::from_secs(REQUEST_SECONDS_MAX);
        let late =
            |_| TargetError::new(operation, path, self, format!("took longer than {REQUEST_SECONDS_MAX} seconds"));
        tokio::time::timeout(limit, request).await.map_err(late)
    }
}

/// The error without what follows a question mark: an address may be signed there.
fn told(error: &object_store::Error) -> String {
    let text = error.to_string();
    let mut told = String::with_capacity(text.len());
    for word in text.split_inclusive(char::is_whitespace) {
        match word.split_once('?') {
            Some((begin, _)) if begin.contains("://") => {
                told.push_str(begin);
                told.push_str("?... ");
            }
            _ => told.push_str(word),
        }
    }
    told.trim_end().to_owned()
}

impl Target for Bucket {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn get<'a>(&'a self, path: &'a str, bytes_max: u64) -> Answer<'a, Option<Vec<u8>>> {
        Box::pin(async move {
            let place = self.at(path);
            let request = async {
                let found = self.store.get(&place).await?;
                match found.meta.size > bytes_max {
                    true => Ok(None),
                    false => found.bytes().await.map(Some),
                }
            };
            match self.bounded("reading", path, request).await? {
                Ok(Some(bytes)) => Ok(Some(bytes.into())),
                Ok(None) => Err(TargetError::too_long(path, self, bytes_max)),
                Err(object_store::Error::NotFound { .. }) => Ok(None),
                Err(error) => Err(self.failed("reading", path, &error)),
            }
        })
    }

    fn put<'a>(&'a self, path: &'a str, content: Content<'a>, attributes: Attributes) -> Answer<'a, ()> {
        Box::pin(async move {
            let bytes = match content {
                Content::Bytes(bytes) => bytes.to_vec(),
                Content::Staged(staged) => {
                    let read = tokio::fs::read(staged).await;
                    read.map_err(|error| TargetError::new("reading what is staged of", path, self, error))?
                }
            };
            let mut headers = object_store::Attributes::new();
            headers.insert(Attribute::ContentType, attributes.content_type.into());
            headers.insert(Attribute::CacheControl, attributes.cache_control.into());
            let options = PutOptions { attributes: headers, ..PutOptions::default() };
            let place = self.at(path);
            let request = self.store.put_opts(&place, PutPayload::from(bytes), options);
            let done = self.bounded("writing", path, request).await?;
            done.map(|_| ()).map_err(|error| self.failed("writing", path, &error))
        })
    }

    fn delete<'a>(&'a self, path: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            let place = self.at(path);
            match self.bounded("removing", path, self.store.delete(&place)).await? {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
                Err(error) => Err(self.failed("removing", path, &error)),
            }
        })
    }
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("Bucket").field("name", &self.name).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_is_no_bucket_is_refused_with_what_would_be_right() {
        for address in ["status", "ftp://a/b", "https://status.example.com", "file:///srv"] {
            let error = Bucket::of(address, &[]).expect_err(address);
            assert!(error.to_string().contains("s3://bucket/prefix"), "{error}");
        }
        let error = Bucket::of("s3://bucket", &options(&[("aws_colour", "red")])).expect_err("an option");
        assert!(error.to_string().contains("aws_colour"), "{error}");
    }

    #[test]
    fn a_bucket_shows_no_secret() {
        let key = ("aws_access_key_id", "id");
        let secret = options(&[key, ("aws_region", "eu-central-1"), ("aws_secret_access_key", "hidden")]);
        let bucket = Bucket::of("s3://bucket/status", &secret).expect("a bucket");
        assert!(!format!("{bucket:?}").contains("hidden"));
        assert_eq!(bucket.at("incidents/a/index.html").as_ref(), "status/incidents/a/index.html");
    }

    #[test]
    fn signed_addresses_are_cut() {
        let source = "GET https://a.example/b?sig=secret failed".into();
        let text = told(&object_store::Error::Generic { store: "Azure", source });
        assert!(text.contains("https://a.example/b?...") && !text.contains("secret"), "{text}");
    }
}
