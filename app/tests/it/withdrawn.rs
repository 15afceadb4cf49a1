//! Past the second bound no page that states the present claims that anything operates, whatever the stamp says besides.
//!
//! What is read is the whole HTML, with attributes and the shapes of marks. Left out is what tells of the past: the
//! timeline, and the bars of ninety days, whose last one has a test of its own.

use crate::{replay, shown::*, story::*};
use app::{address::Address, locale::Locale, words::Words};
use chrono::TimeDelta;
use domain::{
    board::Board,
    change::{IncidentOpened, Schedule},
    stamp::{Freshness, Heard, Silent, Stamp},
    status::{ComponentStatus::*, Impact, Kind, Status},
};
use proptest::prelude::*;
use std::sync::OnceLock;

/// Nothing wrong; an outage; all back and watched; over; a maintenance that runs.
fn boards() -> &'static [Board] {
    static BOARDS: OnceLock<Vec<Board>> = OnceLock::new();
    BOARDS.get_or_init(|| {
        let mut boards: Vec<Board> = ["15:22", "16:06", "16:51", "18:00"].map(replay::board_at).into();
        let mut story = replay::story_until("15:22");
        let at = replay::at("15:00");
        let mut first = word(at, Some(Status::InProgress), both("Begun.", "已开始。"));
        first.scope = scope(&["networking"], &["ap-tokyo"], UnderMaintenance);
        let schedule = Some(Schedule { from: at, until: at + TimeDelta::hours(2) });
        let opened = IncidentOpened {
            title: both("Switches", "交换机"),
            impact: Impact::None,
            schedule,
            kind: Kind::Maintenance,
            first,
            source: None,
        };
        story.open("maintenance1".parse().expect("an id"), opened);
        boards.push(story.board());
        boards
    })
}

/// The words and the shape that claim something to operate.
fn claims(locale: Locale) -> Vec<String> {
    let mut claims = vec![
        Words::of(locale).component_status(Operational),
        "M8 4.5a3.5 3.5 0 1 1 0 7a3.5 3.5 0 1 1 0-7z".to_owned(),
        "class=\"mark s-up\"".to_owned(),
        "card s-up".to_owned(),
    ];
    claims.extend(match locale {
        Locale::English => ["operating", "not affected", "All services"].map(str::to_owned),
        Locale::SimplifiedChinese => ["运行正常", "未受影响", "所有服务"].map(str::to_owned),
    });
    claims
}

/// Without the sections of these ids.
fn without(html: &str, ids: &[&str]) -> String {
    let mut html = html.to_owned();
    for id in ids {
        while let Some((before, rest)) = html.split_once(&format!("<section id=\"{id}\"")) {
            let (_, after) = rest.split_once("</section>").expect("its end");
            html = format!("{before}{after}");
        }
    }
    html
}

fn present(board: &Board, address: Address, locale: Locale, stamp: &Stamp) -> String {
    without(&html(board, address, locale, stamp), &["timeline", "uptime", "days"])
}

#[test]
fn the_search_finds_claims_where_there_are_some() {
    for locale in Locale::ALL.iter().copied() {
        let html = present(&boards()[0], Address::Home, locale, &fresh(replay::at("15:22")));
        for claim in claims(locale).iter().filter(|claim| !["not affected", "未受影响"].contains(&claim.as_str())) {
            assert!(html.contains(claim.as_str()), "{claim}");
        }
        let html = present(&boards()[1], Address::Home, locale, &fresh(replay::at("16:06")));
        assert!(claims(locale).iter().filter(|claim| html.contains(claim.as_str())).count() >= 4);
    }
}

