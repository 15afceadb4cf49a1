//! What the word of a node was worth that was removed: sessions that rest on it end, and what it had ended is told.

use crate::console_app::{ConsoleApp, PASSWORD};
use chrono::TimeDelta;
use domain::{
    change::{Author, Bytes, OperatorSet, PasswordSet, SessionsEnded, TokenCreated},
    command::{Command, operators::Wish},
    fold::ProblemKind,
    id::{OperatorId, TokenId},
    operator::Role,
    trust::Member,
};
use server::access::{break_glass, throttle::ADDRESS_FAILURES_MAX};

fn author() -> Author {
    Author { name: "root".to_owned(), way: "cli".to_owned() }
}

/// Two nodes with one log and an administrator; the second one's clock is a minute ahead.
async fn two() -> (ConsoleApp, ConsoleApp) {
    let (one, two) = (ConsoleApp::start().await, ConsoleApp::number(2).await);
    one.operator("root", Role::Administrator).await;
    one.operator("wei", Role::Administrator).await;
    two.pull(&one).await;
    two.advance(60);
    (one, two)
}

/// Everything that node two has signed in the last half minute counts no more.
async fn remove_second(one: &ConsoleApp, two: &ConsoleApp) {
    let since = two.node().clock().now() - TimeDelta::seconds(30);
    one.advance(120);
    one.node().remove_node(two.node().store().identity().node_key(), Some(since), author()).await.expect("removed");
    two.pull(one).await;
}

async fn password_of_a_thief(app: &ConsoleApp) {
    let hash = app.access.hashing.hash("a password that a thief chose".to_owned()).await.expect("a turn");
    let sealed_hash = Bytes(app.node().store().seal(hash.as_bytes()).expect("randomness"));
    let set = PasswordSet { sealed_hash, invitation: None };
    app.publish(Command::Operator(Wish::SetPassword { operator: OperatorId::of_login("wei"), set })).await;
}

#[tokio::test]
async fn a_session_by_the_word_of_a_removed_node_ends_with_it() {
    let (one, two) = two().await;
    password_of_a_thief(&two).await;
    one.pull(&two).await;
    let form = "login=wei&password=a+password+that+a+thief+chose";
    let stolen = ConsoleApp::cookie(&one.post("/admin/sign-in", "", form).await);
    let honest = one.sign_in("root").await;
    for app in [&one, &two] {
        assert_eq!(app.get("/admin", &stolen).await.status, 200, "it was good once");
    }
    remove_second(&one, &two).await;
    for app in [&one, &two] {
        assert_eq!(app.get("/admin", &stolen).await.status, 303, "the event that it names counts no more");
        assert_eq!(app.get("/admin", &honest).await.status, 200, "others go on");
    }
    assert_eq!(one.post("/admin/sign-in", "", form).await.status, 401);
    let again = format!("login=wei&password={}", PASSWORD.replace(' ', "+"));
    assert_eq!(one.post("/admin/sign-in", "", &again).await.status, 303, "the password before it is good");
}

