//! Names and texts that look like markup, on every page of the console: they stay texts.

use crate::console_app::ConsoleApp;
use domain::{
    change::{Author, OperatorSet, TemplateSet},
    command::{Command, break_glass, operators::Wish},
    operator::Role,
};
use server::access::break_glass as codes;

/// Would be an element, would end an attribute, and would end a raw text.
fn hostile(what: &str) -> String {
    format!("{what}\" onfocus=alert(1) '><img src=x onerror=alert(1)></textarea></script><script>alert(1)</script>")
}

#[tokio::test]
async fn whatever_operators_name_stays_a_text_on_every_page() {
    let app = ConsoleApp::start().await;
    app.operator("wei", Role::Administrator).await;
    let named = OperatorSet { login: "wei".to_owned(), name: hostile("name"), role: Role::Administrator, active: true };
    app.publish(Command::Operator(Wish::Set(named))).await;
    let mut catalog = app.replay.catalog.clone();
    for (number, region) in catalog.regions.iter_mut().enumerate() {
        region.name = hostile(&format!("region {number}")).as_str().into();
    }
    for (number, group) in catalog.groups.iter_mut().enumerate() {
        group.name = hostile(&format!("group {number}")).as_str().into();
    }
    for (number, component) in catalog.components.iter_mut().enumerate() {
        component.name = hostile(&format!("component {number}")).as_str().into();
        component.description = Some(hostile("description").as_str().into());
    }
    app.publish(Command::ApplyCatalog(catalog)).await;
    let template = TemplateSet {
        name: hostile("template"),
        title: Some(hostile("title").as_str().into()),
        text: hostile("text").as_str().into(),
        status: None,
        component: None,
    };
    app.publish(Command::SetTemplate(template)).await;
    let by = Author { name: hostile("author"), way: "cli".to_owned() };
    let issued = codes::issue(app.node(), hostile("label"), 2, by, None).await.expect("issued");
    let incident = app.open_incident().await;
    app.post_update(incident, &hostile("update")).await;
    let maintenance = app.plan_maintenance().await;

    let cookie = app.sign_in("wei").await;
    let key = ConsoleApp::form_key(&app.get("/admin", &cookie).await);
    let token = hostile("token");
    let token = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("form_key", key.as_str()), ("name", token.as_str()), ("do", "make"), ("role", "poster")])
        .finish();
    app.post("/admin/tokens", &cookie, &token).await;
    let begun = app.post("/admin/break-glass", "", &format!("code={}", issued.codes[0])).await;
    let glass = ConsoleApp::cookie(&begun);
    app.publish(Command::BreakGlass(break_glass::Wish::Revoke { batch: issued.batch })).await;

    let mut seen = 0;
    let incident_path = format!("/admin/incidents/{incident}");
    let maintenance_path = format!("/admin/maintenances/{maintenance}");
    let pages = [
        "/admin",
        "/admin/account",
        "/admin/audit",
        "/admin/catalog",
        "/admin/cluster",
        "/admin/incidents/new",
        "/admin/maintenances/new",
        "/admin/operators",
        "/admin/past",
        "/admin/templates",
        "/admin/tokens",
        "/admin/no/such/page",
        &incident_path,
        &format!("{incident_path}/edit"),
        &format!("{incident_path}/postmortem"),
        &maintenance_path,
        &format!("{maintenance_path}/edit"),
    ];
    for path in pages {
        let page = app.get(path, &cookie).await;
        assert_text(path, page.text());
        seen += page.text().matches("img src=x").count();
        // What was typed comes back with what is wrong with it.
        let typed = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("form_key", key.as_str()), ("do", "review")])
            .extend_pairs(
                ["title", "text", "name", "login", "file", "from", "next_at"].map(|name| (name, hostile(name))),
            )
            .finish();
        let answer = app.post(path, &cookie, &typed).await;
        assert_text(path, answer.text());
    }
    assert!(seen > 20, "the names are on the pages: {seen}");
    let trail = app.get("/admin/audit", &cookie).await;
    for name in ["name", "author", "label", "template"] {
        let escaped = format!("{name}\" onfocus=alert(1) '&gt;&lt;img");
        assert!(trail.text().contains(&escaped), "{escaped}: {}", trail.text());
    }
    assert_eq!(app.get("/admin", &glass).await.status, 303, "revoked");
}

/// Neither an element nor an attribute came out of a name.
fn assert_text(path: &str, html: &str) {
    for element in ["<img", "<script>"] {
        let at = html.find(element).map(|at| html[at..].chars().take(200).collect::<String>());
        assert_eq!(at, None, "{path}");
    }
    for tag in html.split('<').skip(1) {
        // What stands in quotes is a value.
        let bare: String = tag.split('"').step_by(2).collect();
        let bare = bare.split('>').next().expect("the tag");
        assert!(!bare.contains("onfocus"), "{path}: <{tag}");
    }
}

/// Two logins that look alike are never one account.
#[tokio::test]
async fn a_login_is_folded_by_ascii_alone() {
    let app = ConsoleApp::start().await;
    app.operator("root", Role::Administrator).await;
    let cookie = app.sign_in("root").await;
    let key = ConsoleApp::form_key(&app.get("/admin", &cookie).await);
    let add = async |login: &str| {
        let pairs =
            [("form_key", key.as_str()), ("login", login), ("name", "Somebody"), ("role", "poster"), ("do", "add")];
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        app.post("/admin/operators", &cookie, &form).await
    };
    let kelvin = add("\u{212A}im").await;
    assert_eq!(kelvin.status, 422, "{}", kelvin.text());
    assert!(kelvin.text().contains("is no name to sign in with"), "{}", kelvin.text());
    assert_eq!(add(" Kim ").await.status, 200);
    let board = app.node().board();
    assert!(board.operators.values().any(|operator| operator.login == "kim"));
}
