//! A copy is what the node serves: every file of a snapshot, byte for byte, against the node's own answers.

use crate::test_app::TestApp;
use app::{address::Address, locale::Locale};
use std::path::Path;

/// What the node alone has: its live stream. A copy's pages look for themselves instead.
fn without_stream(html: &str) -> String {
    const BEGIN: &str = " data-stream=\"";
    match html.split_once(BEGIN) {
        Some((before, after)) => format!("{before}{}", after.split_once('"').expect("an end of the attribute").1),
        None => html.to_owned(),
    }
}

/// A page calls itself a copy in the words of its link to `/verify`.
fn without_link(html: &str) -> String {
    let (before, after) = html.split_once("/verify\">").expect("a link to the page that tells how to verify");
    format!("{before}{}", after.split_once("</a>").expect("an end of the link").1)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_file_of_a_copy_is_what_the_node_answers() {
    let app = TestApp::start().await;
    app.play_until("17:20").await;
    let copy = tempfile::tempdir().expect("a directory");
    app.renew().await;
    app.pages.catch_up();
    server::snapshot::write(app.node.clone(), copy.path().to_owned(), false).await.expect("written");
    let board = app.node.board();
    let addresses = Address::all(&board, app.node.timelines(&board).expect("the log is read"));
    let (mut pages, mut others) = (0, 0);
    for address in addresses {
        for (locale, files) in server::snapshot::files(address, &board.catalog) {
            for file in files {
                // Under a second name for web servers that tell types by suffixes.
                let name = if file == "api/v1/status.json" { "api/v1/status" } else { &file };
                let asked = if address == Address::NotFound {
                    format!("/{}/no-such-page", if file.starts_with("zh") { "zh" } else { "en" })
                } else {
                    format!("/{}", name.trim_end_matches("index.html").trim_end_matches('/'))
                };
                let found = read(copy.path(), &file);
                let reply = app.get(&asked).await;
                let is_page = reply.header("content-type").starts_with("text/html");
                if is_page && address != Address::Verify {
                    let language = if address.is_translated() { locale.tag() } else { "" };
                    assert_eq!(reply.header("content-language"), language, "{file}");
                    let (here, there) = (without_link(&without_stream(reply.text())), without_link(&found));
                    assert_alike(&file, &here, &there);
                    pages += 1;
                } else if !is_page {
                    assert_alike(&file, reply.text(), &found);
                    others += 1;
                }
            }
        }
    }
    assert!(pages > 3 * Locale::ALL.len() && others > 10, "{pages} pages, {others} others");
    app.end().await;
}

fn read(root: &Path, file: &str) -> String {
    std::fs::read_to_string(root.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// With what is around the first difference.
fn assert_alike(file: &str, here: &str, there: &str) {
    const AROUND: usize = 120;
    let same = here.bytes().zip(there.bytes()).take_while(|(here, there)| here == there).count();
    let around = |text: &str| {
        let end = text.len().min(same + AROUND);
        String::from_utf8_lossy(&text.as_bytes()[same.saturating_sub(AROUND).min(end)..end]).into_owned()
    };
    assert!(here == there, "{file}:\nthe node: {}\nthe copy: {}", around(here), around(there));
}
