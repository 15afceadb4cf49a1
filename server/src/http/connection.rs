//! One connection, from the first byte to the last response.

use super::{
    Answer,
    forwarded::Peer,
    listen::Service,
    public::Answering,
    settings::{HEAD_BYTES_MAX, HTTP2_STREAMS_MAX, Limits},
    shutdown::Shutdown,
};
use axum::http::Request;
use futures_util::future::Either;
use hyper::{body::Incoming, server::conn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use std::{convert::Infallible, pin::pin, sync::atomic::Ordering};
use tokio::io::{AsyncRead, AsyncWrite};
use tower::ServiceExt;

/// What a connection speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    Http1,
    Http2,
}

/// How connections of one listener are served.
#[derive(Clone, Debug)]
pub struct Connections {
    http1: conn::http1::Builder,
    http2: conn::http2::Builder<TokioExecutor>,
    shutdown: Shutdown,
}

/// A connection's own service.
struct Handler {
    service: Service,
    peer: Peer,
}

impl hyper::service::Service<Request<Incoming>> for Handler {
    type Response = Answer;
    type Error = Infallible;
    type Future = Answering;

    fn call(&self, request: Request<Incoming>) -> Answering {
        match &self.service {
            Service::Public(public) => public.call(&self.peer, request),
            Service::Refilling { public, is_whole, .. } if is_whole.load(Ordering::Acquire) => {
                public.call(&self.peer, request)
            }
            Service::Router(router) | Service::Refilling { copy: router, .. } => {
                let answer = router.clone().oneshot(request);
                Either::Right(Box::pin(async move { Ok(answer.await?.map(http_body_util::Either::Right)) }))
            }
        }
    }
}

impl Connections {
    pub fn new(limits: &Limits, shutdown: Shutdown) -> Self {
        let mut http1 = conn::http1::Builder::new();
        http1.timer(TokioTimer::new()).header_read_timeout(limits.head_timeout).max_buf_size(HEAD_BYTES_MAX);
        let mut http2 = conn::http2::Builder::new(TokioExecutor::new());
        let head_bytes_max = u32::try_from(HEAD_BYTES_MAX).unwrap_or(u32::MAX);
        http2
            .timer(TokioTimer::new())
            .max_concurrent_streams(HTTP2_STREAMS_MAX)
            .max_header_list_size(head_bytes_max)
            .keep_alive_interval(limits.head_timeout)
            .keep_alive_timeout(limits.head_timeout);
        Connections { http1, http2, shutdown }
    }

    /// Serves one connection until either side ends it. When the end is announced, requests under way are still
    /// answered.
    pub async fn serve<Io>(&self, io: Io, peer: Peer, service: Service, protocol: Protocol)
    where
        Io: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (io, handler) = (TokioIo::new(io), Handler { service, peer });
        // A reader that goes away in the middle is no error of ours.
        let ended = match protocol {
            Protocol::Http1 => {
                let mut connection = pin!(self.http1.serve_connection(io, handler));
                tokio::select! {
                    biased;
                    ended = connection.as_mut() => ended,
                    () = self.shutdown.begun() => {
                        connection.as_mut().graceful_shutdown();
                        connection.await
                    }
                }
            }
            Protocol::Http2 => {
                let mut connection = pin!(self.http2.serve_connection(io, handler));
                tokio::select! {
                    biased;
                    ended = connection.as_mut() => ended,
                    () = self.shutdown.begun() => {
                        connection.as_mut().graceful_shutdown();
                        connection.await
                    }
                }
            }
        };
        if let Err(error) = ended {
            tracing::trace!(%error, "connection ended");
        }
    }
}
