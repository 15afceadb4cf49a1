//! `/api/v1/events`: the log itself, for operators and for carrying it to another node.

use super::{body, incidents::query, problem::Problem, receipt::Receipt};
use crate::{
    publish::Node,
    store::{
        Header, INSERT_MAX, RECORDS_MAX, ReadError, Record, body as event_body,
        stream::{ExportError, Records},
    },
};
use axum::{
    Json as Answer,
    body::{Body, Bytes},
    extract::{Query, Request, State, rejection::QueryRejection},
    http::header,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use domain::{
    Instant,
    command::Refusal,
    id::{EventId, Subject},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    io::{self, BufWriter, Write},
    sync::Arc,
};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use utoipa::{IntoParams, ToSchema};

/// The media type of a file of events.
pub const FILE: &str = "application/octet-stream";
/// Number of the first event.
const FIRST: u64 = 1;
/// Chunks of an export that wait for a slow reader at most, and the bytes of each.
const CHUNKS_WAITING_MAX: usize = 4;
const CHUNK_BYTES: usize = 64 * 1024;

/// Where a page of the log begins.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventsQuery {
    /// The number of the first event, in the order of their arrival here.
    pub from: Option<u64>,
}

/// One event, as far as this node understands it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EventView {
    /// Its place in the order of arrival on this node.
    pub number: u64,
    pub id: String,
    /// The kind's name, or its number when only a newer version knows it.
    pub kind: String,
    pub subject: String,
    pub node: String,
    pub written_at: DateTime<Utc>,
    /// Who wrote it, and by which way in; absent when the body is erased or not understood.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub way: Option<String>,
    /// Why it is not part of what the page shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// A page of the log.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Events {
    pub events: Vec<EventView>,
    /// Give it as `from` for the next page; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

#[utoipa::path(get, path = "/events", tag = "events", params(EventsQuery), responses((status = 200, body = Events)))]
pub async fn list(
    State(node): State<Arc<Node>>,
    parsed: Result<Query<EventsQuery>, QueryRejection>,
) -> Result<Answer<Events>, Problem> {
    let (store, from) = (node.store().clone(), query(parsed)?.from.unwrap_or(FIRST));
    let read: Result<Result<_, ReadError>, _> = tokio::task::spawn_blocking(move || store.records(from)).await;
    let records = read.map_err(|error| Problem::unavailable(&error))?.map_err(|error| Problem::unavailable(&error))?;
    let board = node.board();
    let problems: BTreeMap<EventId, &str> =
        board.problems().map(|problem| (problem.event, problem.reason.as_str())).collect();
    let next = records.last().filter(|_| records.len() == RECORDS_MAX).map(|(number, _)| number + 1);
    let events = records.iter().filter_map(|(number, record)| view(*number, record, &problems)).collect();
    Ok(Answer(Events { events, next }))
}

/// The log from a number on, as a file of events. A file that was cut off lacks its end mark.
#[utoipa::path(get, path = "/events/export", tag = "events", params(EventsQuery),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream")))]
pub async fn export(
    State(node): State<Arc<Node>>,
    parsed: Result<Query<EventsQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    let (store, from) = (node.store().clone(), query(parsed)?.from.unwrap_or(FIRST));
    let (chunks, received) = mpsc::channel::<io::Result<Bytes>>(CHUNKS_WAITING_MAX);
    tokio::task::spawn_blocking(move || {
        let mut out = BufWriter::with_capacity(CHUNK_BYTES, Chunks(chunks.clone()));
        if let Err(ExportError::Read(error)) = store.export(from, &mut out) {
            tracing::error!(%error, "an export of events was cut off");
            // The reader may have gone; then there is nobody to tell.
            let _gone = chunks.blocking_send(Err(io::Error::other(error.to_string())));
        }
    });
    Ok(([(header::CONTENT_TYPE, FILE)], Body::from_stream(ReceiverStream::new(received))).into_response())
}

/// Takes in a file of events. Those that are held already change nothing.
#[utoipa::path(post, path = "/events/import", tag = "events",
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = Receipt), (status = 422, body = Problem)))]
pub async fn import(State(node): State<Arc<Node>>, request: Request) -> Result<Answer<Receipt>, Problem> {
    let refusal = |error: &dyn std::fmt::Display| {
        Problem::refused([Refusal::new("file", error.to_string(), "a file that `holdfast events export` wrote")])
    };
    let bytes = body::bytes(request).await?;
    // All is looked at before anything is taken in.
    let mut records = Vec::new();
    for (index, record) in Records::new(bytes.as_ref()).map_err(|error| refusal(&error))?.enumerate() {
        let record = record.map_err(|error| refusal(&error))?;
        record.verify().map_err(|error| refusal(&format!("event {}: {error}", index + 1)))?;
        records.push(record);
    }
    let mut receipt = Receipt::from(node.insert(Vec::new()).await?);
    let mut records = records.into_iter();
    loop {
        let batch: Vec<Record> = records.by_ref().take(INSERT_MAX).collect();
        if batch.is_empty() {
            return Ok(Answer(receipt));
        }
        let taken = Receipt::from(node.insert(batch).await?);
        let events = receipt.events.into_iter().chain(taken.events.clone()).collect();
        receipt = Receipt { events, ..taken };
    }
}

/// Hands what is written on to a response.
struct Chunks(mpsc::Sender<io::Result<Bytes>>);

impl Write for Chunks {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let gone = |_| io::Error::from(io::ErrorKind::BrokenPipe);
        self.0.blocking_send(Ok(Bytes::copy_from_slice(bytes))).map_err(gone)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn view(number: u64, record: &Record, problems: &BTreeMap<EventId, &str>) -> Option<EventView> {
    let header = Header::decode(&record.signed).ok()?;
    let id = record.id();
    let by = record.body.as_deref().and_then(|bytes| event_body::decode(header.kind, bytes).ok().flatten());
    let (author, way) = by.map(|(author, _)| (author.name, author.way)).unzip();
    let milliseconds = i64::try_from(header.hlc.milliseconds()).unwrap_or(i64::MAX);
    Some(EventView {
        number,
        id: id.to_string(),
        kind: event_body::kind_name(header.kind).map_or_else(|| header.kind.to_string(), str::to_owned),
        subject: subject(header.subject),
        node: header.node.to_string(),
        written_at: Instant::from_timestamp_millis(milliseconds).unwrap_or(Instant::MAX_UTC),
        author,
        way,
        problem: problems.get(&id).map(|reason| (*reason).to_owned()),
    })
}

fn subject(subject: Subject) -> String {
    match subject {
        Subject::Page => "page".to_owned(),
        Subject::Region(id) => format!("region {id}"),
        Subject::Group(id) => format!("group {id}"),
        Subject::Component(id) => format!("component {id}"),
        Subject::Incident(id) => format!("incident {id}"),
        Subject::Token(id) => format!("token {id}"),
        Subject::Node(id) => format!("node {id}"),
        Subject::Unknown(_) => "unknown".to_owned(),
    }
}
