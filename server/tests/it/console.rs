//! The console over a real listener: the first administrator, an incident from report to publication, and who may not.

use crate::console_app::{ConsoleApp, PASSWORD};
use crate::test_app::Reply;
use domain::command::Command;

#[tokio::test]
async fn the_first_link_makes_an_administrator_once() {
    let app = ConsoleApp::start().await;
    let link = app.access.first.make().expect("randomness");
    let form = app.get(&link, "").await;
    assert_eq!(form.status, 200);
    let key = link.split_once("key=").expect("a key").1;
    let first = |password: &str| {
        format!("key={key}&login=Wei%40Example.com&name=Li+Wei&password={}", password.replace(' ', "+"))
    };
    let short = app.post("/admin/first", "", &first("short")).await;
    assert_eq!((short.status.as_u16(), short.text().contains("is too short")), (422, true));
    assert!(short.text().contains("value=\"wei@example.com\""), "what was typed is kept");
    let made = app.post("/admin/first", "", &first(PASSWORD)).await;
    assert_eq!((made.status.as_u16(), made.header("location")), (303, "/admin"));
    let cookie = ConsoleApp::cookie(&made);
    assert_eq!(app.get("/admin", &cookie).await.status, 200);
    assert_eq!(app.post("/admin/first", "", &first(PASSWORD)).await.status, 403, "used up");
    let again = app.access.first.make().expect("randomness");
    let key = again.split_once("key=").expect("a key").1;
    let other =
        app.post("/admin/first", "", &format!("key={key}&login=eve&name=Eve&password=another+long+password")).await;
    assert_eq!((other.status.as_u16(), other.text().contains("there is an administrator already")), (422, true));
}

#[tokio::test]
async fn signing_in_says_nothing_of_what_was_wrong_and_ends_everywhere() {
    let app = ConsoleApp::start().await;
    app.operator("wei", domain::operator::Role::Poster).await;
    let wrong = app.post("/admin/sign-in", "", "login=wei&password=not+the+password").await;
    let nobody = app.post("/admin/sign-in", "", "login=nobody&password=not+the+password").await;
    assert_eq!((wrong.status, nobody.status), (nobody.status, wrong.status));
    assert_eq!(wrong.status, 401);
    assert_eq!(wrong.text().replace("value=\"wei\"", ""), nobody.text().replace("value=\"nobody\"", ""));
    let cookie = app.sign_in("wei").await;
    let home = app.get("/admin", &cookie).await;
    assert_eq!((home.status.as_u16(), home.header("cache-control")), (200, "no-store"));
    let form_key = ConsoleApp::form_key(&home);
    let out = app.post("/admin/sign-out", &cookie, &format!("form_key={form_key}")).await;
    assert_eq!(out.header("location"), "/admin/sign-in");
    let after = app.get("/admin", &cookie).await;
    assert_eq!(
        (after.status.as_u16(), after.header("location")),
        (303, "/admin/sign-in?next=%2Fadmin"),
        "also by a kept cookie"
    );
}

#[tokio::test]
async fn an_incident_is_reported_reviewed_and_published_once() {
    let app = ConsoleApp::start().await;
    app.operator("wei", domain::operator::Role::Poster).await;
    let cookie = app.sign_in("wei").await;
    let form = app.get("/admin/incidents/new", &cookie).await;
    let (form_key, once) = (ConsoleApp::form_key(&form), ConsoleApp::hidden(&form, "once"));
    let draft = format!(
        "form_key={form_key}&once={once}&seen=&title=Cloud+API+fails&status=investigating&impact=critical\
         &text=We+**look**+into+it&all.cloud-api=major_outage&in.cloud-api.ap-nanjing=degraded_performance&next_in=20"
    );
    let nothing = app.node().board().version.total();
    let review = app.post("/admin/incidents/new", &cookie, &format!("{draft}&do=review")).await;
    assert_eq!(review.status, 200);
    for shown in ["It will say", "Cloud API", "<strong>look</strong>", "degraded", "major outage"] {
        assert!(review.text().contains(shown), "{shown}: {}", review.text());
    }
    assert_eq!(app.node().board().version.total(), nothing, "a review writes nothing");

    let published = app.post("/admin/incidents/new", &cookie, &format!("{draft}&do=publish")).await;
    assert_eq!(published.status, 303, "{}", published.text());
    assert!(published.header("location").starts_with(&format!("/admin/incidents/{once}?saved=")));
    let again = app.post("/admin/incidents/new", &cookie, &format!("{draft}&do=publish")).await;
    assert_eq!((again.status.as_u16(), again.header("location")), (303, published.header("location")));
    assert_eq!(app.node().board().version.total(), nothing + 1, "a double click publishes once");

    // A browser that had kept the form, and another incident typed over it.
    let other = draft.replace("Cloud+API+fails", "Storage+fails").replace("We+**look**+into+it", "Another+one");
    let kept = app.post("/admin/incidents/new", &cookie, &format!("{other}&do=publish")).await;
    assert_eq!(kept.status, 409, "it is not dropped without a word");
    for part in ["value=\"Storage fails\"", "Another one", "is published already, and this is another text"] {
        assert!(kept.text().contains(part), "{part}: {}", kept.text());
    }
    assert_eq!(app.node().board().version.total(), nothing + 1, "nor published unseen");
    let fresh = ConsoleApp::hidden(&kept, "once");
    assert_ne!(fresh, once);
    let other = other.replace(&format!("once={once}"), &format!("once={fresh}"));
    let second = app.post("/admin/incidents/new", &cookie, &format!("{other}&do=publish")).await;
    assert!(second.header("location").starts_with(&format!("/admin/incidents/{fresh}?saved=")), "{}", second.text());
    let page = app.get(published.header("location"), &cookie).await;
    assert!(page.text().contains("Published and saved."), "{}", page.text());
    let public = app.get(&format!("/incidents/{once}"), "").await;
    assert!(public.text().contains("<strong>look</strong>"));
}

