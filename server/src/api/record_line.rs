//! One event as one line of an export: its bytes in hexadecimal, exactly as they are kept.

use crate::store::Record;
use serde::{Deserialize, Serialize};

/// A line of an export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordLine {
    /// Header and signature.
    pub signed: String,
    /// `null` when it was erased.
    pub body: Option<String>,
}

impl RecordLine {
    /// The line with its end.
    pub fn line(&self) -> String {
        let mut line = serde_json::to_string(self).unwrap_or_default();
        line.push('\n');
        line
    }

    /// # Errors
    /// Says where the line stops being one.
    pub fn parse(line: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(line).map_err(|error| format!("is no event: {error}"))
    }
}

impl From<Record> for RecordLine {
    fn from(record: Record) -> Self {
        RecordLine { signed: digits(&record.signed), body: record.body.as_deref().map(digits) }
    }
}

impl TryFrom<RecordLine> for Record {
    type Error = String;
    fn try_from(line: RecordLine) -> Result<Self, String> {
        let bytes = |digits: &str| bytes(digits).ok_or_else(|| "holds something else than hexadecimal".to_owned());
        Ok(Record { signed: bytes(&line.signed)?, body: line.body.as_deref().map(bytes).transpose()? })
    }
}

fn digits(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let pair = |byte: &u8| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]];
    bytes.iter().flat_map(pair).map(char::from).collect()
}

fn bytes(digits: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pairs = digits.as_bytes().chunks(2);
    pairs
        .map(|pair| match pair {
            [high, low] => u8::try_from(digit(*high)? * 16 + digit(*low)?).ok(),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_reads_back_and_half_a_byte_does_not() {
        let record = Record { signed: vec![0, 1, 0x7f, 0xff], body: Some(vec![]) };
        let line = RecordLine::from(record.clone());
        assert_eq!(line.line(), "{\"signed\":\"00017fff\",\"body\":\"\"}\n");
        assert_eq!(Record::try_from(line), Ok(record));
        for wrong in ["0", "0g", "é"] {
            assert!(Record::try_from(RecordLine { signed: wrong.to_owned(), body: None }).is_err(), "{wrong}");
        }
    }
}
