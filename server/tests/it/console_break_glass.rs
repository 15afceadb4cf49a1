//! Break-glass codes: from the command's answer to a post, spent everywhere, and what is told when two regions that were
//! apart took the same one.

use crate::{console_app::ConsoleApp, process, test_app::Reply};
use domain::{
    change::Author,
    command::{Command, break_glass::Wish},
    fold::ProblemKind,
};
use server::access::break_glass;

const PATH: &str = "/admin/break-glass";

fn author() -> Author {
    Author { name: "root".to_owned(), way: "cli".to_owned() }
}

async fn issued(app: &ConsoleApp, count: u16) -> break_glass::Issued {
    break_glass::issue(app.node(), "safe in Shenzhen".to_owned(), count, author(), None).await.expect("issued")
}

async fn take(app: &ConsoleApp, code: &str) -> Reply {
    app.post(PATH, "", &format!("code={code}")).await
}

#[tokio::test]
async fn a_code_begins_one_session_that_posts_under_its_own_name() {
    let app = ConsoleApp::start().await;
    let codes = issued(&app, 3).await.codes;
    assert_eq!(codes.len(), 3);
    assert!(app.get("/admin/sign-in", "").await.text().contains("href=\"/admin/break-glass\""));
    assert_eq!(app.get(PATH, "").await.status, 200);
    let typed = codes[1].to_lowercase().replace('-', "+");
    let begun = take(&app, &typed).await;
    assert_eq!((begun.status.as_u16(), begun.header("location")), (303, "/admin"), "{}", begun.text());
    let cookie = ConsoleApp::cookie(&begun);
    let home = app.get("/admin", &cookie).await;
    assert!(home.text().contains("safe in Shenzhen, code 2 (poster)"), "{}", home.text());
    assert_eq!(take(&app, &codes[1]).await.status, 401, "it is used up");

    let incident = app.open_incident().await;
    let path = format!("/admin/incidents/{incident}");
    let form = app.get(&path, &cookie).await;
    let [key, once, seen] = ["form_key", "once", "seen"].map(|name| ConsoleApp::hidden(&form, name));
    let update = format!("form_key={key}&once={once}&seen={seen}&status=identified&text=We+know&do=publish");
    let posted = app.post(&format!("{path}/updates"), &cookie, &update).await;
    assert_eq!(posted.status, 303, "{}", posted.text());
    let audit = app.get("/admin/audit", &cookie).await;
    assert!(audit.text().contains("break-glass") && audit.text().contains("safe in Shenzhen, code 2"));

    assert_eq!(app.get("/admin/account", &cookie).await.status, 403, "it has no account");
    assert_eq!(app.get("/admin/operators", &cookie).await.status, 403);
    assert_eq!(app.get("/admin/catalog", &cookie).await.status, 403);
    let out = app.post("/admin/sign-out", &cookie, &format!("form_key={key}")).await;
    assert_eq!(out.status, 303);
    assert_eq!(app.get("/admin", &cookie).await.status, 303, "also by a kept cookie");

    let next = ConsoleApp::cookie(&take(&app, &codes[0]).await);
    app.advance(2 * 3600 - 1);
    assert_eq!(app.get("/admin", &next).await.status, 200);
    app.advance(1);
    assert_eq!(app.get("/admin", &next).await.status, 303, "two hours are over");
}

#[tokio::test]
async fn a_slip_of_the_hand_is_told_apart_and_a_guess_has_to_wait_without_locking_others_out() {
    let app = ConsoleApp::start().await;
    let codes = issued(&app, 1).await.codes;
    let mut slip: Vec<char> = codes[0].chars().collect();
    slip[0] = if slip[0] == 'A' { 'B' } else { 'A' };
    let slip: String = slip.into_iter().collect();
    for _ in 0..40 {
        let told = take(&app, &slip).await;
        assert_eq!((told.status.as_u16(), told.text().contains("compare it with the paper")), (422, true));
        assert!(told.text().contains(&format!("value=\"{slip}\"")), "it is corrected where it stands");
    }
    let other = issued(&ConsoleApp::number(2).await, 1).await.codes.remove(0);
    let mut statuses = Vec::new();
    for _ in 0..31 {
        statuses.push(take(&app, &other).await.status.as_u16());
    }
    assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 30);
    assert_eq!(statuses.last(), Some(&429));
    let elsewhere = app.access.break_glass(Some([192, 0, 2, 9].into()), &codes[0]).await;
    assert!(elsewhere.is_ok(), "another address is not asked to wait: {elsewhere:?}");
}

