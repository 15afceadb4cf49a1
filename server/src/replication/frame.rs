//! Frames: four bytes of length, big-endian, then that many bytes.
//!
//! Neither direction may be cancelled in the middle: a dropped future leaves half a frame behind, and what follows would
//! be read as a length. So one task reads a stream and nothing else, handing frames on through a channel, and one task
//! writes it; a bound on time ends the stream, not the frame.

use bytes::{Buf, Bytes, BytesMut};
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Longest frame between nodes, in bytes, without its length.
pub const FRAME_BYTES_MAX: usize = 1 << 20;
/// Bytes of the length before each frame.
pub const LENGTH_BYTES: usize = 4;
/// What is allocated before the first bytes of a frame are there: the length alone is only a claim.
const FIRST_ALLOCATION_BYTES: usize = 16 << 10;

/// Why a frame could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    #[error("a frame of {bytes} bytes; at most {max} are allowed")]
    TooLong { bytes: usize, max: usize },
    #[error("the stream ended after {bytes} of a frame's {expected} bytes")]
    Truncated { bytes: usize, expected: usize },
    #[error("the stream ended after {bytes} of the {LENGTH_BYTES} bytes of a frame's length")]
    TruncatedLength { bytes: usize },
    #[error("the stream failed: {0}")]
    Io(#[from] io::Error),
}

/// The next frame; nothing when the stream has ended between two frames. Not cancel-safe.
///
/// # Errors
/// When the frame is longer than `max` bytes (none of them is read then), when it ends too early, or when the stream
/// fails. The stream is of no use after that.
pub async fn read_frame(reader: &mut (impl AsyncRead + Unpin), max: usize) -> Result<Option<Bytes>, FrameError> {
    let mut length = [0; LENGTH_BYTES];
    let mut filled = 0;
    while filled < LENGTH_BYTES {
        match reader.read(&mut length[filled..]).await? {
            0 if filled == 0 => return Ok(None),
            0 => return Err(FrameError::TruncatedLength { bytes: filled }),
            read => filled += read,
        }
    }
    let length = u32::from_be_bytes(length);
    let bytes = usize::try_from(length).unwrap_or(usize::MAX);
    if bytes > max {
        return Err(FrameError::TooLong { bytes, max });
    }
    let mut frame = BytesMut::with_capacity(bytes.min(FIRST_ALLOCATION_BYTES));
    let mut rest = reader.take(u64::from(length));
    while frame.len() < bytes {
        if rest.read_buf(&mut frame).await? == 0 {
            return Err(FrameError::Truncated { bytes: frame.len(), expected: bytes });
        }
    }
    Ok(Some(frame.freeze()))
}

/// Writes a frame and flushes it. Not cancel-safe.
///
/// # Errors
/// When the frame is longer than `max` bytes (nothing is written then), or when the stream fails.
pub async fn write_frame(writer: &mut (impl AsyncWrite + Unpin), frame: &[u8], max: usize) -> Result<(), FrameError> {
    let bytes = frame.len();
    let length = u32::try_from(bytes).ok().filter(|_| bytes <= max).ok_or(FrameError::TooLong { bytes, max })?;
    // Together, so that a small frame is one packet.
    writer.write_all_buf(&mut Buf::chain(&length.to_be_bytes()[..], frame)).await?;
    Ok(writer.flush().await?)
}
