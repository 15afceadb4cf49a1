//! One operator from their events. Where two regions decided apart from each other, the more careful decision stands:
//! the lesser role, out rather than in, and a second factor rather than none.

use super::{Problem, ProblemKind, ancestry::Ancestry};
use crate::{change::*, id::*, operator::*};
use std::collections::{BTreeMap, BTreeSet};

/// Who used each recovery code of each second factor, in causal order.
type Spent<'a> = BTreeMap<(EventId, u16), Vec<(usize, &'a RecoverySpent)>>;

pub(super) fn fold(id: OperatorId, events: &[Event]) -> (Option<Operator>, Vec<Problem>) {
    let ancestry = Ancestry::new(events);
    let mut problems = Vec::new();
    let mut sets: Vec<(usize, &OperatorSet)> = Vec::new();
    let mut passwords: Vec<(usize, Option<&PasswordSet>)> = Vec::new();
    let mut ways_in: Vec<(usize, Option<(EventId, &OperatorInvited)>)> = Vec::new();
    let mut factors: Vec<(usize, Option<&SecondFactorSet>)> = Vec::new();
    let mut passkeys: Vec<(usize, &PasskeyAdded)> = Vec::new();
    let mut passkeys_removed: BTreeSet<EventId> = BTreeSet::new();
    let mut spent: Spent = BTreeMap::new();
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
            Change::OperatorInvited(invited) => ways_in.push((at, Some((event.id, invited)))),
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
                spent.entry((code.factor, code.number)).or_default().push((at, code));
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
    let chosen: Vec<(usize, &PasswordSet)> = passwords.iter().filter_map(|(at, set)| Some((*at, (*set)?))).collect();
    let named = |at: usize, set: &PasswordSet| {
        let is_named = |invitation: &usize| set.invitation == Some(ancestry.events[*invitation].id);
        invitations.iter().copied().find(|invitation| is_named(invitation) && knows(at, *invitation))
    };
    // Those of before passwords named their invitation: the newest that was known and not answered.
    let answers = |at: usize, set: &PasswordSet| {
        let answered = |invitation: usize| chosen.iter().any(|(by, _)| knows(at, *by) && knows(*by, invitation));
        let open = |invitation: &usize| knows(at, *invitation) && !answered(*invitation);
        match set.invitation == Some(PasswordSet::AT_WILL) {
            true => None,
            false => named(at, set).or_else(|| invitations.iter().copied().rfind(open)),
        }
    };
    let accepted: Vec<(usize, usize)> = chosen.iter().filter_map(|(at, set)| Some((*at, answers(*at, set)?))).collect();
    // So also whoever knew the old password and chose another in a region that had not heard of the invitation. Of two
    // that answer invitations of regions that were apart neither overrules the other.
    let overruled_by = |at: usize, set: &PasswordSet, (other, invitation): (usize, usize)| {
        let is_apart = named(at, set).is_some_and(|own| !knows(other, own));
        other != at && !knows(at, invitation) && !is_apart
    };
    let is_overruled = |at: usize, set: &PasswordSet| accepted.iter().any(|one| overruled_by(at, set, *one));
    let overruled: BTreeSet<usize> =
        chosen.iter().filter(|(at, set)| is_overruled(*at, set)).map(|(at, _)| *at).collect();
    let answered: Vec<(usize, usize)> = chosen.iter().filter_map(|(at, set)| Some((named(*at, set)?, *at))).collect();
    problems.extend(answered_twice(&ancestry, &newest.login, &answered, &chosen, &outs));
    passwords.retain(|(at, _)| !overruled.contains(at));
    ways_in.retain(|(at, _)| knows_of_outs(*at));
    problems.extend(used_twice(&ancestry, &newest.login, &spent, &factors));
    // The newest last, as the ancestry sees it.
    let known: Vec<(usize, EventId)> =
        sessions_since.iter().copied().filter(|(at, _)| knows_of_outs(*at) && !overruled.contains(at)).collect();
    if let Some(last) = ancestry.newest(&known) {
        sessions_since.retain(|(_, event)| *event != last);
        sessions_since.push((0, last));
    }
    let active = standing.iter().all(|(_, set)| set.active);
    let is_good = |at: usize| {
        let is_removed = passkeys_removed.contains(&ancestry.events[at].id);
        active && !is_removed && outs.iter().chain(accepted.iter().map(|(by, _)| by)).all(|earlier| knows(at, *earlier))
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
        invitation: ancestry.newest(&ways_in).flatten().filter(|_| active).map(|(event, invited)| Invitation {
            event,
            sealed_hash: invited.sealed_hash.0.clone(),
            expires_at: invited.expires_at,
        }),
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
    spent: &Spent,
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
        spent: spent.keys().filter(|(factor, _)| *factor == event.id).map(|(_, number)| *number).collect(),
    })
}

