//! A log written by hand, one event after another, and the board that it comes to.

use domain::{Instant, board::Board, catalog::Cell, change::*, id::*, status::*, text::Text};
use std::collections::BTreeMap;

#[derive(Default)]
pub struct Story {
    events: Vec<Event>,
    heads: BTreeMap<Subject, Vec<EventId>>,
    position: u32,
}

impl Story {
    pub fn write(&mut self, at: Instant, subject: Subject, change: Change) {
        let parents = self.heads.remove(&subject).unwrap_or_default();
        let id = self.write_after(at, subject, parents, change);
        self.heads.insert(subject, vec![id]);
    }

    fn write_after(&mut self, at: Instant, subject: Subject, parents: Vec<EventId>, change: Change) -> EventId {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&(self.events.len() as u64 + 1).to_be_bytes());
        let id = EventId(bytes);
        let milliseconds = u64::try_from(at.timestamp_millis()).expect("after 1970");
        self.events.push(Event {
            id,
            node: NodeKey([7; 32]),
            hlc: Hlc::default().next(milliseconds),
            subject,
            parents,
            author: Author { name: "operator".to_owned(), way: "test".to_owned() },
            change,
        });
        id
    }

    pub fn board(&self) -> Board {
        Board::of(&self.events)
    }

    fn next_position(&mut self) -> u32 {
        self.position += 1;
        self.position
    }

    pub fn region(&mut self, at: Instant, code: &str, name: Text) {
        let position = self.next_position();
        let set = RegionSet { code: code.to_owned(), name, position };
        self.write(at, Subject::Region(RegionId::of_code(code)), Change::RegionSet(set));
    }

    pub fn group(&mut self, at: Instant, code: &str, name: Text) {
        let position = self.next_position();
        let set = GroupSet { code: code.to_owned(), name, position };
        self.write(at, Subject::Group(GroupId::of_code(code)), Change::GroupSet(set));
    }

    /// Its position follows those before it.
    pub fn component(&mut self, at: Instant, mut set: ComponentSet) {
        set.position = self.next_position();
        self.write(at, Subject::Component(ComponentId::of_code(&set.code)), Change::ComponentSet(set));
    }

    pub fn open(&mut self, id: IncidentId, opened: IncidentOpened) {
        self.write(opened.first.at, Subject::Incident(id), Change::IncidentOpened(opened));
    }

    pub fn post(&mut self, id: IncidentId, update: UpdatePosted) {
        self.write(update.at, Subject::Incident(id), Change::UpdatePosted(update));
    }

    /// Updates of regions that have not seen one another's.
    pub fn post_apart(&mut self, id: IncidentId, updates: Vec<UpdatePosted>) {
        let subject = Subject::Incident(id);
        let seen = self.heads.remove(&subject).unwrap_or_default();
        let post =
            |update: UpdatePosted| self.write_after(update.at, subject, seen.clone(), Change::UpdatePosted(update));
        let heads = updates.into_iter().map(post).collect();
        self.heads.insert(subject, heads);
    }
}

/// Notes an event that this version cannot read and must understand.
pub fn newer(board: &mut Board) {
    let event = EventId([9; 32]);
    let reason = format!("kind 999 {}", domain::fold::UPDATE_THIS_NODE);
    use domain::fold::ProblemKind;
    board.note_problem(Subject::Page, domain::fold::Problem { event, reason, kind: ProblemKind::Newer });
}

/// A text in English and Chinese.
pub fn both(english: &str, chinese: &str) -> Text {
    let mut text = Text::from(english);
    text.translations.insert("zh-CN".to_owned(), chinese.to_owned());
    text
}

/// An update that says only this.
pub fn word(at: Instant, status: Option<Status>, text: impl Into<Text>) -> UpdatePosted {
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

/// These components with this status in these regions; in none for components without regions.
pub fn scope(components: &[&str], regions: &[&str], status: ComponentStatus) -> Vec<ScopeChange> {
    let places: Vec<Option<RegionId>> = match regions {
        [] => vec![None],
        regions => regions.iter().map(|code| Some(RegionId::of_code(code))).collect(),
    };
    let cells = components.iter().map(|code| ComponentId::of_code(code)).flat_map(|component| {
        places.clone().into_iter().map(move |region| ScopeChange { cell: Cell { component, region }, status })
    });
    cells.collect()
}
