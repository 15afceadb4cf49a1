//! `/admin/audit`: the log as an audit trail, newest first, and its export.

use super::{
    fields::Fields,
    page::{Desk, page},
};
use crate::{
    access::{Access, session::SignedIn},
    publish::Node,
    store::{RECORDS_MAX, ReadError, Record, body},
};
use app::console::{self, AuditLine, Obstacle, Search};
use axum::{
    Extension,
    body::Body,
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    Instant,
    change::Change,
    id::{NodeKey, Subject},
    status::Kind,
    trust::Trust,
};
use serde::Serialize;
use std::sync::Arc;
use tokio::sync::oneshot;

/// Lines of one page.
const LINES_MAX: usize = 100;
/// Events that one page looks through at most; the next page goes on from there.
const SEARCHED_MAX: usize = 20_000;
/// Lines of one export at most.
const EXPORTED_MAX: usize = 200_000;
/// Longest search, in characters.
const SEARCH_LENGTH_MAX: usize = 200;

/// One event of the trail.
#[derive(Clone, Debug, Serialize)]
struct Entry {
    number: u64,
    written_at: Instant,
    who: String,
    way: String,
    what: String,
    about: String,
    region: String,
    node: String,
    event: String,
    #[serde(skip)]
    subject: Option<Subject>,
}

fn search_of(query: Option<&str>) -> (Search, Option<u64>, String) {
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let cut = |name: &str| fields.get(name).trim().chars().take(SEARCH_LENGTH_MAX).collect::<String>();
    (Search { text: cut("text"), kind: cut("kind") }, fields.get("before").parse().ok(), cut("format"))
}

pub async fn show(
    State(access): State<Arc<Access>>,
    Extension(signed): Extension<Option<SignedIn>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let (search, before, _) = search_of(query.as_deref());
    let (_, found) = find(&access.node, (), search.clone(), before, LINES_MAX, SEARCHED_MAX).await;
    let desk = Desk::new(&access.node, &headers, signed.as_ref());
    let (entries, older) = match found {
        Ok(found) => found,
        Err(error) => {
            tracing::error!(%error, "the log cannot be read for the audit trail");
            let refusals = [Obstacle::LogUnreadable.at("")];
            return page(StatusCode::SERVICE_UNAVAILABLE, console::message(&desk.inputs(&refusals)));
        }
    };
    let board = desk.board();
    let lines: Vec<AuditLine> = entries
        .into_iter()
        .map(|entry| AuditLine {
            at: entry.written_at,
            timeline: entry.subject.and_then(|subject| match subject {
                Subject::Incident(id) => Some((board.summary(id).map_or(Kind::Incident, |held| held.kind), id)),
                _ => None,
            }),
            who: entry.who,
            way: entry.way,
            what: entry.what,
            about: entry.about,
            region: entry.region,
            event: entry.event,
        })
        .collect();
    let older = older.map(|before| {
        const PATH: &str = "/audit?";
        let mut path = form_urlencoded::Serializer::for_suffix(PATH.to_owned(), PATH.len());
        path.append_pair("text", &search.text).append_pair("kind", &search.kind);
        path.append_pair("before", &before.to_string());
        path.finish()
    });
    let kinds: Vec<&str> = body::KINDS.iter().map(|(_, name)| *name).collect();
    page(StatusCode::OK, console::audit(&desk.inputs(&[]), &lines, &search, &kinds, older))
}

/// The whole trail that a search finds, as CSV (RFC 4180) or JSON.
pub async fn export(State(access): State<Arc<Access>>, RawQuery(query): RawQuery) -> Response {
    let Ok(one_at_a_time) = Arc::clone(&access.exports).try_acquire_owned() else {
        return StatusCode::TOO_MANY_REQUESTS.into_response();
    };
    let (search, before, format) = search_of(query.as_deref());
    let (_one_at_a_time, found) = find(&access.node, one_at_a_time, search, before, EXPORTED_MAX, usize::MAX).await;
    let Ok((mut entries, older)) = found else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    entries.extend(older.map(Entry::of_the_cut));
    let (kind, name, bytes) = match format.as_str() {
        "json" => ("application/json", "audit.json", serde_json::to_vec_pretty(&entries).unwrap_or_default()),
        _ => ("text/csv; charset=utf-8", "audit.csv", table(&entries)),
    };
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, disposition.unwrap_or(HeaderValue::from_static("attachment"))),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, Body::from(bytes)).into_response()
}

