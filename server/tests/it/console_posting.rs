//! What is posted is posted once, whatever a browser, a line or two regions make of it.

use crate::{console_app::ConsoleApp, test_app::Reply};
use domain::operator::Role;

/// One signed in at an app with the replay's catalog.
async fn posting() -> (ConsoleApp, String) {
    let app = ConsoleApp::start().await;
    app.operator("wei", Role::Poster).await;
    let cookie = app.sign_in("wei").await;
    (app, cookie)
}

/// The hidden fields that a form of an answer sends along.
fn carried(form: &Reply) -> String {
    let [key, once, seen] = ["form_key", "once", "seen"].map(|name| ConsoleApp::hidden(form, name));
    format!("form_key={key}&once={once}&seen={seen}")
}

#[tokio::test]
async fn a_resend_through_another_region_publishes_once() {
    let (one, cookie) = posting().await;
    let two = ConsoleApp::number(2).await;
    two.pull(&one).await;
    two.advance(60);
    // The answer of the first region is lost, and the second has not heard of anything.
    let send = async |path: &str, form: &str| {
        for app in [&one, &two] {
            let sent = app.post(path, &cookie, &format!("{form}&do=publish")).await;
            assert!(sent.status == 303 && sent.header("location").contains("?saved="), "{}", sent.text());
        }
        one.pull(&two).await;
        two.pull(&one).await;
    };
    let shown = |incident: &str| {
        let id = incident.parse().expect("an id");
        let [first, second] = [&one, &two].map(|app| app.node().board().incident(id).cloned().expect("held"));
        assert_eq!(first, second);
        (first.updates.len(), first.conflict)
    };

    let form = one.get("/admin/incidents/new", &cookie).await;
    let incident = ConsoleApp::hidden(&form, "once");
    let report = "title=Cloud+API+fails&status=investigating&impact=critical&text=We+look&all.cloud-api=major_outage\
                  &next_in=20&recovery_in=60";
    send("/admin/incidents/new", &format!("{}&{report}", carried(&form))).await;
    assert_eq!(shown(&incident), (1, false), "opened");

    let path = format!("/admin/incidents/{incident}");
    let form = one.get(&path, &cookie).await;
    let update = "status=identified&text=We+know&in.cloud-api.ap-nanjing=operational&next_in=20&recovery_in=30";
    send(&format!("{path}/updates"), &format!("{}&{update}", carried(&form))).await;
    assert_eq!(shown(&incident), (2, false), "gone on");
    let (page, once) = (one.get(&format!("/incidents/{incident}"), "").await, ConsoleApp::hidden(&form, "once"));
    assert_eq!(page.text().matches(&format!("id=\"u-{once}\"")).count(), 1);
}
