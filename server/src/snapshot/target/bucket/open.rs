//! The three kinds of storage: how each is opened, and what it calls what opens it.

use super::{OPERATION_TIME_MAX, OpenError};
use object_store::{
    ClientOptions, ObjectStore, RetryConfig,
    aws::{AmazonS3Builder, AmazonS3ConfigKey},
    azure::{AzureConfigKey, MicrosoftAzureBuilder},
    gcp::{GoogleCloudStorageBuilder, GoogleConfigKey},
};
use std::{fmt, str::FromStr, sync::Arc, time::Duration};

/// One request, answer included.
const REQUEST_TIME_MAX: Duration = Duration::from_secs(30);
/// Until a connection stands.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(5);
/// Of one request, within one operation; whoever asks tries again later.
const RETRIES_MAX: usize = 2;

/// A storage that nothing was asked of yet.
pub struct Opened {
    pub store: Arc<dyn ObjectStore>,
    /// Nothing that opens it was given, so the machine's own role is asked for.
    pub asks_machine: bool,
}

/// What a kind of storage calls things, as what would be right.
pub struct Words {
    pub bucket: &'static str,
    pub keys: &'static str,
}

/// Opens a bucket of the kind that its address begins with; `None` where there is no such kind.
///
/// # Errors
/// When an option does not fit.
pub fn open(
    scheme: &str,
    bucket: &str,
    options: &[(String, String)],
    failed: &dyn Fn(&dyn fmt::Display) -> OpenError,
) -> Result<Option<Opened>, OpenError> {
    // A process may have chosen one already.
    let _chosen = rustls::crypto::ring::default_provider().install_default();
    let client = ClientOptions::new().with_timeout(REQUEST_TIME_MAX).with_connect_timeout(CONNECT_TIME_MAX);
    let retry = RetryConfig { max_retries: RETRIES_MAX, retry_timeout: OPERATION_TIME_MAX, ..RetryConfig::default() };
    let opened = match scheme {
        "s3" => {
            let mut builder = AmazonS3Builder::from_env().with_client_options(client).with_retry(retry);
            for (name, value) in options {
                builder = builder.with_config(key::<AmazonS3ConfigKey>(name, failed)?, value);
            }
            let builder = builder.with_bucket_name(bucket);
            let asks_machine = is_none_given(
                |key| builder.get_config_value(&key),
                [AmazonS3ConfigKey::AccessKeyId],
                AmazonS3ConfigKey::SkipSignature,
            );
            let store = builder.build().map_err(|error| failed(&error))?;
            Opened { store: Arc::new(store), asks_machine }
        }
        "gs" => {
            let mut builder = GoogleCloudStorageBuilder::from_env().with_client_options(client).with_retry(retry);
            for (name, value) in options {
                builder = builder.with_config(key::<GoogleConfigKey>(name, failed)?, value);
            }
            let builder = builder.with_bucket_name(bucket);
            let asks_machine = is_none_given(
                |key| builder.get_config_value(&key),
                [
                    GoogleConfigKey::ServiceAccount,
                    GoogleConfigKey::ServiceAccountKey,
                    GoogleConfigKey::ApplicationCredentials,
                    GoogleConfigKey::BearerToken,
                ],
                GoogleConfigKey::SkipSignature,
            );
            let store = builder.build().map_err(|error| failed(&error))?;
            Opened { store: Arc::new(store), asks_machine }
        }
        "az" => {
            let mut builder = MicrosoftAzureBuilder::from_env().with_client_options(client).with_retry(retry);
            for (name, value) in options {
                builder = builder.with_config(key::<AzureConfigKey>(name, failed)?, value);
            }
            let builder = builder.with_container_name(bucket);
            let asks_machine = is_none_given(
                |key| builder.get_config_value(&key),
                [
                    AzureConfigKey::AccessKey,
                    AzureConfigKey::SasKey,
                    AzureConfigKey::Token,
                    AzureConfigKey::ClientSecret,
                    AzureConfigKey::FederatedTokenFile,
                ],
                AzureConfigKey::SkipSignature,
            );
            let store = builder.build().map_err(|error| failed(&error))?;
            Opened { store: Arc::new(store), asks_machine }
        }
        _ => return Ok(None),
    };
    Ok(Some(opened))
}

/// What to call things in the storage of an address.
pub fn words(address: &str) -> Words {
    let begins = |scheme: &str| address.starts_with(scheme);
    if begins("az:") {
        let keys = "`account_key` or `sas_key` in [mirror.options], or AZURE_STORAGE_ACCOUNT_KEY in the environment: \
                    without them the machine's role was asked for";
        return Words { bucket: "a container of this name in the account `account_name`", keys };
    }
    let bucket = "a bucket of this name, made by hand first";
    let keys = match begins("gs:") {
        true => {
            "`service_account` in [mirror.options], or GOOGLE_SERVICE_ACCOUNT in the environment: without them the \
             machine's role was asked for"
        }
        false => {
            "`access_key_id` and `secret_access_key` in [mirror.options], or AWS_ACCESS_KEY_ID and \
             AWS_SECRET_ACCESS_KEY in the environment: without them the machine's role was asked for"
        }
    };
    Words { bucket, keys }
}

fn is_none_given<Key, const COUNT: usize>(
    value: impl Fn(Key) -> Option<String>,
    keys: [Key; COUNT],
    unsigned: Key,
) -> bool {
    keys.into_iter().all(|key| value(key).is_none()) && value(unsigned).is_none_or(|unsigned| unsigned == "false")
}

fn key<Key: FromStr>(name: &str, failed: &dyn Fn(&dyn fmt::Display) -> OpenError) -> Result<Key, OpenError> {
    name.parse().map_err(|_| failed(&format!("its storage knows no option `{name}`")))
}
