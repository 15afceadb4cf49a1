//! The folded state that everything is rendered from.

use crate::{
    Instant,
    catalog::{Catalog, Cell, PageSettings},
    change::Event,
    fold::{self, Folded, Problem, Token},
    id::*,
    incident::{CellSpan, Incident, Summary},
    status::*,
};
use chrono::{Datelike, Months, NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    str::FromStr,
    sync::Arc,
};

/// Incidents, and as many maintenances, kept whole in memory beside the open ones: what the Statuspage shape lists.
pub const NEWEST_KEPT: usize = 50;

/// For each node key the count of its events held. Shown as [`Version::total`] and [`Version::digest`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(pub BTreeMap<NodeKey, u64>);

impl Version {
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }

    /// Eight hexadecimal digits that tell two versions with the same total apart.
    pub fn digest(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for (node, count) in &self.0 {
            hasher.update(&node.0).update(&count.to_be_bytes());
        }
        hasher.finalize().to_hex()[..8].to_owned()
    }

    /// Older: every count is at most the other's and one is less.
    pub fn is_older_than(&self, other: &Version) -> bool {
        self != other && self.0.iter().all(|(node, count)| *count <= other.0.get(node).copied().unwrap_or(0))
    }
}

/// A calendar month of the history, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Month {
    pub year: i32,
    /// 1 to 12.
    pub month: u32,
}

impl Month {
    pub fn of(at: Instant) -> Self {
        Month { year: at.year(), month: at.month() }
    }

    /// Its first day.
    pub fn first_day(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.year, self.month, 1).unwrap_or_default()
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

/// Why a text is not a month.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a month such as `2024-04`")]
pub struct MonthError(pub String);

impl FromStr for Month {
    type Err = MonthError;
    fn from_str(text: &str) -> Result<Self, MonthError> {
        let error = || MonthError(text.chars().take(20).collect());
        let (year, month) = text.split_once('-').ok_or_else(error)?;
        let digits = |part: &str, length| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(year, 4) || !digits(month, 2) {
            return Err(error());
        }
        let (year, month) = (year.parse().map_err(|_| error())?, month.parse().map_err(|_| error())?);
        NaiveDate::from_ymd_opt(year, month, 1).map(|_| Month { year, month }).ok_or_else(error)
    }
}

/// Everything that a page shows, as a value. A summary of every incident; the open and the newest ones whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Board {
    pub version: Version,
    pub catalog: Catalog,
    /// Whether the page settings come from the log.
    page_is_set: bool,
    summaries: BTreeMap<IncidentId, Arc<Summary>>,
    /// The same, by start.
    by_start: BTreeSet<(Instant, IncidentId)>,
    /// The same, of each kind by start: one kind may be rare, and its newest must not be searched for.
    by_kind: BTreeMap<Kind, BTreeSet<(Instant, IncidentId)>>,
    /// When an incident that names the cell changed last.
    changed: BTreeMap<Cell, Instant>,
    /// Those that are not ended.
    open: BTreeSet<IncidentId>,
    /// Those of [`Board::wanted`], as far as the store has handed them over.
    whole: BTreeMap<IncidentId, Arc<Incident>>,
    /// Status of every cell that is not operational, derived.
    cells: BTreeMap<Cell, ComponentStatus>,
    pub tokens: BTreeMap<TokenId, Token>,
    problems: BTreeMap<EventId, Problem>,
    /// Where each subject's problems are, so that folding it again replaces them.
    problem_subjects: BTreeMap<[u8; 16], Vec<EventId>>,
}

/// What a new state touches, so that only the pages that show it are rendered again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// Names, order or settings changed: every page shows them.
    pub catalog: bool,
    pub incidents: BTreeSet<IncidentId>,
    pub components: BTreeSet<ComponentId>,
    pub regions: BTreeSet<RegionId>,
    pub months: BTreeSet<Month>,
}

impl Touched {
    pub fn is_empty(&self) -> bool {
        *self == Touched::default()
    }

