//! SHA-256, as common tools write it.

use sha2::{Digest, Sha256};
use std::{fmt, str::FromStr};

/// The SHA-256 of a file.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    pub fn of(bytes: &[u8]) -> Hash {
        Hash(Sha256::digest(bytes).into())
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
}

impl FromStr for Hash {
    type Err = ();

    /// 64 lower-case hexadecimal digits.
    fn from_str(text: &str) -> Result<Hash, ()> {
        let mut bytes = [0; 32];
        if text.len() != 2 * bytes.len() {
            return Err(());
        }
        data_encoding::HEXLOWER.decode_mut(text.as_bytes(), &mut bytes).map(|_| Hash(bytes)).map_err(|_| ())
    }
}
