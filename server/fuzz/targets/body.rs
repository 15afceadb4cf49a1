//! Two bytes of kind, and any bytes as the body: refused, or read so that what was read is written and read the same.
#![no_main]

use fuzz::store::body::{self, BodyError, KINDS};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((kind, bytes)) = input.split_first_chunk::<2>() else { return };
    let kind = u16::from_be_bytes(*kind);
    let known = KINDS.iter().any(|(number, _)| *number == kind);
    let Ok(read) = body::decode(kind, bytes) else {
        assert!(known, "a kind of a later version is nothing to refuse");
        return;
    };
    assert_eq!(read.is_some(), known);
    let Some((author, change)) = read else { return };
    match body::encode(&author, &change) {
        Ok((again, written)) => {
            assert_eq!(again, kind);
            assert_eq!(body::decode(kind, &written), Ok(Some((author, change))));
        }
        Err(BodyError::TooLarge { .. }) => {}
        Err(error) => panic!("{error}"),
    }
});
