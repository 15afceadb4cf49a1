//! One operator from their events. Where two regions decided apart from each other, the more careful decision stands:
//! the lesser role, out rather than in, and a second factor rather than none.

use super::{Problem, ancestry::Ancestry};
use crate::{change::*, id::*, operator::*};
use std::collections::BTreeSet;

pub(super) fn fold(id: OperatorId, events: &[Event]) -> (Option<Operator>, Vec<Problem>) {
    let ancestry = Ancestry::new(events);
    let mut problems = Vec::new();
    let mut sets: Vec<(usize, &OperatorSet)> = Vec::new();
    let mut passwords: Vec<(usize, Option<&PasswordSet>)> = Vec::new();
    let mut ways_in: Vec<(usize, Option<&OperatorInvited>)> = Vec::new();
    let mut factors: Vec<(usize, Option<&SecondFactorSet>)> = Vec::new();
    let mut passkeys: Vec<(usize, &PasskeyAdded)> = Vec::new();
    let mut passkeys_removed: BTreeSet<EventId> = BTreeSet::new();
    let mut spent: BTreeSet<(EventId, u16)> = BTreeSet::new();
    let mut sessions_since = Vec::new();
    let mut sessions_ended = BTreeSet::new();
    for (at, event) in ancestry.events.iter().enumerate() {
        match &event.change {
            Change::OperatorSet(set) if OperatorId::of_login(&set.login) != id => {
                problems.push(Problem::unfit(event.id, "it is about another operator than its subject says"));
            }
            Change::OperatorSet(set) => {
                sets.push((at, set));
                if !set.active {
                    sessions_since.push((at, event.id));
                    // Whoever comes back gets a new way in.
                    passwords.push((at, None));
                    ways_in.push((at, None));
                    factors.push((at, None));
                }
            }
            Change::OperatorInvited(invited) => ways_in.push((at, Some(invited))),
            Change::PasswordSet(password) => {
                passwords.push((at, Some(password)));
                ways_in.push((at, None));
                sessions_since.push((at, event.id));
            }
            Change::SecondFactorSet(set) => factors.push((at, Some(set))),
            Change::SecondFactorRemoved(_) => factors.push((at, None)),
            Change::PasskeyAdded(added) => passkeys.push((at, added)),
            Change::PasskeyRemoved(removed) => {
                passkeys_removed.insert(removed.passkey);
            }
            Change::RecoverySpent(code) => {
                spent.insert((code.factor, code.number));
            }
            Change::SessionsEnded(SessionsEnded { session: Some(session) }) => {
                sessions_ended.insert(*session);
            }
            Change::SessionsEnded(SessionsEnded { session: None }) => sessions_since.push((at, event.id)),
            Change::Redacted(_) => {}
            other => {
                let reason = format!("a {} cannot be about an operator", other.name());
                problems.push(Problem::unfit(event.id, reason));
            }
        }
    }
    let standing = ancestry.standing(&sets);
    let Some(newest) = ancestry.newest(&sets) else {
        let reason = "the event that names this operator is not here";
        problems.extend(ancestry.events.iter().map(|event| Problem::unfit(event.id, reason)));
        return (None, problems);
    };
    let knows = |at: usize, earlier: usize| earlier < at && ancestry.has_seen(at, earlier);
    // What was set before an operator was let out, or by somebody who did not know of that, does not come back: a thief in
    // a region that is cut off cannot keep a way in.
    let outs: Vec<usize> = sets.iter().filter(|(_, set)| !set.active).map(|(at, _)| *at).collect();
    let knows_of_outs = |at: usize| outs.contains(&at) || outs.iter().all(|out| knows(at, *out));
    passwords.retain(|(at, _)| knows_of_outs(*at));
    factors.retain(|(at, _)| knows_of_outs(*at));
    // A password that an invitation asked for: whoever had a way in before it has none any more.
    let invitations: Vec<usize> = ways_in.iter().filter(|(_, invited)| invited.is_some()).map(|(at, _)| *at).collect();
    let chosen: Vec<usize> = passwords.iter().filter(|(_, set)| set.is_some()).map(|(at, _)| *at).collect();
    let accepts = |at: usize| {
        let answered = |invitation: usize| chosen.iter().any(|other| knows(at, *other) && knows(*other, invitation));
        invitations.iter().any(|invitation| knows(at, *invitation) && !answered(*invitation))
    };
    let accepted: Vec<usize> = chosen.iter().copied().filter(|at| accepts(*at)).collect();
    ways_in.retain(|(at, _)| knows_of_outs(*at));
    // The newest last, as the ancestry sees it.
    let known: Vec<(usize, EventId)> = sessions_since.iter().copied().filter(|(at, _)| knows_of_outs(*at)).collect();
    if let Some(last) = ancestry.newest(&known) {
        sessions_since.retain(|(_, event)| *event != last);
        sessions_since.push((0, last));
    }
    let active = standing.iter().all(|(_, set)| set.active);
    let is_good = |at: usize| {
        let is_removed = passkeys_removed.contains(&ancestry.events[at].id);
        active && !is_removed && outs.iter().chain(&accepted).all(|earlier| knows(at, *earlier))
    };
    let passkeys = passkeys.into_iter().filter(|(at, _)| is_good(*at)).map(|(at, added)| {
        let event = ancestry.events[at];
        let passkey = Passkey {
            name: added.name.clone(),
            added_at: event.written_at(),
            credential_hash: added.credential_hash.0.clone(),
            sealed_passkey: added.sealed_passkey.0.clone(),
        };
        (event.id, passkey)
    });
    let operator = Operator {
        id,
        login: newest.login.clone(),
        name: newest.name.clone(),
        role: standing.iter().map(|(_, set)| set.role).min().unwrap_or(newest.role),
        active,
        created_at: sets.iter().map(|(at, _)| ancestry.events[*at].written_at()).min().unwrap_or_default(),
        invitation: ancestry
            .newest(&ways_in)
            .flatten()
            .filter(|_| active)
            .map(|invited| Invitation { sealed_hash: invited.sealed_hash.0.clone(), expires_at: invited.expires_at }),
        password: ancestry.newest(&passwords).flatten().filter(|_| active).map(|set| set.sealed_hash.0.clone()),
        passkeys: passkeys.collect(),
        second_factor: second_factor(&ancestry, &factors, &spent).filter(|_| active),
        sessions_since: sessions_since.into_iter().map(|(_, event)| event).collect(),
        sessions_ended,
    };
    (Some(operator), problems)
}

/// Of those set apart from each other the newest stands, and so does one that was set apart from a removal.
fn second_factor(
    ancestry: &Ancestry,
    factors: &[(usize, Option<&SecondFactorSet>)],
    spent: &BTreeSet<(EventId, u16)>,
) -> Option<SecondFactor> {
    let standing = ancestry.standing(factors);
    let set: Vec<_> = standing.into_iter().filter_map(|(at, set)| Some((at, (at, set?)))).collect();
    let (at, set) = ancestry.newest(&set)?;
    let event = ancestry.events[at];
    Some(SecondFactor {
        set_by: event.id,
        set_at: event.written_at(),
        sealed_seed: set.sealed_seed.0.clone(),
        sealed_recovery: set.sealed_recovery.0.clone(),
        spent: spent.iter().filter(|(factor, _)| *factor == event.id).map(|(_, number)| *number).collect(),
    })
}
