//! Frames, however the bytes of a stream are cut into pieces.

use proptest::prelude::*;
use server::replication::frame::{FRAME_BYTES_MAX, FrameError, LENGTH_BYTES, read_frame, write_frame};
use std::future::Future;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

/// Longest frame of these tests, in bytes.
const MAX: usize = 300;

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(future)
}

/// The bytes of these frames on a stream.
async fn written(frames: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for frame in frames {
        write_frame(&mut bytes, frame, MAX).await.expect("written");
    }
    bytes
}

/// Sends `bytes` in pieces of these sizes, over and over, through a pipe that holds `pipe_bytes`, and ends.
async fn read_all(bytes: Vec<u8>, pieces: Vec<usize>, pipe_bytes: usize) -> (Vec<Vec<u8>>, Option<FrameError>) {
    let (mut near, mut far) = duplex(pipe_bytes);
    let send = async move {
        let (mut rest, mut sizes) = (bytes.as_slice(), pieces.iter().cycle());
        while let Some(size) = sizes.next().filter(|_| !rest.is_empty()) {
            let (piece, after) = rest.split_at((*size).min(rest.len()));
            // Whoever reads has given up on the stream.
            if near.write_all(piece).await.is_err() {
                return;
            }
            tokio::task::yield_now().await;
            rest = after;
        }
    };
    let receive = async move {
        let mut frames = Vec::new();
        loop {
            match read_frame(&mut far, MAX).await {
                Ok(Some(frame)) => frames.push(frame.to_vec()),
                Ok(None) => return (frames, None),
                Err(error) => return (frames, Some(error)),
            }
        }
    };
    tokio::join!(send, receive).1
}

fn frames() -> impl Strategy<Value = Vec<Vec<u8>>> {
    prop::collection::vec(prop::collection::vec(any::<u8>(), 0..=MAX), 0..8)
}

fn pieces() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(1..200_usize, 1..8)
}

proptest! {
    #[test]
    fn frames_arrive_as_they_were(frames in frames(), pieces in pieces(), pipe_bytes in 1..400_usize) {
        let (read, error) = run(async { read_all(written(&frames).await, pieces, pipe_bytes).await });
        prop_assert!(error.is_none(), "{error:?}");
        prop_assert_eq!(read, frames);
    }

    #[test]
    fn a_stream_that_ends_early_gives_the_frames_before_and_says_so(
        frames in frames(), pieces in pieces(), pipe_bytes in 1..400_usize, at in any::<prop::sample::Index>(),
    ) {
        let mut bytes = run(written(&frames));
        let kept = at.index(bytes.len() + 1);
        bytes.truncate(kept);
        let (mut whole, mut left) = (Vec::new(), kept);
        for frame in frames {
            match left.checked_sub(LENGTH_BYTES + frame.len()) {
                Some(after) => { left = after; whole.push(frame); }
                None => break,
            }
        }
        let (read, error) = run(read_all(bytes, pieces, pipe_bytes));
        prop_assert_eq!(read, whole);
        match (left, error) {
            (0, None) => {}
            (1..LENGTH_BYTES, Some(FrameError::TruncatedLength { bytes })) => prop_assert_eq!(bytes, left),
            (LENGTH_BYTES.., Some(FrameError::Truncated { bytes, .. })) => prop_assert_eq!(bytes, left - LENGTH_BYTES),
            (left, error) => prop_assert!(false, "{left} bytes of a frame: {error:?}"),
        }
    }

    #[test]
    fn a_length_over_the_bound_is_refused_before_its_bytes(length in MAX as u32 + 1.., pieces in pieces()) {
        let (read, error) = run(read_all([length.to_be_bytes().as_slice(), &[7; 20]].concat(), pieces, 64));
        prop_assert!(read.is_empty());
        let Some(FrameError::TooLong { bytes, max: MAX }) = error else { panic!("{error:?}") };
        prop_assert_eq!(bytes, length as usize);
    }
}

#[tokio::test]
async fn a_frame_at_the_bound_is_written_and_one_beyond_it_is_not() {
    let longest = vec![1; FRAME_BYTES_MAX];
    let mut stream = Vec::new();
    write_frame(&mut stream, &longest, FRAME_BYTES_MAX).await.expect("written");
    let frame = read_frame(&mut stream.as_slice(), FRAME_BYTES_MAX).await.expect("read").expect("a frame");
    assert_eq!(frame, longest);

    let (mut near, mut far) = duplex(64);
    let error = write_frame(&mut near, &[longest, vec![2]].concat(), FRAME_BYTES_MAX).await.expect_err("too long");
    assert_eq!(error.to_string(), "a frame of 1048577 bytes; at most 1048576 are allowed");
    drop(near);
    assert_eq!(far.read_u8().await.map_err(|error| error.kind()), Err(std::io::ErrorKind::UnexpectedEof));
}

#[tokio::test]
async fn a_failure_of_the_stream_is_not_its_end() {
    let error = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    let mut stream = AsyncReadExt::chain([0_u8, 0].as_slice(), Failing(Some(error)));
    let error = read_frame(&mut stream, MAX).await.expect_err("failed");
    assert!(matches!(&error, FrameError::Io(error) if error.kind() == std::io::ErrorKind::ConnectionReset), "{error}");
}

/// A stream that fails.
struct Failing(Option<std::io::Error>);

impl tokio::io::AsyncRead for Failing {
    fn poll_read(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context,
        _: &mut tokio::io::ReadBuf,
    ) -> std::task::Poll<std::io::Result<()>> {
        std::task::Poll::Ready(self.0.take().map_or(Ok(()), Err))
    }
}
