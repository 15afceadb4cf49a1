//! Feeds, calendar and badge, read back by parsers that did not write them.

use crate::{board_builder::*, replay::*};
use app::{
    address::{Address, FeedFormat, Page, Selection},
    locale::Locale,
    words::Words,
};
use chrono::TimeDelta;
use domain::{board::Board, change::*, stamp::Stamp, status::*};
use feed_rs::model::Feed;
use server::feeds;

fn text(format: FeedFormat, of: Selection, board: &Board, locale: Locale) -> String {
    feeds::feed(format, of, board, &Page::of(Address::Feed(format, of), board).incidents, locale)
}

fn read(format: FeedFormat, of: Selection, board: &Board) -> Feed {
    let text = text(format, of, board, Locale::English);
    // No cleaning: what the parser hands over is what stands in the feed.
    let parser = feed_rs::parser::Builder::new().sanitize_content(false).build();
    parser.parse(text.as_bytes()).unwrap_or_else(|error| panic!("{error} in {text}"))
}

/// The HTML of an entry, wherever the format keeps it.
fn html(feed: &Feed, index: usize) -> String {
    let entry = &feed.entries[index];
    let content = entry.content.as_ref().and_then(|content| content.body.clone());
    content.or_else(|| entry.summary.as_ref().map(|summary| summary.content.clone())).expect("content")
}

#[test]
fn every_format_tells_the_same() {
    let board = replay_at("16:06");
    for format in FeedFormat::ALL.iter().copied() {
        let feed = read(format, Selection::Whole, &board);
        assert_eq!(feed.title.as_ref().map(|title| title.content.as_str()), Some("Example Cloud"), "{format:?}");
        assert_eq!(feed.language.as_deref(), Some("en"), "{format:?}");
        let links: Vec<&str> = feed.links.iter().map(|link| link.href.as_str()).collect();
        let own = format!("https://status.example.com/en/history.{}", format.extension());
        assert!(links.iter().any(|link| link.trim_end_matches('/') == "https://status.example.com/en"), "{links:?}");
        assert!(links.contains(&own.as_str()), "{format:?}: {links:?}");
        let entry = &feed.entries[0];
        assert_eq!(entry.id, format!("tag:status.example.com,2005:Incident/{REPLAY_ID}"));
        assert_eq!(entry.links[0].href, format!("https://status.example.com/en/incidents/{REPLAY_ID}"));
        assert_eq!(entry.title.as_ref().map(|title| title.content.as_str()), Some("Cloud API unavailable"));
        let newest = [entry.updated, entry.published].into_iter().flatten().max();
        assert_eq!(newest, Some(april("16:05")), "{format:?}");
        let html = html(&feed, 0);
        let place = |part: &str| html.find(part).unwrap_or_else(|| panic!("{format:?}: no `{part}` in {html}"));
        assert!(place("Every region but Shanghai") < place("Data repair executed"));
        assert!(place("Data repair executed") < place("<strong>all regions</strong>"));
        for part in ["Erroneous configuration data.", "2024-04-08T08:05:00Z", "Cloud API (16/17)", "Console"] {
            place(part);
        }
    }
}

#[test]
fn an_update_makes_the_entry_newer_and_nothing_else_does() {
    let (before, after) = (replay_at("16:05"), replay_at("16:26"));
    let atom = |board| read(FeedFormat::Atom, Selection::Whole, board);
    assert_eq!(atom(&before).updated, Some(april("16:05")));
    assert_eq!(atom(&after).updated, Some(april("16:25")));
    assert_eq!(atom(&after).entries[0].updated, Some(april("16:25")));
    assert_eq!(atom(&after).entries[0].published, Some(april("15:23")));
    assert_eq!(atom(&before).entries[0].id, atom(&after).entries[0].id);
    assert_eq!(atom(&after).id, "tag:status.example.com,2005:/history");
    let rss = |board| text(FeedFormat::Rss, Selection::Whole, board, Locale::English);
    assert!(rss(&after).contains("<pubDate>Mon, 8 Apr 2024 08:25:00 +0000</pubDate>"), "{}", rss(&after));
    assert!(
        rss(&after).contains("<guid isPermaLink=\"false\">tag:status.example.com,2005:Incident/20240408incd</guid>")
    );
    assert!(rss(&after).contains("<ttl>5</ttl>"));
    // An empty feed has a time as well, and it stays.
    let empty = replay_at("15:22");
    assert_eq!(atom(&empty).updated, Some(at("2024-01-01T00:00:00Z")));
    for format in FeedFormat::ALL.iter().copied() {
        let bytes = |time| text(format, Selection::Whole, &replay_at(time), Locale::English);
        assert_eq!(bytes("16:06"), bytes("16:24"), "equal boards, equal bytes");
    }
}

