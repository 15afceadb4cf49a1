//! The bytes of a page in every encoding.

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use std::io::Write;

/// Below this size, in bytes, compression saves no packet.
pub const COMPRESSED_FROM_BYTES: usize = 256;
/// Brotli's window, as a power of two: no page is larger.
const BROTLI_WINDOW_BITS: u32 = 20;
const BROTLI_BUFFER_BYTES: usize = 4096;

/// How much time compression may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// While a writer waits for its acknowledgement.
    Swift,
    /// Off any path that somebody waits on, or for a page that stays.
    Thorough,
}

impl Effort {
    /// Of a home page of 56 kB, in this encoder: 4 takes 0.37 ms for 3.9 kB, 5 takes 0.57 ms for 3.6 kB, 9 takes 9 ms for
    /// 1% less, and 1 to 3 are slower than 4 and larger.
    fn brotli_quality(self) -> u32 {
        match self {
            Effort::Swift => 4,
            Effort::Thorough => 5,
        }
    }

    /// Of the same page: 1 takes 0.12 ms for 5.6 kB, 6 takes 0.68 ms for 4.2 kB.
    fn gzip_level(self) -> u32 {
        match self {
            Effort::Swift => 1,
            Effort::Thorough => 6,
        }
    }

    /// Tells apart the bytes of the same page in one encoding: a strong ETag names exact bytes.
    pub fn mark(self) -> &'static str {
        match self {
            Effort::Swift => "s",
            Effort::Thorough => "",
        }
    }
}

/// One page's bytes as they are and, where that is smaller, compressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bodies {
    pub identity: Bytes,
    pub br: Option<Bytes>,
    pub gzip: Option<Bytes>,
    pub effort: Effort,
}

impl Bodies {
    pub fn of(identity: Vec<u8>, effort: Effort) -> Self {
        Bodies::compressed(Bytes::from(identity), effort)
    }

    pub fn compressed(identity: Bytes, effort: Effort) -> Self {
        if identity.len() < COMPRESSED_FROM_BYTES {
            return Bodies { identity, br: None, gzip: None, effort };
        }
        let smaller = |bytes: Vec<u8>| (bytes.len() < identity.len()).then(|| Bytes::from(bytes));
        let br = smaller(brotli(&identity, effort.brotli_quality()));
        let gzip = smaller(gzip(&identity, effort.gzip_level()));
        Bodies { identity, br, gzip, effort }
    }

    /// Of what no compression makes smaller.
    pub fn incompressible(identity: Vec<u8>) -> Self {
        Bodies { identity: Bytes::from(identity), br: None, gzip: None, effort: Effort::Swift }
    }

    /// What it weighs in memory, in bytes.
    pub fn bytes(&self) -> usize {
        let length = |body: &Option<Bytes>| body.as_ref().map_or(0, Bytes::len);
        self.identity.len() + length(&self.br) + length(&self.gzip)
    }
}

fn brotli(bytes: &[u8], quality: u32) -> Vec<u8> {
    let mut encoder = brotli::CompressorWriter::new(Vec::new(), BROTLI_BUFFER_BYTES, quality, BROTLI_WINDOW_BITS);
    // Writing to memory does not fail; a body that did not fit would not be smaller and so not be used.
    if encoder.write_all(bytes).is_err() {
        return bytes.to_vec();
    }
    encoder.into_inner()
}

fn gzip(bytes: &[u8], level: u32) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(level));
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.unwrap_or_else(|_| bytes.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn every_encoding_holds_the_same_bytes() {
        let page = "<p>The cloud API fails in every region.</p>".repeat(100).into_bytes();
        for effort in [Effort::Swift, Effort::Thorough] {
            let bodies = Bodies::of(page.clone(), effort);
            let mut plain = Vec::new();
            brotli::Decompressor::new(&bodies.br.expect("brotli")[..], 4096).read_to_end(&mut plain).expect("brotli");
            assert_eq!(plain, page);
            plain.clear();
            flate2::read::GzDecoder::new(&bodies.gzip.expect("gzip")[..]).read_to_end(&mut plain).expect("gzip");
            assert_eq!(plain, page);
            assert_eq!(bodies.identity, page);
        }
    }

    #[test]
    fn what_would_not_get_smaller_is_left_as_it_is() {
        let bodies = Bodies::of(b"short".to_vec(), Effort::Thorough);
        assert_eq!((bodies.br, bodies.gzip), (None, None));
        let noise: Vec<u8> = blake3::Hasher::new().finalize_xof().fill_vec(4096);
        assert_eq!(Bodies::of(noise, Effort::Thorough).br, None);
    }

    trait FillVec {
        fn fill_vec(self, length: usize) -> Vec<u8>;
    }

    impl FillVec for blake3::OutputReader {
        fn fill_vec(mut self, length: usize) -> Vec<u8> {
            let mut bytes = vec![0; length];
            self.fill(&mut bytes);
            bytes
        }
    }
}