prop_compose! {
    /// Any stamp past its second bound.
    fn grey_stamp()(
        amber in 1_i64..1_000,
        more in 0_i64..1_000,
        late in 0_i64..1_000_000,
        peers in 0_u32..4,
        silent in prop::collection::vec((0_usize..17, prop::option::of(0_i64..1_000_000)), 0..4),
        heard in prop::option::of((0_usize..17, 0_i64..1_000_000)),
    ) -> Stamp {
        let now = replay::at("18:00");
        let ago = |seconds| now - TimeDelta::seconds(seconds);
        let name = |number: usize| replay::REGIONS[number].1.to_owned();
        let silent = silent.into_iter().map(|(region, age)| Silent { region: name(region), as_of: age.map(ago) });
        let heard = heard.map(|(region, age)| Heard { region: name(region), at: ago(age) });
        Stamp::with_bounds(ago(amber + more + late), now, "Guangzhou".to_owned(), amber, amber + more)
            .with_peers(peers, silent.collect(), heard)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn no_page_past_its_bound_claims_that_anything_operates(stamp in grey_stamp(), which in 0_usize..5) {
        prop_assert_eq!(stamp.freshness, Freshness::Grey);
        let board = &boards()[which];
        for address in addresses(board).into_iter().filter(|address| address.states_the_present(board)) {
            for locale in Locale::ALL.iter().copied() {
                let html = present(board, address, locale, &stamp);
                for claim in claims(locale) {
                    prop_assert!(!html.contains(&claim), "{:?} of board {} says {} in {}", address, which, claim, html);
                }
            }
        }
    }
}

#[test]
fn today_is_no_good_day_while_it_is_not_confirmed() {
    let (board, now) = (replay::board_at("15:22"), replay::at("15:22"));
    let label = |stamp: &Stamp| {
        let home = html(&board, Address::Home, Locale::English, stamp);
        let first = home.split("class=\"days\"").nth(1).expect("bars");
        values(first, "aria-label")[0].to_owned()
    };
    let days = |label: &str| -> Vec<u32> {
        let numbers = label.split(' ').filter_map(|word| word.parse().ok());
        numbers.collect()
    };
    let (fresh, grey) = (label(&fresh(now)), label(&grey(now)));
    let (fresh_days, grey_days) = (days(&fresh), days(&grey));
    assert!(fresh.starts_with("operating on "), "{fresh}");
    assert_eq!(grey_days[0], fresh_days[0] - 1, "{grey}, not {fresh}");
    assert_eq!(grey_days[1..].iter().sum::<u32>(), fresh_days[1..].iter().sum::<u32>() + 1, "{grey}");
}

#[test]
fn the_title_of_a_tab_that_grows_old_has_other_words_at_hand() {
    let well = replay::board_at("15:22");
    let now = replay::at("15:22");
    let title = |address, locale| {
        let html = html(&well, address, locale, &fresh(now));
        let (title, _) = html.split_once("</title>").expect("a title");
        title.rsplit_once("<title").expect("its start").1.to_owned()
    };
    assert_eq!(
        title(Address::Home, Locale::English),
        " data-unconfirmed=\"How the services are doing is not confirmed. · Example Cloud \
         status\" class=\"claim\">All services are operating. · Example Cloud status"
    );
    let tokyo = Address::Region(domain::id::RegionId::of_code("ap-tokyo"));
    assert!(title(tokyo, Locale::SimplifiedChinese).contains("data-unconfirmed=\"东京：服务状态暂时无法确认。"));
    let compute = Address::Component(domain::id::ComponentId::of_code("compute"));
    assert!(title(compute, Locale::English).contains("data-unconfirmed=\"Compute: not confirmed"));
}

#[test]
fn an_old_confirmation_is_told_with_its_date_and_one_that_never_was_is_not_made_up() {
    let (well, now) = (replay::board_at("15:22"), replay::at("15:22"));
    let of = |confirmed_at| {
        let stamp = Stamp::new(confirmed_at, now, "Guangzhou").with_peers(2, Vec::new(), None);
        html(&well, Address::Home, Locale::English, &stamp)
    };
    let yesterday = of(now - TimeDelta::days(1));
    assert!(yesterday.contains("How the services are doing has not been confirmed since 7 April 2024, 15:22 UTC+8."));
    assert!(text(&yesterday).replace("||", "|").contains("Not confirmed since |7 April 2024, 15:22 UTC+8|"));
    let never = of(domain::Instant::UNIX_EPOCH);
    assert!(never.contains("How the services are doing is not confirmed.<"));
    assert!(text(&never).contains("|Not confirmed yet|") && !text(&never).contains("1970"));
    assert!(never.contains("Cut off from the other regions since this server started."));
}
