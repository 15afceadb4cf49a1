//! What is promised in the console, and conflicts that are shown and settled there.

use crate::{
    board_builder::{april, update},
    console_app::ConsoleApp,
    test_app::Reply,
};
use chrono::TimeDelta;
use domain::{
    change::UpdatePosted, command::Command, id::IncidentId, incident::Incident, operator::Role, status::Status,
};

/// Posts an update through the console, as a browser sends it.
async fn post(app: &ConsoleApp, cookie: &str, incident: IncidentId, typed: &[(&str, &str)]) -> Reply {
    let path = format!("/admin/incidents/{incident}");
    let page = app.get(&path, cookie).await;
    let mut form = form_urlencoded::Serializer::new(String::new());
    for name in ["form_key", "once", "seen"] {
        form.append_pair(name, &ConsoleApp::hidden(&page, name));
    }
    app.post(&format!("{path}/updates"), cookie, &form.extend_pairs(typed).finish()).await
}

fn held(app: &ConsoleApp, id: IncidentId) -> Incident {
    app.node().board().incident(id).map(|held| held.as_ref().clone()).expect("held")
}

#[tokio::test]
async fn a_recovery_is_expected_in_minutes_or_by_a_time_and_then_no_more() {
    let app = ConsoleApp::start().await;
    app.operator("wei", Role::Poster).await;
    let cookie = app.sign_in("wei").await;
    let id = app.open_incident().await;
    let now = app.node().clock().now();
    let public = async || app.get(&format!("/incidents/{id}"), "").await;
    let in_minutes = [("text", "We roll back"), ("recovery_in", "45"), ("do", "publish")];
    let posted = post(&app, &cookie, id, &in_minutes).await;
    assert_eq!(posted.status, 303, "{}", posted.text());
    assert_eq!(held(&app, id).expected_recovery_at, Some(now + TimeDelta::minutes(45)));
    assert!(public().await.text().contains("16:08 UTC+8"), "{}", public().await.text());

    app.advance(60);
    let by_time = [("text", "Later"), ("recovery_in", "45"), ("recovery_at", "2024-04-08T17:30"), ("do", "publish")];
    let review = post(&app, &cookie, id, &[&by_time[..3], &[("do", "review")]].concat()).await;
    assert!(review.text().contains("17:30 UTC+8"), "the review tells it: {}", review.text());
    assert_eq!(post(&app, &cookie, id, &by_time).await.status, 303);
    assert_eq!(held(&app, id).expected_recovery_at, Some(april("17:30")), "the exact time goes before the minutes");
    assert!(public().await.text().contains("17:30 UTC+8"));

    app.advance(60);
    let past = [("text", "Sooner"), ("recovery_at", "2024-04-08T15:00"), ("do", "publish")];
    let refused = post(&app, &cookie, id, &past).await;
    assert_eq!(refused.status, 422, "{}", refused.text());
    assert!(refused.text().contains("id=\"recovery_at-wrong\"") && refused.text().contains("2024-04-08T15:00"));
    let unchanged = [("text", "A word"), ("do", "publish")];
    assert_eq!(post(&app, &cookie, id, &unchanged).await.status, 303);
    assert_eq!(held(&app, id).expected_recovery_at, Some(april("17:30")), "it stays");

    app.advance(60);
    let withdrawn = [("text", "We cannot say"), ("recovery_in", "withdrawn"), ("do", "publish")];
    assert_eq!(post(&app, &cookie, id, &withdrawn).await.status, 303);
    assert_eq!(held(&app, id).expected_recovery_at, None);
}

/// Two regions that hold the incident, and post about it while they cannot hear each other.
async fn apart(west_says: Status) -> (ConsoleApp, String, IncidentId) {
    let (east, west) = (ConsoleApp::start().await, ConsoleApp::number(2).await);
    east.operator("wei", Role::Editor).await;
    let id = east.open_incident().await;
    west.pull(&east).await;
    for (app, status) in [(&east, Status::Resolved), (&west, west_says)] {
        app.advance(60);
        let posted = update(app.node().clock().now(), Some(status), "What we see here");
        app.publish(Command::Post { incident: id, update: posted }).await;
    }
    east.pull(&west).await;
    let cookie = east.sign_in("wei").await;
    (east, cookie, id)
}

const WAITS: &str = "Two regions posted apart from each other. Open it to decide.";
const ASKED: &str = "The next update that you post decides.";

#[tokio::test]
async fn a_conflict_is_shown_in_the_console_and_settled_by_the_next_update() {
    let (app, cookie, id) = apart(Status::Identified).await;
    assert!(held(&app, id).conflict);
    let overview = app.get("/admin", &cookie).await;
    assert!(overview.text().contains(WAITS), "{}", overview.text());
    let path = format!("/admin/incidents/{id}");
    let page = app.get(&path, &cookie).await;
    assert!(page.text().contains(ASKED), "{}", page.text());
    assert_eq!(page.text().matches("What we see here</p>").count(), 2, "both accounts: {}", page.text());
    app.advance(60);
    let settled = post(&app, &cookie, id, &[("status", "identified"), ("text", "Not yet"), ("do", "publish")]).await;
    assert_eq!(settled.status, 303, "{}", settled.text());
    assert!(!held(&app, id).conflict);
    for path in ["/admin", path.as_str()] {
        let page = app.get(path, &cookie).await;
        assert!(!page.text().contains(WAITS) && !page.text().contains(ASKED), "{path}: {}", page.text());
    }
}

#[tokio::test]
async fn what_ended_in_two_ways_is_named_until_it_is_settled() {
    let (east, west) = (ConsoleApp::start().await, ConsoleApp::number(2).await);
    east.operator("wei", Role::Editor).await;
    let id = east.open_incident().await;
    west.pull(&east).await;
    for (app, impact) in [(&east, domain::status::Impact::Minor), (&west, domain::status::Impact::Major)] {
        app.advance(60);
        let end = update(app.node().clock().now(), Some(Status::Resolved), "Over");
        let end = UpdatePosted { impact: Some(impact), ..end };
        app.publish(Command::Post { incident: id, update: end }).await;
    }
    east.pull(&west).await;
    let cookie = east.sign_in("wei").await;
    let unsettled = async || {
        let page = east.get("/admin", &cookie).await;
        let section =
            page.text().split("<section id=\"unsettled\"").nth(1).and_then(|rest| rest.split("</section>").next());
        section.map(str::to_owned)
    };
    assert!(held(&east, id).status.is_ended() && held(&east, id).conflict);
    let told = unsettled().await.expect("told");
    assert!(told.contains(&format!("/admin/incidents/{id}")) && told.contains(WAITS), "{told}");
    let edit = format!("/admin/incidents/{id}/edit");
    let form = east.get(&edit, &cookie).await;
    let mut sent = form_urlencoded::Serializer::new(String::new());
    for name in ["form_key", "seen"] {
        sent.append_pair(name, &ConsoleApp::hidden(&form, name));
    }
    let typed = [("title", "It was minor"), ("impact", "minor"), ("do", "publish")];
    assert_eq!(east.post(&edit, &cookie, &sent.extend_pairs(typed).finish()).await.status, 303);
    assert_eq!((held(&east, id).conflict, unsettled().await), (false, None));
}
