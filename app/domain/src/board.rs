//! The folded state that everything is rendered from.

mod month;
mod past;
mod touched;

pub use month::{Month, MonthError};
pub use past::{Past, RETAINED_DAYS, horizon};
pub use touched::Touched;

use crate::{
    Instant,
    break_glass::CodeBatch,
    catalog::{Catalog, Cell, PageSettings},
    change::{Event, TemplateSet},
    fold::{self, Folded, Problem, ProblemKind, Token},
    id::*,
    incident::{CellSpan, Incident, Summary},
    listing::Place,
    operator::Operator,
    status::*,
    trust::Member,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
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

/// Everything that a page shows, as a value. Open incidents and the newest ones are held whole, of others summaries; after
/// [`Board::trim`] those before a horizon only as counts, and a page that shows them is handed them ([`Board::listed`]).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Board {
    pub version: Version,
    pub catalog: Catalog,
    /// Whether the page settings come from the log.
    page_is_set: bool,
    /// Those that are held: all until [`Board::trim`] is called.
    summaries: BTreeMap<IncidentId, Arc<Summary>>,
    /// The same, by start.
    by_start: BTreeSet<Place>,
    /// The same, of each kind by start: one kind may be rare, and its newest must not be searched for.
    by_kind: BTreeMap<Kind, BTreeSet<Place>>,
    /// Of each kind where the newest that is not held stands, or after it; everything after that is held. Without one
    /// everything is.
    gaps: BTreeMap<Kind, Place>,
    /// How many began in each month, held or not.
    months: BTreeMap<Month, usize>,
    /// When an incident that names the cell changed last, held or not; under `None`, when any incident did.
    changed: BTreeMap<Option<Cell>, Instant>,
    /// Of [`Board::changed`], what is too new, since something that is not held may be the newest now.
    doubtful: BTreeSet<Option<Cell>>,
    /// Those that are not ended; all are held.
    open: BTreeSet<IncidentId>,
    /// Those of [`Board::wanted`], as far as the store has handed them over.
    whole: BTreeMap<IncidentId, Arc<Incident>>,
    /// Status of every cell that is not operational, derived.
    cells: BTreeMap<Cell, ComponentStatus>,
    pub tokens: BTreeMap<TokenId, Token>,
    pub templates: BTreeMap<TemplateId, TemplateSet>,
    pub operators: BTreeMap<OperatorId, Arc<Operator>>,
    pub break_glass: BTreeMap<CodeBatchId, Arc<CodeBatch>>,
    /// The nodes whose word counts, by key. Told by whoever knows of [`crate::trust::Trust`]; a change touches every page.
    pub signers: Vec<Member>,
    problems: BTreeMap<EventId, Problem>,
    /// Where each subject's problems are, so that folding it again replaces them.
    problem_subjects: BTreeMap<[u8; 16], BTreeSet<EventId>>,
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
            Folded::Template(id, template) => {
                self.templates.remove(&id);
                self.templates.extend(template.map(|template| (id, template)));
            }
            Folded::Operator(id, operator) => {
                self.operators.remove(&id);
                self.operators.extend(operator.map(|operator| (id, Arc::new(*operator))));
            }
            Folded::BreakGlass(id, batch) => {
                self.break_glass.remove(&id);
                self.break_glass.extend(batch.map(|batch| (id, Arc::new(*batch))));
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
        if let Some(before) = self.let_go(id) {
            touched.summary(&before);
            self.count(&before, false);
            self.doubt(&before, incident.as_ref());
        }
        if let Some(incident) = incident {
            let summary = incident.summary();
            touched.summary(&summary);
            self.count(&summary, true);
            past::note_changed(&mut self.changed, &summary);
            self.recall(Arc::new(summary));
            self.whole.insert(id, Arc::new(incident));
        }
        self.settle_cells();
        touched
    }

    fn settle_cells(&mut self) {
        self.cells = BTreeMap::new();
        for summary in self.open.iter().filter_map(|id| self.summaries.get(id)) {
            for span in summary.spans.iter().filter(|span| span.until.is_none()) {
                let status = self.cells.entry(span.cell).or_insert(span.status);
                *status = (*status).max(span.status);
            }
        }
    }

    /// The incidents to hold whole: the open ones and the newest of each kind.
    pub fn wanted(&self) -> BTreeSet<IncidentId> {
        let newest = |kind| self.newest(kind).take(NEWEST_KEPT).map(|summary| summary.id);
        newest(Kind::Incident).chain(newest(Kind::Maintenance)).chain(self.open.iter().copied()).collect()
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

    /// Of one that is held. [`Board::holds_all`] says whether there can be others.
    pub fn summary(&self, id: IncidentId) -> Option<&Arc<Summary>> {
        self.summaries.get(&id)
    }

    /// The held ones of one kind, newest start first: [`NEWEST_KEPT`] at least, as far as there are.
    pub fn newest(&self, kind: Kind) -> impl Iterator<Item = &Arc<Summary>> {
        let of_kind = self.by_kind.get(&kind).into_iter().flat_map(|of_kind| of_kind.iter().rev());
        of_kind.filter_map(|(_, id)| self.summaries.get(id))
    }

    /// The held incidents and maintenances, newest start first.
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

    /// The spans that are not over at `from`, by cell; of what is held, which is all that reaches past the horizon.
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

    /// Whether an event is here and does not count: its writer is not trusted, its text is erased, or only a newer version
    /// knows it. Of an event that is not here at all nothing is known.
    pub fn passes_over(&self, event: EventId) -> bool {
        self.problems.get(&event).is_some_and(|problem| problem.kind != ProblemKind::Alarming)
    }

    /// An event is held that must be understood and that this version cannot read: the present may differ from what
    /// this board shows.
    pub fn has_newer(&self) -> bool {
        self.problems.values().any(|problem| problem.kind == ProblemKind::Newer)
    }

    /// Notes an event that could not even be decoded.
    pub fn note_problem(&mut self, subject: Subject, problem: Problem) {
        self.problem_subjects.entry(subject.to_bytes()).or_default().insert(problem.event);
        self.problems.insert(problem.event, problem);
    }
}

/// Replaces the entry that `is_it` finds by `new`, or removes it.
fn replace<T>(list: &mut Vec<T>, is_it: impl Fn(&T) -> bool, new: Option<T>) {
    list.retain(|held| !is_it(held));
    list.extend(new);
}
