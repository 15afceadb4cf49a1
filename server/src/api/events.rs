//! `/api/v1/events`: the log itself, for operators and for carrying it to another node.

use super::{
    body::{self, Json},
    caller::Caller,
    incidents::query,
    nodes,
    problem::Problem,
    receipt::{self, Receipt},
};
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
    extract::{Extension, Path, Query, Request, State, rejection::QueryRejection},
    http::header,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use domain::{
    Instant,
    change::Change,
    command::Refusal,
    id::{EventId, Hlc, NodeKey, Subject},
    trust::{Held, Member, Trust},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
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
    /// The event that it redacts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redacts: Option<String>,
    /// Why, in the words of who redacted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// No other region is known to hold it, of several that there are.
    pub here_only: bool,
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
    let events = records
        .iter()
        .filter_map(|(number, record)| view(*number, record, &problems, node.is_held_here_only(&record.id())))
        .collect();
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

/// How a file is taken in.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportQuery {
    /// Trust every node that signed an event of the file; without, what those sign who are not trusted here is held.
    #[serde(default)]
    pub trust_writers: bool,
}

/// Events of one node that are kept and not shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct HeldEvents {
    /// The key that signed them.
    pub node: String,
    pub events: usize,
    /// `untrusted`, or `removed`: signed after what the node may still have signed when it was removed.
    pub because: &'static str,
}

/// What taking in a file came to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TakenIn {
    #[serde(flatten)]
    pub receipt: Receipt,
    /// Of the file, also of the events that were here before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<HeldEvents>,
}

/// Takes in a file of events. Those that are held already change nothing.
#[utoipa::path(post, path = "/events/import", tag = "events", params(ImportQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = TakenIn), (status = 422, body = Problem)))]
pub async fn import(
    State(node): State<Arc<Node>>,
    Extension(caller): Extension<Caller>,
    parsed: Result<Query<ImportQuery>, QueryRejection>,
    request: Request,
) -> Result<Answer<TakenIn>, Problem> {
    let refusal = |error: &dyn std::fmt::Display| {
        Problem::refused([Refusal::new("file", error.to_string(), "a file that `holdfast events export` wrote")])
    };
    let asked = query(parsed)?;
    let bytes = body::bytes(request).await?;
    // All is looked at before anything is taken in.
    let (mut records, mut signed) = (Vec::new(), Vec::new());
    for (index, record) in Records::new(bytes.as_ref()).map_err(|error| refusal(&error))?.enumerate() {
        let record = record.map_err(|error| refusal(&error))?;
        let header = record.verify().map_err(|error| refusal(&format!("event {}: {error}", index + 1)))?;
        signed.push((header.node, header.hlc));
        records.push(record);
    }
    let mut receipt = Receipt::from(node.insert(Vec::new()).await?);
    let mut records = records.into_iter();
    loop {
        let batch: Vec<Record> = records.by_ref().take(INSERT_MAX).collect();
        if batch.is_empty() {
            break;
        }
        receipt = receipt.and(node.insert(batch).await?.into());
    }
    if asked.trust_writers {
        let writers: BTreeSet<NodeKey> = signed.iter().map(|(node, _)| *node).collect();
        let trust = node.trust();
        let strangers = writers.into_iter().filter(|key| trust.held(key, Hlc(0)) == Some(Held::Untrusted));
        let members: Vec<Member> = strangers.map(nodes::nameless).collect();
        receipt = receipt.and(node.trust_nodes(members, caller.author).await?.into());
    }
    Ok(Answer(TakenIn { receipt, held: held(&node.trust(), &signed) }))
}

/// How many of the events signed are held, by node.
fn held(trust: &Trust, signed: &[(NodeKey, Hlc)]) -> Vec<HeldEvents> {
    let mut counts: BTreeMap<(NodeKey, &'static str), usize> = BTreeMap::new();
    for (key, hlc) in signed {
        let because = match trust.held(key, *hlc) {
            None => continue,
            Some(Held::Untrusted) => "untrusted",
            Some(Held::Removed) => "removed",
        };
        *counts.entry((*key, because)).or_default() += 1;
    }
    let view = |((key, because), events): ((NodeKey, &'static str), usize)| HeldEvents {
        node: key.to_string(),
        events,
        because,
    };
    counts.into_iter().map(view).collect()
}

/// Why an event is redacted.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RedactRequest {
    /// One line for the audit trail, which stays readable.
    #[serde(default)]
    pub reason: Option<String>,
}

/// What redacting an event came to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Erased {
    #[serde(flatten)]
    pub receipt: Receipt,
    /// The text is out of the log; its bytes may lie in unused parts of this node's data file until the next start,
    /// which writes the file anew. The same holds for every other node.
    pub restart_to_overwrite: bool,
}

/// Erases an event's body in every region. Its header stays, and with it the proof that the rest is whole.
#[utoipa::path(post, path = "/events/{id}/redact", tag = "events", params(("id" = String, Path)),
    request_body = RedactRequest,
    responses((status = 200, body = Erased), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn redact(
    State(node): State<Arc<Node>>,
    Path(id): Path<String>,
    Extension(caller): Extension<Caller>,
    Json(request): Json<RedactRequest>,
) -> Result<Answer<Erased>, Problem> {
    let event: EventId = receipt::id_in_path("event", &id)?;
    let receipt = Receipt::from(node.redact(event, request.reason, caller.author).await?);
    let store = node.store().clone();
    let wanted = tokio::task::spawn_blocking(move || store.wants_rewriting()).await;
    let restart_to_overwrite =
        wanted.map_err(|error| Problem::unavailable(&error))?.map_err(|error| Problem::unavailable(&error))?;
    Ok(Answer(Erased { receipt, restart_to_overwrite }))
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

fn view(number: u64, record: &Record, problems: &BTreeMap<EventId, &str>, here_only: bool) -> Option<EventView> {
    let header = Header::decode(&record.signed).ok()?;
    let id = record.id();
    let by = record.body.as_deref().and_then(|bytes| event_body::decode(header.kind, bytes).ok().flatten());
    let (redacts, reason) = match &by {
        Some((_, Change::Redacted(redacted))) => (Some(redacted.event.to_string()), redacted.reason.clone()),
        _ => (None, None),
    };
    let subject = match &by {
        Some((_, Change::MirrorTaken(taken))) => format!("mirror {}", taken.mirror),
        _ => subject(header.subject),
    };
    let (author, way) = by.map(|(author, _)| (author.name, author.way)).unzip();
    let milliseconds = i64::try_from(header.hlc.milliseconds()).unwrap_or(i64::MAX);
    Some(EventView {
        number,
        here_only,
        id: id.to_string(),
        kind: event_body::kind_name(header.kind).map_or_else(|| header.kind.to_string(), str::to_owned),
        subject,
        node: header.node.to_string(),
        written_at: Instant::from_timestamp_millis(milliseconds).unwrap_or(Instant::MAX_UTC),
        author,
        way,
        redacts,
        reason,
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
        Subject::Operator(id) => format!("operator {id}"),
        Subject::BreakGlass(id) => format!("break-glass {id}"),
        Subject::Template(id) => format!("template {id}"),
        Subject::Node(id) => format!("node {id}"),
        Subject::Mirror(id) => format!("mirror {id}"),
        Subject::Unknown(_) => "unknown".to_owned(),
    }
}