fn table(entries: &[Entry]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let heads = ["number", "written_at", "who", "way", "what", "about", "region", "node", "event"];
    // Writing to memory does not fail.
    let _written = writer.write_record(heads);
    for entry in entries {
        let (number, at) = (entry.number.to_string(), entry.written_at.to_rfc3339());
        let texts = [&entry.who, &entry.way, &entry.what, &entry.about, &entry.region, &entry.node, &entry.event];
        let fields = [number, at].into_iter().chain(texts.into_iter().map(|text| harmless(text)));
        let _written = writer.write_record(fields);
    }
    writer.into_inner().unwrap_or_default()
}

/// A text that a spreadsheet does not take for a formula.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

/// Works off the async threads, and holds on to `held` for as long as it works, also when nobody waits for it any more.
/// The work is told how to ask whether somebody does.
async fn held_working<H: Send + 'static, T: Send + 'static>(
    held: H,
    work: impl FnOnce(&dyn Fn() -> bool) -> T + Send + 'static,
) -> (H, T) {
    let (answer, answered) = oneshot::channel();
    let working = tokio::task::spawn_blocking(move || {
        let done = work(&|| !answer.is_closed());
        // Whoever has gone needs no answer.
        let _gone = answer.send((held, done));
    });
    match answered.await {
        Ok(done) => done,
        Err(_) => match working.await {
            Err(error) => std::panic::resume_unwind(error.into_panic()),
            Ok(()) => std::panic::resume_unwind(Box::new("the work gave no answer")),
        },
    }
}

/// The newest events before number `before` that the search names, and where the next page goes on; with `held`, which is
/// held until then.
async fn find<H: Send + 'static>(
    node: &Arc<Node>,
    held: H,
    search: Search,
    before: Option<u64>,
    lines_max: usize,
    searched_max: usize,
) -> (H, Result<(Vec<Entry>, Option<u64>), ReadError>) {
    let (store, trust, board) = (node.store().clone(), node.trust(), node.board());
    let names = Names { trust, own: (node.store().identity().node_key(), node.origin().to_owned()), board };
    held_working(held, move |is_waited_for| {
        let wanted = search.text.to_lowercase();
        let (mut entries, mut before, mut looked_at) = (Vec::new(), before, 0);
        loop {
            let records = store.records_before(before)?;
            let is_last = records.len() < RECORDS_MAX;
            for (number, record) in &records {
                let entry = names.entry(*number, record);
                before = Some(*number);
                looked_at += 1;
                if entry.is_named_by(&wanted, &search.kind) {
                    entries.push(entry);
                }
                if entries.len() >= lines_max || looked_at >= searched_max {
                    return Ok((entries, before));
                }
            }
            if is_last || !is_waited_for() {
                return Ok((entries, None));
            }
        }
    })
    .await
}

/// What turns keys and ids into names.
struct Names {
    /// Whom this node trusts, or once trusted: what they did keeps its region.
    trust: Arc<Trust>,
    own: (NodeKey, String),
    board: Arc<domain::board::Board>,
}

impl Names {
    fn entry(&self, number: u64, record: &Record) -> Entry {
        let id = record.id();
        let unread = Entry::unread(number, id.to_string());
        let Ok(header) = crate::store::Header::decode(&record.signed) else { return unread };
        let decoded = record.body.as_ref().and_then(|held| body::decode(header.kind, held).ok().flatten());
        let about = match &decoded {
            // The board knows nothing of mirrors.
            Some((_, Change::MirrorTaken(taken))) => format!("{}, {}", taken.mirror, taken.target),
            _ => self.about(header.subject),
        };
        let (who, way) = decoded.map(|(author, _)| (author.name, author.way)).unwrap_or_default();
        let milliseconds = i64::try_from(header.hlc.milliseconds()).unwrap_or(i64::MAX);
        let region = match header.node == self.own.0 {
            true => self.own.1.clone(),
            false => self.trust.known(&header.node).map(|member| member.region.clone()).unwrap_or_default(),
        };
        Entry {
            written_at: Instant::from_timestamp_millis(milliseconds).unwrap_or(Instant::MAX_UTC),
            who,
            way,
            what: body::kind_name(header.kind).map_or_else(|| header.kind.to_string(), str::to_owned),
            about,
            region,
            node: header.node.to_string(),
            subject: Some(header.subject),
            ..unread
        }
    }

