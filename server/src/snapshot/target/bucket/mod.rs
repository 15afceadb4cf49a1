//! A bucket or container as a target: S3 and what speaks like it, Google's and Azure's storage. A put replaces an object
//! as a whole, which is all that an update needs of it.

mod open;

use super::{Answer, Attributes, Content, Target, TargetError, Trouble};
use futures_util::{StreamExt, TryStreamExt};
use object_store::{
    Attribute, GetOptions, ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload, limit::LimitStore, path::Path,
};
use std::{fmt, future::Future, sync::Arc, time::Duration};

/// Requests that are under way at once, at most.
const REQUESTS_MAX: usize = 16;
/// One operation, its retries included.
const OPERATION_TIME_MAX: Duration = Duration::from_secs(60);
/// Longest cause that is told, in characters.
const CAUSE_LENGTH_MAX: usize = 400;
/// Why a refusal to read may be none.
const MAY_LIST: &str = "refused; where the writer may not list the bucket (`s3:ListBucket`), the storage also refuses what is \
                        not there, so allow it that";
/// Shorter values of options would be found in any text.
const SECRET_LENGTH_MIN: usize = 6;

/// Where files go, and what opens it.
pub struct Bucket {
    name: String,
    prefix: String,
    store: LimitStore<Arc<dyn ObjectStore>>,
    /// Values of options: struck from every message.
    secrets: Vec<String>,
    /// Nothing that opens it was given.
    asks_machine: bool,
}

impl fmt::Debug for Bucket {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Bucket").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Why a bucket cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("{address}: {what}")]
pub struct OpenError {
    pub address: String,
    pub what: String,
}

impl Bucket {
    /// Opens `s3://bucket/prefix`, `gs://bucket/prefix` or `az://container/prefix` with what the environment and, before
    /// it, the options say. Nothing is asked of it yet.
    ///
    /// # Errors
    /// When the address or an option does not fit.
    pub fn open(address: &str, options: &[(String, String)]) -> Result<Bucket, OpenError> {
        let is_hidden = |(name, value): &(String, String)| value.len() >= SECRET_LENGTH_MIN && !is_place(name, value);
        let given = options.iter().cloned().chain(environment());
        let secrets: Vec<String> = given.filter(is_hidden).map(|(_, value)| value).collect();
        let failed = |what: &dyn fmt::Display| OpenError {
            address: address.to_owned(),
            what: told(&what.to_string(), &secrets),
        };
        let no_address = || failed(&"is no address of a bucket; expected such as `s3://bucket/prefix`");
        let (scheme, rest) = address.split_once("://").ok_or_else(no_address)?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let opened = open::open(scheme, bucket, options, &failed)?.ok_or_else(no_address)?;
        Ok(Bucket { asks_machine: opened.asks_machine, ..Bucket::on(opened.store, address, prefix, secrets) })
    }

    fn on(store: Arc<dyn ObjectStore>, address: &str, prefix: &str, secrets: Vec<String>) -> Bucket {
        let name = address.trim_end_matches('/').to_owned();
        let prefix = prefix.trim_end_matches('/').to_owned();
        Bucket { name, prefix, store: LimitStore::new(store, REQUESTS_MAX), secrets, asks_machine: false }
    }

    fn place(&self, path: &str) -> Result<Path, object_store::path::Error> {
        match self.prefix.is_empty() {
            true => Path::parse(path),
            false => Path::parse(format!("{}/{path}", self.prefix)),
        }
    }

    /// One operation on a file, within its time.
    async fn within<T>(
        &self,
        operation: &'static str,
        path: &str,
        work: impl Future<Output = object_store::Result<T>>,
    ) -> Result<T, TargetError> {
        let failed = |what: &str, trouble: Trouble| TargetError {
            trouble,
            ..TargetError::new(operation, path, self, told(what, &self.secrets))
        };
        match tokio::time::timeout(OPERATION_TIME_MAX, work).await {
            Ok(Err(error @ object_store::Error::PermissionDenied { .. })) if operation == "reading" => {
                Err(failed(&format!("{MAY_LIST}: {error}"), Trouble::Refused))
            }
            Ok(done) => done.map_err(|error| failed(&error.to_string(), trouble(&error))),
            Err(_) => Err(failed(&format!("no answer within {} s", OPERATION_TIME_MAX.as_secs()), Trouble::Unreached)),
        }
    }