#[tokio::test]
async fn two_regions_that_were_apart_both_take_a_code_and_both_report_it() {
    let (one, two) = (ConsoleApp::start().await, ConsoleApp::number(2).await);
    let codes = issued(&one, 2).await.codes;
    two.pull(&one).await;
    let first = ConsoleApp::cookie(&take(&one, &codes[0]).await);
    two.advance(60);
    let second = ConsoleApp::cookie(&take(&two, &codes[0]).await);
    assert_eq!(
        one.get("/admin", &second).await.status,
        200,
        "a session of another region goes on here before its event"
    );
    assert_eq!(one.node().board().problems().count(), 0);
    one.pull(&two).await;
    two.pull(&one).await;
    for app in [&one, &two] {
        let board = app.node().board();
        let told: Vec<_> = board.problems().collect();
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].kind, ProblemKind::Alarming);
        for part in ["safe in Shenzhen, code 1", "2024-04-08T07:24:00Z", "2024-04-08T07:23:00Z before"] {
            assert!(told[0].reason.contains(part), "{part}: {}", told[0].reason);
        }
        let page = app.get("/admin/cluster", &first).await;
        assert!(page.text().contains("regions that were apart both took it"), "{}", page.text());
        assert_eq!(app.get("/admin", &second).await.status, 200, "both go on");
        assert_eq!(take(app, &codes[0]).await.status, 401, "spent everywhere");
    }
    let batch = *one.node().board().break_glass.keys().next().expect("a batch");
    one.publish(Command::BreakGlass(Wish::Revoke { batch })).await;
    assert_eq!(one.get("/admin", &first).await.status, 303, "revoked with every session");
    assert_eq!(take(&one, &codes[1]).await.status, 401);
    assert_eq!(two.get("/admin", &second).await.status, 200, "not heard of yet");
    two.pull(&one).await;
    assert_eq!(two.get("/admin", &second).await.status, 303);
    for app in [&one, &two] {
        assert_eq!(app.node().board().problems().count(), 0, "nothing is left to be done");
    }
}

#[test]
fn codes_are_issued_listed_and_revoked_by_commands() {
    let directory = process::prepared();
    let said = |arguments: &[&str]| process::said(directory.path(), arguments);
    assert_eq!(said(&["breakglass", "list"]).trim(), "There is none.");
    let printed = said(&["breakglass", "issue", "--count", "2", "--label", "safe in Shenzhen"]);
    let codes: Vec<&str> = printed.lines().filter(|line| line.matches('-').count() == 4).collect();
    assert_eq!(codes.len(), 2, "{printed}");
    assert!(codes[0].starts_with("    1  ") && codes[1].starts_with("    2  "), "{printed}");
    let list = said(&["breakglass", "list"]);
    assert!(list.contains("2 of 2 left") && list.contains("safe in Shenzhen"), "{list}");
    for code in &codes {
        assert!(!list.contains(&code[7..]), "no code is shown again");
    }
    let batch = list.split_whitespace().next().expect("an id");
    assert!(said(&["breakglass", "revoke", batch]).contains("The codes are revoked."));
    assert!(said(&["breakglass", "list"]).contains("revoked  0 of 2 left"));
    let (code, error) = process::refused(directory.path(), &["breakglass", "issue", "--count", "101"]);
    assert!(code == 1 && error.contains("1 to 100 codes"), "{error}");
}
