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

/// Presses a button of the page as `seen` shows it; with nothing seen, of one without a plan.
async fn press(app: &ConsoleApp, cookie: &str, file: &str, seen: Option<&Reply>, button: &str) -> Reply {
    let key = ConsoleApp::form_key(&app.get(PATH, cookie).await);
    let [present, planned] =
        ["present", "planned"].map(|name| seen.map(|page| ConsoleApp::hidden(page, name)).unwrap_or_default());
    let fields = [
        ("form_key", key.as_str()),
        ("present", present.as_str()),
        ("planned", planned.as_str()),
        ("file", file),
        ("do", button),
    ];
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
    let unseen = press(&app, &cookie, &wanted, None, "apply").await;
    assert_eq!(unseen.status, 422, "nothing is applied that was not shown");
    let plan = press(&app, &cookie, &wanted, None, "plan").await;
    assert!(plan.status == 200 && plan.text().contains("+ region xx-one"), "{}", plan.text());

    // Somebody else adds one meanwhile; applying the file as it is would take it away again.
    let other = with_region(&file, "xx-two");
    let shown = press(&app, &cookie, &other, None, "plan").await;
    assert_eq!(press(&app, &cookie, &other, Some(&shown), "apply").await.status, 303);
    let late = press(&app, &cookie, &wanted, Some(&plan), "apply").await;
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
    assert_eq!(press(&app, &cookie, &wanted, Some(&late), "apply").await.status, 303);
    assert_eq!(codes(&app), ["xx-one"]);
}

#[tokio::test]
async fn a_file_that_was_changed_after_its_plan_is_planned_anew() {
    let (app, cookie, file) = house(Role::Editor).await;
    let before = app.node().board().version.total();
    let plan = press(&app, &cookie, &with_region(&file, "xx-one"), None, "plan").await;
    let slipped = with_region(&file, "xx-two");
    let refused = press(&app, &cookie, &slipped, Some(&plan), "apply").await;
    assert_eq!(refused.status, 422, "its plan was never shown");
    for part in ["this is not the file whose plan was shown", "+ region xx-two"] {
        assert!(refused.text().contains(part), "{part}: {}", refused.text());
    }
    assert_eq!(app.node().board().version.total(), before);

    // A refused page lends nothing to apply with.
    let broken = press(&app, &cookie, "no catalog", Some(&plan), "apply").await;
    assert_eq!((broken.status.as_u16(), broken.text().contains("name=\"planned\"")), (422, false));
    assert_eq!(press(&app, &cookie, &slipped, Some(&refused), "apply").await.status, 303, "now it was");
    let board = app.node().board();
    let has = |code: &str| board.catalog.regions.iter().any(|region| region.code == code);
    assert!(has("xx-two") && !has("xx-one"));
}

#[tokio::test]
async fn an_editor_does_not_move_the_page_and_an_administrator_does() {
    for role in [Role::Editor, Role::Administrator] {
        let (app, cookie, file) = house(role).await;
        let held = app.node().board().catalog.page.url.clone();
        let wanted = file.replace(&held, "https://evil.example");
        assert_ne!(wanted, file);
        let plan = press(&app, &cookie, &wanted, None, "plan").await;
        let seen = (role == Role::Administrator).then_some(&plan);
        let applied = press(&app, &cookie, &wanted, seen, "apply").await;
        let url = app.node().board().catalog.page.url.clone();
        if role == Role::Administrator {
            assert_eq!((applied.status.as_u16(), url.as_str()), (303, "https://evil.example"));
        } else {
            assert_eq!((applied.status.as_u16(), url), (422, held));
            assert!(applied.text().contains("needs the role administrator"), "{}", applied.text());
        }
    }
}
