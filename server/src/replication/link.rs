//! The conversation with one peer, from the first word to the end of the link.
//!
//! Three things go on beside each other in one task: frames are read, frames are written, and [`Talk`] answers what
//! comes in. Reading hands on through a bounded queue and writing takes from one, so a peer that is slow to read or to
//! send holds up nobody else and no write of this node.

use super::{
    frame::{FRAME_BYTES_MAX, read_frame, write_frame},
    message::{Hello, Message, plain},
    pace::{HELLO_MS_MAX, Jitter, SILENCE_MS_MAX},
    peers::{Peers, Place},
    replica::Replica,
    talk::Talk,
};
use bytes::Bytes;
use domain::id::NodeKey;
use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::mpsc,
    time::{Instant, sleep_until, timeout_at},
};

/// Frames that wait to be answered, and to be sent. What is sent in bulk waits for its acknowledgement, so a queue that is
/// full means a peer that does not read.
const INCOMING_MAX: usize = 4;
const SENDING_MAX: usize = 64;

/// Why a link ends whose place is gone.
const REPLACED: &str = "another link has taken its place, or the peer is no member any more";

/// Who speaks with whom.
pub(super) struct Link<R> {
    pub peers: Arc<Peers>,
    pub replica: Arc<R>,
    pub peer: NodeKey,
    /// This node has opened the link, and asks for rounds.
    pub asks: bool,
    pub place: Place,
    pub jitter: Jitter,
}

impl<R: Replica> Link<R> {
    /// Talks until the link ends; says why it did.
    pub async fn run(self, stream: impl AsyncRead + AsyncWrite + Unpin, hello: Hello) -> String {
        let (mut reader, mut writer) = tokio::io::split(stream);
        let (sender, incoming) = mpsc::channel(INCOMING_MAX);
        let (sending, mut to_send) = mpsc::channel::<Bytes>(SENDING_MAX);
        let reading = async {
            loop {
                match read_frame(&mut reader, FRAME_BYTES_MAX).await {
                    Ok(Some(frame)) => match sender.send(frame).await {
                        Ok(()) => {}
                        Err(_) => return "the link was closed".to_owned(),
                    },
                    Ok(None) => return "the peer has closed the link".to_owned(),
                    Err(error) => return format!("the link broke: {error}"),
                }
            }
        };
        let writing = async {
            while let Some(frame) = to_send.recv().await {
                if let Err(error) = write_frame(&mut writer, &frame, FRAME_BYTES_MAX).await {
                    return format!("the link broke: {error}");
                }
            }
            "the link was closed".to_owned()
        };
        tokio::select! {
            biased;
            why = reading => why,
            why = writing => why,
            why = self.talk(hello, incoming, sending) => why,
        }
    }

    async fn talk(mut self, hello: Hello, mut incoming: mpsc::Receiver<Bytes>, sending: mpsc::Sender<Bytes>) -> String {
        let cluster = hello.cluster.clone();
        let mut talk = Talk::new(
            (Arc::clone(&self.peers), Arc::clone(&self.replica)),
            (self.peer, self.asks),
            sending,
            self.jitter.split(),
        );
        if let Err(why) = talk.send(&Message::Hello(hello)) {
            return why;
        }
        let until = Instant::now() + Duration::from_millis(HELLO_MS_MAX);
        let first = loop {
            tokio::select! {
                biased;
                outgoing = self.place.next() => match outgoing {
                    // The first beats find out what is missing there.
                    Some(_) => {}
                    None => return REPLACED.to_owned(),
                },
                first = timeout_at(until, incoming.recv()) => break first,
            }
        };
        match first {
            Ok(Some(frame)) => match Message::decode(frame) {
                Ok(Message::Hello(theirs)) if theirs.cluster != cluster => {
                    return format!("it belongs to cluster {}; ours is {cluster}", plain(&theirs.cluster));
                }
                Ok(Message::Hello(theirs)) => self.peers.greeted(self.peer, theirs),
                Ok(_) => return "it did not begin with who it is".to_owned(),
                Err(error) => return error.to_string(),
            },
            Ok(None) => return "the peer has closed the link".to_owned(),
            Err(_) => return "it did not say who it is".to_owned(),
        }
        let mut heard_at = Instant::now();
        loop {
            let silence = heard_at + Duration::from_millis(SILENCE_MS_MAX);
            let done = tokio::select! {
                // What comes in last: a peer that never stops sending must not keep the rest from being said, nor the link
                // from being taken away from it.
                biased;
                outgoing = self.place.next() => match outgoing {
                    Some(outgoing) => talk.outgoing(outgoing),
                    None => Err(REPLACED.to_owned()),
                },
                () = sleep_until(talk.next_beat()) => talk.beat().await,
                frame = incoming.recv() => {
                    heard_at = Instant::now();
                    match frame.map(Message::decode) {
                        Some(Ok(message)) => talk.answer(message).await,
                        Some(Err(error)) => Err(error.to_string()),
                        None => Err("the peer has closed the link".to_owned()),
                    }
                }
                () = sleep_until(silence) => Err("nothing was heard of it for too long".to_owned()),
            };
            let done = match done {
                Ok(()) => talk.go_on().await,
                failed => failed,
            };
            if let Err(why) = done {
                return why;
            }
        }
    }
}
