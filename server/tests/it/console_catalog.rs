//! The catalog's page: what was shown is what is applied, and the page's own address is an administrator's matter.

use crate::{console_app::ConsoleApp, test_app::Reply};
use domain::operator::Role;

const PATH: &str = "/admin/catalog";
const REGION: &str = "[[region]]\ncode = \"";

async fn house(role: Role) -> (ConsoleApp, String, String) {
    let app = ConsoleApp::start().await;
    app.operator("wei", role).await;
    let cookie = app.sign_in("wei").await;
    let file = server::catalog_file::write(&app.node().board().catalog);
    (app, cookie, file)
}

async fn press(app: &ConsoleApp, cookie: &str, file: &str, present: &str, button: &str) -> Reply {
    let key = ConsoleApp::form_key(&app.get(PATH, cookie).await);
    let fields = [("form_key", key.as_str()), ("present", present), ("file", file), ("do", button)];
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    app.post(PATH, cookie, &form).await
}

fn with_region(file: &str, code: &str) -> String {
    let region = format!("{REGION}{code}\"\nname = \"{code}\"\n\n");
    file.replacen("[[region]]", &format!("{region}[[region]]"), 1)
}

#[tokio::test]
async fn a_plan_is_applied_to_the_catalog_that_it_was_made_against() {
    let (app, cookie, file) = house(Role::Editor).await;
    let wanted = with_region(&file, "xx-one");
    let unseen = press(&app, &cookie, &wanted, "", "apply").await;
    assert_eq!(unseen.status, 422, "nothing is applied that was not shown");
    let plan = press(&app, &cookie, &wanted, "", "plan").await;
    assert!(plan.status == 200 && plan.text().contains("+ region xx-one"), "{}", plan.text());
    let present = ConsoleApp::hidden(&plan, "present");

    // Somebody else adds one meanwhile; applying the file as it is would take it away again.
    let other = with_region(&file, "xx-two");
    let shown = ConsoleApp::hidden(&press(&app, &cookie, &other, "", "plan").await, "present");
    assert_eq!(press(&app, &cookie, &other, &shown, "apply").await.status, 303);
    let late = press(&app, &cookie, &wanted, &present, "apply").await;
    assert_eq!(late.status, 422);
    for part in ["the catalog was changed since this plan was shown", "+ region xx-one", "- region xx-two"] {
        assert!(late.text().contains(part), "{part}: {}", late.text());
    }
    let codes = |app: &ConsoleApp| {
        let board = app.node().board();
        let codes = board.catalog.regions.iter().map(|region| region.code.clone());
        codes.filter(|code| code.starts_with("xx-")).collect::<Vec<_>>()
    };
    assert_eq!(codes(&app), ["xx-two"]);
    let seen = ConsoleApp::hidden(&late, "present");
    assert_eq!(press(&app, &cookie, &wanted, &seen, "apply").await.status, 303);
    assert_eq!(codes(&app), ["xx-one"]);
}

#[tokio::test]
async fn an_editor_does_not_move_the_page_and_an_administrator_does() {
    for role in [Role::Editor, Role::Administrator] {
        let (app, cookie, file) = house(role).await;
        let held = app.node().board().catalog.page.url.clone();
        let wanted = file.replace(&held, "https://evil.example");
        assert_ne!(wanted, file);
        let plan = press(&app, &cookie, &wanted, "", "plan").await;
        let present = ConsoleApp::hidden(&plan, "present");
        let applied = press(&app, &cookie, &wanted, &present, "apply").await;
        let url = app.node().board().catalog.page.url.clone();
        if role == Role::Administrator {
            assert_eq!((applied.status.as_u16(), url.as_str()), (303, "https://evil.example"));
        } else {
            assert_eq!((applied.status.as_u16(), url), (422, held));
            assert!(applied.text().contains("needs the role administrator"), "{}", applied.text());
        }
    }
}
