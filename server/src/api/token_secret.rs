//! A bearer token: `hf_`, the token's public id, and 32 random bytes in hexadecimal. Only the BLAKE3 of those bytes
//! is kept, sealed with the cluster key; 256 random bits need no slow hash.

use domain::id::{Id, TokenId};
use std::{fmt, str::FromStr};

const PREFIX: &str = "hf_";
const SECRET_BYTES: usize = 32;

/// A token as its owner holds it. Its `Debug` shows no secret.
pub struct TokenSecret {
    pub id: TokenId,
    secret: [u8; SECRET_BYTES],
}

impl TokenSecret {
    /// A fresh one from the operating system's randomness.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let (mut entropy, mut secret) = ([0; 16], [0; SECRET_BYTES]);
        getrandom::fill(&mut entropy)?;
        getrandom::fill(&mut secret)?;
        Ok(TokenSecret { id: TokenId(Id::from_entropy(entropy)), secret })
    }

    /// What is kept of it.
    pub fn hash(&self) -> [u8; 32] {
        *blake3::hash(&self.secret).as_bytes()
    }

    /// The text that the owner sends. It is shown once.
    pub fn reveal(&self) -> String {
        let digits = self.secret.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        format!("{PREFIX}{}_{digits}", self.id)
    }
}

impl fmt::Debug for TokenSecret {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "TokenSecret({})", self.id)
    }
}

/// The text is no token. It is not repeated in the message: it may be nearly right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no token")]
pub struct TokenSecretError;

impl FromStr for TokenSecret {
    type Err = TokenSecretError;
    fn from_str(text: &str) -> Result<Self, TokenSecretError> {
        let (id, digits) = text.strip_prefix(PREFIX).and_then(|rest| rest.split_once('_')).ok_or(TokenSecretError)?;
        if digits.len() != 2 * SECRET_BYTES || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(TokenSecretError);
        }
        let mut secret = [0; SECRET_BYTES];
        for (byte, pair) in secret.iter_mut().zip(digits.as_bytes().chunks(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| TokenSecretError)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| TokenSecretError)?;
        }
        Ok(TokenSecret { id: id.parse().map_err(|_| TokenSecretError)?, secret })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back_and_its_debug_hides_the_secret() {
        let token = TokenSecret::generate().expect("randomness");
        let text = token.reveal();
        let read: TokenSecret = text.parse().expect("a token");
        assert_eq!((read.id, read.hash()), (token.id, token.hash()));
        assert!(!format!("{token:?}").contains(&text[16..]));
        for wrong in ["", "hf_", &text[1..], &text[..text.len() - 1], &text.replace("hf_", "hg_")] {
            assert!(wrong.parse::<TokenSecret>().is_err(), "{wrong}");
        }
    }
}
