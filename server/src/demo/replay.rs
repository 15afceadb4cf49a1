//! `server/demo/replay.toml` as steps: commands with the time at which each is posted. The file has the field names of
//! an update in the write API; its scope is written in the notation of [`super::scope`].

use super::scope;
use domain::{
    Instant,
    catalog::{Catalog, Component, Region},
    change::*,
    command::{
        Command, Refusal,
        catalog::{Wanted, WantedRegions},
    },
    id::*,
    status::*,
    text::Text,
};
use serde::{Deserialize, Deserializer, de};

const REPLAY: &str = include_str!("../../demo/replay.toml");

/// Why the demonstration's files do not fit together.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    #[error("the replay is not what it should be: {0}")]
    Toml(#[from] toml::de::Error),
    #[error("{0}")]
    Refused(Refusal),
    #[error("the replay has no step")]
    Empty,
}

/// A command and the time at which it is posted.
#[derive(Clone, Debug)]
pub struct Step {
    pub at: Instant,
    pub command: Command,
}

/// The whole demonstration.
#[derive(Clone, Debug)]
pub struct Replay {
    pub catalog: Wanted,
    pub incident: IncidentId,
    /// The opening, the further updates, the postmortem, in the order of their times.
    pub steps: Vec<Step>,
}

impl Replay {
    /// The replay that is compiled in.
    ///
    /// # Errors
    /// When the two files do not fit together; a test holds that they do.
    pub fn parsed() -> Result<Replay, ReplayError> {
        let catalog = super::catalog::wanted()?;
        Replay::of(catalog, REPLAY)
    }

    fn of(wanted: Wanted, replay: &str) -> Result<Replay, ReplayError> {
        let file: File = toml::from_str(replay)?;
        let catalog = as_applied(&wanted);
        let incident = file.incident.id;
        let mut steps = Vec::new();
        for step in file.step {
            let at = step.at;
            let update = step.update(&catalog)?;
            let command = if steps.is_empty() {
                let opened = IncidentOpened {
                    title: file.incident.title.clone(),
                    impact: file.incident.impact,
                    schedule: None,
                    kind: Kind::Incident,
                    first: update,
                    source: None,
                };
                Command::Open { id: incident, opened }
            } else {
                Command::Post { incident, update }
            };
            steps.push(Step { at, command });
        }
        if steps.is_empty() {
            return Err(ReplayError::Empty);
        }
        let Account { at, text } = file.postmortem;
        steps.push(Step { at, command: Command::PublishPostmortem { incident, text, at } });
        steps.sort_by_key(|step| step.at);
        Ok(Replay { catalog: wanted, incident, steps })
    }

    /// The steps that have happened at `until`, oldest first.
    pub fn until(&self, until: Instant) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(move |step| step.at <= until)
    }
}