#[test]
fn a_feed_of_a_component_or_region_holds_what_touches_it() {
    let board = replay_at("17:46");
    let component = |code| Selection::Component(board.catalog.component_by_code(code).expect("a component").id);
    let region = |code| Selection::Region(board.catalog.region_by_code(code).expect("a region").id);
    for format in FeedFormat::ALL.iter().copied() {
        assert_eq!(read(format, component("servers"), &board).entries.len(), 0);
        let feed = read(format, component("console"), &board);
        assert_eq!(
            (feed.entries.len(), feed.title.map(|title| title.content)),
            (1, Some("Example Cloud: Console".to_owned()))
        );
        assert_eq!(read(format, region("ap-tokyo"), &board).entries.len(), 1);
    }
    let atom = read(FeedFormat::Atom, region("ap-tokyo"), &board);
    assert_eq!(atom.id, "tag:status.example.com,2005:/regions/ap-tokyo/history");
}

#[test]
fn hostile_words_arrive_as_they_were_written() {
    let titles = [
        "]]> ends nothing",
        "<script>alert(1)</script>",
        "Tom & Jerry's \"API\" &amp; &lt;b&gt;",
        "]]><item><title>x</title></item>",
        "🔥 down 👩‍💻",
        "الخدمة معطلة",
        "全部地域 API 不可用",
        "--> <!-- <?xml ?> <![CDATA[x]]>",
        "https://example.com/?a=1&b=2",
    ];
    for title in titles {
        let mut builder = BoardBuilder::default();
        builder.catalog(at("2024-01-01T00:00:00Z"), &[], &[], &[("mail", "Mail", None, Plane::Data, &[])]);
        builder.page(at("2024-01-01T00:00:00Z"), |page| page.name = title.into());
        let body = format!("Text: {title} [x](javascript:alert(1)) <img src=x onerror=alert(1)>");
        let first = update(april("10:00"), Some(Status::Investigating), &body);
        builder.open("aaaaaaaaaaaa", incident(title, Impact::Minor, first));
        let board = builder.board();
        for format in FeedFormat::ALL.iter().copied() {
            let feed = read(format, Selection::Whole, &board);
            assert_eq!(feed.entries.len(), 1, "{format:?} {title}");
            assert_eq!(feed.entries[0].title.as_ref().map(|title| title.content.as_str()), Some(title), "{format:?}");
            assert_eq!(feed.title.as_ref().map(|title| title.content.as_str()), Some(title), "{format:?}");
            let html = html(&feed, 0);
            for tag in ["<script", "<img", "javascript:alert(1)\""] {
                assert!(!html.contains(tag), "{format:?} {html}");
            }
        }
        let svg = feeds::badge(&board, Selection::Whole, &fresh(april("10:01")));
        assert!(!svg.contains("<script") && !svg.contains("<item"), "{svg}");
        let title_element = svg.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next());
        assert!(title_element.is_some_and(|title| !title.contains('<')), "{svg}");
    }
}

#[test]
fn what_xml_cannot_hold_is_left_out() {
    let mut builder = BoardBuilder::default();
    let first = update(april("10:00"), Some(Status::Investigating), "a\u{FFFF}b\u{1}c");
    let opened = incident("x\u{FFFE}y\u{0}z", Impact::Minor, first);
    // Written by another node that did not check.
    builder.write(
        april("10:00"),
        domain::id::Subject::Incident(incident_id("aaaaaaaaaaaa")),
        Change::IncidentOpened(opened),
    );
    for format in [FeedFormat::Rss, FeedFormat::Atom] {
        let feed = read(format, Selection::Whole, &builder.board());
        assert_eq!(feed.entries[0].title.as_ref().map(|title| title.content.as_str()), Some("xyz"));
        assert!(html(&feed, 0).contains("abc"), "{}", html(&feed, 0));
    }
}

#[test]
fn a_feed_speaks_its_language_and_keeps_its_ids() {
    let board = replay_at("16:06");
    let chinese = text(FeedFormat::Atom, Selection::Whole, &board, Locale::SimplifiedChinese);
    assert!(chinese.contains("xml:lang=\"zh-CN\"") && chinese.contains("https://status.example.com/zh/history.atom"));
    assert!(chinese.contains("根本原因"), "{chinese}");
    assert!(chinese.contains("<id>tag:status.example.com,2005:/history</id>"));
}

fn calendar_board() -> BoardBuilder {
    let mut builder = BoardBuilder::default();
    builder.catalog(at("2024-01-01T00:00:00Z"), &[], &[], &[("mail", "Mail", None, Plane::Data, &[])]);
    let planned = |text: &str| update(april("10:00"), Some(Status::Scheduled), text);
    let long = "New disks; a, b\\c 全部地域维护 🔥 ".repeat(12);
    builder
        .open("mmmmmmmmmmmm", maintenance("Disks; new, \\ 🔥", april("12:00"), april("13:00"), planned(&long)))
        .open("nnnnnnnnnnnn", maintenance("Called off", april("20:00"), april("21:00"), planned("Planned.")))
        .post("nnnnnnnnnnnn", update(april("11:00"), Some(Status::Completed), "It is not needed."))
        .open(
            "iiiiiiiiiiii",
            incident("No maintenance", Impact::Minor, update(april("11:30"), Some(Status::Identified), "x")),
        );
    let unscheduled = IncidentOpened {
        schedule: None,
        source: Some(Source { url: "https://example.com/1".to_owned(), id: "1".to_owned() }),
        ..maintenance("Imported", april("20:00"), april("21:00"), planned("Without a schedule."))
    };
    builder.open("oooooooooooo", unscheduled);
    builder
}

