//! What pages say of regions that this server has not heard from, and of what it cannot read.

use crate::{replay, shown::*, story};
use app::{address::Address, locale::Locale};
use chrono::TimeDelta;
use domain::{
    Instant,
    board::Board,
    id::{ComponentId, RegionId},
    stamp::{Heard, Silent, Stamp},
};

const NOW: &str = "16:06";

fn silent(region: &str, as_of: Option<Instant>) -> Silent {
    Silent { region: region.to_owned(), as_of }
}

fn heard(region: &str, at: Instant) -> Option<Heard> {
    Some(Heard { region: region.to_owned(), at })
}

/// 89 s before now: 16:04:31.
fn since() -> Instant {
    replay::at(NOW) - TimeDelta::seconds(89)
}

/// The pages that state the present.
fn presents(board: &Board) -> Vec<Address> {
    addresses(board).into_iter().filter(|address| address.states_the_present(board)).collect()
}

/// The notes below the freshness line, as a reader reads them.
fn notes(board: &Board, address: Address, locale: Locale, stamp: &Stamp) -> Vec<String> {
    let html = html(board, address, locale, stamp);
    let notes = html.split("<span class=\"told\">").skip(1).filter_map(|rest| rest.split("</span>").next());
    notes.map(|note| text(note).replace('|', "")).collect()
}

/// On every page that states the present, the same notes.
fn check(board: &Board, stamp: &Stamp, english: &[&str], chinese: &[&str]) {
    for address in presents(board) {
        assert_eq!(notes(board, address, Locale::English, stamp), english, "{address:?}");
        assert_eq!(notes(board, address, Locale::SimplifiedChinese, stamp), chinese, "{address:?}");
    }
}

#[test]
fn with_all_regions_heard_nothing_is_added() {
    let (board, now) = (replay::board_at(NOW), replay::at(NOW));
    check(&board, &fresh(now), &[], &[]);
    check(&board, &fresh(now).with_peers(2, Vec::new(), heard("Shanghai", now)), &[], &[]);
}

#[test]
fn a_silent_region_is_named_with_its_time() {
    let (board, now) = (replay::board_at(NOW), replay::at(NOW));
    let with = |silences| fresh(now).with_peers(2, silences, heard("Tokyo", now));
    check(
        &board,
        &with(vec![silent("Shanghai", Some(since()))]),
        &["The status server in Shanghai has not been heard from since 16:04:31 UTC+8. Updates posted there may be \
           missing here."],
        &["自 16:04:31 UTC+8 起未收到上海状态服务器的消息，在那里发布的更新可能尚未显示在此。"],
    );
    check(
        &board,
        &with(vec![silent("ap-shanghai", None)]),
        &["The status server in Shanghai has not been heard from since this one started. Updates posted there may be \
           missing here."],
        &["本服务器启动以来未收到上海状态服务器的消息，在那里发布的更新可能尚未显示在此。"],
    );
    check(
        &board,
        &with(vec![silent("Tokyo", None), silent("Shanghai", Some(since() - TimeDelta::days(1)))]),
        &[
            "2 other status servers have not been heard from: Shanghai since 7 April 2024, 16:04 UTC+8; Tokyo since this \
           one started. Updates posted there may be missing here.",
        ],
        &["另有 2 个状态服务器没有消息：上海（自 2024年4月7日 16:04 UTC+8 起）；东京（本服务器启动以来）。\
           在那里发布的更新可能尚未显示在此。"],
    );
}

#[test]
fn a_silent_server_changes_no_cell() {
    let (board, now) = (replay::board_at(NOW), replay::at(NOW));
    let stamp = fresh(now).with_peers(2, vec![silent("ap-tokyo", Some(since()))], heard("Shanghai", now));
    let without_line = |stamp: &Stamp| {
        let html = html(&board, Address::Home, Locale::English, stamp);
        let (before, rest) = html.split_once("<p id=\"freshness\"").expect("the line");
        format!("{before}{}", rest.split_once("</p>").expect("its end").1)
    };
    assert_eq!(without_line(&stamp), without_line(&fresh(now)));
}