#[tokio::test]
async fn a_form_that_somebody_has_overtaken_keeps_what_was_typed() {
    let app = ConsoleApp::start().await;
    app.operator("wei", domain::operator::Role::Poster).await;
    let cookie = app.sign_in("wei").await;
    let incident = app.open_incident().await;
    let path = format!("/admin/incidents/{incident}");
    let form = app.get(&path, &cookie).await;
    let fields = |form: &Reply, text: &str| {
        let [key, once, seen] = ["form_key", "once", "seen"].map(|name| ConsoleApp::hidden(form, name));
        format!("form_key={key}&once={once}&seen={seen}&status=identified&text={text}")
    };
    app.post_update(incident, "Posted by somebody else").await;
    let late =
        app.post(&format!("{path}/updates"), &cookie, &format!("{}&do=publish", fields(&form, "Mine+too"))).await;
    assert_eq!(late.status, 409);
    assert!(late.text().contains("somebody posted while you were writing"));
    assert!(late.text().contains("Mine too") && late.text().contains("Posted by somebody else"));
    let published =
        app.post(&format!("{path}/updates"), &cookie, &format!("{}&do=publish", fields(&late, "Mine+too"))).await;
    assert_eq!(published.status, 303, "after it was seen: {}", published.text());
    let recovered = app.get(&path, &cookie).await;
    let one = app
        .post(
            &format!("{path}/updates"),
            &cookie,
            &format!("{}&do=recover.region.ap-shanghai", fields(&recovered, "Back")),
        )
        .await;
    assert_eq!(one.status, 200);
    let cell = one.text().split("name=\"in.cloud-api.ap-shanghai\"").nth(1).expect("the cell's choice");
    let chosen = cell.split("</select>").next().expect("its options");
    assert!(chosen.contains("value=\"operational\" selected"), "one press takes the cell in: {chosen}");
}

