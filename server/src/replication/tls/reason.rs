//! Why a handshake failed, in words for operators.

use domain::id::NodeKey;
use rustls::{AlertDescription, CertificateError, Error};
use std::{fmt, io};

/// Why there is no link with whoever is at the other end.
#[derive(Debug)]
pub(super) enum Reason {
    /// We do not take the key that was claimed there.
    Refused(NodeKey),
    /// The other side does not take our key.
    RefusedThere,
    OtherProtocol,
    NoWelcome(u8),
    TooLong,
    Tls(io::Error),
}

impl Reason {
    /// Out of what the TLS library said. `claimed` is the key that the other side claimed, if it came to that.
    pub fn new(error: io::Error, claimed: Option<NodeKey>) -> Self {
        let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
        match (tls, claimed) {
            (Some(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure)), Some(key)) => {
                Reason::Refused(key)
            }
            (Some(Error::AlertReceived(AlertDescription::AccessDenied)), _) => Reason::RefusedThere,
            (Some(Error::NoApplicationProtocol), _)
            | (Some(Error::AlertReceived(AlertDescription::NoApplicationProtocol)), _) => Reason::OtherProtocol,
            _ => Reason::Tls(error),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Reason::Refused(key) => write!(f, "the key {key} is not one of a known peer"),
            Reason::RefusedThere => f.write_str("the node there does not know this node's key"),
            Reason::OtherProtocol => f.write_str("the other side does not speak holdfast-peer/1"),
            Reason::NoWelcome(byte) => write!(f, "the first byte is {byte}, not the welcome of a node"),
            Reason::TooLong => write!(f, "not done within {} seconds", super::HANDSHAKE_SECONDS),
            Reason::Tls(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                f.write_str("the other side closed the connection")
            }
            Reason::Tls(error) => write!(f, "{error}"),
        }
    }
}
