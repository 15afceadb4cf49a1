//! Incident history as JSON lines, in the format of the public repository `mrshu/github-statuses`.
//!
//! The data have no status of a component for each update: a component that an incident names is affected from its
//! first update to its end, how badly is not recorded, and so it is not made up ([`ComponentStatus::Unknown`]).
//! Fields that repeat what the updates say (`status_sequence`, `started_at`, `downtime_start` ...) are not read.

use super::{Bad, Gathered, Placed, lines::*, naming, nothing_wanted};
use domain::{
    Instant,
    board::Board,
    catalog::{Catalog, Cell, Component},
    change::*,
    command::{self, Command, catalog::*, import::Timeline},
    id::*,
    status::*,
    text,
};
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    io::{self, BufRead},
};

/// Most components that one incident names.
const COMPONENTS_MAX: usize = 200;

#[derive(Deserialize)]
struct Wire {
    id: String,
    url: String,
    title: String,
    impact: String,
    updates: Vec<WireUpdate>,
    #[serde(default)]
    components: Vec<String>,
}

#[derive(Deserialize)]
struct WireUpdate {
    at: chrono::DateTime<chrono::FixedOffset>,
    status: String,
    message: String,
}

/// One line: a timeline whose scope is still names.
struct Recorded {
    line: usize,
    timeline: Timeline,
    components: Vec<String>,
}

/// Reads a whole file against the present catalog.
///
/// # Errors
/// When the file itself cannot be read; what is wrong with its lines is in the result.
pub fn gather(reader: impl BufRead, catalog: &Catalog, now: Instant) -> io::Result<Gathered> {
    let mut gathered = Gathered { additions: nothing_wanted(), timelines: Vec::new(), bad: Vec::new() };
    let mut recorded: Vec<Recorded> = Vec::new();
    let mut first_lines: BTreeMap<IncidentId, usize> = BTreeMap::new();
    for line in Lines::new(reader) {
        let (number, line) = line?;
        if number > LINES_MAX {
            let reason = format!("is past the {LINES_MAX} lines that one file may have; split the file");
            gathered.bad.push(Bad { place: place(number), reason });
            break;
        }
        let read = line.and_then(|line| self::line(number, &line, now)).and_then(|entry| {
            match first_lines.insert(entry.timeline.id, number) {
                Some(before) => Err(format!("repeats the incident `{}` of line {before}", entry.timeline.id)),
                None => Ok(entry),
            }
        });
        match read {
            Ok(entry) => recorded.push(entry),
            Err(reason) => gathered.bad.push(Bad { place: place(number), reason }),
        }
    }
    let cells = Cells::of(catalog, &recorded, &mut gathered.additions);
    for Recorded { line, mut timeline, components } in recorded {
        scope(&mut timeline, &cells.of_all(&components));
        gathered.timelines.push(Placed { place: place(line), timeline });
    }
    Ok(gathered)
}

fn place(line: usize) -> String {
    format!("line {line}")
}

/// One line, checked by itself.
fn line(number: usize, line: &str, now: Instant) -> Result<Recorded, String> {
    let wire: Wire = serde_json::from_str(line).map_err(|error| format!("is not an incident: {error}"))?;
    let id = wire.url.rsplit('/').next().unwrap_or_default();
    let id: IncidentId = id.parse().map_err(|error| format!("url: {error}"))?;
    let (kind, impact) = match wire.impact.as_str() {
        "maintenance" => (Kind::Maintenance, Impact::None),
        word => (Kind::Incident, word.parse().map_err(|error| format!("impact: {error}, maintenance"))?),
    };
    if wire.components.len() > COMPONENTS_MAX {
        return Err(format!("components: has {} entries; at most {COMPONENTS_MAX}", wire.components.len()));
    }
    for name in &wire.components {
        text::check_name(&name.as_str().into()).map_err(|error| format!("components: a name {error}"))?;
    }
    let mut updates = Vec::new();
    let mut postmortem = None;
    for (index, update) in wire.updates.into_iter().enumerate() {
        let status = status(&update.status).map_err(|error| format!("updates[{index}].status: {error}"))?;
        let at = update.at.to_utc();
        if status == Some(Status::Postmortem) {
            postmortem = Some(PostmortemPublished { at, text: update.message.into() });
            continue;
        }
        let id = Id::derived(&[b"imported update", wire.url.as_bytes(), &(index as u64).to_be_bytes()]);
        updates.push(posted(UpdateId(id), at, status, update.message));
    }
    let mut updates = updates.into_iter();
    let first = updates.next().ok_or("updates: is empty; an incident has at least one")?;
    let opened = IncidentOpened {
        title: wire.title.into(),
        impact,
        schedule: None,
        kind,
        first,
        source: Some(Source { url: wire.url, id: wire.id }),
    };
    let timeline = Timeline { id, opened, updates: updates.collect(), postmortem };
    command::plan(&Board::default(), None, Command::Import(timeline.clone()), now)
        .map_err(|refusals| refusals.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))?;
    Ok(Recorded { line: number, timeline, components: wire.components })
}