    fn about(&self, subject: Subject) -> String {
        let text = |text: &domain::text::Text| app::words::first_language(text).to_owned();
        let catalog = &self.board.catalog;
        match subject {
            Subject::Page => "page".to_owned(),
            Subject::Region(id) => catalog.region(id).map_or_else(|| id.to_string(), |held| text(&held.name)),
            Subject::Component(id) => catalog.component(id).map_or_else(|| id.to_string(), |held| text(&held.name)),
            Subject::Group(id) => {
                let group = catalog.groups.iter().find(|group| group.id == id);
                group.map_or_else(|| id.to_string(), |held| text(&held.name))
            }
            Subject::Incident(id) => self.board.summary(id).map_or_else(|| id.to_string(), |held| text(&held.title)),
            Subject::Token(id) => self.board.tokens.get(&id).map_or_else(|| id.to_string(), |held| held.name.clone()),
            Subject::BreakGlass(id) => {
                self.board.break_glass.get(&id).map_or_else(|| id.to_string(), |held| held.label.clone())
            }
            Subject::Operator(id) => {
                self.board.operators.get(&id).map_or_else(|| id.to_string(), |held| held.login.clone())
            }
            Subject::Template(id) => {
                self.board.templates.get(&id).map_or_else(|| id.to_string(), |held| held.name.clone())
            }
            Subject::Node(id) => id.to_string(),
            Subject::Mirror(id) => id.to_string(),
            Subject::Unknown(_) => String::new(),
        }
    }
}

impl Entry {
    /// The last line of an export that does not hold all: nobody should take it for the whole trail.
    fn of_the_cut(number: u64) -> Self {
        let what = format!("cut off after {EXPORTED_MAX} lines: older ones are in the export with before={number}");
        Entry { what, ..Entry::unread(number, String::new()) }
    }

    /// Of an event of which nothing can be read.
    fn unread(number: u64, event: String) -> Self {
        Entry {
            number,
            written_at: Instant::default(),
            who: String::new(),
            way: String::new(),
            what: "unreadable".to_owned(),
            about: String::new(),
            region: String::new(),
            node: String::new(),
            event,
            subject: None,
        }
    }

    fn is_named_by(&self, wanted: &str, kind: &str) -> bool {
        let texts = [&self.who, &self.way, &self.about, &self.region, &self.event];
        (kind.is_empty() || self.what == kind)
            && (wanted.is_empty() || texts.iter().any(|text| text.to_lowercase().contains(wanted)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::{locale::Locale, words::Words};
    use tokio::sync::Semaphore;

    #[test]
    fn every_kind_of_event_has_a_name_in_every_language() {
        for (locale, (_, kind)) in
            Locale::ALL.iter().flat_map(|locale| body::KINDS.iter().map(move |kind| (locale, kind)))
        {
            let id = format!("event-{}", kind.replace('_', "-"));
            assert_ne!(Words::of(*locale).say(&id), id, "{locale:?}");
        }
    }

    #[test]
    fn an_export_that_does_not_hold_all_says_so_in_its_last_line() {
        let table = String::from_utf8(table(&[Entry::of_the_cut(1234)])).expect("text");
        let last = table.lines().last().expect("a line");
        assert!(last.starts_with("1234,") && last.contains("cut off after 200000 lines"), "{last}");
        assert!(last.contains("before=1234"), "{last}");
    }

    #[tokio::test]
    async fn work_that_nobody_waits_for_ends_and_holds_on_until_then() {
        let exports = Arc::new(Semaphore::new(1));
        let one = Arc::clone(&exports).try_acquire_owned().expect("the first");
        let (begun, has_begun) = std::sync::mpsc::channel();
        let (end, may_end) = std::sync::mpsc::channel::<()>();
        let asking = tokio::spawn(held_working(one, move |is_waited_for| {
            begun.send(is_waited_for()).expect("the test waits");
            may_end.recv().expect("the test says so");
            begun.send(is_waited_for()).expect("the test waits");
        }));
        let (is_waited_for, has_begun) =
            tokio::task::spawn_blocking(move || (has_begun.recv(), has_begun)).await.expect("no panic");
        assert_eq!(is_waited_for, Ok(true));
        asking.abort();
        assert!(asking.await.expect_err("hung up").is_cancelled());
        assert_eq!(exports.available_permits(), 0, "it is at work");
        end.send(()).expect("it waits");
        let is_waited_for = tokio::task::spawn_blocking(move || has_begun.recv()).await.expect("no panic");
        assert_eq!(is_waited_for, Ok(false), "and is told");
        drop(Arc::clone(&exports).acquire_owned().await.expect("the next one's turn comes"));
    }
}
