//! What a removed node had ended for somebody, and what is good again because its word does not count any more. The event
//! stays held; operators are told as of an alarm, until it is done anew.

use super::{body, fault::Fault, read::Reader};
use domain::{
    change::{Change, SessionsEnded},
    fold::{Folded, Problem, ProblemKind},
    id::EventId,
    operator::Operator,
    trust::Held,
};

impl Reader {
    /// Makes an alarm of each held event whose end of something is missing from `folded`.
    pub(super) fn tell_undone(&self, folded: &Folded, problems: &mut [Problem]) -> Result<(), Fault> {
        for problem in problems.iter_mut().filter(|problem| problem.kind == ProblemKind::Held) {
            let header = self.header(problem.event)?;
            if self.trust.held(&header.node, header.hlc) != Some(Held::Removed) {
                continue;
            }
            let body = self.body(problem.event)?;
            let read = body.and_then(|body| body::decode(header.kind, &body).ok().flatten());
            let Some((_, change)) = read else { continue };
            if let Some(what) = self.undone(problem.event, &change, folded)? {
                problem.kind = ProblemKind::Undone;
                problem.reason = format!("{}: {what}; do it anew if it was right", problem.reason);
            }
        }
        Ok(())
    }

    /// What is good again.
    fn undone(&self, event: EventId, change: &Change, folded: &Folded) -> Result<Option<String>, Fault> {
        let what = match (change, folded) {
            (Change::TokenRevoked(_), Folded::Token(_, Some(token))) if !token.revoked => {
                format!("it had revoked the token `{}`, which is good again", token.name)
            }
            (Change::NodeRemoved(removed), _) if self.trust.is_trusted(&removed.key) => {
                format!("it had removed node {}, which is trusted again", removed.key)
            }
            (change, Folded::Operator(_, Some(operator))) => return self.undone_of(event, change, operator),
            (Change::BreakGlassRevoked(_), Folded::BreakGlass(_, Some(batch))) if !batch.revoked => {
                format!("it had revoked the break-glass codes `{}`, which are good again", batch.label)
            }
            (Change::BreakGlassSpent(code), Folded::BreakGlass(_, Some(batch))) if batch.is_good(code.number) => {
                format!("the break-glass code `{}` was used, and is good again", batch.name(code.number))
            }
            (Change::SessionsEnded(SessionsEnded { session: Some(session) }), Folded::BreakGlass(_, Some(batch)))
                if batch.keeps(*session) =>
            {
                format!("it had ended a session of the break-glass codes `{}`, which goes on again", batch.label)
            }
            _ => return Ok(None),
        };
        Ok(Some(what))
    }

    fn undone_of(&self, event: EventId, change: &Change, operator: &Operator) -> Result<Option<String>, Fault> {
        let login = &operator.login;
        let what = match change {
            Change::OperatorSet(set) if !set.active && operator.active => {
                format!("it had let `{login}` out, who is in again")
            }
            Change::SessionsEnded(_) if operator.active && !self.ended_since(event, operator)? => {
                format!("it had ended sessions of `{login}`, which may go on again")
            }
            Change::PasskeyRemoved(removed) if operator.passkeys.contains_key(&removed.passkey) => {
                format!("it had removed a passkey of `{login}`, which is good again")
            }
            Change::RecoverySpent(code) => match &operator.second_factor {
                Some(factor) if factor.set_by == code.factor && !factor.spent.contains(&code.number) => {
                    let number = u32::from(code.number) + 1;
                    format!("recovery code {number} of `{login}` was used, and is good again")
                }
                _ => return Ok(None),
            },
            _ => return Ok(None),
        };
        Ok(Some(what))
    }

    /// Whether all sessions of an operator were ended after an event.
    fn ended_since(&self, event: EventId, operator: &Operator) -> Result<bool, Fault> {
        let Some(newest) = operator.sessions_since.last() else { return Ok(false) };
        Ok(self.header(*newest)?.hlc > self.header(event)?.hlc)
    }
}
