//! The envelope of an event, byte by byte. Every number is big-endian.
//!
//! | offset | bytes | what |
//! |---|---|---|
//! | 0 | 1 | version, now 1 (`version`) |
//! | 1 | 1 | flags; bit 0: `must_understand`, a node that does not know the kind tells its operators |
//! | 2 | 2 | header length: everything before the signature, 117 + 32 x parents in version 1, at most 1024 |
//! | 4 | 2 | kind of the body |
//! | 6 | 2 | 0 |
//! | 8 | 16 | cluster id |
//! | 24 | 32 | node key: the writer's Ed25519 public key |
//! | 56 | 8 | hybrid logical clock |
//! | 64 | 16 | subject |
//! | 80 | 4 | length of the body, at most 65,536 |
//! | 84 | 32 | BLAKE3 of the body |
//! | 116 | 1 | count of parents, at most 16 |
//! | 117 | 32 each | parents: the heads of the same subject that the writer saw |
//! | header length | 64 | Ed25519 signature over `holdfast event`, a zero byte and the header |
//!
//! The event's id is the BLAKE3 of header and signature; the body travels beside them.
//!
//! A later version may append fields between the parents and the signature and may use other flags; it keeps the table
//! above. That is why the header tells its own length and its subject: an old node must find the signature, check it,
//! index the event under its subject, name it as a parent, count it for its writer, drop its body when it is redacted,
//! and hand it on, without knowing what it says.

use super::version;
use domain::id::{EventId, Hlc, NodeKey, Subject};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use std::fmt;

/// Most parents of an event.
pub const PARENTS_MAX: usize = 16;
/// Longest header, in bytes, of any version.
pub const HEADER_BYTES_MAX: usize = 1024;
/// Longest body, in bytes.
pub const BODY_BYTES_MAX: usize = 64 * 1024;
/// Bytes of an Ed25519 signature.
pub const SIGNATURE_BYTES: usize = 64;
/// The flag of an event whose meaning must not be passed over in silence.
pub const MUST_UNDERSTAND: u8 = 1;

/// Everything before the parents.
const FIXED_BYTES: usize = 117;
const PARENT_BYTES: usize = 32;
/// Keeps a signature of an event from being taken for one of anything else.
const SIGNED_PREFIX: &[u8] = b"holdfast event\0";

/// The deployment that an event belongs to; all its nodes share it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClusterId(pub [u8; 16]);

impl fmt::Display for ClusterId {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ClusterId {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// The fields that every version has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub version: u8,
    pub flags: u8,
    pub kind: u16,
    pub cluster: ClusterId,
    pub node: NodeKey,
    pub hlc: Hlc,
    pub subject: Subject,
    pub body_bytes: u32,
    /// BLAKE3.
    pub body_hash: [u8; 32],
    pub parents: Vec<EventId>,
}

/// An event as it is kept and handed on. Its bytes are never made anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Header and signature.
    pub signed: Vec<u8>,
    /// `None` when it was erased.
    pub body: Option<Vec<u8>>,
}

/// Why bytes are not an event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    #[error("the event has {0} bytes of header and signature; it takes {min} to {max}", min = FIXED_BYTES + SIGNATURE_BYTES, max = HEADER_BYTES_MAX + SIGNATURE_BYTES)]
    Length(usize),
    #[error("an event of version 0; versions begin with 1")]
    Version,
    #[error("the header says that it has {said} bytes, and {there} are there before the signature")]
    HeaderLength { said: usize, there: usize },
    #[error("flags {0:#010b}; version 1 knows only bit 0")]
    Flags(u8),
    #[error("the reserved bytes hold {0}; in version 1 they are 0")]
    Reserved(u16),
    #[error("the event names {0} parents; at most {PARENTS_MAX} are allowed")]
    Parents(usize),
    #[error("a header of {there} bytes cannot hold {parents} parents; version {version} takes {needed} bytes")]
    ParentBytes { version: u8, parents: usize, needed: usize, there: usize },
    #[error("the header says that the body has {0} bytes; at most {BODY_BYTES_MAX} are allowed")]
    BodyLength(usize),
    #[error("`{0}` is no Ed25519 public key")]
    NodeKey(NodeKey),
    #[error("the signature is not by node {0} over this header")]
    Signature(NodeKey),
    #[error("the body is not the one that the header names: its hash or its length differs")]
    Body,
}

impl Header {
    pub fn must_understand(&self) -> bool {
        self.flags & MUST_UNDERSTAND != 0
    }

    /// Whether all of it is read here; of a later version's header only the fields that every version has.
    pub fn is_read(&self) -> bool {
        version::is_read(self.version)
    }

