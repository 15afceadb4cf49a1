//! The age of the page's confirmation, ticking; past its bounds the page says so.

use leptos::prelude::*;

/// Ticks `#freshness .age` and writes `html[data-freshness]`; while grey, claims show their `data-unconfirmed` text.
#[island]
pub fn FreshnessClock() -> impl IntoView {
    #[cfg(target_arch = "wasm32")]
    in_browser::start();
}

#[cfg(target_arch = "wasm32")]
mod in_browser {
    use std::rc::Rc;

    use js_sys::Intl::RelativeTimeFormat;

    use crate::islands::page_clock::{Freshness, largest_unit};
    use crate::islands::{REFRESHED, browser, reader_clock};

    const TICK_MS: i32 = 1_000;
    /// Where the server names no bounds.
    const AMBER_SECONDS: i64 = 60;
    const GREY_SECONDS: i64 = 300;
    /// Where a claim keeps its own text while it is withdrawn.
    const OWN_TEXT: &str = "data-own-text";

    pub fn start() {
        let words = RelativeTimeFormat::new(
            &browser::locales(),
            &browser::options(&[("style", "narrow"), ("numeric", "always")]),
        );
        let tick = Rc::new(move || tick(&words));
        tick();
        let again = tick.clone();
        browser::listen(&browser::document(), REFRESHED, move |_| again());
        browser::every(TICK_MS, move || tick());
    }

    fn tick(words: &RelativeTimeFormat) {
        let Some(line) = browser::by_id("freshness") else {
            return;
        };
        let Some(age_ms) = reader_clock::age_ms() else {
            return;
        };
        if let Ok(Some(age)) = line.query_selector(".age") {
            let (count, unit) = largest_unit(age_ms);
            // Negated as a float: minus zero is "0 s ago", zero is "in 0 s".
            let text = String::from(words.format(-f64::from(count), unit));
            browser::set_text(&age, &text);
        }
        let bound_ms = |attribute, default| browser::number(&line, attribute).unwrap_or(default) * 1_000;
        let freshness = Freshness::of(
            age_ms,
            bound_ms("data-amber-seconds", AMBER_SECONDS),
            bound_ms("data-grey-seconds", GREY_SECONDS),
        );
        let root = browser::root();
        if root.get_attribute("data-freshness").as_deref() != Some(freshness.word()) {
            let _ = root.set_attribute("data-freshness", freshness.word());
        }
        for words in browser::all_in(&line, "[data-fresh]") {
            let due = words.get_attribute(&format!("data-{}", freshness.word()));
            browser::set_text(&words, &due.unwrap_or_default());
        }
        if freshness == Freshness::Grey {
            withdraw_claims();
        } else {
            restore_claims();
        }
    }

    fn withdraw_claims() {
        for claim in browser::all(".claim[data-unconfirmed]:not([data-own-text])") {
            let own = claim.text_content().unwrap_or_default();
            let _ = claim.set_attribute(OWN_TEXT, &own);
            claim.set_text_content(claim.get_attribute("data-unconfirmed").as_deref());
        }
    }

    fn restore_claims() {
        for claim in browser::all(".claim[data-own-text]") {
            claim.set_text_content(claim.get_attribute(OWN_TEXT).as_deref());
            let _ = claim.remove_attribute(OWN_TEXT);
        }
    }
}
