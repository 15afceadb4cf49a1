//! Times, days and durations in words: in the page's zone, with the zone shown, in the page's language.

use crate::words::Words;
use chrono::{DateTime, Datelike, NaiveDate, Offset, SecondsFormat, TimeDelta};
use chrono_tz::Tz;
use domain::{Instant, board::Month, catalog::PageSettings};
use fluent_bundle::FluentValue;

/// Up to this many minutes a duration is told in minutes alone: "87 min".
const MINUTES_ALONE_MAX: i64 = 120;
/// Up to this many hours a duration is told in hours and minutes.
const HOURS_ALONE_MAX: i64 = 48;

/// How a page tells times.
#[derive(Clone, Copy)]
pub struct TimeFormat {
    zone: Tz,
    words: &'static Words,
}

impl TimeFormat {
    /// The zone of the settings; UTC when they name none that is known.
    pub fn new(settings: &PageSettings, words: &'static Words) -> Self {
        TimeFormat { zone: settings.time_zone.parse().unwrap_or(Tz::UTC), words }
    }

    fn local(&self, at: Instant) -> DateTime<Tz> {
        at.with_timezone(&self.zone)
    }

    /// "UTC+8", "UTC-3:30", "UTC".
    pub fn zone(&self, at: Instant) -> String {
        let minutes = self.local(at).offset().fix().local_minus_utc() / 60;
        let sign = if minutes < 0 { '-' } else { '+' };
        match (minutes.abs() / 60, minutes.abs() % 60) {
            (0, 0) => "UTC".to_owned(),
            (hours, 0) => format!("UTC{sign}{hours}"),
            (hours, rest) => format!("UTC{sign}{hours}:{rest:02}"),
        }
    }

    /// The zone's IANA name.
    pub fn zone_name(&self) -> &'static str {
        self.zone.name()
    }

    /// "16:28 UTC+8".
    pub fn time(&self, at: Instant) -> String {
        format!("{} {}", self.local(at).format("%H:%M"), self.zone(at))
    }

    /// "16:28:04 UTC+8".
    pub fn seconds(&self, at: Instant) -> String {
        format!("{} {}", self.local(at).format("%H:%M:%S"), self.zone(at))
    }

    /// "8 April 2024".
    pub fn date(&self, at: Instant) -> String {
        self.day(self.day_of(at))
    }

    /// "8 April 2024, 16:28 UTC+8".
    pub fn both(&self, at: Instant) -> String {
        self.words.say_with("time-both", &[("date", self.date(at).into()), ("time", self.time(at).into())])
    }

    /// The calendar day of an instant in the page's zone.
    pub fn day_of(&self, at: Instant) -> NaiveDate {
        self.local(at).date_naive()
    }

    /// A calendar day: "8 April 2024".
    pub fn day(&self, day: NaiveDate) -> String {
        let day_number = ("day", day.day().into());
        self.words.say_with(
            "time-date",
            &[day_number, self.month_name(day.month()), ("number", day.month().into()), ("year", day.year().into())],
        )
    }

    /// A month of the history: "April 2024".
    pub fn month(&self, month: Month) -> String {
        let number = ("number", month.month.into());
        self.words.say_with("time-month", &[self.month_name(month.month), number, ("year", month.year.into())])
    }

    /// Languages differ in whether a month has a name or a number: messages take the one that they need.
    fn month_name(&self, month: u32) -> (&'static str, FluentValue<'static>) {
        ("month", self.words.say(&format!("month-{month}")).into())
    }

    /// "45 s", "87 min", "5 h 20 min", "3 d 4 h"; never negative.
    pub fn duration(&self, length: TimeDelta) -> String {
        let seconds = length.num_seconds().max(0);
        let (minutes, hours) = (seconds / 60, seconds / 3600);
        let two = |id, more: i64, less: i64| match less {
            0 => self.words.say_with(&format!("{id}-whole"), &[("more", more.into())]),
            less => self.words.say_with(id, &[("more", more.into()), ("less", less.into())]),
        };
        if seconds < 60 {
            self.words.say_with("duration-seconds", &[("count", seconds.into())])
        } else if minutes < MINUTES_ALONE_MAX {
            self.words.say_with("duration-minutes", &[("count", minutes.into())])
        } else if hours < HOURS_ALONE_MAX {
            two("duration-hours", hours, minutes % 60)
        } else {
            two("duration-days", hours / 24, hours % 24)
        }
    }
}

/// The value of `datetime`: RFC 3339 in UTC, to the second.
pub fn machine(at: Instant) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::Locale;

    fn times(zone: &str, locale: Locale) -> TimeFormat {
        let settings = PageSettings { time_zone: zone.to_owned(), ..PageSettings::default() };
        TimeFormat::new(&settings, Words::of(locale))
    }

    fn at(text: &str) -> Instant {
        text.parse().expect("an instant")
    }

    #[test]
    fn times_are_told_in_the_zone_of_the_page_with_the_zone_shown() {
        let moment = at("2024-04-08T18:28:04Z");
        for (zone, time, both) in [
            ("Asia/Shanghai", "02:28 UTC+8", "9 April 2024, 02:28 UTC+8"),
            ("Asia/Kolkata", "23:58 UTC+5:30", "8 April 2024, 23:58 UTC+5:30"),
            ("America/St_Johns", "15:58 UTC-2:30", "8 April 2024, 15:58 UTC-2:30"),
            ("No/Such", "18:28 UTC", "8 April 2024, 18:28 UTC"),
        ] {
            let times = times(zone, Locale::English);
            assert_eq!((times.time(moment).as_str(), times.both(moment).as_str()), (time, both));
        }
        let chinese = times("Asia/Shanghai", Locale::SimplifiedChinese);
        assert_eq!(chinese.both(moment), "2024年4月9日 02:28 UTC+8");
        assert_eq!(chinese.seconds(moment), "02:28:04 UTC+8");
        assert_eq!(chinese.month(Month { year: 2024, month: 4 }), "2024年4月");
        assert_eq!(machine(moment), "2024-04-08T18:28:04Z");
    }

    #[test]
    fn a_duration_is_told_in_the_unit_that_fits() {
        let english = times("UTC", Locale::English);
        let chinese = times("UTC", Locale::SimplifiedChinese);
        for (seconds, en, zh) in [
            (-5, "0 s", "0 秒"),
            (45, "45 s", "45 秒"),
            (87 * 60, "87 min", "87 分钟"),
            (120 * 60, "2 h", "2 小时"),
            (142 * 60, "2 h 22 min", "2 小时 22 分钟"),
            (48 * 3600, "2 d", "2 天"),
            (76 * 3600, "3 d 4 h", "3 天 4 小时"),
        ] {
            assert_eq!(english.duration(TimeDelta::seconds(seconds)), en);
            assert_eq!(chinese.duration(TimeDelta::seconds(seconds)), zh);
        }
    }
}