    /// The header and its signature.
    ///
    /// Parents beyond [`PARENTS_MAX`] are the caller's mistake and are left out.
    pub fn sign(&self, key: &SigningKey) -> Vec<u8> {
        let parents = &self.parents[..self.parents.len().min(PARENTS_MAX)];
        let appended = version::appended(self.version);
        let length = FIXED_BYTES + PARENT_BYTES * parents.len() + appended.len();
        let mut bytes = Vec::with_capacity(length + SIGNATURE_BYTES);
        bytes.extend([self.version, self.flags]);
        bytes.extend((length as u16).to_be_bytes());
        bytes.extend(self.kind.to_be_bytes());
        bytes.extend([0, 0]);
        bytes.extend(self.cluster.0);
        bytes.extend(self.node.0);
        bytes.extend(self.hlc.0.to_be_bytes());
        bytes.extend(self.subject.to_bytes());
        bytes.extend(self.body_bytes.to_be_bytes());
        bytes.extend(self.body_hash);
        bytes.push(parents.len() as u8);
        parents.iter().for_each(|parent| bytes.extend(parent.0));
        bytes.extend(appended);
        let signature = key.sign(&signed_text(&bytes));
        bytes.extend(signature.to_bytes());
        bytes
    }

    /// Reads the table above; the signature is not looked at.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn decode(signed: &[u8]) -> Result<Header, EnvelopeError> {
        let there = signed.len().checked_sub(SIGNATURE_BYTES).filter(|there| *there >= FIXED_BYTES);
        let Some(there) = there.filter(|there| *there <= HEADER_BYTES_MAX) else {
            return Err(EnvelopeError::Length(signed.len()));
        };
        let mut fields = Fields(signed);
        let version = fields.byte();
        let flags = fields.byte();
        let said = usize::from(u16::from_be_bytes(fields.take()));
        let kind = u16::from_be_bytes(fields.take());
        let reserved = u16::from_be_bytes(fields.take());
        if version == 0 {
            return Err(EnvelopeError::Version);
        }
        if said != there {
            return Err(EnvelopeError::HeaderLength { said, there });
        }
        let is_read = version::is_read(version);
        if is_read && flags & !MUST_UNDERSTAND != 0 {
            return Err(EnvelopeError::Flags(flags));
        }
        if is_read && reserved != 0 {
            return Err(EnvelopeError::Reserved(reserved));
        }
        let cluster = ClusterId(fields.take());
        let node = NodeKey(fields.take());
        let hlc = Hlc(u64::from_be_bytes(fields.take()));
        let subject = Subject::from_bytes(fields.take());
        let body_bytes = u32::from_be_bytes(fields.take());
        let body_hash = fields.take();
        let parents = usize::from(fields.byte());
        if body_bytes as usize > BODY_BYTES_MAX {
            return Err(EnvelopeError::BodyLength(body_bytes as usize));
        }
        if parents > PARENTS_MAX {
            return Err(EnvelopeError::Parents(parents));
        }
        let needed = FIXED_BYTES + PARENT_BYTES * parents + version::appended(version).len();
        if there < needed || (is_read && there != needed) {
            return Err(EnvelopeError::ParentBytes { version, parents, needed, there });
        }
        let parents = (0..parents).map(|_| EventId(fields.take())).collect();
        Ok(Header { version, flags, kind, cluster, node, hlc, subject, body_bytes, body_hash, parents })
    }
}

/// Fields in their order; the length was checked before.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        match self.0.split_first_chunk::<N>() {
            Some((field, rest)) => {
                self.0 = rest;
                *field
            }
            None => [0; N],
        }
    }

    fn byte(&mut self) -> u8 {
        u8::from_be_bytes(self.take())
    }
}

fn signed_text(header: &[u8]) -> Vec<u8> {
    [SIGNED_PREFIX, header].concat()
}

impl Record {
    pub fn id(&self) -> EventId {
        EventId(*blake3::hash(&self.signed).as_bytes())
    }

    /// Bytes of header, signature and body.
    pub fn bytes(&self) -> usize {
        self.signed.len() + self.body.as_ref().map_or(0, Vec::len)
    }

    /// Checks everything that can be checked without knowing the kind: the fixed fields, the signature, and the body's
    /// length and hash when it is there.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn verify(&self) -> Result<Header, EnvelopeError> {
        let header = Header::decode(&self.signed)?;
        let Some((text, signature)) = self.signed.split_last_chunk::<SIGNATURE_BYTES>() else {
            return Err(EnvelopeError::Length(self.signed.len()));
        };
        let key = VerifyingKey::from_bytes(&header.node.0).map_err(|_| EnvelopeError::NodeKey(header.node))?;
        // Strict: all nodes must agree on what is signed, also for keys and signatures that were made to confuse.
        key.verify_strict(&signed_text(text), &Signature::from_bytes(signature))
            .map_err(|_| EnvelopeError::Signature(header.node))?;
        match &self.body {
            Some(body)
                if body.len() != header.body_bytes as usize || *blake3::hash(body).as_bytes() != header.body_hash =>
            {
                Err(EnvelopeError::Body)
            }
            _ => Ok(header),
        }
    }
}
