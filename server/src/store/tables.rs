//! The tables of the data file.

use redb::TableDefinition;

/// Event id to header and signature.
pub const EVENTS: TableDefinition<&[u8; 32], &[u8]> = TableDefinition::new("events");
/// Event id to body; an erased body has no row.
pub const BODIES: TableDefinition<&[u8; 32], &[u8]> = TableDefinition::new("bodies");
/// Number of arrival on this node, from 1 without gaps, to event id.
pub const SEQUENCE: TableDefinition<u64, &[u8; 32]> = TableDefinition::new("sequence");
/// Subject, clock (big-endian) and event id: the events of a subject are one range, in the order of their clocks.
pub const SUBJECTS: TableDefinition<&[u8; SUBJECT_KEY_BYTES], ()> = TableDefinition::new("subjects");
/// Node key to the count of its events held: the board version.
pub const COUNTS: TableDefinition<&[u8; 32], u64> = TableDefinition::new("counts");
/// Redacted event and the redaction that names it, also before the redacted one arrives and whoever signed it.
pub const REDACTIONS: TableDefinition<&[u8; REDACTION_KEY_BYTES], ()> = TableDefinition::new("redactions");
/// Events that are held without their bodies though no redaction of them counts (see [`super::missing`]).
pub const MISSING: TableDefinition<&[u8; 32], ()> = TableDefinition::new("missing");
/// [`FORMAT_KEY`], [`CLUSTER_KEY`], [`CLOCK_KEY`], [`DIGEST_KEY`], [`REDACTIONS_KEY`], [`MISSING_KEY`], [`REWRITE_KEY`].
pub const META: TableDefinition<&str, &[u8]> = TableDefinition::new("meta");
/// Idempotency key to what was answered.
pub const REQUESTS: TableDefinition<&str, &[u8]> = TableDefinition::new("requests");
/// Milliseconds since the Unix epoch and idempotency key, so that the oldest go first.
pub const REQUESTS_BY_TIME: TableDefinition<(u64, &str), ()> = TableDefinition::new("requests_by_time");

/// Number of the layout of these tables, as a big-endian u64.
pub const FORMAT_KEY: &str = "format";
/// The cluster id of the events.
pub const CLUSTER_KEY: &str = "cluster";
/// The highest clock value that this node must go past, as a big-endian u64.
pub const CLOCK_KEY: &str = "clock";
/// The count of all events (a big-endian u64) and the sum of their ids (32 bytes).
pub const DIGEST_KEY: &str = "digest";

/// There once [`REDACTIONS`] names every redaction that is held.
pub const REDACTIONS_KEY: &str = "redactions";
/// There once [`MISSING`] names every body that is missing.
pub const MISSING_KEY: &str = "missing";
/// There when erased bytes may still lie in pages of the file that are free: it is written anew at the next start.
pub const REWRITE_KEY: &str = "rewrite";

/// Every table, for those who make or copy all of them: `$each` is called with each one's definition.
macro_rules! every_table {
    ($each:ident) => {
        $each!(EVENTS, BODIES, SEQUENCE, SUBJECTS, COUNTS, REDACTIONS, MISSING, META, REQUESTS, REQUESTS_BY_TIME)
    };
}
pub(super) use every_table;

/// The layout that this version reads and writes.
pub const FORMAT: u64 = 1;

pub const SUBJECT_BYTES: usize = 16;
pub const SUBJECT_KEY_BYTES: usize = SUBJECT_BYTES + 8 + 32;

/// A redacted event and its redaction.
pub const REDACTION_KEY_BYTES: usize = 32 + 32;

/// A key of [`REDACTIONS`].
pub fn redaction_key(redacted: [u8; 32], redaction: [u8; 32]) -> [u8; REDACTION_KEY_BYTES] {
    let mut key = [0; REDACTION_KEY_BYTES];
    key[..32].copy_from_slice(&redacted);
    key[32..].copy_from_slice(&redaction);
    key
}

/// Redacted event and redaction of a key of [`REDACTIONS`].
pub fn split_redaction_key(key: &[u8; REDACTION_KEY_BYTES]) -> ([u8; 32], [u8; 32]) {
    let (mut redacted, mut redaction) = ([0; 32], [0; 32]);
    redacted.copy_from_slice(&key[..32]);
    redaction.copy_from_slice(&key[32..]);
    (redacted, redaction)
}

/// A key of [`SUBJECTS`].
pub fn subject_key(subject: [u8; SUBJECT_BYTES], hlc: u64, id: [u8; 32]) -> [u8; SUBJECT_KEY_BYTES] {
    let mut key = [0; SUBJECT_KEY_BYTES];
    key[..16].copy_from_slice(&subject);
    key[16..24].copy_from_slice(&hlc.to_be_bytes());
    key[24..].copy_from_slice(&id);
    key
}

/// Subject and event id of a key of [`SUBJECTS`].
pub fn split_subject_key(key: &[u8; SUBJECT_KEY_BYTES]) -> ([u8; SUBJECT_BYTES], [u8; 32]) {
    let (mut subject, mut id) = ([0; SUBJECT_BYTES], [0; 32]);
    subject.copy_from_slice(&key[..16]);
    id.copy_from_slice(&key[24..]);
    (subject, id)
}