    /// What would mend a failed operation.
    pub fn remedy(&self, trouble: Trouble) -> &'static str {
        let open::Words { bucket, keys } = open::words(&self.name);
        match trouble {
            Trouble::NoBucket => bucket,
            _ if self.asks_machine => keys,
            Trouble::Refused => {
                "what opens it may have to get, put and delete objects below the prefix; in Amazon's storage also \
                 `s3:ListBucket`, without which a file that is not there yet counts as forbidden"
            }
            Trouble::Unreached => {
                "an `endpoint` and a `region` that fit, and a network on which this machine reaches them"
            }
            Trouble::Other => "what the storage itself says",
        }
    }

    async fn read(&self, path: &str, bytes_max: u64) -> Result<Option<Vec<u8>>, TargetError> {
        let read = async {
            let got = match self.store.get_opts(&self.place(path)?, GetOptions::default()).await {
                Err(object_store::Error::NotFound { .. }) => return Ok(None),
                got => got?,
            };
            match got.meta.size > bytes_max {
                true => Ok(Some(None)),
                false => Ok(Some(Some(got.bytes().await?.to_vec()))),
            }
        };
        match self.within("reading", path, read).await? {
            None => Ok(None),
            Some(Some(bytes)) => Ok(Some(bytes)),
            Some(None) => Err(TargetError::too_long(path, self, bytes_max)),
        }
    }

    async fn write(&self, path: &str, content: Content<'_>, attributes: Attributes) -> Result<(), TargetError> {
        let bytes = match content {
            Content::Bytes(bytes) => bytes.to_vec(),
            Content::Staged(staged) => {
                let read = tokio::fs::read(staged).await;
                read.map_err(|error| TargetError::new("reading what is to become", path, self, error))?
            }
        };
        let put = async {
            let options = PutOptions::from(headers(attributes));
            self.store.put_opts(&self.place(path)?, PutPayload::from(bytes), options).await
        };
        self.within("writing", path, put).await.map(|_| ())
    }

    async fn write_new(&self, path: &str, bytes: &[u8], attributes: Attributes) -> Result<bool, TargetError> {
        let put = async {
            let options = PutOptions { mode: PutMode::Create, ..PutOptions::from(headers(attributes)) };
            match self.store.put_opts(&self.place(path)?, PutPayload::from(bytes.to_vec()), options).await {
                Ok(_) => Ok(Some(true)),
                Err(object_store::Error::AlreadyExists { .. }) => Ok(Some(false)),
                Err(object_store::Error::NotImplemented { .. } | object_store::Error::NotSupported { .. }) => Ok(None),
                Err(error) => Err(error),
            }
        };
        match self.within("creating", path, put).await? {
            Some(is_new) => Ok(is_new),
            // A storage that knows no condition.
            None => self.write(path, Content::Bytes(bytes), attributes).await.map(|()| true),
        }
    }

    /// Who may write need not be allowed to list, and not every storage can.
    async fn list(&self, folder: &str, count_max: usize) -> Option<Vec<String>> {
        let list = async {
            let place = self.place(folder.trim_end_matches('/'))?;
            let found: Vec<_> = self.store.list(Some(&place)).take(count_max).try_collect().await?;
            Ok(found.iter().filter_map(|found| found.location.filename().map(str::to_owned)).collect())
        };
        let listed = self.within("listing", folder, list).await;
        listed.inspect_err(|error| tracing::debug!(%error, "what is left there by broken-off updates stays")).ok()
    }

