//! Any bytes as a stream of frames, cut into pieces: the frames before the end or the first fault are the stream's own
//! bytes, and none is longer than its bound.
#![no_main]

use fuzz::replication::frame::{FrameError, LENGTH_BYTES, read_frame, write_frame};
use libfuzzer_sys::fuzz_target;
use std::{
    io,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};
use tokio::io::{AsyncRead, ReadBuf};

/// Longest frame here, in bytes.
const MAX: usize = 2000;

/// A stream that gives at most so many bytes at a time.
struct Pieces<'a> {
    rest: &'a [u8],
    piece: usize,
}

impl AsyncRead for Pieces<'_> {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context, buffer: &mut ReadBuf) -> Poll<io::Result<()>> {
        let (piece, rest) = self.rest.split_at(self.piece.min(self.rest.len()).min(buffer.remaining()));
        buffer.put_slice(piece);
        self.rest = rest;
        Poll::Ready(Ok(()))
    }
}

/// The outcome of a future that never waits.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => panic!("nothing to wait for"),
    }
}

fuzz_target!(|input: &[u8]| {
    let Some((piece, stream)) = input.split_first() else { return };
    let mut reader = Pieces { rest: stream, piece: usize::from(*piece) + 1 };
    let mut again = Vec::new();
    let error = loop {
        match now(read_frame(&mut reader, MAX)) {
            Ok(Some(frame)) => {
                assert!(frame.len() <= MAX);
                now(write_frame(&mut again, &frame, MAX)).expect("written");
            }
            Ok(None) => break None,
            Err(error) => break Some(error),
        }
    };
    assert!(stream.starts_with(&again), "the frames are not the stream's");
    let left = stream.len() - again.len();
    match error {
        None => assert_eq!(left, 0),
        Some(FrameError::TruncatedLength { bytes }) => assert_eq!(bytes, left),
        Some(FrameError::Truncated { bytes, expected }) => {
            assert!(bytes + LENGTH_BYTES == left && bytes < expected && expected <= MAX);
        }
        Some(FrameError::TooLong { bytes, max }) => assert!(bytes > max && left >= LENGTH_BYTES),
        Some(FrameError::Io(error)) => panic!("{error}"),
    }
});