#[tokio::test]
async fn who_was_overtaken_sees_what_changed_since() {
    let app = ConsoleApp::start().await;
    app.operator("wei", domain::operator::Role::Editor).await;
    let cookie = app.sign_in("wei").await;
    let incident = app.open_incident().await;
    let path = format!("/admin/incidents/{incident}");
    let form = app.get(&path, &cookie).await;
    assert!(!form.text().contains("id=\"overtaken\""), "nothing has changed yet");
    let update = app.node().board().incident(incident).and_then(|held| held.newest()).expect("an update").id;
    let edit_path = format!("{path}/updates/{update}");
    let edit_form = app.get(&edit_path, &cookie).await;

    // One more word, another status and impact, one cell back, and the first text reworded.
    let held = app.node().board().incident(incident).cloned().expect("held");
    let (cell, _) = held.affected().next().expect("an affected cell");
    let posted = domain::change::UpdatePosted {
        at: app.node().clock().now(),
        impact: Some(domain::status::Impact::Minor),
        scope: vec![domain::change::ScopeChange { cell, status: domain::status::ComponentStatus::Operational }],
        ..crate::store::post(0, domain::status::Status::Identified, "Found **by another**")
    };
    app.publish(Command::Post { incident, update: posted }).await;
    app.publish(Command::EditUpdate { incident, update, text: "Reworded by another".into() }).await;

    let [key, once, seen] = ["form_key", "once", "seen"].map(|name| ConsoleApp::hidden(&form, name));
    let typed = format!("form_key={key}&once={once}&seen={seen}&status=monitoring&text=What+I+typed&do=publish");
    let late = app.post(&format!("{path}/updates"), &cookie, &typed).await;
    assert_eq!(late.status, 409);
    let since = section(&late, "overtaken");
    for told in [
        "investigating → identified",
        "critical impact → minor impact",
        "Found <strong>by another</strong>",
        "Reworded by another",
        "→ operating",
    ] {
        assert!(since.to_lowercase().contains(&told.to_lowercase()), "{told}: {since}");
    }
    assert!(late.text().contains("What I typed"), "kept");
    let [key, seen] = ["form_key", "seen"].map(|name| ConsoleApp::hidden(&edit_form, name));
    let late = app.post(&edit_path, &cookie, &format!("form_key={key}&seen={seen}&text=Mine&do=publish")).await;
    assert_eq!(late.status, 409);
    assert!(section(&late, "overtaken").contains("Reworded by another"), "also where a text is rewritten");

    // Of a form that this node cannot place, only that it was overtaken.
    let unknown = format!("form_key={key}&once={once}&seen={}&text=x&do=publish", "00".repeat(32));
    let late = app.post(&format!("{path}/updates"), &cookie, &unknown).await;
    assert_eq!((late.status.as_u16(), late.text().contains("id=\"overtaken\"")), (409, false));
}

