//! The catalog file: round trip, and every refusal with its line.

use domain::{board::Board, catalog::Catalog, change::Event, command, id::*};
use server::catalog_file;

const FILE: &str = r#"[page]
name = { default = "Example", zh-CN = "示例" }
url = "https://status.example.com"
time_zone = "Asia/Shanghai"
notice = "Reconstructed \"data\"."

[[region]]
code = "ap-shanghai"
name = "Shanghai"

[[region]]
code = "ap-tokyo"
name = "Tokyo"

[[group]]
code = "platform"
name = "Platform"

[[component]]
code = "cloud-api"
name.default = "Cloud API"
name.zh-CN = "云 API"
description = "What manages resources."
group = "platform"
plane = "control"
regions = "all"
since = "2024-01-01T00:00:00Z"

[[component]]
code = "functions"
name = "Functions"
plane = "data"
regions = ["ap-tokyo"]
depends_on = ["cloud-api"]
"#;

/// The catalog that a file makes of nothing.
fn applied(text: &str) -> Catalog {
    let wanted = catalog_file::parse(text).expect("a good file");
    let now = crate::node::at("2024-04-08T15:23:00+08:00");
    let planned = command::catalog::plan(&Catalog::default(), false, wanted, now).expect("a plan");
    let events: Vec<Event> = planned
        .into_iter()
        .enumerate()
        .map(|(number, (subject, change))| Event {
            id: EventId([u8::try_from(number).expect("few"); 32]),
            node: NodeKey([1; 32]),
            hlc: Hlc(number as u64),
            subject,
            parents: Vec::new(),
            author: crate::node::author("cli"),
            change,
        })
        .collect();
    Board::of(&events).catalog
}

#[test]
fn a_catalog_that_is_written_and_applied_again_differs_in_nothing() {
    let catalog = applied(FILE);
    let written = catalog_file::write(&catalog);
    let wanted = catalog_file::parse(&written).expect("what we wrote");
    let now = crate::node::at("2025-01-01T00:00:00Z");
    assert_eq!(command::catalog::plan(&catalog, true, wanted, now), Ok(Vec::new()), "{written}");
}

#[test]
fn every_mistake_is_told_with_its_line() {
    let cases = [
        ("code = \"functions\"", "code = \"cloud-api\"", "component.code", "stands twice"),
        (
            "depends_on = [\"cloud-api\"]",
            "depends_on = [\"nope\"]",
            "line 29, component[1].depends_on",
            "unknown `nope`",
        ),
        (
            "depends_on = [\"cloud-api\"]",
            "depends_on = [\"functions\"]",
            "component.depends_on",
            "functions -> functions",
        ),
        ("regions = [\"ap-tokyo\"]", "regions = [\"mars\"]", "line 29, component[1].regions", "unknown `mars`"),
        ("regions = \"all\"", "regions = \"some\"", "line 19, component[0].regions", "no list"),
        ("plane = \"data\"", "plane = \"dat\"", "line 32, column 9", "unknown variant `dat`"),
        ("plane = \"data\"", "", "line 29", "missing field `plane`"),
        ("Asia/Shanghai", "Mars/Base", "page.time_zone", "not a time zone"),
        ("name = \"Tokyo\"", "name = \"To\\u202Ekyo\"", "line 11, region[1].name", "U+202E"),
        ("name = \"Tokyo\"", "name = 7", "line 13", "expected a text"),
        ("since = \"2024-01-01T00:00:00Z\"", "since = \"2024\"", "line 19, component[0].since", "not a time"),
        ("[[group]]", "[[groups]]", "line 15", "unknown field `groups`"),
        ("[[group]]", "[[group]", "line 15", ""),
    ];
    for (good, bad, field, what) in cases {
        let text = FILE.replace(good, bad);
        let refusals = catalog_file::parse(&text).expect_err(bad);
        assert!(
            refusals.iter().any(|refusal| refusal.field.contains(field) && refusal.what.contains(what)),
            "{bad}: {refusals:?}"
        );
        assert!(refusals.iter().all(|refusal| !refusal.right.is_empty()), "{bad}");
    }
}
