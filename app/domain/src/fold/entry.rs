//! One catalog entry, the page settings, a template or a token, from its events: of concurrent writings the newest stands.
//! Of a mirror nothing is folded.

use super::{Folded, Problem, Token, ancestry::Ancestry};
use crate::{Instant, catalog::*, change::*, id::*, operator::Role};

pub(super) fn fold(subject: Subject, events: &[Event]) -> (Folded, Vec<Problem>) {
    let ancestry = Ancestry::new(events);
    let mut setters: Vec<(usize, &Event)> = Vec::new();
    let mut problems = Vec::new();
    for (at, event) in ancestry.events.iter().enumerate() {
        if belongs(subject, &event.change) {
            setters.push((at, event));
        } else if !matches!(event.change, Change::Redacted(_)) {
            problems.push(Problem::unfit(event.id, format!("a {} cannot be about this subject", event.change.name())));
        }
    }
    let created_at = setters.iter().map(|(_, event)| event.written_at()).min().unwrap_or_default();
    let newest = ancestry.newest(&setters);
    let removed_wins = matches!(subject, Subject::Token(_))
        && setters.iter().any(|(_, event)| matches!(event.change, Change::TokenRevoked(_)));
    let folded = match subject {
        Subject::Page => Folded::Page(newest.and_then(|event| match &event.change {
            Change::PageSet(settings) => Some(settings.clone()),
            _ => None,
        })),
        Subject::Region(id) => Folded::Region(id, newest.and_then(|event| region(id, event))),
        Subject::Group(id) => Folded::Group(id, newest.and_then(|event| group(id, event))),
        Subject::Component(id) => Folded::Component(id, newest.and_then(|event| component(id, event, created_at))),
        Subject::Template(id) => Folded::Template(id, newest.and_then(|event| template(id, event))),
        Subject::Token(id) => Folded::Token(id, token(id, &setters, removed_wins)),
        Subject::Incident(_)
        | Subject::Node(_)
        | Subject::Mirror(_)
        | Subject::Operator(_)
        | Subject::BreakGlass(_)
        | Subject::Unknown(_) => Folded::Nothing,
    };
    (folded, problems)
}

fn belongs(subject: Subject, change: &Change) -> bool {
    matches!(
        (subject, change),
        (Subject::Page, Change::PageSet(_))
            | (Subject::Region(_), Change::RegionSet(_) | Change::RegionRemoved(_))
            | (Subject::Group(_), Change::GroupSet(_) | Change::GroupRemoved(_))
            | (Subject::Component(_), Change::ComponentSet(_) | Change::ComponentRemoved(_))
            | (Subject::Template(_), Change::TemplateSet(_) | Change::TemplateRemoved(_))
            | (Subject::Token(_), Change::TokenCreated(_) | Change::TokenRevoked(_))
            | (Subject::Mirror(_), Change::MirrorTaken(_))
    )
}

fn template(id: TemplateId, event: &Event) -> Option<TemplateSet> {
    match &event.change {
        Change::TemplateSet(set) if TemplateId::of_name(&set.name) == id => Some(set.clone()),
        _ => None,
    }
}

fn region(id: RegionId, event: &Event) -> Option<Region> {
    match &event.change {
        Change::RegionSet(set) => {
            Some(Region { id, code: set.code.clone(), name: set.name.clone(), position: set.position })
        }
        _ => None,
    }
}

fn group(id: GroupId, event: &Event) -> Option<Group> {
    match &event.change {
        Change::GroupSet(set) => {
            Some(Group { id, code: set.code.clone(), name: set.name.clone(), position: set.position })
        }
        _ => None,
    }
}

fn component(id: ComponentId, event: &Event, created_at: Instant) -> Option<Component> {
    match &event.change {
        Change::ComponentSet(set) => Some(Component {
            id,
            code: set.code.clone(),
            name: set.name.clone(),
            description: set.description.clone(),
            group: set.group,
            plane: set.plane,
            regions: set.regions.clone(),
            depends_on: set.depends_on.clone(),
            position: set.position,
            since: set.since,
            created_at,
            updated_at: event.written_at(),
        }),
        _ => None,
    }
}

/// A token is what created it; a revocation, however it relates to the creation, ends it for good.
fn token(id: TokenId, setters: &[(usize, &Event)], revoked: bool) -> Option<Token> {
    setters.iter().find_map(|(_, event)| match &event.change {
        Change::TokenCreated(created) => Some(Token {
            id,
            name: created.name.clone(),
            sealed_hash: created.sealed_hash.clone(),
            created_at: event.written_at(),
            expires_at: created.expires_at,
            role: created.role.unwrap_or(Role::Administrator),
            revoked,
        }),
        _ => None,
    })
}