/// The part of a page with this id, up to the end of its section.
fn section(page: &Reply, id: &str) -> String {
    let text = page.text();
    let begun = text.split(&format!("<section id=\"{id}\"")).nth(1).unwrap_or_else(|| panic!("no {id}: {text}"));
    begun.split("</section>").next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_preview_is_what_readers_will_see_and_writes_nothing() {
    let app = ConsoleApp::start().await;
    app.operator("wei", domain::operator::Role::Poster).await;
    let cookie = app.sign_in("wei").await;
    let incident = app.open_incident().await;
    let path = format!("/admin/incidents/{incident}");
    let form = app.get(&path, &cookie).await;
    let [key, once, seen] = ["form_key", "once", "seen"].map(|name| ConsoleApp::hidden(&form, name));
    let draft = format!(
        "form_key={key}&once={once}&seen={seen}&status=identified&text=A+**cause**+%3Cb%3Efound%3C%2Fb%3E&next_in=20"
    );
    let before = app.node().board().version.total();
    let preview = app.post(&format!("{path}/updates"), &cookie, &format!("{draft}&do=preview")).await;
    assert_eq!((preview.status.as_u16(), preview.header("cache-control")), (200, "no-store"));
    let shown = preview.text();
    assert!(shown.starts_with("<ol class=\"timeline\">"), "a fragment: {shown}");
    assert!(!shown.contains("<b>found"), "sanitised as on the page: {shown}");
    assert_eq!(app.node().board().version.total(), before, "nothing is written");

    // What readers get is, letter for letter, what was shown.
    let published = app.post(&format!("{path}/updates"), &cookie, &format!("{draft}&do=publish")).await;
    assert_eq!(published.status, 303, "{}", published.text());
    let prose = |html: &str| html.split("<div class=\"prose\">").nth(1)?.split("</div>").next().map(str::to_owned);
    let shown = prose(shown).expect("a text");
    assert!(shown.contains("<strong>cause</strong>"), "{shown}");
    assert!(app.get(&format!("/incidents/{incident}"), "").await.text().contains(&shown), "{shown}");

    // A new report that would be refused as it stands (no title yet) is shown as far as it is written.
    let form = app.get("/admin/incidents/new", &cookie).await;
    let [key, once] = ["form_key", "once"].map(|name| ConsoleApp::hidden(&form, name));
    let begun = format!("form_key={key}&once={once}&seen=&text=Half+a+*sentence*&next_at=nonsense&do=preview");
    let preview = app.post("/admin/incidents/new", &cookie, &begun).await;
    assert_eq!(preview.status, 200);
    assert!(preview.text().contains("Half a <em>sentence</em>"), "{}", preview.text());
    let foreign = [("cookie", cookie.as_str()), ("origin", "https://evil.example")];
    assert_eq!(app.send("POST", "/admin/incidents/new", &foreign, &begun).await.status, 403);
}

#[tokio::test]
async fn what_has_ended_is_listed_page_by_page() {
    let app = ConsoleApp::start().await;
    app.operator("wei", domain::operator::Role::Editor).await;
    let cookie = app.sign_in("wei").await;
    let open = app.open_incident().await;
    let none = app.get("/admin/past", &cookie).await;
    assert!(none.text().contains("Nothing has ended yet") && !none.text().contains(&open.to_string()));
    app.advance(3600);
    for number in 1..=35 {
        let (subject, change) = crate::store::opening(number, i64::from(number) * 60, "It failed");
        let (domain::id::Subject::Incident(id), domain::change::Change::IncidentOpened(opened)) = (subject, change)
        else {
            panic!("no opening");
        };
        app.publish(Command::Open { id, opened }).await;
        let end = crate::store::post(i64::from(number) * 60 + 30, domain::status::Status::Resolved, "It is over");
        app.publish(Command::Post { incident: id, update: end }).await;
    }
    let path = |number: u8| format!("/admin/incidents/{}", crate::store::incident_id(number));
    let first = app.get("/admin/past?kind=incident", &cookie).await;
    assert_eq!(first.text().matches("<h2>").count(), 30);
    assert!(
        first.text().contains(&path(35))
            && !first.text().contains(&path(5))
            && !first.text().contains(&open.to_string())
    );
    let older =
        first.text().split("rel=\"next\"").next().and_then(|before| before.rsplit("href=\"").next()).map(str::to_owned);
    let older = older.and_then(|rest| rest.split('"').next().map(|link| link.replace("&amp;", "&"))).expect("a link");
    let second = app.get(&older, &cookie).await;
    assert_eq!(second.text().matches("<h2>").count(), 5, "{older}");
    assert!(
        second.text().contains(&path(5)) && second.text().contains(&path(1)) && !second.text().contains("rel=\"next\"")
    );
    let maintenances = app.get("/admin/past?kind=maintenance", &cookie).await;
    assert!(maintenances.text().contains("Nothing has ended yet"));
    let ended = app.get(&path(1), &cookie).await;
    assert!(ended.text().contains("/postmortem"), "from there a postmortem is one press away");
}

#[tokio::test]
async fn who_may_not_changes_nothing() {
    let app = ConsoleApp::start().await;
    app.operator("wei", domain::operator::Role::Poster).await;
    let cookie = app.sign_in("wei").await;
    let before = app.node().board().version.total();
    assert_eq!(app.get("/admin/maintenances/new", &cookie).await.status, 403, "a poster plans no maintenance");
    let anonymous = app.post("/admin/incidents/new", "", "do=publish&title=x").await;
    assert_eq!(anonymous.status, 401);
    let foreign = app
        .send("POST", "/admin/incidents/new", &[("cookie", &cookie), ("origin", "https://evil.example")], "do=publish")
        .await;
    assert_eq!(foreign.status, 403);
    let no_key = app.post("/admin/incidents/new", &cookie, "form_key=wrong&do=publish&title=x").await;
    assert_eq!(no_key.status, 403);
    let altered = cookie.replacen("holdfast-session=A", "holdfast-session=B", 1);
    assert_eq!(app.get("/admin", &altered.replace('.', ".A")).await.status, 303, "an altered cookie is none");
    assert_eq!(app.node().board().version.total(), before);
}

/// What a poster wrote stands in the form that an editor opens: it must stay a text there.
#[tokio::test]
async fn a_text_that_looks_like_markup_stays_a_text_in_every_form() {
    let app = ConsoleApp::start().await;
    app.operator("wei", domain::operator::Role::Administrator).await;
    let cookie = app.sign_in("wei").await;
    let incident = app.open_incident().await;
    let hostile = "</textarea><button formaction=/admin/operators name=do value=role>Review</button> &lt; here";
    app.post_update(incident, hostile).await;
    let board = app.node().board();
    let update = board.incident(incident).and_then(|held| held.newest()).expect("an update").id;
    let form = app.get(&format!("/admin/incidents/{incident}/updates/{update}"), &cookie).await;
    let held = form.text().split("<textarea").nth(1).and_then(|rest| rest.split("</textarea>").next());
    let escaped =
        "&lt;/textarea>&lt;button formaction=/admin/operators name=do value=role>Review&lt;/button> &amp;lt; here";
    assert!(held.is_some_and(|held| held.ends_with(escaped)), "{held:?}");
    let shown = app.get(&format!("/admin/incidents/{incident}"), &cookie).await;
    assert!(!shown.text().contains("<button formaction"), "nor in the timeline");
}
