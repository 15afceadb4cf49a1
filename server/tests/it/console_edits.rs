//! Changing what stands in the console: shown before it is published, a maintenance's times too, and each says where it
//! is saved.

use crate::{board_builder::april, console_app::ConsoleApp, test_app::Reply};
use domain::{
    change::Schedule,
    command::Command,
    id::IncidentId,
    incident::Incident,
    operator::Role,
    status::{Impact, Status},
};

async fn editor() -> (ConsoleApp, String) {
    let app = ConsoleApp::start().await;
    app.operator("wei", Role::Editor).await;
    let cookie = app.sign_in("wei").await;
    (app, cookie)
}

/// A form as a browser sends it: what it carries, what is typed, and the button.
async fn send(app: &ConsoleApp, cookie: &str, path: &str, of: &Reply, typed: &[(&str, &str)]) -> Reply {
    let mut form = form_urlencoded::Serializer::new(String::new());
    for name in ["form_key", "seen"] {
        form.append_pair(name, &ConsoleApp::hidden(of, name));
    }
    app.post(path, cookie, &form.extend_pairs(typed).finish()).await
}

fn held(app: &ConsoleApp, id: IncidentId) -> Incident {
    app.node().board().incident(id).map(|held| held.as_ref().clone()).expect("held")
}

fn schedule(from: &str, until: &str) -> Schedule {
    let at = |time: &str| format!("2024-04-09T{time}:00+08:00").parse().expect("a time");
    Schedule { from: at(from), until: at(until) }
}

/// What the next page says of what was just published.
async fn says_saved(app: &ConsoleApp, cookie: &str, published: &Reply) {
    assert_eq!(published.status, 303, "{}", published.text());
    let page = app.get(published.header("location"), cookie).await;
    assert!(page.text().contains("Published and saved."), "{}", published.header("location"));
}

#[tokio::test]
async fn a_maintenance_is_planned_anew_after_what_will_change_was_shown() {
    let (app, cookie) = editor().await;
    let form = app.get("/admin/maintenances/new", &cookie).await;
    let once = ConsoleApp::hidden(&form, "once");
    let planned = [
        ("once", once.as_str()),
        ("title", "Upgrade"),
        ("status", "scheduled"),
        ("text", "We upgrade"),
        ("from", "2024-04-09T02:00"),
        ("until", "2024-04-09T04:00"),
        ("do", "publish"),
    ];
    says_saved(&app, &cookie, &send(&app, &cookie, "/admin/maintenances/new", &form, &planned).await).await;
    let id: IncidentId = once.parse().expect("an id");
    assert_eq!(held(&app, id).schedule, Some(schedule("02:00", "04:00")));

    let path = format!("/admin/maintenances/{id}/edit");
    let form = app.get(&path, &cookie).await;
    for filled in ["value=\"2024-04-09T02:00\"", "value=\"2024-04-09T04:00\"", "Change title, impact or times"] {
        assert!(form.text().contains(filled), "{filled}: {}", form.text());
    }
    let typed = |until: &'static str, wanted: &'static str| {
        [("title", "Upgrade"), ("impact", "none"), ("from", "2024-04-09T02:00"), ("until", until), ("do", wanted)]
    };
    let before = app.node().board().version.total();
    for (until, refusal) in [
        ("soon", "`soon` is no time in Asia/Shanghai"),
        ("", "is missing"),
        ("2024-04-09T01:00", "is not after the begin"),
        ("2024-04-09T04:00", "this changes nothing"),
    ] {
        for wanted in ["review", "publish"] {
            let refused = send(&app, &cookie, &path, &form, &typed(until, wanted)).await;
            assert_eq!(refused.status, 422, "{until}");
            let said = refused.text().replace(['“', '”'], "`");
            assert!(said.contains(refusal), "{refusal}: {said}");
            assert!(refused.text().contains(&format!("value=\"{until}\"")), "kept: {}", refused.text());
        }
    }
    let review = send(&app, &cookie, &path, &form, &typed("2024-04-09T05:30", "review")).await;
    assert_eq!(review.status, 200, "{}", review.text());
    for shown in ["Ends (Asia/Shanghai)", "04:00 UTC+8 → ", "05:30 UTC+8</dd>", "The first sentence stays"] {
        assert!(review.text().contains(shown), "{shown}: {}", review.text());
    }
    assert!(!review.text().contains("Begins (Asia/Shanghai)"), "what stays is not listed: {}", review.text());
    let again = send(&app, &cookie, &path, &review, &typed("2024-04-09T05:30", "edit")).await;
    assert!(again.text().contains("value=\"2024-04-09T05:30\""), "back to the form: {}", again.text());
    assert_eq!(app.node().board().version.total(), before, "nothing is written before it is published");
    assert_eq!(ConsoleApp::hidden(&review, "until"), "2024-04-09T05:30", "the review carries it");
    let published = send(&app, &cookie, &path, &review, &typed("2024-04-09T05:30", "publish")).await;
    says_saved(&app, &cookie, &published).await;
    assert_eq!(held(&app, id).schedule, Some(schedule("02:00", "05:30")));
}

