//! The way to a node: over its Unix socket when one runs, else the very same router in this process, on the data
//! directory. Nothing goes over the network.

use super::{arguments::Global, failure::Failure, running};
use crate::{
    api::{self, caller, problem::Problem},
    config::{self, Config},
    publish::Node,
};
use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    http::{Method, Request, Response, header},
};
use domain::{
    id::{Hlc, NodeKey},
    trust::Held,
};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::net::UnixStream;
use tower::ServiceExt;

/// Longest JSON answer, in bytes.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;
/// The host of requests over the socket, which HTTP/1.1 wants.
const HOST: &str = "localhost";

/// Where commands go.
pub struct Client {
    way: Way,
    operator: String,
    /// Of the ways that a trusted client may name.
    entrance: &'static str,
}

enum Way {
    Socket(PathBuf),
    InProcess(Router),
}

/// The configuration that the options name; the default one when only a data directory is named.
pub fn configuration(global: &Global) -> Result<Config, Failure> {
    found(global).map(|(config, _)| config)
}

/// The same, and whether a file said so.
fn found(global: &Global) -> Result<(Config, bool), Failure> {
    let named = global.config.clone();
    let there = PathBuf::from(config::FILE_NAME);
    let path = named.or_else(|| (global.data.is_none() || there.exists()).then_some(there));
    let (mut config, is_of_file) = match path {
        Some(path) if path.exists() || global.data.is_none() => (
            config::load(&path).map_err(|error| match error {
                config::ConfigError::Refused { .. } => Failure::refused("", error.to_string(), "correct the file"),
                _ => Failure::unavailable(format!(
                    "{error}; name a configuration with --config or a data directory with --data"
                )),
            })?,
            true,
        ),
        _ => (Config::default(), false),
    };
    if let Some(data) = &global.data {
        config.data.clone_from(data);
    }
    Ok((config, is_of_file))
}

/// Peers that only a configuration names are strangers to a command that reads none: what they wrote is in the log, and
/// would be missing from every answer without a word.
fn warn_of_strangers(node: &Node, data: &Path) {
    let (board, trust) = (node.board(), node.trust());
    let is_stranger = |key: &&NodeKey| trust.held(key, Hlc(0)) == Some(Held::Untrusted);
    let count = board.version.0.keys().filter(is_stranger).count();
    if count > 0 {
        eprintln!(
            "Warning: the log in {} holds events of nodes that are not trusted here ({count}), and no configuration was \
             read, which may name them as peers: what they posted does not count in this answer. Give the node's file: \
             --config FILE",
            data.display()
        );
    }
}

impl Client {
    /// Finds a running node, else opens the data directory. A socket file that nobody answers on is passed over.
    pub async fn connect(global: &Global) -> Result<Self, Failure> {
        let (config, is_of_file) = found(global)?;
        let socket = config.socket();
        let way = match UnixStream::connect(&socket).await {
            Ok(_) => Way::Socket(socket),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {
                let node = running::open(&config)?;
                if !is_of_file {
                    warn_of_strangers(&node, &config.data);
                }
                Way::InProcess(api::trusted_router(node))
            }
            Err(error) => {
                let what = format!("{}: {error}; run this as the user that the node runs as", socket.display());
                return Err(Failure::unavailable(what));
            }
        };
        Ok(Client { way, operator: operator(global), entrance: "cli" })
    }

    /// Goes to a node in this process; `entrance` is the way in that the audit trail shows.
    pub fn of(node: Arc<Node>, global: &Global, entrance: &'static str) -> Self {
        Client { way: Way::InProcess(api::trusted_router(node)), operator: operator(global), entrance }
    }

    /// Sends a request and gives its answer as it comes.
    pub async fn send(&self, request: Request<Body>) -> Result<Response<Body>, Failure> {
        let response = match &self.way {
            Way::InProcess(router) => router.clone().oneshot(request).await.unwrap_or_else(|never| match never {}),
            Way::Socket(path) => {
                let lost = |error: &dyn std::fmt::Display| {
                    Failure::unavailable(format!("the node at {} does not answer: {error}", path.display()))
                };
                let stream = UnixStream::connect(path).await.map_err(|error| lost(&error))?;
                let (mut sender, connection) =
                    hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|error| lost(&error))?;
                // Ends with the response; what goes wrong there the request tells.
                tokio::spawn(connection);
                sender.send_request(request).await.map_err(|error| lost(&error))?.map(Body::new)
            }
        };
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status();
        let bytes = to_bytes(response.into_body(), ANSWER_BYTES_MAX).await.unwrap_or_default();
        let problem = serde_json::from_slice(&bytes).unwrap_or_else(|_| Problem::new(status, "the node refused it"));
        Err(problem.into())
    }

    /// A request of this operator.
    pub fn request(
        &self,
        method: Method,
        path: &str,
        content_type: &str,
        body: impl Into<Body>,
    ) -> Result<Request<Body>, Failure> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", api::BASE))
            .header(header::HOST, HOST)
            .header(header::CONTENT_TYPE, content_type)
            .header(caller::OPERATOR_HEADER, &self.operator)
            .header(caller::WAY_HEADER, self.entrance)
            .body(body.into());
        request.map_err(|error| Failure::usage(format!("`{path}` is no address: {error}")))
    }

    /// Sends a body and gives the JSON of the answer.
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        content_type: &str,
        body: impl Into<Body>,
    ) -> Result<Value, Failure> {
        let response = self.send(self.request(method, path, content_type, body)?).await?;
        let read = to_bytes(response.into_body(), ANSWER_BYTES_MAX).await;
        let bytes: Bytes = read.map_err(|error| Failure::unavailable(format!("the answer was cut off: {error}")))?;
        serde_json::from_slice(&bytes).map_err(|error| Failure::unavailable(format!("the answer is no JSON: {error}")))
    }

    pub async fn get(&self, path: &str) -> Result<Value, Failure> {
        self.call(Method::GET, path, "application/json", Body::empty()).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.call(Method::POST, path, "application/json", body.to_string()).await
    }
}

fn operator(global: &Global) -> String {
    global.operator.iter().flat_map(|name| name.chars()).filter(char::is_ascii_graphic).collect()
}

/// Escapes what a person gave for a part of a path or query.
pub fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