    pub fn merge(&mut self, other: Touched) {
        self.catalog |= other.catalog;
        self.incidents.extend(other.incidents);
        self.components.extend(other.components);
        self.regions.extend(other.regions);
        self.months.extend(other.months);
    }

    fn summary(&mut self, summary: &Summary) {
        self.incidents.insert(summary.id);
        self.months.insert(Month::of(summary.started_at));
        for cell in &summary.named {
            self.components.insert(cell.component);
            self.regions.extend(cell.region);
        }
    }
}

impl Board {
    /// The board of a whole log: every subject folded. The order of `events` does not matter.
    pub fn of(events: &[Event]) -> Board {
        let mut subjects: BTreeMap<Subject, Vec<Event>> = BTreeMap::new();
        let mut board = Board::default();
        let mut counted = BTreeSet::new();
        for event in events {
            if counted.insert(event.id) {
                *board.version.0.entry(event.node).or_default() += 1;
                subjects.entry(event.subject).or_default().push(event.clone());
            }
        }
        for (subject, events) in subjects {
            board.put(subject, &events);
        }
        board
    }

    /// Folds one subject's events (all that are held) and takes the result in.
    pub fn put(&mut self, subject: Subject, events: &[Event]) -> Touched {
        let (folded, problems) = fold::subject(subject, events);
        self.put_folded(subject, folded, problems)
    }

    /// Takes in what a subject came to. `problems` replace those that the subject had.
    pub fn put_folded(&mut self, subject: Subject, folded: Folded, problems: Vec<Problem>) -> Touched {
        let key = subject.to_bytes();
        for event in self.problem_subjects.remove(&key).unwrap_or_default() {
            self.problems.remove(&event);
        }
        if !problems.is_empty() {
            self.problem_subjects.insert(key, problems.iter().map(|problem| problem.event).collect());
            self.problems.extend(problems.into_iter().map(|problem| (problem.event, problem)));
        }
        let mut touched = Touched::default();
        match folded {
            Folded::Page(settings) => {
                self.page_is_set = settings.is_some();
                self.catalog.page = settings.unwrap_or_default();
                touched.catalog = true;
            }
            Folded::Region(id, region) => {
                replace(&mut self.catalog.regions, |held| held.id == id, region);
                touched.catalog = true;
            }
            Folded::Group(id, group) => {
                replace(&mut self.catalog.groups, |held| held.id == id, group);
                touched.catalog = true;
            }
            Folded::Component(id, component) => {
                replace(&mut self.catalog.components, |held| held.id == id, component);
                touched.catalog = true;
            }
            Folded::Token(id, token) => {
                self.tokens.remove(&id);
                self.tokens.extend(token.map(|token| (id, token)));
            }
            Folded::Incident(id, incident) => touched = self.put_incident(id, incident.map(|incident| *incident)),
            Folded::Nothing => {}
        }
        if touched.catalog {
            self.catalog.sort();
        }
        touched
    }

    fn put_incident(&mut self, id: IncidentId, incident: Option<Incident>) -> Touched {
        let mut touched = Touched::default();
        if let Some(before) = self.summaries.remove(&id) {
            self.by_start.remove(&(before.started_at, id));
            if let Some(of_kind) = self.by_kind.get_mut(&before.kind) {
                of_kind.remove(&(before.started_at, id));
            }
            self.open.remove(&id);
            self.whole.remove(&id);
            touched.summary(&before);
            let shrinks = incident.as_ref().is_none_or(|incident| {
                incident.updated_at < before.updated_at
                    || !before.named.iter().all(|cell| incident.named.contains(cell))
            });
            if shrinks {
                self.changed = BTreeMap::new();
                for other in self.summaries.values() {
                    note_changed(&mut self.changed, other);
                }
            }
        }
        if let Some(incident) = incident {
            let summary = incident.summary();
            touched.summary(&summary);
            self.by_start.insert((summary.started_at, id));
            self.by_kind.entry(summary.kind).or_default().insert((summary.started_at, id));
            note_changed(&mut self.changed, &summary);
            if summary.is_open() {
                self.open.insert(id);
            }
            self.summaries.insert(id, Arc::new(summary));
            self.whole.insert(id, Arc::new(incident));
        }
        self.cells = BTreeMap::new();
        for summary in self.open.iter().filter_map(|id| self.summaries.get(id)) {
            for span in summary.spans.iter().filter(|span| span.until.is_none()) {
                let status = self.cells.entry(span.cell).or_insert(span.status);
                *status = (*status).max(span.status);
            }
        }
        touched
    }

