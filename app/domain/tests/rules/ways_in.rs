//! Operators whose secrets and way in were decided by regions apart from each other.

use crate::log::{Replica, at};
use domain::{
    board::Board,
    change::*,
    command::{self, Command, operators::Wish},
    id::*,
    operator::{Operator, Role},
};

fn wei() -> (OperatorId, Subject) {
    let id = OperatorId::of_login("wei");
    (id, Subject::Operator(id))
}

fn set(active: bool) -> Change {
    Change::OperatorSet(OperatorSet { login: "wei".into(), name: "Wei".into(), role: Role::Poster, active })
}

fn factor(seed: u8) -> Change {
    Change::SecondFactorSet(SecondFactorSet { sealed_seed: Bytes(vec![seed]), sealed_recovery: Bytes(vec![seed]) })
}

fn folded(replica: &Replica) -> Operator {
    Operator::clone(Board::of(&replica.events).operators.get(&wei().0).expect("an operator"))
}

fn seed(operator: &Operator) -> Option<u8> {
    operator.second_factor.as_ref().map(|factor| factor.sealed_seed[0])
}

/// Two regions that know an operator with a second factor, whose seed is 1.
fn two() -> (Replica, Replica, EventId) {
    let (mut one, mut two) = (Replica::new(1), Replica::new(2));
    one.write(at("10:00"), wei().1, set(true));
    let event = one.write(at("10:01"), wei().1, factor(1));
    two.pull(&one);
    (one, two, event)
}

#[test]
fn a_second_factor_stands_against_a_removal_that_had_not_seen_it() {
    let (mut one, mut two, _) = two();
    one.write(at("10:02"), wei().1, factor(2));
    two.write(at("10:03"), wei().1, Change::SecondFactorRemoved(Removed {}));
    assert_eq!(seed(&folded(&two)), None);
    one.pull(&two);
    assert_eq!(seed(&folded(&one)), Some(2));
    one.write(at("10:04"), wei().1, Change::SecondFactorRemoved(Removed {}));
    assert_eq!(seed(&folded(&one)), None, "a removal that has seen both");
}

#[test]
fn whoever_is_out_comes_back_without_the_old_second_factor() {
    let (mut one, _, _) = two();
    one.write(at("10:02"), wei().1, set(false));
    assert_eq!(seed(&folded(&one)), None);
    one.write(at("10:03"), wei().1, set(true));
    assert_eq!(seed(&folded(&one)), None);
}

#[test]
fn a_recovery_code_is_spent_once_and_counts_for_its_own_second_factor_alone() {
    let (mut one, mut two, set_by) = two();
    let spent = RecoverySpent { factor: set_by, number: 3 };
    let spend = |replica: &Replica| {
        let wish = Wish::SpendRecovery { operator: wei().0, spent };
        command::plan(&Board::of(&replica.events), None, Command::Operator(wish), at("11:00")).is_ok()
    };
    assert!(spend(&one));
    one.write(at("10:02"), wei().1, Change::RecoverySpent(spent));
    assert!(!spend(&one));
    assert!(spend(&two), "it has not heard of that yet");
    two.pull(&one);
    assert!(!spend(&two));
    let held = folded(&two).second_factor.expect("a second factor");
    assert_eq!(held.spent.into_iter().collect::<Vec<_>>(), [3]);
    two.write(at("10:03"), wei().1, factor(2));
    assert!(folded(&two).second_factor.expect("another").spent.is_empty());
    assert!(!spend(&two), "it belongs to the one before");
}
