//! Two regions that posted apart from each other, until somebody who has seen both decides.

use crate::{replay, shown::*, story::*};
use app::{address::Address, locale::Locale};
use domain::{
    board::Board,
    status::{ComponentStatus::*, Status},
};

/// At 16:06 Shanghai, cut off, still says that its API is down; Guangzhou says that everything is back.
fn apart() -> (Story, Board) {
    let mut story = replay::story_until("16:06");
    let mut back = word(replay::at("16:10"), Some(Status::Monitoring), "Everything is back.");
    back.scope = scope(&["cloud-api"], &["ap-shanghai"], Operational);
    let mut down = word(replay::at("16:12"), Some(Status::Identified), "Still down here.");
    down.scope = scope(&["cloud-api"], &["ap-shanghai"], MajorOutage);
    story.post_apart(replay::incident_id(), vec![back, down]);
    let board = story.board();
    (story, board)
}

#[test]
fn the_page_and_its_card_say_it_in_both_languages_and_hold_both_accounts() {
    let (_, board) = apart();
    let stamp = fresh(replay::at("16:15"));
    for (locale, long, short, account) in [
        (
            Locale::English,
            "Two regions posted apart from each other. Both accounts are in the timeline; the more cautious status is \
             shown until an operator who has seen both confirms what holds.",
            "Two regions posted apart from each other; the more cautious status is shown until it is confirmed.",
            "One of the accounts posted apart",
        ),
        (
            Locale::SimplifiedChinese,
            "两个地域在彼此未能联系时分别发布了更新。两方的记录都保留在时间线中；在看过两方记录的运维人员确认之前，按较谨慎的状态显示。",
            "两个地域在彼此未能联系时分别发布了更新；确认之前，按较谨慎的状态显示。",
            "分别发布的记录之一",
        ),
    ] {
        let incident = html(&board, Address::Incident(replay::incident_id()), locale, &stamp);
        assert!(incident.contains(&format!("<p class=\"conflict\">{long}</p>")), "{incident}");
        assert_eq!(incident.matches(&format!("<p class=\"apart\">{account}</p>")).count(), 2);
        for text in ["Everything is back.", "Still down here."] {
            assert!(incident.contains(text), "{text}");
        }
        let home = html(&board, Address::Home, locale, &stamp);
        assert!(home.contains(&format!("<p class=\"conflict\">{short}</p>")), "{home}");
    }
    let headline = "Cloud API and 5 services are down in Shanghai. 16 of 17 regions have recovered.";
    assert!(html(&board, Address::Home, Locale::English, &stamp).contains(headline), "the worse one is shown");
}

#[test]
fn whoever_has_seen_both_settles_it() {
    let (mut story, _) = apart();
    story.post(replay::incident_id(), word(replay::at("16:20"), None, "Guangzhou has looked: it is down."));
    let stamp = fresh(replay::at("16:21"));
    for address in [Address::Home, Address::Incident(replay::incident_id())] {
        let html = html(&story.board(), address, Locale::English, &stamp);
        assert!(!html.contains("class=\"conflict\"") && !html.contains("class=\"apart\""), "{address:?}");
        assert!(html.contains("Cloud API and 5 services are down in Shanghai."), "{address:?}");
    }
}