    /// The incidents to hold whole: the open ones and the newest of each kind.
    pub fn wanted(&self) -> BTreeSet<IncidentId> {
        let newest = |kind| self.newest(kind).take(NEWEST_KEPT).map(|summary| summary.id);
        newest(Kind::Incident).chain(newest(Kind::Maintenance)).chain(self.open.iter().copied()).collect()
    }

    /// Drops the whole incidents that are no longer wanted and names those that are missing, for the store to load
    /// and hand over with [`Board::hold`].
    pub fn trim(&mut self) -> Vec<IncidentId> {
        let wanted = self.wanted();
        self.whole.retain(|id, _| wanted.contains(id));
        wanted.into_iter().filter(|id| !self.whole.contains_key(id)).collect()
    }

    /// Holds an incident whole that the store has loaded.
    pub fn hold(&mut self, incident: Incident) {
        if self.summaries.contains_key(&incident.id) {
            self.whole.insert(incident.id, Arc::new(incident));
        }
    }

    pub fn page_is_set(&self) -> bool {
        self.page_is_set
    }

    /// The page settings to use while the log has none.
    pub fn set_default_page(&mut self, settings: PageSettings) {
        if !self.page_is_set {
            self.catalog.page = settings;
        }
    }

    pub fn incident(&self, id: IncidentId) -> Option<&Arc<Incident>> {
        self.whole.get(&id)
    }

    pub fn summary(&self, id: IncidentId) -> Option<&Arc<Summary>> {
        self.summaries.get(&id)
    }

    /// How many incidents and maintenances the log holds.
    pub fn incident_count(&self) -> usize {
        self.summaries.len()
    }

    /// All of one kind, newest start first.
    pub fn newest(&self, kind: Kind) -> impl Iterator<Item = &Arc<Summary>> {
        let of_kind = self.by_kind.get(&kind).into_iter().flat_map(|of_kind| of_kind.iter().rev());
        of_kind.filter_map(|(_, id)| self.summaries.get(id))
    }

    /// When an incident or maintenance that names the cell changed last.
    pub fn changed_at(&self, cell: Cell) -> Option<Instant> {
        self.changed.get(&cell).copied()
    }

    /// Incidents and maintenances, newest start first.
    pub fn all_newest(&self) -> impl Iterator<Item = &Arc<Summary>> {
        self.by_start.iter().rev().filter_map(|(_, id)| self.summaries.get(id))
    }

    /// Incidents that are not resolved: worst impact first, then the newest start.
    pub fn open_incidents(&self) -> Vec<&Arc<Incident>> {
        let open = |incident: &&Arc<Incident>| incident.kind == Kind::Incident && !incident.status.is_ended();
        let mut incidents: Vec<_> = self.whole.values().filter(open).collect();
        incidents.sort_by_key(|incident| {
            let worst = ComponentStatus::worst(incident.affected().map(|(_, status)| status));
            (std::cmp::Reverse((incident.impact, worst, incident.started_at)), incident.id)
        });
        incidents
    }

    /// Maintenances that are not completed, by planned begin.
    pub fn open_maintenances(&self) -> Vec<&Arc<Incident>> {
        let open = |incident: &&Arc<Incident>| incident.kind == Kind::Maintenance && !incident.status.is_ended();
        let mut maintenances: Vec<_> = self.whole.values().filter(open).collect();
        maintenances.sort_by_key(|maintenance| (maintenance.schedule.map(|schedule| schedule.from), maintenance.id));
        maintenances
    }

