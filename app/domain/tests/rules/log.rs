//! Replicas of a log that write events as nodes do, without signatures: an id is the hash of what the event says.

use domain::{Instant, catalog::Cell, change::*, id::*, status::*};
use std::collections::BTreeSet;

/// 8 April 2024 at `HH:MM` UTC+8, the day of the replay.
pub fn at(clock: &str) -> Instant {
    format!("2024-04-08T{clock}:00+08:00").parse::<chrono::DateTime<chrono::FixedOffset>>().expect("a time").to_utc()
}

/// What one node holds.
#[derive(Clone)]
pub struct Replica {
    pub node: NodeKey,
    pub events: Vec<Event>,
}

impl Replica {
    pub fn new(node: u8) -> Self {
        Replica { node: NodeKey([node; 32]), events: Vec::new() }
    }

    /// The events of `subject` that no other held event has as a parent.
    pub fn heads(&self, subject: Subject) -> Vec<EventId> {
        let of_subject = self.events.iter().filter(|event| event.subject == subject);
        let seen: BTreeSet<EventId> = of_subject.clone().flat_map(|event| event.parents.iter().copied()).collect();
        of_subject.map(|event| event.id).filter(|id| !seen.contains(id)).collect()
    }

    pub fn write(&mut self, now: Instant, subject: Subject, change: Change) -> EventId {
        let latest = self.events.iter().map(|event| event.hlc).max().unwrap_or_default();
        let hlc = latest.next(u64::try_from(now.timestamp_millis()).expect("after 1970"));
        let parents = self.heads(subject);
        let mut words = format!("{:?}{subject:?}{change:?}{hlc:?}{parents:?}", self.node).into_bytes();
        words.truncate(4096);
        let (a, b, c) = (Id::derived(&[b"a", &words]), Id::derived(&[b"b", &words]), Id::derived(&[b"c", &words]));
        let mut id = [0; 32];
        for (byte, from) in id.iter_mut().zip([a, b, c].iter().flat_map(|id| id.as_str().bytes())) {
            *byte = from;
        }
        let id = EventId(id);
        let author = Author { name: "test".into(), way: "test".into() };
        self.events.push(Event { id, node: self.node, hlc, subject, parents, author, change });
        id
    }

    /// Takes over what the other one holds.
    pub fn pull(&mut self, other: &Replica) {
        for event in &other.events {
            if !self.events.iter().any(|held| held.id == event.id) {
                self.events.push(event.clone());
            }
        }
    }
}

pub fn incident_id(text: &str) -> IncidentId {
    text.parse().expect("twelve characters")
}

pub fn post(clock: &str, status: Option<Status>, scope: &[(Cell, ComponentStatus)]) -> UpdatePosted {
    UpdatePosted {
        at: at(clock),
        status,
        text: format!("what is known at {clock}").into(),
        scope: scope.iter().map(|(cell, status)| ScopeChange { cell: *cell, status: *status }).collect(),
        impact: None,
        expected_recovery: None,
        next_update_at: None,
        root_cause: None,
        id: None,
    }
}

pub fn opened(first: UpdatePosted) -> IncidentOpened {
    IncidentOpened {
        title: "Cloud API unavailable".into(),
        impact: Impact::Critical,
        schedule: None,
        kind: Kind::Incident,
        first,
        source: None,
    }
}

/// The catalog of the replay: 17 regions, seven components of the control plane and three of the data plane.
pub struct Cloud {
    pub api: ComponentId,
    pub dependents: Vec<ComponentId>,
    pub console: ComponentId,
    pub data: Vec<ComponentId>,
}

pub const REGIONS: [&str; 17] = [
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

impl Cloud {
    pub fn written(replica: &mut Replica) -> Cloud {
        let now = at("00:00") - chrono::TimeDelta::days(98);
        let mut regions = Vec::new();
        for (position, code) in (1..).zip(REGIONS) {
            let id = RegionId::of_code(code);
            regions.push(id);
            let set = RegionSet { code: code.into(), name: code.into(), position };
            replica.write(now, Subject::Region(id), Change::RegionSet(set));
        }
        let mut position = 0;
        let mut component = |code: &str, plane, regions: &[RegionId], depends_on: &[ComponentId]| {
            position += 1;
            let id = ComponentId::of_code(code);
            let set = ComponentSet {
                code: code.into(),
                name: code.into(),
                description: None,
                group: None,
                plane,
                regions: regions.to_vec(),
                depends_on: depends_on.to_vec(),
                position,
                since: now,
            };
            replica.write(now, Subject::Component(id), Change::ComponentSet(set));
            id
        };
        let api = component("cloud-api", Plane::Control, &regions, &[]);
        let console = component("console", Plane::Control, &[], &[api]);
        let services = ["cloud-functions", "ocr", "microservice-platform", "audio-content-security", "captcha"];
        let dependents = services.iter().map(|code| component(code, Plane::Control, &regions, &[api])).collect();
        let plain = ["compute", "block-storage", "networking"];
        let data = plain.iter().map(|code| component(code, Plane::Data, &regions, &[])).collect();
        Cloud { api, dependents, console, data }
    }

    pub fn cell(&self, component: ComponentId, region: &str) -> Cell {
        Cell { component, region: Some(RegionId::of_code(region)) }
    }

    pub fn console(&self) -> Cell {
        Cell { component: self.console, region: None }
    }

    /// The API and its dependents, in the regions that `which` takes.
    pub fn services(&self, which: impl Fn(&str) -> bool, status: ComponentStatus) -> Vec<(Cell, ComponentStatus)> {
        let components = std::iter::once(self.api).chain(self.dependents.iter().copied());
        components
            .flat_map(|component| REGIONS.iter().filter(|code| which(code)).map(move |code| (component, *code)))
            .map(|(component, code)| (self.cell(component, code), status))
            .collect()
    }
}
