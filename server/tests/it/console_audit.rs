//! The audit trail: what a search finds, page by page, and what its exports hold.

use crate::console_app::ConsoleApp;
use domain::{
    change::{Author, OperatorSet},
    command::{Command, operators::Wish},
    operator::Role,
};
use serde_json::Value;

const PATH: &str = "/admin/audit";
/// What a spreadsheet would take for a formula.
const FORMULA: &str = "=HYPERLINK(\"https://evil.example\")";

async fn house() -> (ConsoleApp, String) {
    let app = ConsoleApp::start().await;
    app.operator("wei", Role::Editor).await;
    let cookie = app.sign_in("wei").await;
    (app, cookie)
}

/// One update by somebody of this name.
async fn posted_by(app: &ConsoleApp, name: &str) {
    let incident = app.replay.incident;
    let update = crate::store::post(0, domain::status::Status::Investigating, "A word");
    let update = domain::change::UpdatePosted { at: app.node().clock().now(), ..update };
    let author = Author { name: name.to_owned(), way: "console".to_owned() };
    app.node().publish(Command::Post { incident, update }, author).await.expect("published");
}

async fn exported(app: &ConsoleApp, cookie: &str, query: &str) -> Vec<Value> {
    let export = app.get(&format!("{PATH}/export?format=json{query}"), cookie).await;
    assert_eq!(export.header("content-type"), "application/json");
    assert!(export.header("content-disposition").contains("audit.json"));
    serde_json::from_str(export.text()).expect("JSON")
}

#[tokio::test]
async fn a_search_finds_by_who_way_subject_and_region_and_by_nothing_else() {
    let (app, cookie) = house().await;
    app.open_incident().await;
    posted_by(&app, "Zhang Ling").await;
    let kinds = async |query: &str| {
        let lines = exported(&app, &cookie, query).await;
        let kind = |line: &Value| line["what"].as_str().expect("a kind").to_owned();
        lines.iter().map(kind).collect::<Vec<_>>()
    };
    assert_eq!(kinds("&text=zhang+LING").await, ["update_posted"], "whatever the case");
    assert_eq!(kinds("&text=zhang&kind=incident_opened").await, [""; 0]);
    assert_eq!(kinds("&kind=incident_opened").await, ["incident_opened"]);
    let board = app.node().board();
    let title = &board.summary(app.replay.incident).expect("held").title.default;
    let beginning: String = title.chars().take(12).collect();
    let title: String = form_urlencoded::byte_serialize(beginning.as_bytes()).collect();
    assert_eq!(kinds(&format!("&text={title}")).await, ["update_posted", "incident_opened"], "newest first");
    let all = kinds("").await;
    assert_eq!(kinds("&text=ap-guangzhou").await, all, "everything was done in this region");
    for query in ["?text=zhang", "?text=zhang&kind=update_posted"] {
        let page = app.get(&format!("{PATH}{query}"), &cookie).await;
        assert!(page.text().contains("<th scope=\"row\">Zhang Ling<"), "{}", page.text());
        assert!(!page.text().contains("<th scope=\"row\">test<"), "{query}: {}", page.text());
        assert!(page.text().contains("name=\"text\" type=\"search\" value=\"zhang\""), "{}", page.text());
    }
    let none = app.get(&format!("{PATH}?text=nobody+of+that+name"), &cookie).await;
    assert!(none.text().contains("Nothing was found."), "{}", none.text());
}

#[tokio::test]
async fn what_does_not_fit_on_a_page_is_on_the_next_one_and_in_the_export() {
    let (app, cookie) = house().await;
    app.open_incident().await;
    for _ in 0..101 {
        posted_by(&app, "Zhang Ling").await;
    }
    let first = app.get(&format!("{PATH}?text=zhang"), &cookie).await;
    let rows = |text: &str| text.matches("<th scope=\"row\">Zhang Ling<").count();
    assert_eq!(rows(first.text()), 100);
    let link =
        first.text().split("/admin/audit?text=zhang&amp;kind=&amp;before=").nth(1).expect("a link to older ones");
    let before = link.split('"').next().expect("a number");
    let second = app.get(&format!("{PATH}?text=zhang&kind=&before={before}"), &cookie).await;
    assert_eq!(rows(second.text()), 1, "{}", second.text());
    let all = exported(&app, &cookie, "&text=zhang").await;
    assert_eq!(all.len(), 101);
    assert!(all.windows(2).all(|pair| pair[0]["number"].as_u64() > pair[1]["number"].as_u64()), "newest first");
}

#[tokio::test]
async fn an_export_says_who_did_what_and_a_spreadsheet_takes_none_of_it_for_a_formula() {
    let (app, cookie) = house().await;
    app.open_incident().await;
    posted_by(&app, FORMULA).await;
    let set =
        OperatorSet { login: "+86@example".to_owned(), name: "@SUM".to_owned(), role: Role::Poster, active: true };
    let invited = domain::change::OperatorInvited {
        sealed_hash: domain::change::Bytes(vec![1]),
        expires_at: crate::board_builder::april("23:00"),
    };
    app.publish(Command::Operator(Wish::Add { set, invited })).await;
    let json = exported(&app, &cookie, "").await;
    assert!(json.iter().any(|line| line["who"] == FORMULA), "JSON is read by programs: {json:?}");

    let export = app.get(&format!("{PATH}/export?format=csv"), &cookie).await;
    assert_eq!(export.header("content-type"), "text/csv; charset=utf-8");
    let mut reader = csv::Reader::from_reader(export.text().as_bytes());
    let heads = reader.headers().expect("heads").clone();
    let heads = heads.iter().collect::<Vec<_>>();
    assert_eq!(heads, ["number", "written_at", "who", "way", "what", "about", "region", "node", "event"]);
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
    assert_eq!(rows.len(), json.len());
    for field in rows.iter().flatten() {
        assert!(!field.starts_with(['=', '+', '-', '@', '\t', '\r']), "{field}");
    }
    for (column, text) in [(2, format!("'{FORMULA}")), (5, "'+86@example".to_owned())] {
        assert!(rows.iter().any(|row| row[column] == text), "{text}: {rows:?}");
    }
    let row = rows.iter().find(|row| row[2].ends_with(')')).expect("the hostile one");
    assert_eq!((&row[3], &row[4], &row[6]), ("console", "update_posted", "ap-guangzhou"));
    assert_eq!(&row[1][..16], "2024-04-08T07:23");
}
