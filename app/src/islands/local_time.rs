//! Times in the reader's own zone, and how far away they are.

use leptos::prelude::*;

/// Rewrites every `time[datetime]` of the page and fills every `[data-relative]`, also after a refresh.
#[island]
pub fn LocalTime() -> impl IntoView {
    #[cfg(target_arch = "wasm32")]
    in_browser::start();
}

/// `2024-04-08 08:28:04 UTC` from the browser's `2024-04-08T08:28:04.000Z`: for the title, where the reader looks up
/// what to tell others.
pub fn utc_title(iso: &str) -> String {
    let (date, rest) = iso.split_once('T').unwrap_or((iso, ""));
    let (time, _) = rest.split_once('.').unwrap_or((rest, ""));
    format!("{date} {time} UTC")
}

/// `UTC+8` from the browser's `GMT+8`, as the server says it. Names such as `BST` and `GMT` itself stay.
pub fn zone_words(name: &str) -> String {
    match name.strip_prefix("GMT") {
        Some(offset) if !offset.is_empty() => format!("UTC{}", offset.replace('\u{2212}', "-")),
        _ => name.to_owned(),
    }
}

#[cfg(target_arch = "wasm32")]
mod in_browser {
    use std::rc::Rc;

    use js_sys::Intl::{DateTimeFormat, RelativeTimeFormat};
    use js_sys::{Array, Date, Function, Reflect};
    use wasm_bindgen::JsValue;
    use web_sys::Element;

    use super::{utc_title, zone_words};
    use crate::islands::page_clock::largest_unit;
    use crate::islands::{REFRESHED, browser, reader_clock};

    /// "In 12 min" is told in minutes; half of one keeps it right enough.
    const TICK_MS: i32 = 30_000;

    /// Intl's formatters are dear to make and cheap to use.
    struct Formats {
        time: Function,
        seconds: Function,
        date: Function,
        zone: DateTimeFormat,
        /// Between a date and a time.
        between: &'static str,
        relative: RelativeTimeFormat,
    }

    pub fn start() {
        let formats = Formats::new();
        let run = Rc::new(move || {
            formats.rewrite_times();
            formats.fill_relative();
        });
        run();
        let again = run.clone();
        browser::listen(&browser::document(), REFRESHED, move |_| again());
        browser::every(TICK_MS, move || run());
    }

    impl Formats {
        fn new() -> Formats {
            let locales = browser::locales();
            let date = [("year", "numeric"), ("month", "long"), ("day", "numeric")];
            let time = [("hour", "2-digit"), ("minute", "2-digit"), ("hourCycle", "h23")];
            let is_chinese = browser::root().get_attribute("lang").is_some_and(|language| language.starts_with("zh"));
            Formats {
                time: format(&locales, &time),
                seconds: format(&locales, &[&time[..], &[("second", "2-digit")]].concat()),
                date: format(&locales, &date),
                zone: DateTimeFormat::new(&locales, &browser::options(&[("timeZoneName", "short")])),
                between: if is_chinese { " " } else { ", " },
                relative: RelativeTimeFormat::new(
                    &locales,
                    &browser::options(&[("style", "short"), ("numeric", "always")]),
                ),
            }
        }

        fn rewrite_times(&self) {
            for time in browser::all("time[datetime]") {
                self.rewrite(&time);
            }
        }

        fn rewrite(&self, time: &Element) {
            let instant = time.get_attribute("datetime").unwrap_or_default();
            // A day is a day in every zone.
            if !instant.contains('T') {
                return;
            }
            let date = Date::new(&JsValue::from_str(&instant));
            if date.get_time().is_nan() {
                return;
            }
            let text = match time.get_attribute("data-format").as_deref() {
                Some("time") => self.with_zone(&self.time, &date),
                Some("seconds") => self.with_zone(&self.seconds, &date),
                Some("date") => formatted(&self.date, &date),
                _ => formatted(&self.date, &date)
                    .zip(self.with_zone(&self.time, &date))
                    .map(|(day, time)| format!("{day}{}{time}", self.between)),
            };
            if let Some(text) = text {
                browser::set_text(time, &text);
                let _ = time.set_attribute("title", &utc_title(&String::from(date.to_iso_string())));
            }
        }

        /// "16:28 UTC+8", in every language: a browser would name the zone where the language does.
        fn with_zone(&self, time: &Function, date: &Date) -> Option<String> {
            let zone = self.zone.format_to_parts(date).iter().find_map(|part| {
                let of_part = |name| Reflect::get(&part, &JsValue::from_str(name)).ok()?.as_string();
                (of_part("type")? == "timeZoneName").then(|| of_part("value")).flatten()
            })?;
            Some(format!("{} {}", formatted(time, date)?, zone_words(&zone)))
        }

        fn fill_relative(&self) {
            let now_ms = reader_clock::now_ms();
            for element in browser::all("[data-relative]") {
                let instant = element.get_attribute("data-relative").unwrap_or_default();
                if let Some(instant_ms) = browser::instant_ms(&instant) {
                    let (count, unit) = largest_unit(instant_ms - now_ms);
                    // Minus zero is "0 sec ago", zero is "in 0 sec".
                    let count = if count == 0 { -0.0 } else { f64::from(count) };
                    let text = String::from(self.relative.format(count, unit));
                    browser::set_text(&element, &text);
                }
            }
        }
    }

    fn formatted(format: &Function, date: &Date) -> Option<String> {
        format.call1(&JsValue::UNDEFINED, date).ok()?.as_string()
    }

    fn format(locales: &Array, options: &[(&str, &str)]) -> Function {
        DateTimeFormat::new(locales, &browser::options(options)).format()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_title_is_utc_and_says_so() {
        assert_eq!(utc_title("2024-04-08T08:28:04.000Z"), "2024-04-08 08:28:04 UTC");
    }

    #[test]
    fn an_offset_is_told_from_utc() {
        for (name, words) in [("GMT+8", "UTC+8"), ("GMT\u{2212}3:30", "UTC-3:30"), ("GMT", "GMT"), ("BST", "BST")] {
            assert_eq!(zone_words(name), words);
        }
    }
}
