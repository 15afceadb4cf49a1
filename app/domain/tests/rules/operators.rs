//! Operators: of what two regions decided apart the more careful stands, and sessions end by events, not by clocks.

use crate::log::*;
use domain::{
    board::Board,
    change::*,
    command::{Command, Refusal, operators::Wish, plan},
    id::*,
    operator::*,
};

const LOGIN: &str = "wei@example.com";

fn wei() -> OperatorId {
    OperatorId::of_login(LOGIN)
}

fn set(role: Role, active: bool) -> Change {
    Change::OperatorSet(OperatorSet { login: LOGIN.to_owned(), name: "Li Wei".to_owned(), role, active })
}

fn password(secret: u8) -> Change {
    Change::PasswordSet(PasswordSet { sealed_hash: Bytes(vec![secret]), invitation: None })
}

fn session(text: &str) -> SessionId {
    text.parse().expect("twelve characters")
}

/// Two regions that both know an administrator with a password.
fn both() -> (Replica, Replica, EventId) {
    let mut east = Replica::new(1);
    let subject = Subject::Operator(wei());
    east.write(at("15:00"), subject, set(Role::Administrator, true));
    let since = east.write(at("15:01"), subject, password(1));
    let west = Replica { node: NodeKey([2; 32]), ..east.clone() };
    (east, west, since)
}

fn of(replica: &Replica) -> Operator {
    let board = Board::of(&replica.events);
    Operator::clone(&board.operators[&wei()])
}

#[test]
fn apart_the_lesser_role_and_out_rather_than_in_stand_until_someone_decides() {
    let (mut east, mut west, _) = both();
    let subject = Subject::Operator(wei());
    east.write(at("15:10"), subject, set(Role::Poster, true));
    west.write(at("15:20"), subject, set(Role::Editor, false));
    east.pull(&west);
    west.pull(&east);
    assert_eq!(of(&east), of(&west));
    let held = of(&east);
    assert_eq!((held.role, held.active, held.password), (Role::Poster, false, None));
    // Whoever has seen both decides, and a new way in is needed.
    west.write(at("15:30"), subject, set(Role::Editor, true));
    let back = of(&west);
    assert_eq!((back.role, back.active, back.password), (Role::Editor, true, None));
}

#[test]
fn a_session_ends_by_what_its_node_had_not_seen_yet_whatever_the_clocks_say() {
    let (mut east, mut west, since) = both();
    let (own, other) = (session("aaaaaaaaaaa1"), session("aaaaaaaaaaa2"));
    assert!(of(&east).keeps(own, since));
    // West's clock is hours behind.
    let renewed = west.write(at("09:00"), Subject::Operator(wei()), password(2));
    assert!(of(&west).keeps(own, renewed) && !of(&west).keeps(own, since));
    assert!(of(&east).keeps(own, renewed), "east has not heard of it, and west has signed the session");
    east.pull(&west);
    assert!(of(&east).keeps(own, renewed) && !of(&east).keeps(own, since));
    let ended = Change::SessionsEnded(SessionsEnded { session: Some(own) });
    east.write(at("15:30"), Subject::Operator(wei()), ended);
    assert!(!of(&east).keeps(own, renewed) && of(&east).keeps(other, renewed));
    let all = east.write(at("15:31"), Subject::Operator(wei()), Change::SessionsEnded(SessionsEnded { session: None }));
    assert!(!of(&east).keeps(other, renewed) && of(&east).keeps(other, all));
}

#[test]
fn an_invitation_is_used_up_by_the_password_and_over_when_its_operator_is_out() {
    let (mut east, _, _) = both();
    let subject = Subject::Operator(wei());
    let invited = OperatorInvited { sealed_hash: Bytes(vec![9]), expires_at: at("23:00") };
    east.write(at("15:10"), subject, Change::OperatorInvited(invited.clone()));
    assert!(of(&east).invitation.is_some() && of(&east).password.is_some(), "the old password works until then");
    east.write(at("15:20"), subject, password(2));
    assert_eq!((of(&east).invitation, of(&east).password), (None, Some(vec![2])));
    east.write(at("15:30"), subject, Change::OperatorInvited(invited));
    east.write(at("15:40"), subject, set(Role::Administrator, false));
    assert_eq!((of(&east).invitation, of(&east).password), (None, None));
}

#[test]
fn an_event_about_somebody_else_is_told_and_changes_nothing() {
    let (mut east, _, _) = both();
    let before = of(&east);
    let eve = OperatorSet { login: "eve".to_owned(), name: "Eve".to_owned(), role: Role::Administrator, active: true };
    east.write(at("15:10"), Subject::Operator(wei()), Change::OperatorSet(eve));
    let board = Board::of(&east.events);
    assert_eq!(*board.operators[&wei()], before);
    assert_eq!(board.problems().count(), 1);
}

