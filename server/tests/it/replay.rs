//! The published incident of 8 April 2024, step by step, with our reading of its scope.

use crate::board_builder::*;
use domain::{board::Board, change::*, status::*, text::Text};

pub const REPLAY_ID: &str = "20240408incd";
pub const REPLAY_REGIONS: [&str; 17] = [
    "ap-guangzhou",
    "ap-shanghai",
    "ap-nanjing",
    "ap-beijing",
    "ap-chengdu",
    "ap-chongqing",
    "ap-hongkong",
    "ap-singapore",
    "ap-bangkok",
    "ap-jakarta",
    "ap-mumbai",
    "ap-seoul",
    "ap-tokyo",
    "na-siliconvalley",
    "na-ashburn",
    "sa-saopaulo",
    "eu-frankfurt",
];
const THROUGH_THE_API: [&str; 6] = ["cloud-api", "functions", "ocr", "microservices", "audio-security", "captcha"];

/// The published incident of 8 April 2024 as it stood at `time` (UTC+8): every step up to then.
pub fn replay_at(time: &str) -> Board {
    use ComponentStatus::*;
    let mut builder = BoardBuilder::default();
    let regions: Vec<(&str, &str)> = REPLAY_REGIONS.iter().map(|code| (*code, *code)).collect();
    let all = &REPLAY_REGIONS[..];
    builder.catalog(
        at("2024-01-01T00:00:00Z"),
        &regions,
        &[("management", "Management"), ("compute", "Compute")],
        &[
            ("cloud-api", "Cloud API", Some("management"), Plane::Control, all),
            ("console", "Console", Some("management"), Plane::Control, &[]),
            ("functions", "Cloud Functions", Some("compute"), Plane::Control, all),
            ("ocr", "OCR", None, Plane::Control, all),
            ("microservices", "Microservice Platform", None, Plane::Control, all),
            ("audio-security", "Audio Content Security", None, Plane::Control, all),
            ("captcha", "Captcha", None, Plane::Control, all),
            ("servers", "Servers", Some("compute"), Plane::Data, all),
        ],
    );
    let board = builder.board();
    let everywhere: Vec<String> = THROUGH_THE_API.iter().map(|code| format!("{code}@*")).collect();
    let shanghai: Vec<String> = THROUGH_THE_API.iter().map(|code| format!("{code}@ap-shanghai")).collect();
    let cells = |codes: &[String], status| scope(&board, &codes.iter().map(String::as_str).collect::<Vec<_>>(), status);
    let but_shanghai = || {
        let mut changes = cells(&everywhere, Operational);
        let here = board.catalog.region_by_code("ap-shanghai").map(|region| region.id);
        changes.retain(|change| change.cell.region != here);
        changes
    };
    let console = |status| scope(&board, &["console"], status);
    let step = |time: &str, status, text: &str, scopes: Vec<Vec<ScopeChange>>| UpdatePosted {
        scope: scopes.concat(),
        ..update(april(time), Some(status), text)
    };
    let mut first = step(
        "15:23",
        Status::Investigating,
        "The cloud API is unavailable in **all regions**.",
        vec![cells(&everywhere, MajorOutage), console(MajorOutage)],
    );
    first.impact = Some(Impact::Critical);
    let mut steps = vec![
        step("15:47", Status::Investigating, "Rolled back; service is not fully restored.", vec![]),
        step("15:57", Status::Identified, "Root cause found.", vec![]),
        step(
            "16:02",
            Status::Identified,
            "Data repair executed in all regions.",
            vec![cells(&["cloud-api@*".to_owned()], PartialOutage)],
        ),
        step(
            "16:05",
            Status::Identified,
            "Every region but Shanghai has recovered.",
            vec![but_shanghai(), cells(&shanghai, MajorOutage), console(PartialOutage)],
        ),
        step(
            "16:25",
            Status::Identified,
            "A circular dependency was found in Shanghai.",
            vec![cells(&shanghai, PartialOutage)],
        ),
        step(
            "16:45",
            Status::Monitoring,
            "Shanghai recovered. Console traffic surges.",
            vec![cells(&shanghai, Operational), console(DegradedPerformance)],
        ),
        step("16:50", Status::Monitoring, "Console fully restored.", vec![console(Operational)]),
        step("17:45", Status::Resolved, "One hour without issues; closed.", vec![]),
    ];
    steps[1].root_cause = Some(Text::from("Erroneous configuration data."));
    steps[1].next_update_at = Some(april("16:05"));
    steps[2].expected_recovery = Some(Expectation::At(april("16:30")));
    steps[4].expected_recovery = Some(Expectation::At(april("16:50")));
    let now = april(time);
    if first.at <= now {
        builder.open(REPLAY_ID, incident("Cloud API unavailable", Impact::Critical, first));
        for step in steps.into_iter().filter(|step| step.at <= now) {
            builder.post(REPLAY_ID, step);
        }
    }
    builder.board()
}
