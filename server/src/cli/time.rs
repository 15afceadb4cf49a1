//! Times on the command line: RFC 3339, also without seconds, or a time of day meaning today in the page's zone.

use super::{client::Client, failure::Failure, output::text};
use crate::clock::{Clock, SystemClock};
use chrono::{DateTime, NaiveTime, SecondsFormat, TimeZone};
use chrono_tz::Tz;
use domain::Instant;

const RIGHT: &str = "`2024-04-08T15:23+08:00`, or `15:23` for today in the page's zone";

/// The time that `given` means, in RFC 3339 as the API takes it.
pub async fn resolved(client: &Client, field: &str, given: Option<&str>) -> Result<Option<String>, Failure> {
    let Some(given) = given else { return Ok(None) };
    let Ok(of_day) = NaiveTime::parse_from_str(given, "%H:%M") else {
        return parsed(field, given).map(Some);
    };
    let catalog = client.get("/catalog").await?;
    let zone = text(&catalog["page"], "time_zone");
    let zone: Tz =
        zone.parse().map_err(|_| Failure::refused(field, format!("the page's zone `{zone}` is not known"), RIGHT))?;
    today(field, of_day, zone, SystemClock.now()).map(Some)
}

fn shown(at: Instant) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

fn parsed(field: &str, given: &str) -> Result<String, Failure> {
    let without_seconds = || DateTime::parse_from_str(given, "%Y-%m-%dT%H:%M%:z");
    let zulu = || DateTime::parse_from_str(&given.replace('Z', "+00:00"), "%Y-%m-%dT%H:%M%:z");
    let at = DateTime::parse_from_rfc3339(given).or_else(|_| without_seconds()).or_else(|_| zulu());
    match at {
        Ok(at) => Ok(shown(at.to_utc())),
        Err(_) => {
            let given: String = given.chars().take(40).collect();
            Err(Failure::refused(field, format!("`{given}` is not a time"), RIGHT))
        }
    }
}

fn today(field: &str, of_day: NaiveTime, zone: Tz, now: Instant) -> Result<String, Failure> {
    let local = now.with_timezone(&zone).date_naive().and_time(of_day);
    zone.from_local_datetime(&local).single().map(|at| shown(at.to_utc())).ok_or_else(|| {
        let what = format!("{local} is there twice or not at all in {zone}, where clocks change then");
        Failure::refused(field, what, "the time with its date and offset")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_is_today_in_the_pages_zone() {
        let now: Instant = "2024-04-07T20:00:00Z".parse().expect("a time");
        let of_day = NaiveTime::from_hms_opt(15, 23, 0).expect("a time");
        assert_eq!(today("at", of_day, chrono_tz::Asia::Shanghai, now).expect("a time"), "2024-04-08T07:23:00Z");
        let now: Instant = "2024-03-31T12:00:00Z".parse().expect("a time");
        let skipped = NaiveTime::from_hms_opt(2, 30, 0).expect("a time");
        assert!(today("at", skipped, chrono_tz::Europe::Berlin, now).is_err());
    }

    #[test]
    fn times_may_leave_out_their_seconds_and_nothing_else() {
        for given in ["2024-04-08T15:23+08:00", "2024-04-08T15:23:00+08:00", "2024-04-08T07:23Z"] {
            assert_eq!(parsed("at", given).expect("a time"), "2024-04-08T07:23:00Z", "{given}");
        }
        for given in ["2024-04-08", "yesterday", "2024-04-08T15:23", "25:00"] {
            assert!(parsed("at", given).is_err(), "{given}");
        }
    }
}
