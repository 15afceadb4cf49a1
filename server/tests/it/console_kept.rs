//! Nothing that somebody typed is lost: neither when the session ends while they write, nor when the log cannot be read,
//! nor when somebody else posts in the same moment.

use crate::{
    console_account::{code, enrolled},
    console_app::{ConsoleApp, PASSWORD},
    store::{self, incident_id},
    store_disk::Disk,
    test_app::Reply,
};
use domain::{
    change::{Author, Change, UpdatePosted},
    command::{Command, Reason, operators::Wish},
    id::{OperatorId, Subject},
    operator::Role,
    status::Status,
};
use server::publish::PublishError;

const TYPED: &str = "What I typed, <b>all</b> of it & more\n变";

fn encoded(fields: &[(String, String)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// The hidden fields of the form with this id or action, as a browser would send them.
fn hidden_of(page: &Reply, begin: &str) -> Vec<(String, String)> {
    let form = page.text().split(begin).nth(1).unwrap_or_else(|| panic!("no {begin}: {}", page.text()));
    let form = form.split("</form>").next().expect("its end");
    let plain = |text: &str| {
        ["&lt;<", "&gt;>", "&quot;\"", "&#x27;'", "&amp;&"].iter().fold(text.to_owned(), |text, pair| {
            let (escaped, character) = pair.split_at(pair.len() - 1);
            text.replace(escaped, character)
        })
    };
    let inputs = form.split("<input type=\"hidden\" name=\"").skip(1);
    let fields = inputs.map(|input| {
        let (name, rest) = input.split_once("\" value=\"").expect("a value");
        (plain(name), plain(rest.split_once('"').expect("its end").0))
    });
    fields.collect()
}

async fn end_sessions(app: &ConsoleApp, login: &str) {
    let operator = OperatorId::of_login(login);
    let ended = domain::change::SessionsEnded { session: None };
    app.publish(Command::Operator(Wish::EndSessions { operator, ended })).await;
}

/// Every form in which somebody writes: its page, where it is sent, its text field, and the button that would write.
async fn forms(app: &ConsoleApp) -> Vec<(String, String, &'static str, &'static str)> {
    let incident = app.open_incident().await;
    let update = app.node().board().incident(incident).and_then(|held| held.newest()).expect("an update").id;
    let (subject, change) = store::opening(7, 0, "It failed");
    let (Subject::Incident(ended), Change::IncidentOpened(opened)) = (subject, change) else { panic!("no opening") };
    app.publish(Command::Open { id: ended, opened }).await;
    app.publish(Command::Post { incident: ended, update: store::post(30, Status::Resolved, "It is over") }).await;
    let path = format!("/admin/incidents/{incident}");
    let same = |path: String, field, button| (path.clone(), path, field, button);
    vec![
        same("/admin/incidents/new".to_owned(), "text", "publish"),
        same("/admin/maintenances/new".to_owned(), "text", "publish"),
        (path.clone(), format!("{path}/updates"), "text", "publish"),
        same(format!("{path}/edit"), "title", "publish"),
        same(format!("{path}/updates/{update}"), "text", "publish"),
        same(format!("/admin/incidents/{ended}/postmortem"), "text", "publish"),
        same("/admin/catalog".to_owned(), "file", "apply"),
        same("/admin/templates".to_owned(), "text", "set"),
    ]
}

/// What is sent when somebody types into the form of this page and presses its button.
fn written(page: &Reply, action: &str, field: &str, button: &str) -> String {
    let mut fields = hidden_of(page, &format!("action=\"{action}\""));
    fields.retain(|(name, _)| name != field);
    let more = [(field, TYPED), ("do", button), ("name", "One"), ("status", ""), ("impact", "minor")];
    fields.extend(more.map(|(name, value)| (name.to_owned(), value.to_owned())));
    encoded(&fields)
}

/// Whether the form of a page holds what was typed.
fn holds(page: &Reply) -> bool {
    let (in_area, in_line) = (TYPED.replace('&', "&amp;").replace('<', "&lt;"), "What I typed, ");
    page.text().contains(&in_area) || page.text().contains(&format!("name=\"title\" type=\"text\" value=\"{in_line}"))
}

#[tokio::test]
async fn what_was_typed_comes_through_signing_in_again_and_nothing_is_done_before_it_was_seen() {
    let app = ConsoleApp::start().await;
    app.operator("wei", Role::Editor).await;
    for (page, action, field, button) in forms(&app).await {
        let cookie = app.sign_in("wei").await;
        let sent = written(&app.get(&page, &cookie).await, &action, field, button);
        end_sessions(&app, "wei").await;
        let version = app.node().board().version.total();

        let over = app.post(&action, &cookie, &sent).await;
        assert_eq!(over.status, 401, "{action}");
        assert!(over.text().contains("your session is over") && over.text().contains("what you typed is kept"));
        let mut fields = hidden_of(&over, "action=\"/admin/sign-in\"");
        assert!(fields.contains(&("next".to_owned(), page.clone())), "{action}: the page of the form: {fields:?}");
        fields.extend([("login", "wei"), ("password", "wrong")].map(|(name, value)| (name.into(), value.into())));
        let wrong = app.post("/admin/sign-in", "", &encoded(&fields)).await;
        assert_eq!(wrong.status, 401);
        let mut fields = hidden_of(&wrong, "action=\"/admin/sign-in\"");
        fields.extend([("login", "wei"), ("password", PASSWORD)].map(|(name, value)| (name.into(), value.into())));
        let arrived = app.post("/admin/sign-in", "", &encoded(&fields)).await;
        assert_eq!(arrived.status, 200, "{action}");
        let cookie = ConsoleApp::cookie(&arrived);
        let mut fields = hidden_of(&arrived, &format!("<form id=\"kept\" method=\"post\" action=\"{action}\""));
        assert!(fields.contains(&(field.to_owned(), TYPED.to_owned())), "{action}: {fields:?}");
        assert!(fields.iter().all(|(name, _)| name != "form_key" && name != "do"), "{action}: {fields:?}");

        // Whichever button: under the key of another session it is only shown.
        for pressed in ["edit", button] {
            fields.push(("do".to_owned(), pressed.to_owned()));
            let again = app.post(&action, &cookie, &encoded(&fields)).await;
            fields.pop();
            assert!(holds(&again), "{pressed} at {action}: {} {}", again.status, again.text());
            let told = again.text();
            assert!(
                told.contains("nothing was done yet") || action == "/admin/catalog",
                "{pressed} at {action}: {told}"
            );
            assert_eq!(app.node().board().version.total(), version, "{pressed} at {action} wrote");
            let key = ConsoleApp::form_key(&app.get("/admin", &cookie).await);
            assert!(told.contains(&key), "{action}: the next press is one of this session");
        }
    }
}

#[tokio::test]
async fn nobody_else_is_given_what_was_typed_and_no_password_is_ever_kept() {
    let app = ConsoleApp::start().await;
    app.operator("wei", Role::Editor).await;
    app.operator("lin", Role::Editor).await;
    let (wei, lin) = (app.sign_in("wei").await, app.sign_in("lin").await);
    for (page, action, field, button) in forms(&app).await {
        let sent = written(&app.get(&page, &wei).await, &action, field, button);
        let refused = app.post(&action, &lin, &sent).await;
        assert_eq!((refused.status.as_u16(), holds(&refused)), (403, false), "{action}");
    }
    let by = ConsoleApp::hidden(&app.get("/admin/incidents/new", &wei).await, "by");
    assert!(!by.contains("wei"));
    end_sessions(&app, "wei").await;
    for path in ["/admin/account/password", "/admin/operators", "/admin/sign-out"] {
        let over = app.post(path, &wei, &format!("by={by}&present=secret-word&password=secret-word")).await;
        assert_eq!((over.status.as_u16(), over.text().contains("name=\"kept\"")), (401, false), "{path}");
    }
    // What a script asks for while somebody types is no form to go on with.
    let preview = app.post("/admin/incidents/new", &wei, &format!("by={by}&text=x&do=preview")).await;
    assert_eq!((preview.status.as_u16(), preview.text().contains("name=\"kept\"")), (401, false));
    let wei = app.sign_in("wei").await;
    let preview = app.post("/admin/incidents/new", &wei, &format!("by={by}&text=x&do=preview")).await;
    assert_eq!(preview.status, 403);
}

#[tokio::test]
async fn it_comes_through_the_second_step_too() {
    let app = ConsoleApp::start().await;
    app.operator("wei", Role::Editor).await;
    let cookie = app.sign_in("wei").await;
    let (secret, _) = enrolled(&app, &cookie).await;
    let sent = written(&app.get("/admin/incidents/new", &cookie).await, "/admin/incidents/new", "text", "review");
    end_sessions(&app, "wei").await;
    let over = app.post("/admin/incidents/new", &cookie, &sent).await;
    let mut fields = hidden_of(&over, "action=\"/admin/sign-in\"");
    fields.extend([("login", "wei"), ("password", PASSWORD)].map(|(name, value)| (name.into(), value.into())));
    let step = app.post("/admin/sign-in", "", &encoded(&fields)).await;
    assert_eq!(step.status, 200, "{}", step.text());
    app.advance(60);
    let mut fields = hidden_of(&step, "action=\"/admin/sign-in/code\"");
    fields.push(("code".to_owned(), code(&app, &secret)));
    let arrived = app.post("/admin/sign-in/code", &ConsoleApp::cookie(&step), &encoded(&fields)).await;
    assert_eq!(arrived.status, 200, "{}", arrived.text());
    let fields = hidden_of(&arrived, "<form id=\"kept\"");
    assert!(fields.contains(&("text".to_owned(), TYPED.to_owned())), "{fields:?}");
}

#[tokio::test]
async fn where_the_log_cannot_be_read_the_form_comes_back_with_what_was_typed() {
    let disk = Disk::default();
    let app = ConsoleApp::on(disk.open()).await;
    app.publish(Command::ApplyCatalog(app.replay.catalog.clone())).await;
    app.operator("wei", Role::Editor).await;
    let cookie = app.sign_in("wei").await;
    // More than are held in memory.
    app.advance(3600);
    let (mut opened, mut ended) = (Vec::new(), Vec::new());
    for number in 1..=52 {
        let (subject, change) = store::opening(number, i64::from(number) * 60, "It failed");
        let (Subject::Incident(id), Change::IncidentOpened(new)) = (subject, change) else { panic!("no opening") };
        opened.push(Command::Open { id, opened: new });
        let end = store::post(i64::from(number) * 60 + 30, Status::Resolved, "It is over");
        ended.push(Command::Post { incident: id, update: end });
    }
    for commands in [opened, ended] {
        app.node().publish_all(commands, author()).await.expect("published");
    }
    let old = incident_id(1);
    let path = format!("/admin/incidents/{old}");
    let update = app.node().incident(old).await.expect("readable").expect("held").updates[0].id;
    let pages = [
        (path.clone(), format!("{path}/updates"), "text"),
        (format!("{path}/edit"), format!("{path}/edit"), "title"),
        (format!("{path}/updates/{update}"), format!("{path}/updates/{update}"), "text"),
        (format!("{path}/postmortem"), format!("{path}/postmortem"), "text"),
    ];
    let mut forms = Vec::new();
    for (page, action, field) in pages {
        let form = app.get(&page, &cookie).await;
        assert_eq!(form.status, 200, "{page}");
        forms.push((page, written(&form, &action, field, "publish"), action));
    }
    // One that was made for an incident which this node would have to look up.
    let new = app.get("/admin/incidents/new", &cookie).await;
    let sent = written(&new, "/admin/incidents/new", "text", "review");
    let once = ConsoleApp::hidden(&new, "once");
    forms.push((path.clone(), sent.replace(&once, &old.to_string()), "/admin/incidents/new".to_owned()));

    disk.platters().good_for = Some(0);
    let post = Command::Post { incident: incident_id(52), update: word(&app, "x") };
    assert!(matches!(app.node().publish(post, author()).await, Err(PublishError::Unavailable(_))));
    for (page, sent, action) in forms {
        let shown = app.get(&page, &cookie).await;
        assert_eq!(shown.status, 503, "{page}: {}", shown.text());
        let answer = app.post(&action, &cookie, &sent).await;
        assert_eq!(answer.status, 503, "{action}: {}", answer.text());
        assert!(answer.text().contains("the log of this region cannot be read"), "{action}");
        assert!(holds(&answer), "{action}: {}", answer.text());
        assert!(answer.text().contains(&format!("action=\"{action}\"")), "{action}: it can be sent again");
    }
}

fn author() -> Author {
    Author { name: "test".to_owned(), way: "test".to_owned() }
}

fn word(app: &ConsoleApp, text: &str) -> UpdatePosted {
    UpdatePosted { at: app.node().clock().now(), status: None, ..store::post(0, Status::Investigating, text) }
}

#[tokio::test]
async fn of_two_that_had_seen_the_same_one_is_overtaken_on_the_writers_turn() {
    let app = ConsoleApp::start().await;
    let incident = app.open_incident().await;
    let seen = app.node().board().incident(incident).expect("open").heads.clone();
    let by = |text: &str| {
        let command = Command::Post { incident, update: word(&app, text) };
        app.node().publish(Command::AsSeen { seen: seen.clone(), command: Box::new(command) }, author())
    };
    // Both were there before either was written.
    let (first, second) = tokio::join!(by("First"), by("Second"));
    let results = [first, second];
    let refusals: Vec<_> = results.iter().filter_map(|result| result.as_ref().err()).collect();
    assert_eq!(refusals.len(), 1, "{results:?}");
    let PublishError::Refused(refusals) = refusals[0] else { panic!("{results:?}") };
    assert_eq!(refusals, &[Reason::Overtaken.at("")]);
    let held = app.node().board().incident(incident).expect("open").clone();
    assert_eq!((held.updates.len(), held.heads.len()), (2, 1));
}

#[tokio::test]
async fn forms_that_cross_are_never_both_published() {
    let app = ConsoleApp::start().await;
    app.operator("wei", Role::Editor).await;
    let cookie = app.sign_in("wei").await;
    let incident = app.open_incident().await;
    let path = format!("/admin/incidents/{incident}");
    let update = app.node().board().incident(incident).and_then(|held| held.newest()).expect("an update").id;
    let updates = format!("{path}/updates");
    for round in 0..8 {
        // Two updates; an update and a new text; a new text and another title.
        let [update, text, title] = [
            (path.clone(), updates.clone()),
            (format!("{updates}/{update}"), format!("{updates}/{update}")),
            (format!("{path}/edit"), format!("{path}/edit")),
        ];
        let kinds = match round % 3 {
            0 => [update.clone(), update],
            1 => [update, text],
            _ => [text, title],
        };
        let mut sent = Vec::new();
        for (page, action) in &kinds {
            let form = app.get(page, &cookie).await;
            let field = if action.ends_with("/edit") { "title" } else { "text" };
            let mut fields = hidden_of(&form, &format!("action=\"{action}\""));
            let text = format!("Round {round} by {}", sent.len());
            fields.extend([
                (field.to_owned(), text),
                ("impact".to_owned(), "minor".to_owned()),
                ("do".to_owned(), "publish".to_owned()),
            ]);
            sent.push(encoded(&fields));
        }
        let [(_, one), (_, two)] = &kinds;
        let (one, two) = tokio::join!(app.post(one, &cookie, &sent[0]), app.post(two, &cookie, &sent[1]));
        let mut statuses = [one.status.as_u16(), two.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 409], "{round}: {} {}", one.text(), two.text());
        let late = if one.status == 409 { &one } else { &two };
        assert!(late.text().contains("while you were writing") && late.text().contains(&format!("Round {round} by ")));
        assert!(late.text().contains("id=\"overtaken\""), "{round}");
        app.advance(1);
    }
}

#[tokio::test]
async fn a_form_that_was_sent_twice_at_once_is_published_once_and_both_are_told() {
    let app = ConsoleApp::start().await;
    app.operator("wei", Role::Editor).await;
    let cookie = app.sign_in("wei").await;
    let incident = app.open_incident().await;
    let path = format!("/admin/incidents/{incident}");
    let form = app.get(&path, &cookie).await;
    let sent = written(&form, &format!("{path}/updates"), "text", "publish");
    let updates = format!("{path}/updates");
    let (one, two) = tokio::join!(app.post(&updates, &cookie, &sent), app.post(&updates, &cookie, &sent));
    assert_eq!((one.status.as_u16(), two.status.as_u16()), (303, 303), "{} {}", one.text(), two.text());
    assert_eq!(one.header("location"), two.header("location"));
    assert_eq!(app.node().board().incident(incident).expect("open").updates.len(), 2);
}

#[tokio::test]
async fn a_page_says_which_form_was_saved() {
    let app = ConsoleApp::start().await;
    app.operator("wei", Role::Editor).await;
    let cookie = app.sign_in("wei").await;
    for (page, action, field, button) in forms(&app).await {
        // The next step of a new incident has a form of its own, and a plan comes before a change of the catalog.
        if page.ends_with("/new") || page == "/admin/catalog" {
            continue;
        }
        let sent = written(&app.get(&page, &cookie).await, &action, field, button).replace("%0A", "+");
        let saved = app.post(&action, &cookie, &sent).await;
        assert_eq!(saved.status, 303, "{action}: {}", saved.text());
        let shown = app.get(saved.header("location"), &cookie).await;
        assert!(shown.text().contains(&format!("data-form=\"{action}\"")), "{action}: {}", saved.header("location"));
        let event =
            saved.header("location").split_once("saved=").expect("an event").1.split('&').next().expect("an id");
        for form in ["/evil", "/incidents/x/updates", ""] {
            let other = app.get(&format!("{page}?saved={event}&form={form}"), &cookie).await;
            assert!(!other.text().contains("id=\"saved\""), "{form} at {page}");
        }
    }
}
