//! A long incident history, made up but the same on every run of a day: lines in the format that `holdfast import
//! history` reads.
//!
//! The newest incidents are the same however many older ones there are, and the older ones lie outside what the home
//! page shows. So two histories differ in their length alone, and the cost of a read can be compared between them.

use std::io::{self, Write};

use chrono::{DateTime, Duration, Utc};
use serde::Serialize;

use super::{seeded::Seeded, texts};

/// Updates of each incident: ten on the average, as 10,000 incidents with 100,000 updates ask.
const UPDATES_MIN: u64 = 7;
const UPDATES_MAX: u64 = 13;
/// The incidents that every history ends with.
const NEWEST: usize = 10;
/// The newest ones lie this far apart.
const NEWEST_APART_HOURS: i64 = 60;
/// How far back the older ones begin, past what the home page's bars of days show, and how far apart they lie.
const OLDER_FROM_DAYS: i64 = 100;
const OLDER_APART_MINUTES: i64 = 480;
/// Seconds between two updates, at most.
const STEP_SECONDS_MAX: u64 = 2_400;
/// Any number does; the same one gives the same history.
const SEED: u64 = 20_240_408;
/// Characters of an id in an incident's address.
const ID_LENGTH: usize = 12;

/// What a line holds: the fields that the import reads.
#[derive(Serialize)]
struct Line<'a> {
    id: String,
    url: String,
    title: String,
    impact: &'a str,
    updates: Vec<Update<'a>>,
    components: Vec<&'a str>,
}

#[derive(Serialize)]
struct Update<'a> {
    at: DateTime<Utc>,
    status: &'a str,
    message: String,
}

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    pub updates: usize,
    /// Newest first.
    pub ids: Vec<String>,
}

/// Writes `incidents` lines that end before `until`, newest first.
///
/// # Errors
/// When they cannot be written.
pub fn write(incidents: usize, until: DateTime<Utc>, out: &mut impl Write) -> io::Result<Written> {
    let mut written = Written::default();
    for number in 0..incidents {
        let line = line(number, until);
        written.updates += line.updates.len();
        written.ids.push(line.url.rsplit('/').next().unwrap_or_default().to_owned());
        serde_json::to_writer(&mut *out, &line)?;
        out.write_all(b"\n")?;
    }
    Ok(written)
}

/// When the incident of that number began; 0 is the newest.
fn begin(number: usize, until: DateTime<Utc>) -> DateTime<Utc> {
    let steps = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    if number < NEWEST {
        until - Duration::hours(NEWEST_APART_HOURS * steps(number + 1))
    } else {
        until - Duration::days(OLDER_FROM_DAYS) - Duration::minutes(OLDER_APART_MINUTES * steps(number - NEWEST))
    }
}

fn line(number: usize, until: DateTime<Utc>) -> Line<'static> {
    let mut seeded = Seeded::new(SEED.wrapping_add(number as u64));
    let component = seeded.pick(texts::COMPONENTS);
    let mut components = vec![component];
    if seeded.below(3) == 0 {
        components.push(seeded.pick(texts::COMPONENTS));
        components.dedup();
    }
    let words = texts::Words { component, region: seeded.pick(texts::REGIONS), symptom: seeded.pick(texts::SYMPTOMS) };
    let count = UPDATES_MIN + seeded.below(UPDATES_MAX - UPDATES_MIN + 1);
    let mut at = begin(number, until);
    let mut updates = Vec::new();
    for index in 0..count {
        let (status, templates) = texts::step(index, count);
        updates.push(Update { at, status, message: words.fill(seeded.pick(templates)) });
        at += Duration::seconds(i64::try_from(60 + seeded.below(STEP_SECONDS_MAX - 60)).unwrap_or(60));
    }
    let id: String = (0..ID_LENGTH).map(|_| char::from(seeded.pick(b"0123456789abcdefghijklmnopqrstuvwxyz"))).collect();
    Line {
        id: number.to_string(),
        url: format!("https://status.example.com/incidents/{id}"),
        title: words.fill(seeded.pick(texts::TITLES)),
        impact: seeded.pick(texts::IMPACTS),
        updates,
        components,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn lines(incidents: usize) -> (Vec<String>, Written) {
        let until = "2026-08-01T00:00:00Z".parse().expect("a moment");
        let mut bytes = Vec::new();
        let written = write(incidents, until, &mut bytes).expect("memory takes it");
        (String::from_utf8(bytes).expect("text").lines().map(str::to_owned).collect(), written)
    }

    #[test]
    fn a_longer_history_has_the_same_newest_incidents_and_about_ten_updates_for_each() {
        let (long, written) = lines(2_000);
        let (short, _) = lines(NEWEST);
        assert_eq!(long[..NEWEST], short[..]);
        assert!((19_500..=20_500).contains(&written.updates), "{}", written.updates);
        assert_eq!(written.ids.iter().collect::<BTreeSet<_>>().len(), 2_000);
    }

    #[test]
    fn every_update_lies_in_the_past_and_every_slot_is_filled() {
        let (lines, _) = lines(500);
        let until: DateTime<Utc> = "2026-08-01T00:00:00Z".parse().expect("a moment");
        for line in lines {
            let line: serde_json::Value = serde_json::from_str(&line).expect("a line of JSON");
            for update in line["updates"].as_array().expect("updates") {
                let at: DateTime<Utc> = update["at"].as_str().expect("a text").parse().expect("a moment");
                assert!(at < until);
                assert!(!update["message"].as_str().expect("a text").contains('{'));
            }
        }
    }
}
