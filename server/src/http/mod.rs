//! Everything between a socket and a page.
//!
//! | module | what is there |
//! |---|---|
//! | [`router`] | the whole map of URLs |
//! | [`public`] | the public service: from a request to a response, the short way for hot pages |
//! | [`ready`] | hot pages with every header, prepared once |
//! | [`page`] | the headers of a page or a document |
//! | [`files`] | the browser's files |
//! | [`fallback`] | the last snapshot, when the data file cannot be read |
//! | [`live`] | the stream of board versions |
//! | [`security`] | security headers, on every response |
//! | [`present`] | the headers that say as of when, of which board and from where |
//! | [`negotiate`] | encodings and validators of a request |
//! | [`forwarded`] | whose forwarded headers are believed |
//! | [`problem`] | errors as pages and as JSON |
//! | [`guarded`] | limits around the write API |
//! | [`settings`] | settings, and the bounds that are no settings |
//! | [`listen`], [`serve`], [`connection`] | listeners, the accept loop, one connection |
//! | [`tls`] | certificate files, reloaded when they change |
//! | [`shutdown`] | the end, announced to all |
//! | [`operators`], [`metrics`] | health, readiness and metrics on a listener of their own |

pub mod connection;
pub mod fallback;
pub mod files;
pub mod forwarded;
pub mod guarded;
pub mod listen;
pub mod live;
pub mod metrics;
pub mod negotiate;
pub mod operators;
pub mod page;
pub mod present;
pub mod problem;
pub mod public;
pub mod ready;
pub mod router;
pub mod security;
pub mod serve;
pub mod settings;
pub mod shutdown;
pub mod tls;

pub use listen::{ListenError, Listener};
pub use public::Public;
pub use serve::serve;
pub use settings::Settings;
pub use shutdown::Shutdown;

use axum::http::Response;
use bytes::Bytes;
use http_body_util::{Either, Full};

/// Bytes that are at hand, or anything else.
pub type Body = Either<Full<Bytes>, axum::body::Body>;

/// A response of any kind.
pub type Answer = Response<Body>;

/// A body of bytes that are at hand.
pub fn full(bytes: impl Into<Bytes>) -> Body {
    Either::Left(Full::new(bytes.into()))
}
