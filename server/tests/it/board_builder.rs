//! Boards from a few lines: every call writes the events that an operator's command would have planned.

use domain::{
    Instant,
    board::Board,
    catalog::{Cell, PageSettings},
    change::*,
    command::{
        self, Command,
        catalog::{Wanted, WantedComponent, WantedEntry, WantedRegions},
    },
    fold::{Problem, ProblemKind, UPDATE_THIS_NODE},
    id::*,
    stamp::Stamp,
    status::*,
};
use std::collections::BTreeMap;

pub fn at(text: &str) -> Instant {
    text.parse().expect("an instant")
}

/// A moment of 8 April 2024 in UTC+8: `15:24`.
pub fn april(time: &str) -> Instant {
    at(&format!("2024-04-08T{time}:00+08:00"))
}

pub fn fresh(now: Instant) -> Stamp {
    Stamp::new(now, now, "ap-guangzhou")
}

/// As when the log holds an event that must be understood and that this version cannot read.
pub fn note_newer(board: &mut Board) {
    let reason = format!("kind 999 {UPDATE_THIS_NODE}");
    let problem = Problem { event: EventId([9; 32]), reason, kind: ProblemKind::Newer };
    board.note_problem(Subject::Page, problem);
}

/// An update with nothing but its time and text.
pub fn update(at: Instant, status: Option<Status>, text: &str) -> UpdatePosted {
    UpdatePosted {
        at,
        status,
        text: text.into(),
        scope: Vec::new(),
        impact: None,
        expected_recovery: None,
        next_update_at: None,
        root_cause: None,
        id: None,
    }
}

pub fn incident(title: &str, impact: Impact, first: UpdatePosted) -> IncidentOpened {
    IncidentOpened { title: title.into(), impact, schedule: None, kind: Kind::Incident, first, source: None }
}

pub fn maintenance(title: &str, from: Instant, until: Instant, first: UpdatePosted) -> IncidentOpened {
    IncidentOpened {
        schedule: Some(Schedule { from, until }),
        kind: Kind::Maintenance,
        ..incident(title, Impact::None, first)
    }
}

pub fn incident_id(text: &str) -> IncidentId {
    text.parse().expect("an id of twelve characters")
}

/// A component for [`BoardBuilder::catalog`]: code, name, group, plane, regions.
pub type ComponentLine<'a> = (&'a str, &'a str, Option<&'a str>, Plane, &'a [&'a str]);

/// Collects events; the board is folded from all of them.
#[derive(Default)]
pub struct BoardBuilder {
    events: Vec<Event>,
    heads: BTreeMap<Subject, EventId>,
}

impl BoardBuilder {
    pub fn board(&self) -> Board {
        Board::of(&self.events)
    }

    /// Writes one event that has seen all of its subject before it.
    pub fn write(&mut self, written_at: Instant, subject: Subject, change: Change) -> &mut Self {
        let mut id = [0; 32];
        id[..8].copy_from_slice(&(self.events.len() as u64 + 1).to_be_bytes());
        let milliseconds = u64::try_from(written_at.timestamp_millis()).expect("a time after 1970");
        self.events.push(Event {
            id: EventId(id),
            node: NodeKey([7; 32]),
            hlc: Hlc(milliseconds << Hlc::COUNTER_BITS),
            subject,
            parents: self.heads.insert(subject, EventId(id)).into_iter().collect(),
            author: Author { name: "test".to_owned(), way: "cli".to_owned() },
            change,
        });
        self
    }

    /// Writes what a command plans; a refusal fails the test.
    pub fn command(&mut self, now: Instant, command: Command) -> &mut Self {
        let board = self.board();
        let named = match &command {
            Command::Post { incident, .. }
            | Command::EditUpdate { incident, .. }
            | Command::EditIncident { incident, .. }
            | Command::PublishPostmortem { incident, .. } => board.incident(*incident),
            _ => None,
        };
        let planned = command::plan(&board, named.map(AsRef::as_ref), command, now).expect("a command to be accepted");
        for (subject, change) in planned {
            self.write(now, subject, change);
        }
        self
    }

    pub fn catalog(
        &mut self,
        now: Instant,
        regions: &[(&str, &str)],
        groups: &[(&str, &str)],
        components: &[ComponentLine],
    ) -> &mut Self {
        let entry = |(code, name): &(&str, &str)| WantedEntry { code: (*code).to_owned(), name: (*name).into() };
        let component = |(code, name, group, plane, regions): &ComponentLine| WantedComponent {
            id: None,
            code: (*code).to_owned(),
            name: (*name).into(),
            description: None,
            group: group.map(str::to_owned),
            plane: *plane,
            regions: WantedRegions::These(regions.iter().map(|code| (*code).to_owned()).collect()),
            depends_on: Vec::new(),
            since: None,
        };
        let page = PageSettings {
            name: "Example Cloud".into(),
            url: "https://status.example.com".to_owned(),
            ..PageSettings::default()
        };
        let wanted = Wanted {
            page: Some(page),
            regions: regions.iter().map(entry).collect(),
            groups: groups.iter().map(entry).collect(),
            components: components.iter().map(component).collect(),
        };
        self.command(now, Command::ApplyCatalog(wanted))
    }

    pub fn page(&mut self, now: Instant, change: impl FnOnce(&mut PageSettings)) -> &mut Self {
        let mut settings = self.board().catalog.page;
        change(&mut settings);
        self.write(now, Subject::Page, Change::PageSet(settings))
    }

    pub fn open(&mut self, id: &str, opened: IncidentOpened) -> &mut Self {
        self.command(opened.first.at, Command::Open { id: incident_id(id), opened })
    }

    pub fn post(&mut self, id: &str, update: UpdatePosted) -> &mut Self {
        self.command(update.at, Command::Post { incident: incident_id(id), update })
    }

    pub fn postmortem(&mut self, id: &str, at: Instant, text: &str) -> &mut Self {
        self.command(at, Command::PublishPostmortem { incident: incident_id(id), text: text.into(), at })
    }
}

/// One status for cells named by codes: `cloud-api@ap-shanghai`, `console`, or `cloud-api@*` for every region.
pub fn scope(board: &Board, cells: &[&str], status: ComponentStatus) -> Vec<ScopeChange> {
    let catalog = &board.catalog;
    let named = cells.iter().flat_map(|cell| {
        let (component, region) = cell.split_once('@').unwrap_or((cell, ""));
        let component = catalog.component_by_code(component).expect("a component of the catalog");
        let wanted = catalog.region_by_code(region).map(|region| region.id);
        component.cells().into_iter().filter(move |cell: &Cell| region == "*" || cell.region == wanted)
    });
    named.map(|cell| ScopeChange { cell, status }).collect()
}