#[test]
fn the_last_administrator_stays_one() {
    let (east, _, _) = both();
    let board = Board::of(&east.events);
    let refused = |role, active| {
        let set = OperatorSet { login: LOGIN.to_owned(), name: "Li Wei".to_owned(), role, active };
        let refusals = plan(&board, None, Command::Operator(Wish::Set(set)), at("16:00")).expect_err("refused");
        refusals.into_iter().map(|Refusal { what, .. }| what).collect::<Vec<_>>()
    };
    assert_eq!(refused(Role::Editor, true), ["nobody else is an administrator"]);
    assert_eq!(refused(Role::Administrator, false), ["nobody else is an administrator"]);
    let first =
        OperatorSet { login: "eve".to_owned(), name: "Eve".to_owned(), role: Role::Administrator, active: true };
    let wish = Wish::First { set: first, password: PasswordSet { sealed_hash: Bytes(Vec::new()), invitation: None } };
    let refusals = plan(&board, None, Command::Operator(wish), at("16:00")).expect_err("refused");
    assert!(refusals[0].what.contains("there is an administrator already"));
}

#[test]
fn names_to_sign_in_with_are_plain() {
    for (login, right) in [(LOGIN, true), ("", false), ("Wei", false), ("a b", false), (&"a".repeat(65), false)] {
        assert_eq!(check_login(login).is_ok(), right, "{login}");
    }
}

/// A thief in a region that is cut off changes the password there, with a clock that runs ahead.
#[test]
fn a_way_in_that_was_made_apart_from_being_let_out_does_not_come_back() {
    let (mut east, mut west, _) = both();
    let subject = Subject::Operator(wei());
    east.write(at("15:10"), subject, set(Role::Administrator, false));
    let thiefs = west.write(at("23:00"), subject, password(66));
    let invited = OperatorInvited { sealed_hash: Bytes(vec![9]), expires_at: at("23:30") };
    west.write(at("23:01"), subject, Change::OperatorInvited(invited));
    east.pull(&west);
    east.write(at("15:30"), subject, set(Role::Poster, true));
    let back = of(&east);
    assert_eq!((back.active, back.password.clone(), back.invitation.clone()), (true, None, None));
    assert!(!back.keeps(session("aaaaaaaaaaa1"), thiefs));
    east.write(at("15:40"), subject, password(3));
    assert_eq!(of(&east).password, Some(vec![3]));
}

#[test]
fn a_passkey_ends_with_the_password_that_an_invitation_asked_for_and_not_with_an_ordinary_one() {
    let (mut east, _, _) = both();
    let subject = Subject::Operator(wei());
    let added = |number: u8| {
        Change::PasskeyAdded(PasskeyAdded {
            name: "phone".to_owned(),
            credential_hash: Bytes(vec![number]),
            sealed_passkey: Bytes(vec![number]),
        })
    };
    east.write(at("15:10"), subject, added(1));
    east.write(at("15:11"), subject, password(2));
    assert_eq!(of(&east).passkeys.len(), 1);
    let invited = OperatorInvited { sealed_hash: Bytes(vec![9]), expires_at: at("23:00") };
    east.write(at("15:20"), subject, Change::OperatorInvited(invited));
    assert_eq!(of(&east).passkeys.len(), 1, "until it is used");
    east.write(at("15:30"), subject, password(3));
    assert_eq!(of(&east).passkeys.len(), 0);
    east.write(at("15:40"), subject, added(2));
    east.write(at("15:50"), subject, password(4));
    assert_eq!(of(&east).passkeys.len(), 1);

    // An invitation that nobody needed, and another password at will: that one answers nothing.
    let needless = OperatorInvited { sealed_hash: Bytes(vec![8]), expires_at: at("23:00") };
    east.write(at("16:00"), subject, Change::OperatorInvited(needless));
    let set = PasswordSet { sealed_hash: Bytes(vec![5]), invitation: None };
    let wish = Wish::SetPassword { operator: wei(), set };
    let planned = plan(&Board::of(&east.events), None, Command::Operator(wish), at("16:10")).expect("planned");
    for (subject, change) in planned {
        east.write(at("16:10"), subject, change);
    }
    let held = of(&east);
    assert_eq!((held.passkeys.len(), held.password, held.invitation), (1, Some(vec![5]), None));
}

#[test]
fn an_invitation_is_accepted_once() {
    let (mut east, _, _) = both();
    let subject = Subject::Operator(wei());
    let invited = OperatorInvited { sealed_hash: Bytes(vec![9]), expires_at: at("23:00") };
    east.write(at("15:10"), subject, Change::OperatorInvited(invited));
    let accept = |replica: &Replica, now| {
        let set = PasswordSet { sealed_hash: Bytes(vec![7]), invitation: None };
        let wish = Wish::AcceptInvitation { operator: wei(), invitation: vec![9], set };
        plan(&Board::of(&replica.events), None, Command::Operator(wish), at(now))
    };
    assert!(accept(&east, "23:00").is_err(), "it is over");
    assert!(accept(&east, "15:20").is_ok());
    east.write(at("15:20"), subject, password(7));
    assert_eq!(accept(&east, "15:21").expect_err("used up")[0].what, "this link is used up, or is over");
}