#[tokio::test]
async fn who_plans_a_maintenance_anew_sees_that_somebody_else_did() {
    let (app, cookie) = editor().await;
    let id = app.plan_maintenance().await;
    let path = format!("/admin/maintenances/{id}/edit");
    let form = app.get(&path, &cookie).await;
    let edit = domain::change::IncidentEdited { schedule: Some(schedule("03:00", "06:00")), ..Default::default() };
    app.publish(Command::EditIncident { incident: id, edit }).await;
    let typed = [("title", "Mine"), ("impact", "minor"), ("from", "2024-04-09T01:00"), ("until", "2024-04-09T02:00")];
    let late = send(&app, &cookie, &path, &form, &[&typed[..], &[("do", "publish")]].concat()).await;
    assert_eq!(late.status, 409);
    for shown in ["Begins (Asia/Shanghai)", "06:00 UTC+8</dd>", "value=\"2024-04-09T01:00\"", "value=\"Mine\""] {
        assert!(late.text().contains(shown), "{shown}: {}", late.text());
    }
    assert_eq!(held(&app, id).schedule, Some(schedule("03:00", "06:00")), "not written over");
}

#[tokio::test]
async fn every_change_of_what_was_posted_says_where_it_is_saved() {
    let (app, cookie) = editor().await;
    let incident = app.open_incident().await;
    let path = format!("/admin/incidents/{incident}");
    let edit = format!("{path}/edit");
    let form = app.get(&edit, &cookie).await;
    let typed = |wanted: &'static str| [("title", "Everything is down"), ("impact", "minor"), ("do", wanted)];
    let before = held(&app, incident);
    let review = send(&app, &cookie, &edit, &form, &typed("review")).await;
    assert_eq!(review.status, 200, "{}", review.text());
    for shown in [" → Everything is down</dd>", "critical impact → minor impact", "The first sentence stays"] {
        assert!(review.text().to_lowercase().contains(&shown.to_lowercase()), "{shown}: {}", review.text());
    }
    assert_eq!(held(&app, incident), before, "a review writes nothing");
    says_saved(&app, &cookie, &send(&app, &cookie, &edit, &review, &typed("publish")).await).await;
    let now = held(&app, incident);
    assert_eq!((now.title.default.as_str(), now.impact), ("Everything is down", Impact::Minor));

    let update = format!("{path}/updates/{}", now.updates[0].id);
    let form = app.get(&update, &cookie).await;
    let published = send(&app, &cookie, &update, &form, &[("text", "Reworded"), ("do", "publish")]).await;
    says_saved(&app, &cookie, &published).await;

    let resolved =
        domain::change::UpdatePosted { at: april("16:50"), ..crate::store::post(0, Status::Resolved, "Over") };
    app.clock.set(april("16:50"));
    app.publish(Command::Post { incident, update: resolved }).await;
    let postmortem = format!("{path}/postmortem");
    let form = app.get(&postmortem, &cookie).await;
    let published = send(&app, &cookie, &postmortem, &form, &[("text", "# Why"), ("do", "publish")]).await;
    says_saved(&app, &cookie, &published).await;

    // An event that is not of this timeline is not told of.
    let foreign = published.header("location").split("saved=").nth(1).expect("an event").to_owned();
    let other = app.get(&format!("{path}?saved={}", "00".repeat(32)), &cookie).await;
    assert!(!other.text().contains("id=\"saved\""));
    let maintenance = app.plan_maintenance().await;
    let other = app.get(&format!("/admin/maintenances/{maintenance}?saved={foreign}"), &cookie).await;
    assert_eq!((other.status.as_u16(), other.text().contains("id=\"saved\"")), (200, false));
}