/// Every use of a recovery code after its first one, until a second factor was made, or taken away, by somebody who knew
/// of both.
fn used_twice(
    ancestry: &Ancestry,
    login: &str,
    spent: &Spent,
    factors: &[(usize, Option<&SecondFactorSet>)],
) -> Vec<Problem> {
    let ends: Vec<usize> = factors.iter().map(|(at, _)| *at).collect();
    let mut problems = Vec::new();
    for ((_, number), uses) in spent {
        let Some(((first, by), again)) = uses.split_first() else { continue };
        let again = again.iter().filter(|(at, _)| !is_settled(ancestry, &ends, *first, *at));
        problems.extend(again.map(|(at, code)| {
            let (again, before) = (place(ancestry, *at, &code.region), place(ancestry, *first, &by.region));
            let reason = format!(
                "recovery code {} of `{login}` was used {again}, and {before} before: regions that were apart both took \
                 it; ask them, and let them make a new second factor",
                u32::from(*number) + 1
            );
            Problem { event: ancestry.events[*at].id, reason, kind: ProblemKind::Alarming }
        }));
    }
    problems
}

/// Every password after the first that answers one invitation, until a password was set, or the operator let out, by
/// somebody who knew of both. `answered` has the invitation of each.
fn answered_twice(
    ancestry: &Ancestry,
    login: &str,
    answered: &[(usize, usize)],
    chosen: &[(usize, &PasswordSet)],
    outs: &[usize],
) -> Vec<Problem> {
    let ends: Vec<usize> = chosen.iter().map(|(at, _)| *at).chain(outs.iter().copied()).collect();
    let first_of = |invitation: usize| answered.iter().find(|(of, _)| *of == invitation).map(|(_, at)| *at);
    let again = answered.iter().filter_map(|(invitation, at)| Some((first_of(*invitation)?, *at)));
    let again = again.filter(|(first, at)| first != at && !is_settled(ancestry, &ends, *first, *at));
    let problem = |(first, at): (usize, usize)| Problem {
        event: ancestry.events[at].id,
        reason: format!(
            "an invitation of `{login}` was answered {}, and {} before: regions that were apart both took it; ask them, \
             and let them choose another password",
            place(ancestry, at, ""),
            place(ancestry, first, "")
        ),
        kind: ProblemKind::Alarming,
    };
    again.map(problem).collect()
}

/// Whether somebody who knew of both has decided anew.
fn is_settled(ancestry: &Ancestry, ends: &[usize], one: usize, other: usize) -> bool {
    let knows = |end: usize, at: usize| at < end && ancestry.has_seen(end, at);
    ends.iter().any(|end| knows(*end, one) && knows(*end, other))
}

fn place(ancestry: &Ancestry, at: usize, region: &str) -> String {
    let event = ancestry.events[at];
    let place = if region.is_empty() { format!("by node {}", event.node) } else { format!("in {region}") };
    format!("{place} at {}", event.written_at().format("%Y-%m-%dT%H:%M:%SZ"))
}