#[test]
fn a_server_that_is_cut_off_says_whom_it_last_heard() {
    let (board, now) = (replay::board_at(NOW), replay::at(NOW));
    let cut_off = |peers, heard: Option<Heard>| {
        let confirmed_at = heard.as_ref().map_or(since(), |heard| heard.at);
        let silences = vec![silent("Guangzhou", Some(since())), silent("Tokyo", None)];
        Stamp::new(confirmed_at, now, "Shanghai").with_peers(peers, silences, heard)
    };
    check(
        &board,
        &cut_off(2, heard("Guangzhou", since())),
        &["Cut off from the other regions; last heard from Guangzhou at 16:04:31 UTC+8."],
        &["与其他地域失去联系；最后一次收到的是广州在 16:04:31 UTC+8 的消息。"],
    );
    check(
        &board,
        &cut_off(1, heard("Guangzhou", since())),
        &["Cut off from the other region, Guangzhou; last heard from it at 16:04:31 UTC+8."],
        &["与其他地域失去联系；最后一次收到的是广州在 16:04:31 UTC+8 的消息。"],
    );
    check(
        &board,
        &cut_off(2, None),
        &["Cut off from the other regions since this server started."],
        &["本服务器启动以来未能与其他地域取得联系。"],
    );
    let home = html(&board, Address::Home, Locale::English, &cut_off(2, heard("Guangzhou", since())));
    assert!(home.contains("data-freshness=\"amber\""));
    assert!(text(&home).replace("||", "|").contains("Last confirmed |16:04:31 UTC+8|"));
}

#[test]
fn newer_information_is_said_on_every_page_that_states_the_present() {
    let (mut board, now) = (replay::board_at(NOW), replay::at(NOW));
    story::newer(&mut board);
    let stamp = fresh(now).with_peers(2, vec![silent("Shanghai", Some(since()))], heard("Tokyo", now));
    for address in presents(&board) {
        for (locale, said) in [
            (Locale::English, "Newer information exists that this server cannot read yet; other regions may show it."),
            (Locale::SimplifiedChinese, "存在本服务器暂时无法读取的更新信息，其他地域可能已经显示。"),
        ] {
            let notes = notes(&board, address, locale, &stamp);
            assert_eq!((notes.len(), notes[0].as_str()), (2, said), "{address:?}");
        }
    }
}

#[test]
fn the_serving_region_is_named_in_the_language_of_the_page() {
    let (board, now) = (replay::board_at(NOW), replay::at(NOW));
    let said = |origin: &str, locale| text(&html(&board, Address::Home, locale, &Stamp::new(now, now, origin)));
    for origin in ["ap-guangzhou", "Guangzhou", "广州"] {
        assert!(said(origin, Locale::English).contains("|from Guangzhou|"), "{origin}");
        assert!(said(origin, Locale::SimplifiedChinese).contains("|来自广州|"), "{origin}");
    }
    assert!(said("node-7", Locale::SimplifiedChinese).contains("|来自 node-7|"));
}

#[test]
fn the_line_carries_what_the_stream_compares() {
    let (board, now) = (replay::board_at(NOW), replay::at(NOW));
    let stamp = fresh(now).with_peers(2, vec![silent("Shanghai", Some(since()))], heard("Tokyo", now));
    let of = |stamp: &Stamp| {
        let html = html(&board, Address::Region(RegionId::of_code("ap-tokyo")), Locale::English, stamp);
        values(&html, "data-regions").iter().map(|digest| (*digest).to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(of(&stamp), [stamp.regions_digest()]);
    assert_eq!(of(&fresh(now)), Vec::<String>::new(), "a lone node has nothing to compare");
}

#[test]
fn hostile_names_stay_text() {
    let hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\u{E000}\u{202E}";
    let (board, now) = (replay::board_at(NOW), replay::at(NOW));
    let one = fresh(now).with_peers(3, vec![silent(hostile, Some(since()))], heard(hostile, now));
    let many = fresh(now).with_peers(3, vec![silent(hostile, None), silent("Tokyo", None)], heard(hostile, now));
    let cut_off = Stamp::new(since(), now, hostile).with_peers(3, Vec::new(), heard(hostile, since()));
    for stamp in [one, many, cut_off] {
        for address in [Address::Home, Address::Component(ComponentId::of_code("cloud-api"))] {
            for locale in Locale::ALL {
                let html = html(&board, address, *locale, &stamp);
                assert!(!html.contains("<script>") && !html.contains("<img"), "{html}");
                assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{html}");
            }
        }
    }
}
