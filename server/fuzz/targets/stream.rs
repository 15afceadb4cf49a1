//! Any bytes as a file of events: the records before its end or the first fault are the file's own bytes.
#![no_main]

use fuzz::store::stream::{MAGIC, Records, StreamError};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let file = [MAGIC, input].concat();
    let Ok(records) = Records::new(file.as_slice()) else { panic!("it begins as it must") };
    let mut rest = input;
    let mut take = |bytes: &[u8]| rest = rest.strip_prefix(bytes).expect("the records are the file's own bytes");
    let length = |bytes: &[u8]| u32::try_from(bytes.len()).expect("a bound").to_be_bytes();
    let mut count = 0_u64;
    for record in records {
        match record {
            Ok(record) => {
                count += 1;
                take(&length(&record.signed));
                take(&record.signed);
                take(&[u8::from(record.body.is_some())]);
                if let Some(body) = &record.body {
                    take(&length(body));
                    take(body);
                }
            }
            Err(StreamError::Io(error)) => panic!("{error}"),
            Err(_) => return,
        }
    }
    take(&[0; 4]);
    take(&count.to_be_bytes());
});
