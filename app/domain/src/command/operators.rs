//! Who may work in the console, checked against the operators that there are.

use super::{At, Planned, Reason, Refusal, reason::of_name};
use crate::{
    Instant,
    board::Board,
    change::*,
    id::*,
    operator::{Operator, Role, check_login},
};

/// Operators at most.
pub const OPERATORS_MAX: usize = 1000;

/// Passkeys of one operator at most.
pub const PASSKEYS_MAX: usize = 10;

/// What is wanted of an operator.
#[derive(Clone, Debug, PartialEq)]
pub enum Wish {
    /// A new one, who is invited to choose a password.
    Add {
        set: OperatorSet,
        invited: OperatorInvited,
    },
    /// Another name or role for one that there is, or back in.
    Set(OperatorSet),
    /// A new invitation: for one who has lost the password.
    Invite {
        operator: OperatorId,
        invited: OperatorInvited,
    },
    SetPassword {
        operator: OperatorId,
        set: PasswordSet,
    },
    /// The password that an invitation asks for; `invitation` is what the log keeps of its secret.
    AcceptInvitation {
        operator: OperatorId,
        invitation: Vec<u8>,
        set: PasswordSet,
    },
    /// The first administrator, by the link that the first start prints.
    First {
        set: OperatorSet,
        password: PasswordSet,
    },
    EndSessions {
        operator: OperatorId,
        ended: SessionsEnded,
    },
    SetSecondFactor {
        operator: OperatorId,
        set: SecondFactorSet,
    },
    RemoveSecondFactor {
        operator: OperatorId,
    },
    AddPasskey {
        operator: OperatorId,
        added: PasskeyAdded,
    },
    RemovePasskey {
        operator: OperatorId,
        passkey: EventId,
    },
    SpendRecovery {
        operator: OperatorId,
        spent: RecoverySpent,
    },
}

