//! Every page as a reader gets it: whole, deterministic, safe, and honest when it is old.

use crate::{replay, shown::*, story::*};
use app::{address::Address, locale::Locale, site::Site};
use domain::{
    board::Board,
    change::IncidentOpened,
    id::{ComponentId, RegionId},
    stamp::Stamp,
    status::{ComponentStatus, Impact, Kind, Status},
};
use std::collections::BTreeSet;

#[test]
fn every_page_of_every_moment_is_a_whole_document_in_both_languages() {
    for time in ["15:22", "15:24", "15:58", "16:06", "16:46", "16:51", "18:00"] {
        let board = replay::board_at(time);
        for address in addresses(&board) {
            for locale in Locale::ALL {
                let html = html(&board, address, *locale, &fresh(replay::at(time)));
                let what = format!("{address:?} at {time} in {}", locale.tag());
                assert!(html.starts_with(&format!("<!DOCTYPE html><html lang=\"{}\"", locale.tag())), "{what}");
                assert!(html.ends_with("</html>"), "{what}");
                assert_eq!(html.matches("<h1").count(), 1, "{what}");
                let ids = values(&html, "id");
                assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{what}: an id stands twice");
                for wrong in [" style=", "<style", "onclick", "javascript:", "<!>", "\u{F8FF}", "\u{E000}"] {
                    assert!(!html.contains(wrong), "{what} has {wrong}");
                }
                for target in values(&html, "href").iter().filter_map(|href| href.strip_prefix('#')) {
                    assert!(ids.contains(&target), "{what} links to #{target}");
                }
                for named in values(&html, "aria-labelledby") {
                    assert!(ids.contains(&named), "{what} is named by {named}");
                }
            }
        }
    }
}

#[test]
fn headings_leave_no_level_out() {
    let board = replay::board_at("18:00");
    for address in addresses(&board) {
        let html = html(&board, address, Locale::English, &fresh(replay::at("18:00")));
        let levels: Vec<u32> = html.split("<h").skip(1).filter_map(|rest| rest.chars().next()?.to_digit(10)).collect();
        assert_eq!(levels.first(), Some(&1), "{address:?}");
        assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{address:?}: {levels:?}");
    }
}

#[test]
fn equal_inputs_give_equal_bytes_on_every_thread() {
    let render = || {
        let board = replay::board_at("16:06");
        html(&board, Address::Home, Locale::English, &fresh(replay::at("16:06")))
    };
    let first = render();
    assert_eq!(render(), first);
    let threads: Vec<_> = (0..2).map(|_| std::thread::spawn(render)).collect();
    for thread in threads {
        assert_eq!(thread.join().expect("no panic"), first);
    }
}

#[test]
fn the_home_page_answers_the_readers_questions() {
    let board = replay::board_at("16:06");
    let html = html(&board, Address::Home, Locale::English, &fresh(replay::at("16:06")));
    let sentence = "Cloud API and 5 services are down in Shanghai. 16 of 17 regions have recovered.";
    assert!(html.contains(&format!("<title>{sentence} · Example Cloud status</title>")));
    assert!(html.contains(&format!("<meta name=\"description\" content=\"{sentence}\">")));
    assert!(html.contains(&format!("<h1 id=\"headline\">{sentence}</h1>")));
    let text = text(&html);
    for words in [
        "Compute, Block storage and Networking are not affected.",
        "Next update by |16:40 UTC+8|",
        "Recovery expected about |16:30 UTC+8|",
        "Cloud API in Shanghai: major outage since |15:23 UTC+8|",
        "16 regions operating",
        "operating in all 17 regions",
        "|16:06:00 UTC+8|",
        "After |16:11 UTC+8| treat this as out of date.",
        "99.9",
    ] {
        assert!(text.contains(words), "{words} is not on the page");
    }
}

#[test]
fn an_update_that_is_overdue_is_said_to_be() {
    let board = replay::board_at("15:58");
    let text = text(&html(&board, Address::Home, Locale::English, &fresh(replay::at("16:01"))));
    assert!(text.contains("Next update by |16:05 UTC+8|"));
    let late = fresh(replay::at("16:06"));
    let text = self::text(&html(&board, Address::Home, Locale::English, &late));
    assert!(text.contains("The update promised for |16:05 UTC+8| is overdue"));
}