#[tokio::test]
async fn what_a_removed_node_had_ended_is_an_alarm_until_it_is_done_anew() {
    let (one, two) = two().await;
    let token = TokenId(domain::id::Id::derived(&[b"token"]));
    let created =
        TokenCreated { name: "probes".to_owned(), sealed_hash: vec![1], expires_at: None, role: Some(Role::Poster) };
    one.publish(Command::CreateToken { id: token, created }).await;
    two.pull(&one).await;
    let wei = OperatorId::of_login("wei");
    two.publish(Command::RevokeToken { id: token }).await;
    let ended = SessionsEnded { session: None };
    two.publish(Command::Operator(Wish::EndSessions { operator: OperatorId::of_login("root"), ended })).await;
    // Nobody has to look into this one.
    two.open_incident().await;
    let out =
        |active| OperatorSet { login: "wei".to_owned(), name: "Wei".to_owned(), role: Role::Administrator, active };
    two.publish(Command::Operator(Wish::Set(out(false)))).await;
    one.pull(&two).await;
    assert!(one.node().board().tokens[&token].revoked && !one.node().board().operators[&wei].active);
    remove_second(&one, &two).await;
    let told = || {
        let board = one.node().board();
        let undone = board.problems().filter(|problem| problem.kind == ProblemKind::Undone);
        undone.map(|problem| problem.reason.clone()).collect::<Vec<_>>()
    };
    let (reasons, session) = (told(), one.sign_in("root").await);
    assert_eq!(reasons.len(), 3, "{reasons:?}");
    let page = one.get("/admin/cluster", &session).await;
    for what in [
        "it had revoked the token `probes`, which is good again",
        "it had let `wei` out, who is in again",
        "it had ended sessions of `root`, which may go on again",
    ] {
        assert!(reasons.iter().any(|reason| reason.contains(what)), "{what}: {reasons:?}");
        let alarming = page.text().split("id=\"alarming\"").nth(1).and_then(|rest| rest.split("</section>").next());
        assert!(alarming.is_some_and(|alarming| alarming.contains(what)), "{what}: {}", page.text());
    }
    let held = one.node().board().problems().count() - reasons.len();
    let overview = one.get("/admin", &session).await;
    assert!(overview.text().contains("<a href=\"/admin/cluster\">3 things are to be looked into.</a>"));
    assert_eq!(held, 1);
    let kept = "<a href=\"/admin/cluster\">One event is kept and not shown.</a>";
    assert!(overview.text().contains(kept), "{}", overview.text());
    one.publish(Command::RevokeToken { id: token }).await;
    one.publish(Command::Operator(Wish::Set(out(false)))).await;
    one.publish(Command::Operator(Wish::EndSessions { operator: OperatorId::of_login("root"), ended })).await;
    assert_eq!(told(), Vec::<String>::new(), "done anew");
    let held = one.node().board().problems().filter(|problem| problem.kind == ProblemKind::Held).count();
    assert_eq!(held, 4, "and still named as held");
    let overview = one.get("/admin", &one.sign_in("root").await).await;
    assert!(!overview.text().contains("to be looked into"), "{}", overview.text());
}

#[tokio::test]
async fn what_a_removed_node_did_keeps_its_region_in_the_audit_trail() {
    let (one, elsewhere) = (ConsoleApp::start().await, ConsoleApp::number(5).await);
    one.operator("root", Role::Administrator).await;
    let key = elsewhere.node().store().identity().node_key();
    let member = Member { key, region: "ap-shanghai".to_owned(), ..crate::store::member(5) };
    one.node().trust_nodes(vec![member], author()).await.expect("trusted");
    elsewhere.pull(&one).await;
    elsewhere.advance(60);
    elsewhere.open_incident().await;
    one.pull(&elsewhere).await;
    let cookie = one.sign_in("root").await;
    let regions = async || {
        let trail = one.get("/admin/audit/export?kind=incident_opened&format=json", &cookie).await;
        let trail: serde_json::Value = serde_json::from_str(trail.text()).expect("JSON");
        let found = one.get("/admin/audit?text=ap-shanghai", &cookie).await;
        (trail[0]["region"].as_str().map(str::to_owned), found.text().contains("incident opened"))
    };
    assert_eq!(regions().await, (Some("ap-shanghai".to_owned()), true));
    one.node().remove_node(key, None, author()).await.expect("removed");
    assert_eq!(regions().await, (Some("ap-shanghai".to_owned()), true), "also when it is trusted no more");
}

#[tokio::test]
async fn a_removed_node_says_that_it_saves_nothing_and_not_that_a_code_is_used_up() {
    let (one, two) = two().await;
    let codes = break_glass::issue(one.node(), "safe".to_owned(), 1, author(), None).await.expect("issued").codes;
    two.pull(&one).await;
    let session = one.sign_in("root").await;
    remove_second(&one, &two).await;
    for _ in 0..=ADDRESS_FAILURES_MAX {
        let told = two.post("/admin/break-glass", "", &format!("code={}", codes[0])).await;
        assert_eq!(told.status, 503, "{}", told.text());
        assert!(told.text().contains("cannot save that the code is used"), "{}", told.text());
    }
    assert_eq!(one.post("/admin/break-glass", "", &format!("code={}", codes[0])).await.status, 303, "it is good");

    let key = ConsoleApp::form_key(&two.get("/admin", &session).await);
    let out = two.post("/admin/sign-out", &session, &format!("form_key={key}")).await;
    assert_eq!(out.status, 503);
    assert!(out.text().contains("this region cannot save that"), "{}", out.text());
    assert!(out.text().contains("name=\"password\""), "the sign-in page says so: {}", out.text());
    assert!(out.header("set-cookie").contains("Max-Age=0"), "the browser forgets it in any case");
    assert_eq!(one.get("/admin", &session).await.status, 200, "and it is true: a copy goes on");
}
