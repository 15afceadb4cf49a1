//! Optional texts, and times, as a request writes them.

use crate::catalog_file::Written;
use chrono::SubsecRound;
use domain::{Instant, command::Refusal, text::Text};

/// The word that takes an expected recovery back.
pub const WITHDRAWN: &str = "withdrawn";

/// An optional text.
pub fn optional(value: Option<Written>, field: &str, refusals: &mut Vec<Refusal>) -> Option<Text> {
    value.map(|value| value.text(field, refusals))
}

/// A time in RFC 3339 with its offset.
pub fn moment(value: &str, field: &str, refusals: &mut Vec<Refusal>) -> Option<Instant> {
    match chrono::DateTime::parse_from_rfc3339(value) {
        Ok(at) => Some(at.to_utc()),
        Err(error) => {
            let shown: String = value.chars().take(40).collect();
            let is_clock = value.len() <= 5 && value.contains(':') && !value.contains('-');
            let what = match is_clock {
                true => format!("`{shown}` has no date and no offset"),
                false => format!("`{shown}` is not a time: {error}"),
            };
            refusals.push(Refusal::new(field, what, "RFC 3339 with an offset, such as `2024-04-08T15:23:00+08:00`"));
            None
        }
    }
}

/// An optional time.
pub fn optional_moment(value: Option<&str>, field: &str, refusals: &mut Vec<Refusal>) -> Option<Instant> {
    value.and_then(|value| moment(value, field, refusals))
}

/// The present as a timeline shows it when no time is given.
pub fn whole_seconds(now: Instant) -> Instant {
    now.trunc_subsecs(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_without_date_or_offset_is_refused_with_what_is_right() {
        for (value, what) in [
            ("15:23", "no date"),
            ("2024-04-08T15:23:00", "not a time"),
            ("2024-02-30T15:23:00Z", "not a time"),
            ("", "not a time"),
        ] {
            let mut refusals = Vec::new();
            assert_eq!(moment(value, "at", &mut refusals), None);
            assert!(refusals[0].what.contains(what), "{value}: {}", refusals[0]);
        }
        let at = moment("2024-04-08T15:23:00+08:00", "at", &mut Vec::new());
        assert_eq!(at.map(|at| at.to_rfc3339()), Some("2024-04-08T07:23:00+00:00".to_owned()));
    }
}