#[test]
fn when_grey_nothing_is_claimed_to_operate_and_what_was_posted_stays() {
    for time in ["15:22", "16:06"] {
        let board = replay::board_at(time);
        for address in addresses(&board) {
            if !address.states_the_present(&board) {
                continue;
            }
            let html = html(&board, address, Locale::English, &grey(replay::at(time)));
            assert!(html.contains("data-freshness=\"grey\""));
            let (present, _) = html.split_once("<section id=\"timeline\"").unwrap_or((&html, ""));
            // The legend says what a shape means, the days what was: neither is about the present.
            let text = text(present).replace("|operating|</li>", "");
            for claim in ["operating in ", "regions operating", "are operating", "not affected.", ": operating"] {
                assert!(!text.contains(claim), "{address:?} at {time} says {claim}");
            }
        }
        let home = html(&board, Address::Home, Locale::English, &grey(replay::at(time)));
        assert!(text(&home).contains("not confirmed since"));
    }
    let board = replay::board_at("16:06");
    let home = html(&board, Address::Home, Locale::English, &grey(replay::at("16:06")));
    assert!(home.contains("Cloud API and 5 services are down in Shanghai."));
    assert!(home.contains("Every region but Shanghai has recovered."));
}

#[test]
fn the_incident_tells_its_whole_story() {
    let board = replay::board_at("18:00");
    let id = replay::incident_id();
    let text = text(&html(&board, Address::Incident(id), Locale::English, &fresh(replay::at("18:00"))));
    for words in [
        "Everything that was affected was back after 87 min.",
        "back |16:05 UTC+8|, after 42 min",
        "back |16:45 UTC+8|, after 82 min",
        "back |16:50 UTC+8|, after 87 min",
        "Cloud Functions and 4 services in 16 regions: major outage → operating",
        "Erroneous configuration data",
        "|not forward compatible|",
        "7 services in 17 regions",
        "Until everything was back|||87 min",
    ] {
        let wanted = words.replace("|||", "|");
        let found = text.replace("||", "|").contains(&wanted) || text.contains(words);
        assert!(found, "{words} is not on the page");
    }
}

