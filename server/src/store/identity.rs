//! A node's secrets, kept outside the log: its signing key and the cluster key.
//!
//! Each is a file of 64 hexadecimal digits and a line feed that only its owner may read. The cluster id is derived from
//! the cluster key, so that there is one secret to carry to a new node and no file to mix up.

use super::envelope::ClusterId;
use domain::id::NodeKey;
use ed25519_dalek::SigningKey;
use std::{
    fmt, fs,
    io::{self, Write},
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// The node's Ed25519 seed.
pub const NODE_KEY_FILE: &str = "node.key";
/// The key that takes the place of [`NODE_KEY_FILE`] while a rotation begins.
pub const NEW_KEY_FILE: &str = "node.key.new";
/// The key that was in use before, until the node has started with the new one.
pub const OLD_KEY_FILE: &str = "node.key.old";
/// What secrets in the log are sealed with; the same on every node of a cluster.
pub const CLUSTER_KEY_FILE: &str = "cluster.key";
/// The one meaning of the key that the cluster id is derived with.
const CLUSTER_ID_CONTEXT: &str = "holdfast 2026 cluster id";
/// A key file's bytes: 64 digits and a line feed.
const KEY_FILE_BYTES_MAX: u64 = 65;

/// Who this node is. Wiped from memory when dropped; its `Debug` shows no secret.
#[derive(Clone)]
pub struct Identity {
    pub cluster: ClusterId,
    pub node: SigningKey,
    pub cluster_key: Zeroizing<[u8; 32]>,
}

/// Why the keys could not be read or made.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    #[error("cannot read or write the key file `{path}`: {source}", path = path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("the key file `{path}` may be read by others (mode {mode:03o}); only its owner may: `chmod 600 {path}`", path = path.display())]
    Open { path: PathBuf, mode: u32 },
    #[error("the key file `{path}` is not 64 hexadecimal digits; restore it from a backup", path = path.display())]
    Malformed { path: PathBuf },
    #[error("the operating system gave no random bytes: {0}")]
    Entropy(getrandom::Error),
}

impl Identity {
    /// From both secrets.
    pub fn new(node: [u8; 32], cluster_key: [u8; 32]) -> Self {
        let derived = blake3::derive_key(CLUSTER_ID_CONTEXT, &cluster_key);
        let mut cluster = [0; 16];
        cluster.copy_from_slice(&derived[..16]);
        Identity {
            cluster: ClusterId(cluster),
            node: SigningKey::from_bytes(&node),
            cluster_key: Zeroizing::new(cluster_key),
        }
    }

    /// Reads the keys of a data directory; makes those that are not there yet.
    ///
    /// # Errors
    /// A file that others may read is refused, and one that is not a key.
    pub fn load_or_create(directory: &Path) -> Result<Self, IdentityError> {
        fs::create_dir_all(directory).map_err(|source| IdentityError::Io { path: directory.to_owned(), source })?;
        let node = load_or_create_key(&directory.join(NODE_KEY_FILE))?;
        let cluster_key = load_or_create_key(&directory.join(CLUSTER_KEY_FILE))?;
        Ok(Identity::new(*node, *cluster_key))
    }

    /// Reads two key files and makes none.
    ///
    /// # Errors
    /// As for [`Identity::load_or_create`], and when one is not there.
    pub fn load(node_key: &Path, cluster_key: &Path) -> Result<Self, IdentityError> {
        Ok(Identity::new(*load_key(node_key)?, *load_key(cluster_key)?))
    }

    /// The public key of a data directory, made when there is none yet; nothing else is read or made.
    ///
    /// # Errors
    /// As for [`Identity::load_or_create`].
    pub fn public_key(directory: &Path) -> Result<NodeKey, IdentityError> {
        fs::create_dir_all(directory).map_err(|source| IdentityError::Io { path: directory.to_owned(), source })?;
        let seed = load_or_create_key(&directory.join(NODE_KEY_FILE))?;
        Ok(NodeKey(SigningKey::from_bytes(&seed).verifying_key().to_bytes()))
    }

    /// The public key that others know this node by.
    pub fn node_key(&self) -> NodeKey {
        NodeKey(self.node.verifying_key().to_bytes())
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "Identity {{ cluster: {}, node: {} }}", self.cluster, self.node_key())
    }
}

pub(super) fn load_or_create_key(path: &Path) -> Result<Zeroizing<[u8; 32]>, IdentityError> {
    let failed = |source| IdentityError::Io { path: path.to_owned(), source };
    if !path.try_exists().map_err(failed)? {
        create_key(path)?;
    }
    load_key(path)
}

fn load_key(path: &Path) -> Result<Zeroizing<[u8; 32]>, IdentityError> {
    let failed = |source| IdentityError::Io { path: path.to_owned(), source };
    check_mode(path)?;
    let malformed = || IdentityError::Malformed { path: path.to_owned() };
    if fs::metadata(path).map_err(failed)?.len() > KEY_FILE_BYTES_MAX {
        return Err(malformed());
    }
    let digits = Zeroizing::new(fs::read(path).map_err(failed)?);
    let digits = digits.strip_suffix(b"\n").unwrap_or(&digits);
    let mut key = Zeroizing::new([0; 32]);
    if digits.len() != 2 * key.len() {
        return Err(malformed());
    }
    for (byte, pair) in key.iter_mut().zip(digits.chunks(2)) {
        let digit = |digit: u8| char::from(digit).to_digit(16).ok_or_else(malformed);
        *byte = (digit(pair[0])? << 4 | digit(pair[1])?) as u8;
    }
    Ok(key)
}

fn create_key(path: &Path) -> Result<(), IdentityError> {
    let mut key = Zeroizing::new([0; 32]);
    getrandom::fill(key.as_mut()).map_err(IdentityError::Entropy)?;
    write_key(path, &key)
}

/// Written whole under another name and then named: a crash leaves no half key, and of two processes one wins.
pub(super) fn write_key(path: &Path, key: &[u8; 32]) -> Result<(), IdentityError> {
    let failed = |source| IdentityError::Io { path: path.to_owned(), source };
    let directory = path.parent().unwrap_or(Path::new("."));
    let mut digits = Zeroizing::new(String::with_capacity(KEY_FILE_BYTES_MAX as usize));
    for byte in key {
        digits.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
        digits.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
    }
    digits.push('\n');
    // Such a file is created with mode 0600.
    let mut file = tempfile::NamedTempFile::new_in(directory).map_err(failed)?;
    file.write_all(digits.as_bytes()).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    match file.persist_noclobber(path) {
        Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => return Err(failed(error.error)),
        _ => {}
    }
    fs::File::open(directory).and_then(|directory| directory.sync_all()).map_err(failed)
}

#[cfg(unix)]
fn check_mode(path: &Path) -> Result<(), IdentityError> {
    use std::os::unix::fs::PermissionsExt;
    let metadata = fs::metadata(path).map_err(|source| IdentityError::Io { path: path.to_owned(), source })?;
    match metadata.permissions().mode() & 0o777 {
        mode if mode & 0o077 != 0 => Err(IdentityError::Open { path: path.to_owned(), mode }),
        _ => Ok(()),
    }
}

#[cfg(not(unix))]
fn check_mode(_: &Path) -> Result<(), IdentityError> {
    Ok(())
}