    /// Those that began in `month`, newest first.
    pub fn in_month(&self, month: Month) -> Vec<&Arc<Summary>> {
        let begin = |day: NaiveDate| (day.and_time(NaiveTime::MIN).and_utc(), IncidentId::FIRST);
        let next = month.first_day().checked_add_months(Months::new(1)).unwrap_or(NaiveDate::MAX);
        let within = self.by_start.range(begin(month.first_day())..begin(next));
        within.rev().filter_map(|(_, id)| self.summaries.get(id)).collect()
    }

    /// The months that have incidents, newest first, each with how many.
    pub fn months(&self) -> Vec<(Month, usize)> {
        let mut months: BTreeMap<Month, usize> = BTreeMap::new();
        for (started_at, _) in &self.by_start {
            *months.entry(Month::of(*started_at)).or_default() += 1;
        }
        months.into_iter().rev().collect()
    }

    /// The worst that open incidents and running maintenances say of a cell.
    pub fn cell_status(&self, cell: Cell) -> ComponentStatus {
        self.cells.get(&cell).copied().unwrap_or(ComponentStatus::Operational)
    }

    /// The worst of a component's cells.
    pub fn component_status(&self, component: ComponentId) -> ComponentStatus {
        let cells = self.catalog.component(component).map(|component| component.cells()).unwrap_or_default();
        ComponentStatus::worst(cells.into_iter().map(|cell| self.cell_status(cell)))
    }

    /// The worst of a region's cells.
    pub fn region_status(&self, region: RegionId) -> ComponentStatus {
        let cells = self.catalog.components.iter().flat_map(|component| component.cells());
        ComponentStatus::worst(cells.filter(|cell| cell.region == Some(region)).map(|cell| self.cell_status(cell)))
    }

    /// The spans of one cell in every incident and maintenance, in no order.
    pub fn spans_of(&self, cell: Cell) -> impl Iterator<Item = &CellSpan> {
        self.summaries.values().flat_map(|summary| summary.spans.iter()).filter(move |span| span.cell == cell)
    }

    /// The spans that are not over at `from`, by cell.
    pub fn spans_since(&self, from: Instant) -> BTreeMap<Cell, Vec<CellSpan>> {
        let mut spans: BTreeMap<Cell, Vec<CellSpan>> = BTreeMap::new();
        // Nothing of an incident lasts longer than the incident itself.
        let lasting = |summary: &&Arc<Summary>| summary.ended_at.is_none_or(|ended_at| ended_at > from);
        for span in self.summaries.values().filter(lasting).flat_map(|summary| summary.spans.iter()) {
            if span.until.is_none_or(|until| until > from) {
                spans.entry(span.cell).or_default().push(*span);
            }
        }
        spans
    }

    /// Events that could not be folded, for operators.
    pub fn problems(&self) -> impl Iterator<Item = &Problem> {
        self.problems.values()
    }

    /// An event is held that must be understood and that this version cannot read: the present may differ from what
    /// this board shows.
    pub fn has_newer(&self) -> bool {
        self.problems.values().any(|problem| problem.reason.ends_with(fold::UPDATE_THIS_NODE))
    }

    /// Notes an event that could not even be decoded.
    pub fn note_problem(&mut self, subject: Subject, problem: Problem) {
        self.problem_subjects.entry(subject.to_bytes()).or_default().push(problem.event);
        self.problems.insert(problem.event, problem);
    }
}

fn note_changed(changed: &mut BTreeMap<Cell, Instant>, summary: &Summary) {
    for cell in &summary.named {
        let at = changed.entry(*cell).or_insert(summary.updated_at);
        *at = (*at).max(summary.updated_at);
    }
}

/// Replaces the entry that `is_it` finds by `new`, or removes it.
fn replace<T>(list: &mut Vec<T>, is_it: impl Fn(&T) -> bool, new: Option<T>) {
    list.retain(|held| !is_it(held));
    list.extend(new);
}