/// As much of the applied catalog as a scope needs: codes, ids, and which component runs where.
fn as_applied(wanted: &Wanted) -> Catalog {
    let region_ids = |regions: &WantedRegions| match regions {
        WantedRegions::All => wanted.regions.iter().map(|region| RegionId::of_code(&region.code)).collect(),
        WantedRegions::These(codes) => codes.iter().map(|code| RegionId::of_code(code)).collect(),
    };
    let regions = wanted.regions.iter().map(|region| Region {
        id: RegionId::of_code(&region.code),
        code: region.code.clone(),
        name: region.name.clone(),
        position: 0,
    });
    let components = wanted.components.iter().map(|component| Component {
        id: component.id.unwrap_or_else(|| ComponentId::of_code(&component.code)),
        code: component.code.clone(),
        name: component.name.clone(),
        description: None,
        group: None,
        plane: component.plane,
        regions: region_ids(&component.regions),
        depends_on: Vec::new(),
        position: 0,
        since: Instant::default(),
        created_at: Instant::default(),
        updated_at: Instant::default(),
    });
    Catalog { regions: regions.collect(), components: components.collect(), ..Catalog::default() }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    incident: Head,
    step: Vec<FileStep>,
    postmortem: Account,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    id: IncidentId,
    title: Text,
    impact: Impact,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Account {
    #[serde(deserialize_with = "instant")]
    at: Instant,
    text: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileStep {
    #[serde(deserialize_with = "instant")]
    at: Instant,
    status: Status,
    text: Text,
    #[serde(default)]
    scope: Vec<String>,
    #[serde(default)]
    expected_recovery_at: Option<Recovery>,
    #[serde(default)]
    next_update_at: Option<toml::value::Datetime>,
    #[serde(default)]
    root_cause: Option<Text>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Recovery {
    At(#[serde(deserialize_with = "instant")] Instant),
    Word(Withdrawal),
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Withdrawal {
    Withdrawn,
}

impl FileStep {
    fn update(self, catalog: &Catalog) -> Result<UpdatePosted, ReplayError> {
        let mut scope = Vec::new();
        for entry in &self.scope {
            scope.extend(scope::parse(entry, catalog).map_err(ReplayError::Refused)?);
        }
        let next_update_at = self.next_update_at.map(|at| as_instant(&at)).transpose().map_err(ReplayError::Refused)?;
        Ok(UpdatePosted {
            at: self.at,
            status: Some(self.status),
            text: self.text,
            scope,
            impact: None,
            expected_recovery: self.expected_recovery_at.map(|recovery| match recovery {
                Recovery::At(at) => Expectation::At(at),
                Recovery::Word(Withdrawal::Withdrawn) => Expectation::Withdrawn,
            }),
            next_update_at,
            root_cause: self.root_cause,
            id: None,
        })
    }
}

fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Instant, D::Error> {
    as_instant(&toml::value::Datetime::deserialize(deserializer)?).map_err(de::Error::custom)
}

/// A TOML date and time that has an offset.
fn as_instant(at: &toml::value::Datetime) -> Result<Instant, Refusal> {
    let parsed = chrono::DateTime::parse_from_rfc3339(&at.to_string());
    parsed.map(|at| at.to_utc()).map_err(|_| {
        Refusal::new("at", format!("`{at}` has no date, time or offset"), "a time such as 2024-04-08T15:23:00+08:00")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn board(time: &str) -> (Replay, domain::board::Board) {
        let replay = Replay::parsed().unwrap();
        let until: super::super::Moment = time.parse().unwrap();
        let board = replay.board(until.instant()).unwrap();
        (replay, board)
    }
    fn status(time: &str, component: &str, region: Option<&str>) -> ComponentStatus {
        let (_, board) = board(time);
        let component = board.catalog.component_by_code(component).unwrap().id;
        let region = region.map(|code| board.catalog.region_by_code(code).unwrap().id);
        board.cell_status(domain::catalog::Cell { component, region })
    }

    #[test]
    fn the_replay_is_the_published_timeline() {
        use ComponentStatus::*;
        let (replay, before) = board("15:22");
        assert_eq!((before.catalog.regions.len(), before.catalog.components.len()), (17, 10));
        assert_eq!((before.incident_count(), replay.steps.len()), (0, 10));
        let shanghai = Some("ap-shanghai");
        let cases = [
            ("15:24", "cloud-api", Some("eu-frankfurt"), MajorOutage),
            ("15:24", "console", None, MajorOutage),
            ("15:24", "compute", shanghai, Operational),
            ("16:02", "cloud-api", shanghai, PartialOutage),
            ("16:02", "ocr", shanghai, MajorOutage),
            ("16:06", "cloud-api", shanghai, MajorOutage),
            ("16:06", "captcha", shanghai, MajorOutage),
            ("16:06", "captcha", Some("ap-tokyo"), Operational),
            ("16:06", "console", None, PartialOutage),
            ("16:26", "cloud-functions", shanghai, PartialOutage),
            ("16:46", "cloud-functions", shanghai, Operational),
            ("16:46", "console", None, DegradedPerformance),
            ("16:50", "console", None, Operational),
        ];
        for (time, component, region, expected) in cases {
            assert_eq!(status(time, component, region), expected, "{component} {region:?} at {time}");
        }
    }

    #[test]
    fn recoveries_take_the_minutes_that_the_review_gives() {
        let (replay, board) = board("17:46");
        let incident = board.incident(replay.incident).unwrap();
        assert_eq!((incident.status, incident.updates.len()), (Status::Resolved, 9));
        let minutes = |code: &str, region: Option<&str>| {
            let component = board.catalog.component_by_code(code).unwrap().id;
            let region = region.map(|code| board.catalog.region_by_code(code).unwrap().id);
            let all = incident.recoveries();
            let recovery = all.iter().find(|r| r.cell.component == component && r.cell.region == region).unwrap();
            (recovery.recovered_at.unwrap() - recovery.impacted_at).num_minutes()
        };
        assert_eq!(minutes("cloud-api", Some("ap-tokyo")), 42);
        assert_eq!(minutes("cloud-api", Some("ap-shanghai")), 82);
        assert_eq!(minutes("console", None), 87);
    }

    #[test]
    fn every_text_is_in_both_languages_and_the_account_comes_last() {
        let (replay, board) = board("23:59");
        for step in &replay.steps {
            let text = match &step.command {
                Command::Open { opened, .. } => &opened.first.text,
                Command::Post { update, .. } => &update.text,
                Command::PublishPostmortem { text, .. } => text,
                other => panic!("not of a replay: {other:?}"),
            };
            assert!(text.translations.contains_key("zh-CN"), "{}", text.default);
        }
        assert_eq!(board.incident(replay.incident).unwrap().postmortem, None);
        let last = replay.steps.last().unwrap().at;
        assert!(replay.board(last).unwrap().incident(replay.incident).unwrap().postmortem.is_some());
    }

    #[test]
    fn a_scope_that_names_what_is_not_there_says_what_is() {
        let (_, board) = board("15:22");
        let cases = [
            ("cloud-api", "names no status"),
            ("cloud-api=down", "major_outage"),
            ("cloud=operational", "cloud-api"),
            ("console@ap-tokyo=operational", "leave the region out"),
            ("cloud-api@mars=operational", "ap-tokyo"),
        ];
        for (entry, expected) in cases {
            let refusal = scope::parse(entry, &board.catalog).unwrap_err().to_string();
            assert!(refusal.contains(expected), "{entry}: {refusal}");
        }
    }
}
