//! 8 April 2024 as a log, up to a chosen minute (times UTC+8).

use crate::story::*;
use domain::status::ComponentStatus::{DegradedPerformance, MajorOutage, Operational, PartialOutage};
use domain::{Instant, board::Board, catalog::PageSettings, change::*, id::*, status::*};

pub const REGIONS: [(&str, &str, &str); 17] = [
    ("ap-guangzhou", "Guangzhou", "广州"),
    ("ap-shanghai", "Shanghai", "上海"),
    ("ap-nanjing", "Nanjing", "南京"),
    ("ap-beijing", "Beijing", "北京"),
    ("ap-chengdu", "Chengdu", "成都"),
    ("ap-chongqing", "Chongqing", "重庆"),
    ("ap-hongkong", "Hong Kong", "香港"),
    ("ap-singapore", "Singapore", "新加坡"),
    ("ap-bangkok", "Bangkok", "曼谷"),
    ("ap-jakarta", "Jakarta", "雅加达"),
    ("ap-mumbai", "Mumbai", "孟买"),
    ("ap-seoul", "Seoul", "首尔"),
    ("ap-tokyo", "Tokyo", "东京"),
    ("na-siliconvalley", "Silicon Valley", "硅谷"),
    ("na-ashburn", "Ashburn", "阿什本"),
    ("sa-saopaulo", "São Paulo", "圣保罗"),
    ("eu-frankfurt", "Frankfurt", "法兰克福"),
];

/// Code, names, and what of.
const COMPONENTS: [(&str, &str, &str, Plane, &[&str]); 10] = [
    ("cloud-api", "Cloud API", "云 API", Plane::Control, &[]),
    ("console", "Console", "控制台", Plane::Control, &["cloud-api"]),
    ("cloud-functions", "Cloud Functions", "云函数", Plane::Control, &["cloud-api"]),
    ("ocr", "OCR", "文字识别", Plane::Control, &["cloud-api"]),
    ("microservices", "Microservice Platform", "微服务平台", Plane::Control, &["cloud-api"]),
    ("audio-security", "Audio Content Security", "音频内容安全", Plane::Control, &["cloud-api"]),
    ("captcha", "Captcha", "验证码", Plane::Control, &["cloud-api"]),
    ("compute", "Compute", "云服务器", Plane::Data, &[]),
    ("block-storage", "Block storage", "云硬盘", Plane::Data, &[]),
    ("networking", "Networking", "网络", Plane::Data, &[]),
];

pub const API_AND_DEPENDENTS: [&str; 6] =
    ["cloud-api", "cloud-functions", "ocr", "microservices", "audio-security", "captcha"];

/// An instant of that day, UTC+8.
pub fn at(time: &str) -> Instant {
    format!("2024-04-08T{time}:00+08:00").parse().expect("HH:MM")
}

pub fn incident_id() -> IncidentId {
    "api20240408a".parse().expect("an id")
}

pub fn maintenance_id() -> IncidentId {
    "mnt20240410a".parse().expect("an id")
}

fn all_regions() -> Vec<&'static str> {
    REGIONS.iter().map(|(code, ..)| *code).collect()
}

fn but_shanghai() -> Vec<&'static str> {
    all_regions().into_iter().filter(|code| *code != "ap-shanghai").collect()
}

/// The page, its regions and components.
pub fn catalog() -> Story {
    let mut story = Story::default();
    let since: Instant = "2024-01-20T00:00:00Z".parse().expect("an instant");
    let page = PageSettings {
        name: both("Example Cloud status", "示例云状态"),
        url: "https://status.example.com".to_owned(),
        time_zone: "Asia/Shanghai".to_owned(),
        notice: Some(both("Reconstructed from the published review.", "根据公开的复盘报告重建。")),
        support_url: Some("https://example.com/help".to_owned()),
    };
    story.write(since, Subject::Page, Change::PageSet(page));
    for (code, english, chinese) in REGIONS {
        story.region(since, code, both(english, chinese));
    }
    story.group(since, "control", both("Control plane", "控制面"));
    story.group(since, "data", both("Data plane", "数据面"));
    for (code, english, chinese, plane, needs) in COMPONENTS {
        let regions = if code == "console" { Vec::new() } else { all_regions() };
        let set = ComponentSet {
            code: code.to_owned(),
            name: both(english, chinese),
            description: None,
            group: Some(GroupId::of_code(plane.word())),
            plane,
            regions: regions.into_iter().map(RegionId::of_code).collect(),
            depends_on: needs.iter().map(|code| ComponentId::of_code(code)).collect(),
            position: 0,
            since,
        };
        story.component(since, set);
    }
    story
}

/// The incident as far as it was told at this time; after 17:45 with its postmortem.
pub fn story_until(time: &str) -> Story {
    let (mut story, now) = (catalog(), at(time));
    earlier(&mut story);
    let id = incident_id();
    let mut updates = updates().into_iter().filter(|update| update.at <= now);
    let Some(first) = updates.next() else { return story };
    story.open(
        id,
        IncidentOpened {
            title: both("Cloud API requests fail in all regions", "所有地域的云 API 请求失败"),
            impact: Impact::Critical,
            schedule: None,
            kind: Kind::Incident,
            first,
            source: None,
        },
    );
    updates.for_each(|update| story.post(id, update));
    if now > at("17:45") {
        let text = both(
            "## What happened\n\nThe new version was **not forward compatible**.\n\n## What we will change\n\n- Staged release by cluster, zone and region\n- Circuit breakers that halt a bad change",
            "## 经过\n\n新版本**不向前兼容**。\n\n## 改进\n\n- 按集群、可用区和地域分阶段发布\n- 自动熔断异常变更",
        );
        let published = PostmortemPublished { at: at("17:50"), text };
        story.write(at("17:50"), Subject::Incident(id), Change::PostmortemPublished(published));
    }
    story
}