    async fn remove(&self, path: &str) -> Result<(), TargetError> {
        let remove = async {
            match self.store.delete(&self.place(path)?).await {
                Err(object_store::Error::NotFound { .. }) => Ok(()),
                done => done,
            }
        };
        self.within("removing", path, remove).await
    }
}

impl Target for Bucket {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn get<'a>(&'a self, path: &'a str, bytes_max: u64) -> Answer<'a, Option<Vec<u8>>> {
        Box::pin(self.read(path, bytes_max))
    }

    fn put<'a>(&'a self, path: &'a str, content: Content<'a>, attributes: Attributes) -> Answer<'a, ()> {
        Box::pin(self.write(path, content, attributes))
    }

    fn create<'a>(&'a self, path: &'a str, bytes: &'a [u8], attributes: Attributes) -> Answer<'a, bool> {
        Box::pin(self.write_new(path, bytes, attributes))
    }

    fn delete<'a>(&'a self, path: &'a str) -> Answer<'a, ()> {
        Box::pin(self.remove(path))
    }

    fn names<'a>(&'a self, folder: &'a str, count_max: usize) -> Answer<'a, Option<Vec<String>>> {
        Box::pin(async move { Ok(self.list(folder, count_max).await) })
    }

    fn is_elsewhere(&self) -> bool {
        true
    }
}

fn headers(attributes: Attributes) -> object_store::Attributes {
    let language = attributes.content_language.map(|language| (Attribute::ContentLanguage, language));
    let always =
        [(Attribute::ContentType, attributes.content_type), (Attribute::CacheControl, attributes.cache_control)];
    always.into_iter().chain(language).collect()
}

fn trouble(error: &object_store::Error) -> Trouble {
    match error {
        object_store::Error::PermissionDenied { .. } | object_store::Error::Unauthenticated { .. } => Trouble::Refused,
        // Of a file that is only missing nobody hears.
        object_store::Error::NotFound { .. } => Trouble::NoBucket,
        object_store::Error::Generic { .. } => Trouble::Unreached,
        _ => Trouble::Other,
    }
}

/// What the environment says of storages, by the names of options.
fn environment() -> impl Iterator<Item = (String, String)> {
    const PREFIXES: [&str; 3] = ["AWS_", "AZURE_", "GOOGLE_"];
    let readable =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    readable
        .filter(|(name, _)| PREFIXES.iter().any(|prefix| name.starts_with(prefix)))
        .map(|(name, value)| (name.to_ascii_lowercase(), value))
}

/// Whether an option only says where the storage is, which a message should name.
fn is_place(option: &str, value: &str) -> bool {
    (option.ends_with("endpoint") || option.ends_with("region")) && !value.contains('@')
}