#[test]
fn the_calendar_holds_the_maintenances_with_a_schedule() {
    let board = calendar_board().board();
    let text = feeds::calendar(&board);
    assert_eq!(text, feeds::calendar(&board));
    for line in text.split("\r\n") {
        assert!(line.len() <= 75 && !line.contains(['\r', '\n']), "{} bytes: {line}", line.len());
    }
    assert!(text.ends_with("END:VCALENDAR\r\n"));
    // Unfolded here by hand, as RFC 5545 section 3.1 says: a line break and one space vanish.
    let unfolded = text.replace("\r\n ", "");
    let lines: Vec<&str> = unfolded.lines().collect();
    for line in [
        "UID:mmmmmmmmmmmm@status.example.com",
        "DTSTAMP:20240408T020000Z",
        "DTSTART:20240408T040000Z",
        "DTEND:20240408T050000Z",
        "SUMMARY:Disks\\; new\\, \\\\ 🔥",
        "SEQUENCE:1",
        "SEQUENCE:2",
        "STATUS:CONFIRMED",
        "STATUS:CANCELLED",
        "URL:https://status.example.com/maintenance/mmmmmmmmmmmm",
    ] {
        assert!(lines.contains(&line), "no `{line}` in {unfolded}");
    }
    assert_eq!(lines.iter().filter(|line| **line == "BEGIN:VEVENT").count(), 2);
}

#[test]
fn the_badge_says_the_status_in_words() {
    use ComponentStatus::*;
    let words = Words::of(Locale::English);
    let said = |name: &str, status| format!("{name}: {}", words.component_status(status));
    let monitoring = words.status(Status::Monitoring);
    let now = april("18:00");
    let grey = Stamp::new(now, now + TimeDelta::minutes(6), "ap-guangzhou");
    let title = |board: &Board, of, stamp: &Stamp| {
        let svg = feeds::badge(board, of, stamp);
        assert!(svg.starts_with("<svg ") && svg.contains("role=\"img\"") && !svg.contains("href"), "{svg}");
        svg.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next()).unwrap_or_default().to_owned()
    };
    let (down, back, well) = (replay_at("16:06"), replay_at("16:51"), replay_at("17:46"));
    let region = Selection::Region(down.catalog.region_by_code("ap-tokyo").expect("a region").id);
    let console = Selection::Component(down.catalog.component_by_code("console").expect("a component").id);
    let servers = Selection::Component(down.catalog.component_by_code("servers").expect("a component").id);
    assert_eq!(title(&down, Selection::Whole, &fresh(now)), said("Example Cloud", MajorOutage));
    assert_eq!(title(&down, console, &fresh(now)), said("Console", PartialOutage));
    assert_eq!(title(&down, servers, &fresh(now)), said("Servers", Operational));
    // Recovered, and watched until the incident is resolved.
    assert_eq!(title(&back, region, &fresh(now)), format!("ap-tokyo: {monitoring}"));
    assert_eq!(title(&back, Selection::Whole, &fresh(now)), format!("Example Cloud: {monitoring}"));
    assert_eq!(title(&well, Selection::Whole, &fresh(now)), said("Example Cloud", Operational));
    assert_eq!(title(&well, Selection::Whole, &grey), "Example Cloud: not confirmed");
    assert_eq!(title(&down, console, &grey), said("Console", PartialOutage));
    let mut behind = well.clone();
    note_newer(&mut behind);
    let newer = "Newer information exists that this server cannot read yet; other regions may show it.";
    let expected = format!("{}. {newer}", said("Example Cloud", Operational));
    assert_eq!(title(&behind, Selection::Whole, &fresh(now)), expected);
}

proptest::proptest! {
    /// Whatever may stand in a title reaches the reader of every format.
    #[test]
    fn a_title_that_the_log_takes_arrives_whole(title in "[^\\p{C}\\s][^\\p{C}\\s]{0,40}( [^\\p{C}\\s]{1,10}){0,3}") {
        let mut builder = BoardBuilder::default();
        proptest::prop_assume!(domain::text::check_name(&title.as_str().into()).is_ok());
        let first = update(april("10:00"), Some(Status::Investigating), &title);
        builder.open("aaaaaaaaaaaa", incident(&title, Impact::Minor, first));
        for format in FeedFormat::ALL.iter().copied() {
            let feed = read(format, Selection::Whole, &builder.board());
            let arrived = feed.entries[0].title.as_ref().map(|title| title.content.as_str());
            proptest::prop_assert_eq!(arrived, Some(title.as_str()), "{:?}", format);
        }
    }
}
