//! The first sentence, case by case, in both languages.

use crate::{replay, story::*};
use app::{locale::Locale, words::Words};
use domain::{
    board::Board,
    change::{IncidentOpened, Schedule, UpdatePosted},
    headline::Headline,
    id::{IncidentId, RegionId},
    status::{ComponentStatus::*, *},
};

fn say(board: &Board, locale: Locale) -> String {
    Words::of(locale).headline(&Headline::of(board), board).plain
}

fn with_incident(number: u8, scope: Vec<domain::change::ScopeChange>, impact: Impact, story: &mut Story) {
    let id: IncidentId = format!("headline{number:04}").parse().expect("an id");
    let first = UpdatePosted { scope, ..word(replay::at("12:00"), Some(Status::Investigating), "We look into it.") };
    let opened = IncidentOpened {
        title: "Slow mail.".into(),
        impact,
        schedule: None,
        kind: Kind::Incident,
        first,
        source: None,
    };
    story.open(id, opened);
}

#[test]
fn the_replay_is_told_step_by_step() {
    for (time, english, chinese) in [
        ("15:22", "All services are operating.", "所有服务运行正常。"),
        ("15:24", "Cloud API and 6 services are down in all 17 regions.", "云 API 等 7 项服务在全部 17 个地域不可用。"),
        (
            "16:06",
            "Cloud API and 5 services are down in Shanghai. 16 of 17 regions have recovered.",
            "云 API 等 6 项服务在上海不可用。17 个地域中已有 16 个恢复。",
        ),
        (
            "16:30",
            "Cloud API and 6 services are partly down in Shanghai. 16 of 17 regions have recovered.",
            "云 API 等 7 项服务在上海部分不可用。17 个地域中已有 16 个恢复。",
        ),
        (
            "16:46",
            "Console has degraded performance. All 17 regions have recovered.",
            "控制台性能下降。17 个地域已全部恢复。",
        ),
        (
            "16:51",
            "Everything that was affected has recovered and is being watched.",
            "受影响的部分已全部恢复，仍在观察。",
        ),
        ("17:46", "All services are operating.", "所有服务运行正常。"),
    ] {
        let board = replay::board_at(time);
        assert_eq!(say(&board, Locale::English), english, "{time}");
        assert_eq!(say(&board, Locale::SimplifiedChinese), chinese, "{time}");
    }
}

#[test]
fn what_else_is_affected_and_what_is_not_is_said() {
    let board = replay::board_at("16:06");
    let facts = Headline::of(&board);
    let english = Words::of(Locale::English).headline(&facts, &board);
    assert_eq!(english.also.as_deref(), Some("Console is partly down."));
    assert_eq!(english.unaffected.as_deref(), Some("Compute, Block storage and Networking are not affected."));
    let chinese = Words::of(Locale::SimplifiedChinese).headline(&facts, &board);
    assert_eq!(chinese.also.as_deref(), Some("控制台部分不可用。"));
    assert_eq!(chinese.unaffected.as_deref(), Some("云服务器、云硬盘和网络未受影响。"));
}

#[test]
fn scopes_of_every_size_make_sentences() {
    let cases: Vec<(Vec<_>, &str, &str)> = vec![
        (Vec::new(), "We are investigating: Slow mail.", "正在调查：Slow mail。"),
        (scope(&["console"], &[], MajorOutage), "Console is down.", "控制台不可用。"),
        (
            scope(&["ocr", "captcha"], &["ap-tokyo", "ap-seoul"], DegradedPerformance),
            "OCR and one more service have degraded performance in Seoul and Tokyo.",
            "文字识别等 2 项服务在首尔和东京性能下降。",
        ),
        (
            scope(&["ocr"], &["ap-tokyo", "ap-seoul", "eu-frankfurt"], PartialOutage),
            "OCR is partly down in 3 of 17 regions.",
            "文字识别在 3 个地域（共 17 个）部分不可用。",
        ),
        (scope(&["ocr"], &["ap-tokyo"], Unknown), "OCR is affected in Tokyo.", "文字识别在东京受到影响。"),
    ];
    for (scope, english, chinese) in cases {
        let mut story = replay::catalog();
        with_incident(1, scope, Impact::Major, &mut story);
        let board = story.board();
        assert_eq!(say(&board, Locale::English), english);
        assert_eq!(say(&board, Locale::SimplifiedChinese), chinese);
    }
}

#[test]
fn the_worse_incident_comes_first_and_the_others_are_counted() {
    let mut story = replay::catalog();
    with_incident(1, scope(&["ocr"], &["ap-tokyo"], DegradedPerformance), Impact::Minor, &mut story);
    with_incident(2, scope(&["console"], &[], MajorOutage), Impact::Critical, &mut story);
    let board = story.board();
    assert_eq!(say(&board, Locale::English), "Console is down, and one more incident is open.");
    assert_eq!(say(&board, Locale::SimplifiedChinese), "控制台不可用；另有 1 起事件尚未结束。");
    with_incident(3, Vec::new(), Impact::None, &mut story);
    assert_eq!(say(&story.board(), Locale::English), "Console is down, and 2 more incidents are open.");
}

#[test]
fn a_running_maintenance_is_told_without_claiming_that_all_operates() {
    let mut story = replay::catalog();
    let at = replay::at("12:00");
    let first = UpdatePosted {
        scope: scope(&["networking"], &["eu-frankfurt"], UnderMaintenance),
        ..word(at, Some(Status::InProgress), "Begun.")
    };
    let schedule = Some(Schedule { from: at, until: at + chrono::TimeDelta::hours(2) });
    let opened = IncidentOpened {
        title: "Switches".into(),
        impact: Impact::None,
        schedule,
        kind: Kind::Maintenance,
        first,
        source: None,
    };
    story.open("maintenance1".parse().expect("an id"), opened);
    let board = story.board();
    assert_eq!(say(&board, Locale::English), "No incident is open. One maintenance is running.");
    assert_eq!(say(&board, Locale::SimplifiedChinese), "当前没有进行中的事件，有 1 项维护正在进行。");
}

#[test]
fn an_empty_page_says_that_nothing_is_set_up() {
    assert_eq!(say(&Board::default(), Locale::English), "Nothing is set up here yet.");
    assert_eq!(say(&Board::default(), Locale::SimplifiedChinese), "此页面尚未设置任何服务。");
}

#[test]
fn a_region_is_told_of_itself_alone() {
    let board = replay::board_at("16:06");
    let of = |code: &str| Headline::of_region(&board, RegionId::of_code(code));
    let words = Words::of(Locale::English);
    let shanghai = words.headline(&of("ap-shanghai"), &board);
    assert_eq!(shanghai.plain, "Cloud API and 5 services are down in Shanghai.");
    let tokyo = words.headline(&of("ap-tokyo"), &board);
    assert_eq!(tokyo.plain, "Console is partly down.");
}
