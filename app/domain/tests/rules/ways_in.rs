//! Operators whose secrets and way in were decided by regions apart from each other.

use crate::log::{Replica, at};
use domain::{
    board::Board,
    change::*,
    command::{self, Command, operators::Wish},
    fold::ProblemKind,
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
    let spent = RecoverySpent { factor: set_by, number: 3, region: String::new() };
    let spend = |replica: &Replica| {
        let wish = Wish::SpendRecovery { operator: wei().0, spent: spent.clone() };
        command::plan(&Board::of(&replica.events), None, Command::Operator(wish), at("11:00")).is_ok()
    };
    assert!(spend(&one));
    one.write(at("10:02"), wei().1, Change::RecoverySpent(spent.clone()));
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

fn password(secret: u8, invitation: Option<EventId>) -> Change {
    Change::PasswordSet(PasswordSet { sealed_hash: Bytes(vec![secret]), invitation })
}

fn invited(secret: u8) -> Change {
    Change::OperatorInvited(OperatorInvited { sealed_hash: Bytes(vec![secret]), expires_at: at("23:00") })
}

/// What operators are told, the same whichever of the two took the other's events in.
fn alarms(one: &mut Replica, two: &mut Replica) -> Vec<(EventId, String)> {
    one.pull(two);
    two.pull(one);
    let told = |replica: &Replica| {
        let board = Board::of(&replica.events);
        let alarming = board.problems().filter(|problem| problem.kind == ProblemKind::Alarming);
        alarming.map(|problem| (problem.event, problem.reason.clone())).collect::<Vec<_>>()
    };
    assert_eq!(told(one), told(two));
    told(one)
}

#[test]
fn a_recovery_code_that_two_regions_took_is_told_until_there_is_a_new_second_factor() {
    let (mut one, mut two, factor_event) = two();
    let spent = |number, region: &str| {
        Change::RecoverySpent(RecoverySpent { factor: factor_event, number, region: region.into() })
    };
    one.write(at("10:02"), wei().1, spent(3, "ap-guangzhou"));
    let again = two.write(at("10:05"), wei().1, spent(3, "ap-singapore"));
    two.write(at("10:06"), wei().1, spent(4, "ap-singapore"));
    // Of a node that did not note its region.
    two.write(at("10:07"), wei().1, spent(5, ""));
    let told = alarms(&mut one, &mut two);
    assert_eq!(told.iter().map(|(event, _)| *event).collect::<Vec<_>>(), [again], "{told:?}");
    for part in ["recovery code 4 of `wei`", "in ap-singapore at 2024-04-08T02:05:00Z, and in ap-guangzhou at"] {
        assert!(told[0].1.contains(part), "{part}: {}", told[0].1);
    }
    one.write(at("10:10"), wei().1, factor(2));
    assert_eq!(alarms(&mut one, &mut two), []);
}

#[test]
fn a_new_second_factor_that_knew_one_use_alone_ends_no_alarm_and_letting_out_does() {
    let (mut one, mut two, factor_event) = two();
    let spent = || Change::RecoverySpent(RecoverySpent { factor: factor_event, number: 3, region: String::new() });
    one.write(at("10:02"), wei().1, spent());
    one.write(at("10:03"), wei().1, factor(2));
    two.write(at("10:05"), wei().1, spent());
    let told = alarms(&mut one, &mut two);
    assert!(told.len() == 1 && told[0].1.contains("by node"), "{told:?}");
    two.write(at("10:10"), wei().1, set(false));
    assert_eq!(alarms(&mut one, &mut two), []);
}

#[test]
fn an_invitation_that_two_regions_took_an_answer_to_is_told_until_another_password_is_chosen() {
    let (mut one, mut two, _) = two();
    let first = one.write(at("10:02"), wei().1, invited(1));
    one.write(at("10:03"), wei().1, password(1, Some(first)));
    // Invited and answered anew, and changed at will: that is nobody's secret used twice.
    let second = one.write(at("10:04"), wei().1, invited(2));
    two.pull(&one);
    one.write(at("10:05"), wei().1, password(2, Some(second)));
    one.write(at("10:06"), wei().1, password(3, None));
    assert_eq!(alarms(&mut one.clone(), &mut two.clone()), []);
    let again = two.write(at("10:07"), wei().1, password(4, Some(second)));
    let told = alarms(&mut one, &mut two);
    assert_eq!(told.iter().map(|(event, _)| *event).collect::<Vec<_>>(), [again], "{told:?}");
    assert!(told[0].1.contains("an invitation of `wei` was answered by node"), "{}", told[0].1);
    assert!(told[0].1.contains("at 2024-04-08T02:07:00Z, and by node"), "{}", told[0].1);
    two.write(at("10:10"), wei().1, password(5, None));
    assert_eq!(alarms(&mut one, &mut two), []);
}

#[test]
fn a_stolen_password_does_not_outlive_an_invitation_that_its_thief_had_not_heard_of() {
    let (mut one, mut two, _) = two();
    let hired = one.write(at("10:02"), wei().1, invited(1));
    one.write(at("10:03"), wei().1, password(1, Some(hired)));
    two.pull(&one);
    let anew = one.write(at("10:04"), wei().1, invited(2));
    let chosen = one.write(at("10:05"), wei().1, password(2, Some(anew)));
    let thief = two.write(at("10:09"), wei().1, password(66, None));
    one.pull(&two);
    let held = folded(&one);
    assert_eq!(held.password, Some(vec![2]), "whatever the clock says");
    assert!(held.is_current(chosen) && !held.is_current(thief), "and no session of the thief goes on");
    one.write(at("10:10"), wei().1, password(3, None));
    assert_eq!(folded(&one).password, Some(vec![3]), "who knows of all that changes it as ever");
}

#[test]
fn answers_to_invitations_of_two_regions_leave_a_way_in() {
    let (mut one, mut two, _) = two();
    for (replica, clock, secret) in [(&mut one, "10:02", 1), (&mut two, "10:04", 2)] {
        let own = replica.write(at(clock), wei().1, invited(secret));
        replica.write(at(clock), wei().1, password(secret, Some(own)));
    }
    assert_eq!(alarms(&mut one, &mut two), []);
    assert_eq!(folded(&one).password, Some(vec![2]));
}