pub fn board_at(time: &str) -> Board {
    story_until(time).board()
}

/// What was before that day, and a maintenance planned after it.
fn earlier(story: &mut Story) {
    let begun: Instant = "2024-04-02T03:00:00Z".parse().expect("an instant");
    let id: IncidentId = "ocr20240402a".parse().expect("an id");
    let mut first =
        word(begun, Some(Status::Investigating), both("OCR answers slowly in Tokyo.", "东京的文字识别响应缓慢。"));
    first.scope = scope(&["ocr"], &["ap-tokyo"], DegradedPerformance);
    story.open(
        id,
        IncidentOpened {
            title: both("OCR is slow in Tokyo", "东京的文字识别响应缓慢"),
            impact: Impact::Minor,
            schedule: None,
            kind: Kind::Incident,
            first,
            source: None,
        },
    );
    let end = begun + chrono::TimeDelta::minutes(52);
    story.post(id, word(end, Some(Status::Resolved), both("Answers are quick again.", "响应已恢复正常。")));
    let schedule = Schedule {
        from: "2024-04-10T16:00:00Z".parse().expect("an instant"),
        until: "2024-04-10T18:00:00Z".parse().expect("an instant"),
    };
    let mut first = word(begun, Some(Status::Scheduled), both("Switches are replaced.", "更换交换机。"));
    first.scope = scope(&["networking"], &["eu-frankfurt"], ComponentStatus::UnderMaintenance);
    let opened = IncidentOpened {
        title: both("Switches in Frankfurt", "法兰克福交换机更换"),
        impact: Impact::None,
        schedule: Some(schedule),
        kind: Kind::Maintenance,
        first,
        source: None,
    };
    story.open(maintenance_id(), opened);
}

fn updates() -> Vec<UpdatePosted> {
    let entry = |time, status, english, chinese| word(at(time), Some(status), both(english, chinese));
    let all = all_regions();
    let rest = but_shanghai();
    let mut alarm = entry(
        "15:23",
        Status::Investigating,
        "The Cloud API is abnormal in every region. Many customers cannot sign in to the console.",
        "各地域云 API 异常，许多客户无法登录控制台。",
    );
    alarm.scope = scope(&API_AND_DEPENDENTS, &all, MajorOutage);
    alarm.scope.extend(scope(&["console"], &[], MajorOutage));
    alarm.next_update_at = Some(at("15:45"));
    let rollback = entry(
        "15:47",
        Status::Investigating,
        "The version is rolled back. Service is **not fully restored**; we go on looking.",
        "版本已回滚，服务**尚未完全恢复**，继续排查。",
    );
    let mut cause = entry(
        "15:57",
        Status::Identified,
        "The root cause is found. An emergency repair of the data is planned.",
        "已找到根本原因，计划紧急修复数据。",
    );
    cause.root_cause = Some(both(
        "Erroneous configuration data: the new API version was not forward compatible and mishandled legacy data.",
        "配置数据错误：新版本 API 不向前兼容，错误处理了旧数据。",
    ));
    cause.next_update_at = Some(at("16:05"));
    let mut repair = entry(
        "16:02",
        Status::Identified,
        "The data repair runs in all regions; the API recovers region by region.",
        "已在所有地域执行数据修复，API 逐个地域恢复。",
    );
    repair.scope = scope(&["cloud-api"], &all, PartialOutage);
    repair.expected_recovery = Some(Expectation::At(at("16:30")));
    let mut most =
        entry("16:05", Status::Identified, "Every region but Shanghai has recovered.", "除上海外，各地域均已恢复。");
    most.scope = scope(&API_AND_DEPENDENTS, &rest, Operational);
    most.scope.extend(scope(&["cloud-api"], &["ap-shanghai"], MajorOutage));
    most.scope.extend(scope(&["console"], &[], PartialOutage));
    most.next_update_at = Some(at("16:40"));
    let mut circle = entry(
        "16:25",
        Status::Identified,
        "Shanghai: a circular dependency is found; traffic is redirected.",
        "上海：发现循环依赖，流量已切换。",
    );
    circle.scope = scope(&API_AND_DEPENDENTS, &["ap-shanghai"], PartialOutage);
    circle.expected_recovery = Some(Expectation::At(at("16:50")));
    let mut back = entry(
        "16:45",
        Status::Monitoring,
        "Shanghai has recovered. Console traffic surges; capacity is expanded nine-fold.",
        "上海已恢复。控制台流量激增，容量扩至九倍。",
    );
    back.scope = scope(&API_AND_DEPENDENTS, &["ap-shanghai"], Operational);
    back.scope.extend(scope(&["console"], &[], DegradedPerformance));
    let mut console = entry(
        "16:50",
        Status::Monitoring,
        "Requests are back to normal; the console is fully restored.",
        "请求量恢复正常，控制台完全恢复。",
    );
    console.scope = scope(&["console"], &[], Operational);
    let resolved =
        entry("17:45", Status::Resolved, "One hour of observation went by; closed.", "观察一小时，事件关闭。");
    vec![alarm, rollback, cause, repair, most, circle, back, console, resolved]
}
