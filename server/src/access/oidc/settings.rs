//! What a node is told of its provider.

use std::path::PathBuf;
use zeroize::Zeroizing;

/// Longest client secret, in bytes.
const SECRET_BYTES_MAX: u64 = 4096;

/// What the client proves itself with.
#[derive(Clone)]
pub enum ClientSecret {
    /// A public client: PKCE alone.
    None,
    /// Read at each sign-in, so that a new one needs no restart.
    File(PathBuf),
    Text(Zeroizing<String>),
}

impl ClientSecret {
    /// The secret itself.
    ///
    /// # Errors
    /// What is wrong with its file.
    pub fn read(&self) -> Result<Option<Zeroizing<String>>, String> {
        let path = match self {
            ClientSecret::None => return Ok(None),
            ClientSecret::Text(text) => return Ok(Some(text.clone())),
            ClientSecret::File(path) => path,
        };
        let unusable = |what: &dyn std::fmt::Display| format!("{}: {what}", path.display());
        let bytes = std::fs::metadata(path).map_err(|error| unusable(&error))?.len();
        if bytes > SECRET_BYTES_MAX {
            return Err(unusable(&format!("it has {bytes} bytes; a client secret has at most {SECRET_BYTES_MAX}")));
        }
        let text = Zeroizing::new(std::fs::read_to_string(path).map_err(|error| unusable(&error))?);
        match text.trim() {
            "" => Err(unusable(&"it is empty")),
            secret => Ok(Some(Zeroizing::new(secret.to_owned()))),
        }
    }
}

impl std::fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("ClientSecret")
    }
}

/// What a node is told of its provider.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Exactly as the provider calls itself.
    pub issuer: String,
    pub client_id: String,
    pub client_secret: ClientSecret,
    /// The claim that is the operator's sign-in name.
    pub claim: String,
    /// The console's own address, without a slash at its end; by default the page's.
    pub address: Option<String>,
    /// A PEM file with the certificates of the authorities to trust; by default the built-in ones.
    pub authorities: Option<PathBuf>,
}

/// Settings that no provider can be asked with.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct UnusableProvider(pub(super) String);
