//! What stands in place of an erased body: the same change with its texts replaced, so that removing a leaked name from
//! the update that resolved an incident does not reopen the incident.

use crate::{
    catalog::PageSettings,
    change::*,
    text::{REDACTED, Text},
};

/// Longest reason of a redaction, in characters.
pub const REASON_LENGTH_MAX: usize = 200;

/// Whether the events of a kind can be redacted: what decides whose word counts, or what was erased, stays readable.
pub fn is_redactable(change: &Change) -> bool {
    !change.must_be_understood()
}

/// The change without what people wrote: statuses, times, scope and impact stay, and so does what others are found by
/// (ids, codes, a token's sealed hash). `None` for one that cannot be redacted.
pub fn residue(change: &Change) -> Option<Change> {
    Some(match change {
        Change::PageSet(page) => Change::PageSet(PageSettings {
            name: Text::redacted(),
            url: page.url.clone(),
            time_zone: page.time_zone.clone(),
            notice: replaced(page.notice.as_ref()),
            support_url: None,
        }),
        Change::RegionSet(region) => Change::RegionSet(RegionSet { name: Text::redacted(), ..region.clone() }),
        Change::GroupSet(group) => Change::GroupSet(GroupSet { name: Text::redacted(), ..group.clone() }),
        Change::ComponentSet(component) => Change::ComponentSet(ComponentSet {
            name: Text::redacted(),
            description: replaced(component.description.as_ref()),
            ..component.clone()
        }),
        Change::IncidentOpened(opened) => Change::IncidentOpened(IncidentOpened {
            title: Text::redacted(),
            impact: opened.impact,
            schedule: opened.schedule,
            kind: opened.kind,
            first: posted(&opened.first),
            source: opened.source.clone(),
        }),
        Change::UpdatePosted(update) => Change::UpdatePosted(posted(update)),
        Change::IncidentEdited(edit) => {
            Change::IncidentEdited(IncidentEdited { title: replaced(edit.title.as_ref()), ..edit.clone() })
        }
        Change::UpdateEdited(edit) => {
            Change::UpdateEdited(UpdateEdited { update: edit.update, at: edit.at, text: Text::redacted() })
        }
        Change::PostmortemPublished(postmortem) => {
            Change::PostmortemPublished(PostmortemPublished { at: postmortem.at, text: Text::redacted() })
        }
        Change::TokenCreated(token) => {
            Change::TokenCreated(TokenCreated { name: REDACTED.to_owned(), ..token.clone() })
        }
        Change::TemplateSet(template) => Change::TemplateSet(TemplateSet {
            title: replaced(template.title.as_ref()),
            text: Text::redacted(),
            ..template.clone()
        }),
        Change::OperatorSet(set) => Change::OperatorSet(OperatorSet { name: REDACTED.to_owned(), ..set.clone() }),
        Change::PasskeyAdded(added) => {
            Change::PasskeyAdded(PasskeyAdded { name: REDACTED.to_owned(), ..added.clone() })
        }
        Change::BreakGlassIssued(issued) => {
            Change::BreakGlassIssued(BreakGlassIssued { label: REDACTED.to_owned(), ..issued.clone() })
        }
        Change::MirrorTaken(taken) => Change::MirrorTaken(MirrorTaken {
            mirror: REDACTED.to_owned(),
            target: REDACTED.to_owned(),
            from: taken.from,
        }),
        Change::RegionRemoved(_)
        | Change::GroupRemoved(_)
        | Change::ComponentRemoved(_)
        | Change::TokenRevoked(_)
        | Change::TemplateRemoved(_)
        | Change::OperatorInvited(_)
        | Change::PasswordSet(_)
        | Change::SessionsEnded(_)
        | Change::SecondFactorSet(_)
        | Change::SecondFactorRemoved(_)
        | Change::RecoverySpent(_)
        | Change::BreakGlassSpent(_)
        | Change::BreakGlassRevoked(_)
        | Change::PasskeyRemoved(_) => change.clone(),
        Change::NodeTrusted(_) | Change::NodeRemoved(_) | Change::Redacted(_) => return None,
    })
}

/// The author of a residue: nobody, by the same way in.
pub fn author(of: &Author) -> Author {
    Author { name: String::new(), way: of.way.clone() }
}

fn posted(update: &UpdatePosted) -> UpdatePosted {
    UpdatePosted {
        text: Text::redacted(),
        root_cause: replaced(update.root_cause.as_ref()),
        scope: update.scope.clone(),
        ..*update
    }
}

fn replaced(text: Option<&Text>) -> Option<Text> {
    text.map(|_| Text::redacted())
}