#[test]
fn what_people_wrote_stays_text() {
    let hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";
    let mut story = replay::catalog();
    let at = replay::at("12:00");
    let mut first = word(at, Some(Status::Investigating), format!("{hostile} [x](javascript:alert(1))"));
    first.scope = scope(&["ocr"], &["ap-tokyo"], ComponentStatus::MajorOutage);
    first.root_cause = Some(hostile.into());
    let id = "hostile00001".parse().expect("an id");
    let source = domain::change::Source { url: "javascript:alert(1)".to_owned(), id: hostile.to_owned() };
    story.open(
        id,
        IncidentOpened {
            title: hostile.into(),
            impact: Impact::Major,
            schedule: None,
            kind: Kind::Incident,
            first,
            source: Some(source),
        },
    );
    story.region(at, "hostile", hostile.into());
    let board = story.board();
    for address in addresses(&board) {
        let html = html(&board, address, Locale::English, &fresh(at));
        for tag in ["<script>", "<img", "href=\"javascript"] {
            assert!(!html.contains(tag), "{address:?} has {tag}");
        }
    }
    let incident = html(&board, Address::Incident(id), Locale::English, &fresh(at));
    assert!(incident.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
}

#[test]
fn an_empty_board_has_every_page_and_says_what_comes_next() {
    let (board, now) = (Board::default(), replay::at("12:00"));
    for address in addresses(&board) {
        for locale in Locale::ALL {
            assert!(html(&board, address, *locale, &fresh(now)).ends_with("</html>"));
        }
    }
    let home = html(&board, Address::Home, Locale::English, &fresh(now));
    assert!(home.contains("holdfast catalog apply"));
    assert!(!home.contains("<table"));
}

#[test]
fn scripts_load_only_where_something_lives() {
    let (board, now) = (replay::board_at("16:06"), replay::at("16:06"));
    let home = html(&board, Address::Home, Locale::English, &fresh(now));
    assert!(home.contains("<script type=\"module\" src=\"/pkg/boot.js\"></script>"));
    assert!(home.contains("data-stream=\"/live\""));
    let missing = html(&board, Address::NotFound, Locale::English, &fresh(now));
    assert!(!missing.contains("<script") && !missing.contains("leptos-island"));
    let history = html(&board, Address::History(None), Locale::English, &fresh(now));
    assert!(history.contains("<script") && !history.contains("data-stream") && !history.contains("freshness"));
    let plain = app::pages::html(&Site::default(), &board, &page(&board, Address::Home), Locale::English, &fresh(now));
    assert!(!plain.contains("<script") && !plain.contains("leptos-island") && !plain.contains("theme-control"));
}

#[test]
fn live_refresh_finds_its_sections() {
    let (board, now) = (replay::board_at("16:06"), replay::at("16:06"));
    let html = html(&board, Address::Home, Locale::English, &fresh(now));
    let (_, main) = html.split_once("<main id=\"main\">").expect("a main");
    let (main, after) = main.split_once("</main>").expect("its end");
    let mut depth = 0_usize;
    for tag in main.split('<').skip(1) {
        let name = tag.split([' ', '>']).next().unwrap_or_default();
        if name.starts_with('/') {
            depth -= 1;
        } else {
            if depth == 0 {
                assert!(tag.split('>').next().unwrap_or_default().contains(" id=\""), "<{tag} has no id");
            }
            depth += usize::from(!matches!(name, "br" | "meta" | "link"));
        }
    }
    assert_eq!(depth, 0);
    assert!(!main.contains("leptos-island") && after.contains("leptos-island"));
    for attribute in
        ["data-confirmed-at=\"2024-04-08T08:06:00Z\"", "data-amber-seconds=\"60\"", "data-grey-seconds=\"300\""]
    {
        assert!(main.contains(attribute));
    }
}

#[test]
fn regions_and_components_have_their_own_pages_and_feeds() {
    let (board, now) = (replay::board_at("16:06"), replay::at("16:06"));
    let region =
        html(&board, Address::Region(RegionId::of_code("ap-shanghai")), Locale::SimplifiedChinese, &fresh(now));
    assert!(region.contains("href=\"/zh/regions/ap-shanghai/history.atom\""));
    assert!(region.contains("云 API 等 6 项服务在上海不可用。"));
    let component = html(&board, Address::Component(ComponentId::of_code("cloud-api")), Locale::English, &fresh(now));
    assert!(component.contains("major outage in 1 of 17 regions"));
    assert!(component.contains("href=\"/en/components/cloud-api/history.rss\""));
    let tokyo = html(&board, Address::Region(RegionId::of_code("ap-tokyo")), Locale::English, &fresh(now));
    assert!(tokyo.contains("hreflang=\"x-default\" href=\"https://status.example.com/regions/ap-tokyo\""));
}

#[test]
fn a_prefix_stands_before_every_link() {
    let (board, now) = (replay::board_at("16:06"), replay::at("16:06"));
    let site = Site { base_path: "/status".to_owned(), ..site() };
    let html = app::pages::html(&site, &board, &page(&board, Address::Home), Locale::English, &fresh(now));
    for link in values(&html, "href").iter().chain(&values(&html, "src")) {
        let is_ours = link.starts_with("/status/") || link.starts_with('#') || link.starts_with("https://");
        assert!(is_ours, "{link}");
    }
}

#[test]
fn the_style_sheet_is_told_after_how_many_seconds_an_open_tab_is_old() {
    let style = include_str!("../../../style/freshness.css");
    let board = replay::board_at("15:58");
    let now = replay::at("15:58");
    // Of the reader's seconds; a demonstration's clock may be faster.
    for (grey_seconds, speed, bound) in
        [(300, None, 300), (1, None, 1), (86_400, None, 86_400), (18_000, Some(60), 300)]
    {
        let site = Site { demonstration_speed: speed, ..site() };
        let stamp = Stamp::with_bounds(now, now, "Guangzhou".to_owned(), 1, grey_seconds);
        let html = |address| app::pages::html(&site, &board, &page(&board, address), Locale::English, &stamp);
        let home = html(Address::Home);
        let (_, classes) = home.split_once("class=\"grey").expect("classes");
        let (classes, _) = classes.split_once('"').expect("their end");
        let mut sum = 0;
        for class in classes.split_whitespace() {
            let digit = class.strip_prefix("grey-").expect("a digit");
            sum += digit.parse::<i64>().expect("a number");
            assert!(style.contains(&format!(".grey-{digit} {{\n    --grey-{digit}: {digit}s;\n}}")), "{digit}");
            assert!(style.contains(&format!("var(--grey-{digit}, 0s)")), "{digit}");
        }
        assert_eq!(sum, bound);
        assert!(!html(Address::History(None)).contains("class=\"grey"), "what is past does not get old");
    }
}
