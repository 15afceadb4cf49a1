//! `/api/v1/events`: the log itself, for operators and for carrying it to another node.

use super::{
    body,
    incidents::query,
    problem::Problem,
    receipt::Receipt,
    record_line::RecordLine,
};
use crate::{
    publish::Node,
    store::{Header, RECORDS_MAX, ReadError, Record, body as event_body},
};
use axum::{
    Json as Answer,
    extract::{Query, Request, State, rejection::QueryRejection},
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use domain::{
    Instant,
    command::Refusal,
    id::{EventId, Subject},
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};
use utoipa::{IntoParams, ToSchema};

/// Names the number that the next page of an export begins with.
pub const NEXT_HEADER: &str = "holdfast-next";
/// One JSON object a line.
pub const LINES: &str = "application/x-ndjson";

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
    let records = records(&node, query(parsed)?.from.unwrap_or(0)).await?;
    let board = node.board();
    let problems: BTreeMap<EventId, &str> =
        board.problems().map(|problem| (problem.event, problem.reason.as_str())).collect();
    let next = next(&records);
    let events = records.iter().filter_map(|(number, record)| view(*number, record, &problems)).collect();
    Ok(Answer(Events { events, next }))
}

/// A page of the log as lines of `{"signed": hex, "body": hex or null}`.
#[utoipa::path(get, path = "/events/export", tag = "events", params(EventsQuery),
    responses((status = 200, body = String, content_type = "application/x-ndjson")))]
pub async fn export(
    State(node): State<Arc<Node>>,
    parsed: Result<Query<EventsQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    let records = records(&node, query(parsed)?.from.unwrap_or(0)).await?;
    let next = next(&records);
    let lines: String = records.into_iter().map(|(_, record)| RecordLine::from(record).line()).collect();
    let mut response = ([(header::CONTENT_TYPE, LINES)], lines).into_response();
    if let Some(next) = next {
        response.headers_mut().insert(HeaderName::from_static(NEXT_HEADER), HeaderValue::from(next));
    }
    Ok(response)
}

/// Takes in lines of an export. Events that are held already change nothing.
#[utoipa::path(post, path = "/events/import", tag = "events",
    request_body(content = String, content_type = "application/x-ndjson"),
    responses((status = 200, body = Receipt), (status = 422, body = Problem)))]
pub async fn import(State(node): State<Arc<Node>>, request: Request) -> Result<Answer<Receipt>, Problem> {
    let bytes = body::bytes(request, &()).await?;
    let mut records = Vec::new();
    for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.is_empty()) {
        let refusal = |what: String| {
            let right = "a file that `holdfast events export` wrote";
            Problem::refused([Refusal::new(format!("line {}", index + 1), what, right)])
        };
        if records.len() == RECORDS_MAX {
            return Err(refusal(format!("is one more than the {RECORDS_MAX} events that one request takes")));
        }
        let record = RecordLine::parse(line).and_then(Record::try_from).map_err(&refusal)?;
        record.verify().map_err(|error| refusal(error.to_string()))?;
        records.push(record);
    }
    Ok(Answer(node.insert(records).await?.into()))
}

async fn records(node: &Arc<Node>, from: u64) -> Result<Vec<(u64, Record)>, Problem> {
    let store = node.store().clone();
    let read: Result<Result<_, ReadError>, _> = tokio::task::spawn_blocking(move || store.records(from)).await;
    read.map_err(|error| Problem::unavailable(&error))?.map_err(|error| Problem::unavailable(&error))
}

fn next(records: &[(u64, Record)]) -> Option<u64> {
    records.last().filter(|_| records.len() == RECORDS_MAX).map(|(number, _)| number + 1)
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
        Subject::Unknown(_) => "unknown".to_owned(),
    }
}
