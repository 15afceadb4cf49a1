//! What the made-up incidents say. Components and regions are those of the demonstration's catalog.

pub const COMPONENTS: &[&str] = &[
    "Cloud API",
    "Console",
    "Cloud Functions",
    "OCR",
    "Microservice Platform",
    "Audio Content Security",
    "Captcha",
    "Compute",
    "Block Storage",
    "Networking",
];

pub const REGIONS: &[&str] = &[
    "Guangzhou",
    "Shanghai",
    "Nanjing",
    "Beijing",
    "Chengdu",
    "Chongqing",
    "Hong Kong",
    "Singapore",
    "Bangkok",
    "Jakarta",
    "Mumbai",
    "Seoul",
    "Tokyo",
    "Silicon Valley",
    "Ashburn",
    "São Paulo",
    "Frankfurt",
];

pub const SYMPTOMS: &[&str] = &[
    "elevated error rates",
    "increased latency",
    "failed requests",
    "timeouts when resources are created",
    "delayed jobs",
    "stale results in lists",
];

/// Minor ones are the most frequent.
pub const IMPACTS: &[&str] = &["minor", "minor", "minor", "minor", "major", "major", "critical", "none"];

pub const TITLES: &[&str] = &[
    "{component}: {symptom} in {region}",
    "Degraded performance of {component} in {region}",
    "{component} reports {symptom}",
    "Incident with {component} in {region}",
];

const INVESTIGATING: &[&str] = &[
    "We are investigating reports of {symptom} for {component} in {region}.",
    "Our monitoring shows {symptom} for some customers of {component} since a few minutes ago. We are looking into the \
     cause and will share what we find within 30 minutes. Other regions than {region} are not affected as far as we know.",
];

const FURTHER: &[&str] = &[
    "We continue to see {symptom} for {component}. About 8 % of requests in {region} fail at present.",
    "Engineers of the network and of the {component} team work on this together. Restarting running workloads is **not** \
     needed and may take longer than usual while capacity in {region} is reduced; workloads that run already keep running.",
    "No change since our last update. The next one follows within 30 minutes.",
    "A first part of the fleet in {region} was moved to standby capacity. Customers who see {symptom} can retry their \
     request; retries are safe because no half-written state is kept. Details are in our [guide to \
     retries](https://docs.example.com/retries).",
];

const IDENTIFIED: &[&str] = &[
    "The cause of {symptom} was found: a configuration change that reached {region} this morning limits the connections \
     that {component} may open to its database. We are rolling the change back; it takes about 20 minutes to reach every machine.",
    "We have found the cause and are preparing a correction for {component} in {region}.",
];

const MONITORING: &[&str] = &[
    "The correction is in place and {component} answers at its usual speed. We watch the error rate in {region}.",
    "Error rates of {component} in {region} are back at the level of yesterday. Queued jobs are still being worked off, \
     which takes another hour; new jobs start at once. We keep watching until the queues are empty.",
];

const RESOLVED: &[&str] = &[
    "This incident has been resolved.",
    "{component} in {region} works as usual since our last update. We are sorry for the trouble; a review of what happened \
     and of what we change follows on this page within five working days.",
];

/// The status word of the update at `index` of `count`, and what it may say. `Update` does not change the status.
pub fn step(index: u64, count: u64) -> (&'static str, &'static [&'static str]) {
    match index {
        0 => ("Investigating", INVESTIGATING),
        _ if index + 1 == count => ("Resolved", RESOLVED),
        _ if index + 2 == count => ("Monitoring", MONITORING),
        _ if index == count / 2 => ("Identified", IDENTIFIED),
        _ => ("Update", FURTHER),
    }
}

/// What the slots of a text stand for.
pub struct Words<'a> {
    pub component: &'a str,
    pub region: &'a str,
    pub symptom: &'a str,
}

impl Words<'_> {
    pub fn fill(&self, template: &str) -> String {
        let text = template.replace("{component}", self.component);
        text.replace("{region}", self.region).replace("{symptom}", self.symptom)
    }
}