/// A cause as it may be told: without values of options, without what follows `?` in an address (signatures stand
/// there), in one line.
fn told(cause: &str, secrets: &[String]) -> String {
    let mut text = cause.to_owned();
    for secret in secrets {
        text = text.replace(secret, "(not shown)");
    }
    let mut shown = String::new();
    let mut hidden = false;
    for character in text.chars() {
        let ends = character.is_whitespace() || matches!(character, ')' | '"' | '\'' | '>');
        if hidden && !ends {
            continue;
        }
        hidden = character == '?';
        shown.push(if character.is_control() { ' ' } else { character });
    }
    match shown.char_indices().nth(CAUSE_LENGTH_MAX) {
        None => shown,
        Some((end, _)) => format!("{}…", &shown[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use object_store::memory::InMemory;

    const PAGE: Attributes = Attributes {
        content_type: "text/html; charset=utf-8",
        content_language: Some("en"),
        cache_control: "no-cache",
    };

    fn run<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(future)
    }

    #[test]
    fn files_stand_below_the_prefix_with_their_headers() {
        let memory: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
        let bucket = Bucket::on(Arc::clone(&memory), "s3://bucket/a/b/", "a/b/", Vec::new());
        run(async {
            assert_eq!(bucket.get("en/index.html", 9).await.unwrap(), None);
            bucket.put("en/index.html", Content::Bytes(b"page"), PAGE).await.unwrap();
            let held = memory.get(&Path::from("a/b/en/index.html")).await.unwrap();
            let header = |name: Attribute| held.attributes.get(&name).map(|value| value.as_ref().to_owned());
            assert_eq!(header(Attribute::ContentType).as_deref(), Some(PAGE.content_type));
            assert_eq!(header(Attribute::CacheControl).as_deref(), Some(PAGE.cache_control));
            assert_eq!(bucket.get("en/index.html", 4).await.unwrap().as_deref(), Some(&b"page"[..]));
            let error = bucket.get("en/index.html", 3).await.unwrap_err().to_string();
            let right = "which no file of its kind is; write the snapshot anew, or take another copy";
            let expected = format!("reading `en/index.html` in s3://bucket/a/b: is longer than 3 bytes, {right}");
            assert_eq!(error, expected);
            bucket.put("en/other", Content::Bytes(b""), PAGE).await.unwrap();
            assert_eq!(bucket.names("en/", 9).await.unwrap(), Some(vec!["index.html".to_owned(), "other".to_owned()]));
            assert_eq!(bucket.names("en/", 1).await.unwrap().map(|names| names.len()), Some(1));
            assert_eq!(bucket.names("zh/", 9).await.unwrap(), Some(Vec::new()));
            bucket.delete("en/other").await.unwrap();
            bucket.delete("en/index.html").await.unwrap();
            bucket.delete("en/index.html").await.unwrap();
            assert_eq!(bucket.get("en/index.html", 9).await.unwrap(), None);
        });
    }

    #[test]
    fn what_is_staged_is_put_and_what_is_no_path_is_refused() {
        let bucket = Bucket::on(Arc::new(InMemory::new()), "s3://bucket", "", Vec::new());
        let staged = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(staged.path(), "staged").unwrap();
        run(async {
            bucket.put("404.html", Content::Staged(staged.path()), PAGE).await.unwrap();
            assert_eq!(bucket.get("404.html", 99).await.unwrap().as_deref(), Some(&b"staged"[..]));
            let error = bucket.put("a/../b", Content::Bytes(b""), PAGE).await.unwrap_err().to_string();
            assert!(error.starts_with("writing `a/../b` in s3://bucket: "), "{error}");
        });
    }

    #[test]
    fn no_message_holds_a_credential() {
        let secrets = vec!["sesame".to_owned()];
        let cause = "PUT (https://a.example.com/b?sig=abc%3D&se=1) sesame\nfailed";
        assert_eq!(told(cause, &secrets), "PUT (https://a.example.com/b?) (not shown) failed");
        assert_eq!(told(&"x".repeat(500), &secrets).chars().count(), CAUSE_LENGTH_MAX + 1);
        let options = [("secret_access_key".to_owned(), "sesame".to_owned()), ("endpoint".to_owned(), "no".to_owned())];
        assert!(!format!("{:?}", Bucket::open("s3://bucket", &options)).contains("sesame"));
    }

    #[test]
    fn an_address_or_option_that_does_not_fit_is_told() {
        let cases = [
            ("bucket", "", "is no address of a bucket"),
            ("ftp://bucket", "", "is no address of a bucket"),
            ("s3://bucket", "pasword", "knows no option `pasword`"),
            ("gs://bucket", "secret_access_key", "knows no option `secret_access_key`"),
            ("az://bucket", "region", "knows no option `region`"),
        ];
        for (address, option, what) in cases {
            let options: Vec<_> =
                Some((option.to_owned(), "x".to_owned())).filter(|_| !option.is_empty()).into_iter().collect();
            let error = Bucket::open(address, &options).expect_err(address).to_string();
            assert!(error.starts_with(address) && error.contains(what), "{error}");
        }
    }
}