pub(super) fn posted(id: UpdateId, at: Instant, status: Option<Status>, text: String) -> UpdatePosted {
    UpdatePosted {
        at,
        status,
        text: text.into(),
        scope: Vec::new(),
        impact: None,
        expected_recovery: None,
        next_update_at: None,
        root_cause: None,
        id: Some(id),
    }
}

/// The status word of an update; `Update` is a further word without a change of status.
fn status(word: &str) -> Result<Option<Status>, WordError> {
    match word {
        "Update" => Ok(None),
        word => word.to_ascii_lowercase().replace(' ', "_").parse().map(Some),
    }
}

/// Gives the cells to the first update, and again to each that takes the timeline back from its end: until then they
/// are affected, and how badly is not recorded. A maintenance's cells are under maintenance while it goes on.
pub(super) fn scope(timeline: &mut Timeline, cells: &[Cell]) {
    let status = match timeline.opened.kind {
        Kind::Incident => ComponentStatus::Unknown,
        Kind::Maintenance => ComponentStatus::UnderMaintenance,
    };
    let scope: Vec<ScopeChange> = cells.iter().map(|cell| ScopeChange { cell: *cell, status }).collect();
    timeline.opened.first.scope.clone_from(&scope);
    let mut ended = timeline.opened.first.status.is_some_and(Status::is_ended);
    for update in &mut timeline.updates {
        let Some(next) = update.status else { continue };
        if ended && !next.is_ended() {
            update.scope.clone_from(&scope);
        }
        ended = next.is_ended();
    }
}

/// Which cells a component's name stands for.
struct Cells(BTreeMap<String, Vec<Cell>>);

impl Cells {
    /// Names that the catalog lacks become components of `additions`, with data since their first incident.
    fn of(catalog: &Catalog, recorded: &[Recorded], additions: &mut Wanted) -> Cells {
        let mut since: BTreeMap<&str, Instant> = BTreeMap::new();
        for entry in recorded {
            for name in &entry.components {
                let begin = entry.timeline.opened.first.at;
                let earliest = since.entry(name).or_insert(begin);
                *earliest = begin.min(*earliest);
            }
        }
        let mut cells = BTreeMap::new();
        for (name, since) in since {
            if let Some(held) = held(catalog, name) {
                cells.insert(name.to_owned(), held.cells());
                continue;
            }
            let code = naming::code(name, |code| additions.components.iter().any(|added| added.code == code));
            let component = ComponentId::of_code(&code);
            cells.insert(name.to_owned(), vec![Cell { component, region: None }]);
            additions.components.push(plain_component(None, code, name, since));
        }
        Cells(cells)
    }

    fn of_all(&self, names: &[String]) -> Vec<Cell> {
        let mut cells: Vec<Cell> = names.iter().filter_map(|name| self.0.get(name)).flatten().copied().collect();
        cells.sort();
        cells.dedup();
        cells
    }
}

/// The component of that name, or of the code that the name gives.
fn held<'a>(catalog: &'a Catalog, name: &str) -> Option<&'a Component> {
    let named = catalog.components.iter().find(|component| component.name.all().any(|held| held == name));
    named.or_else(|| catalog.component_by_code(&naming::code(name, |_| false)))
}

/// A component without regions. Sources do not tell planes apart: what an imported page lists is what carries its
/// readers' work, so it stands on the data plane until an operator says otherwise.
pub(super) fn plain_component(id: Option<ComponentId>, code: String, name: &str, since: Instant) -> WantedComponent {
    WantedComponent {
        id,
        code,
        name: name.into(),
        description: None,
        group: None,
        plane: Plane::Data,
        regions: WantedRegions::These(Vec::new()),
        depends_on: Vec::new(),
        since: Some(since),
    }
}