/// The changes to write; what is wrong is added to `refusals`.
pub(super) fn plan(board: &Board, wish: Wish, now: Instant, refusals: &mut Vec<Refusal>) -> Vec<Planned> {
    match wish {
        Wish::Add { set, invited } => {
            named(&set, refusals);
            let id = OperatorId::of_login(&set.login);
            if board.operators.contains_key(&id) {
                refusals.push(Reason::LoginTaken { login: set.login.clone() }.at("login"));
            }
            if board.operators.len() >= OPERATORS_MAX {
                refusals.push(Reason::OperatorsFull { max: OPERATORS_MAX }.at(""));
            }
            invitation(&invited, now, refusals);
            let subject = Subject::Operator(id);
            vec![(subject, Change::OperatorSet(set)), (subject, Change::OperatorInvited(invited))]
        }
        Wish::First { set, password } => {
            named(&set, refusals);
            if board.operators.values().any(|operator| operator.is_administrator()) {
                refusals.push(Reason::AdministratorThere.at(""));
            }
            let subject = Subject::Operator(OperatorId::of_login(&set.login));
            let set = OperatorSet { role: Role::Administrator, active: true, ..set };
            vec![(subject, Change::OperatorSet(set)), (subject, Change::PasswordSet(password))]
        }
        Wish::Set(set) => {
            named(&set, refusals);
            let id = OperatorId::of_login(&set.login);
            if let Some(held) = known(board, id, refusals) {
                if (&held.name, held.role, held.active) == (&set.name, set.role, set.active) {
                    refusals.push(Reason::OperatorChangesNothing.at(""));
                }
                let stays = set.active && set.role == Role::Administrator;
                let others = board.operators.values().filter(|other| other.id != id && other.is_administrator());
                if held.is_administrator() && !stays && others.count() == 0 {
                    refusals.push(Reason::LastAdministrator.at("role"));
                }
            }
            vec![(Subject::Operator(id), Change::OperatorSet(set))]
        }
        Wish::Invite { operator, invited } => {
            active(board, operator, refusals);
            invitation(&invited, now, refusals);
            vec![(Subject::Operator(operator), Change::OperatorInvited(invited))]
        }
        Wish::SetPassword { operator, set } => {
            active(board, operator, refusals);
            let set = PasswordSet { invitation: Some(PasswordSet::AT_WILL), ..set };
            vec![(Subject::Operator(operator), Change::PasswordSet(set))]
        }
        Wish::AcceptInvitation { operator, invitation, set } => {
            // Asked again when it is this write's turn: of two who use one link at once, one is late.
            let held = board.operators.get(&operator).and_then(|held| held.invitation.as_ref());
            if held.is_none_or(|held| held.sealed_hash != invitation || held.expires_at <= now) {
                refusals.push(Reason::LinkOver.at(""));
            }
            let set = PasswordSet { invitation: held.map(|held| held.event), ..set };
            vec![(Subject::Operator(operator), Change::PasswordSet(set))]
        }
        Wish::EndSessions { operator, ended } => {
            known(board, operator, refusals);
            vec![(Subject::Operator(operator), Change::SessionsEnded(ended))]
        }
        Wish::SetSecondFactor { operator, set } => {
            active(board, operator, refusals);
            vec![(Subject::Operator(operator), Change::SecondFactorSet(set))]
        }
        Wish::RemoveSecondFactor { operator } => {
            if known(board, operator, refusals).is_some_and(|held| held.second_factor.is_none()) {
                refusals.push(Reason::NoSecondFactor.at("operator"));
            }
            vec![(Subject::Operator(operator), Change::SecondFactorRemoved(Removed {}))]
        }
        Wish::AddPasskey { operator, added } => {
            active(board, operator, refusals);
            refusals.extend(of_name("passkey-name", &added.name, "the device that it is on"));
            let held = board.operators.get(&operator).map_or(0, |held| held.passkeys.len());
            if held >= PASSKEYS_MAX {
                refusals.push(Reason::PasskeysFull { max: PASSKEYS_MAX }.at(""));
            }
            let mut all = board.operators.values().flat_map(|operator| operator.passkeys.values());
            if all.any(|passkey| passkey.credential_hash == added.credential_hash.0) {
                refusals.push(Reason::PasskeyKnown.at(""));
            }
            vec![(Subject::Operator(operator), Change::PasskeyAdded(added))]
        }
        Wish::RemovePasskey { operator, passkey } => {
            if known(board, operator, refusals).is_some_and(|held| !held.passkeys.contains_key(&passkey)) {
                refusals.push(Reason::PasskeyUnknown.at("passkey"));
            }
            vec![(Subject::Operator(operator), Change::PasskeyRemoved(PasskeyRemoved { passkey }))]
        }
        Wish::SpendRecovery { operator, spent } => {
            let held = known(board, operator, refusals).and_then(|operator| operator.second_factor.as_ref());
            let is_unspent =
                held.is_some_and(|factor| factor.set_by == spent.factor && !factor.spent.contains(&spent.number));
            if !is_unspent {
                refusals.push(Reason::RecoveryUsed.at("code"));
            }
            vec![(Subject::Operator(operator), Change::RecoverySpent(spent))]
        }
    }
}

impl Operator {
    /// Who is one and can sign in, or will once a password is chosen.
    pub fn is_administrator(&self) -> bool {
        self.active && self.role == Role::Administrator
    }
}

fn named(set: &OperatorSet, refusals: &mut Vec<Refusal>) {
    if let Err(error) = check_login(&set.login) {
        refusals.push(Reason::from(error).at("login"));
    }
    refusals.extend(of_name("name", &set.name, "what the audit trail is to call them"));
}

fn invitation(invited: &OperatorInvited, now: Instant, refusals: &mut Vec<Refusal>) {
    if invited.expires_at <= now {
        refusals.push(Reason::EndIsPast { at: At(invited.expires_at) }.at("expires_at"));
    }
}

fn known<'b>(board: &'b Board, id: OperatorId, refusals: &mut Vec<Refusal>) -> Option<&'b Operator> {
    let found = board.operators.get(&id);
    if found.is_none() {
        refusals.push(Reason::OperatorUnknown { id: id.to_string() }.at("operator"));
    }
    found.map(|operator| operator.as_ref())
}

fn active(board: &Board, id: OperatorId, refusals: &mut Vec<Refusal>) {
    if known(board, id, refusals).is_some_and(|operator| !operator.active) {
        refusals.push(Reason::OperatorOut.at("operator"));
    }
}
