//! The page that says how to check a copy: what it tells of keys and mirrors, and that its commands are what a shell makes
//! of them. That they do what they say is a test of the server.

use crate::{replay, shown};
use app::{
    address::Address,
    locale::Locale,
    site::{CopyKind, Site, SiteCopy},
};
use domain::{board::Board, id::NodeKey, trust::Member};

fn copy(kind: CopyKind, name: &str, url: &str) -> SiteCopy {
    SiteCopy { kind, name: name.to_owned(), url: url.to_owned() }
}

fn signed_by(signers: &[(u8, &str, &str)]) -> Board {
    let mut board = replay::board_at("16:06");
    let member = |(digit, name, region): &(u8, &str, &str)| Member {
        key: NodeKey([*digit; 32]),
        name: (*name).to_owned(),
        region: (*region).to_owned(),
        address: "10.0.0.1:7946".to_owned(),
    };
    board.signers = signers.iter().map(member).collect();
    board
}

fn html(site: &Site, board: &Board, locale: Locale) -> String {
    let stamp = shown::fresh(replay::at("16:06"));
    app::pages::html(site, board, &shown::page(board, Address::Verify), locale, &stamp)
}

#[test]
fn keys_are_told_with_their_region_and_fingerprint_and_nothing_else_of_their_nodes() {
    let board = signed_by(&[(1, "Guangzhou", "Guangzhou"), (2, "sh-2", "ap-shanghai"), (3, "elsewhere", "elsewhere")]);
    let english = html(&shown::site(), &board, Locale::English);
    for (key, fingerprint) in [
        // printf '\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00' and 32 bytes of the key, to sha256sum.
        ("01".repeat(32), "182f f9da 701f d144 e2fd 2cd4 1da8 ddba"),
        ("02".repeat(32), "9e67 1b1c cded 8566 c769 1e56 64cf e788"),
    ] {
        assert!(english.contains(&format!("<code class=\"key\">{key}</code>")), "{key}");
        assert!(english.contains(&format!("<code>{fingerprint}</code>")), "{fingerprint}");
    }
    let text = shown::text(&english);
    assert!(
        text.contains("Guangzhou") && text.contains("Shanghai") && text.contains("sh-2") && text.contains("elsewhere")
    );
    assert!(!english.contains("10.0.0.1"), "where nodes reach one another is nobody's business");
    let chinese = html(&shown::site(), &board, Locale::SimplifiedChinese);
    assert!(chinese.contains("上海") && chinese.contains("指纹"));
}

#[test]
fn a_server_says_that_it_brings_no_list_and_a_copy_that_it_does() {
    let board = signed_by(&[(1, "Guangzhou", "Guangzhou")]);
    let region = copy(CopyKind::Region, "Guangzhou", "https://gz.example.com");
    let mirror = copy(CopyKind::Mirror, "bucket", "https://bucket.example.com/status");
    let live = Site { copies: vec![region.clone()], ..shown::site() };
    let none = html(&live, &board, Locale::English);
    assert!(
        none.contains("<h1 id=\"verify-title\">Verify a copy</h1>") && none.contains("comes from a running server")
    );
    assert!(none.contains("tells of no copies") && !none.contains("gz.example.com"), "a region is no copy to check");
    assert!(none.contains("<code>copy=file:///srv/status\n"));
    let some = html(&Site { copies: vec![region, mirror], ..live }, &board, Locale::English);
    assert!(!some.contains("tells of no copies") && some.contains("href=\"https://bucket.example.com/status\""));
    assert!(some.contains("<code>copy=https://bucket.example.com/status\n"));
    let here = html(&Site { stream: None, ..shown::site() }, &board, Locale::English);
    assert!(here.contains("<h1 id=\"verify-title\">Verify this copy</h1>") && !here.contains("running server"));
    assert!(!here.contains("tells of no copies"), "it is one");
    for page in [none, some, here] {
        assert!(page.contains("href=\"/en/verify\""), "linked at the foot");
        assert!(!page.contains("data-held") && !page.contains("freshness"), "it does not state the present");
    }
}

#[test]
fn words_inside_of_the_commands_mean_nothing_to_a_shell() {
    let board = signed_by(&[(1, "Guangzhou", "Guangzhou"), (2, "Shanghai", "Shanghai")]);
    for locale in Locale::ALL {
        let html = html(&shown::site(), &board, *locale);
        let (_, rest) = html.split_once("<pre class=\"commands\"><code>").expect("commands");
        let (commands, _) = rest.split_once("</code></pre>").expect("their end");
        let mut said = 0;
        for line in commands.lines() {
            let stopped = line.split_once("stop ").map(|(_, words)| words).filter(|_| !line.starts_with("stop()"));
            let echoed = line.strip_prefix("echo ").filter(|words| words.starts_with('\''));
            let Some(words) = stopped.or(echoed) else { continue };
            said += 1;
            let (quote, rest) = words.split_at(1);
            let (words, _) = rest.split_once(quote).expect("the end of a quotation");
            // A variable may stand at the end of those that tell what was found.
            let words = if quote == "\"" { words.split('$').next().unwrap_or_default() } else { words };
            assert!(!words.contains(['\'', '"', '$', '`', '\\', '!', '&', ';', '|']), "{words}");
        }
        assert_eq!(said, 9, "{commands}");
        assert_eq!(commands.lines().filter(|line| line.starts_with("# ")).count(), 4);
        assert!(!commands.contains('@'), "a place without its word: {commands}");
    }
}
