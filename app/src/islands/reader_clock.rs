//! The one clock that the islands of a page share: `page_clock`'s rules on this tab's clocks. Only in the browser.

use std::cell::Cell;

use super::browser;
use super::page_clock::{Arrival, Route};

thread_local! {
    /// Shared, because the age and "in 12 min" must be told by the same clock that the stream corrects.
    static LAST: Cell<Option<Arrival>> = const { Cell::new(None) };
}

/// The age of the page's confirmation in milliseconds; `None` on a page without one.
pub fn age_ms() -> Option<i64> {
    last().map(|arrival| arrival.age_ms(browser::wall_ms(), browser::monotonic_ms()))
}

/// The present on the server's clock, in milliseconds since 1970; by the reader's own where the page does not say.
pub fn now_ms() -> i64 {
    last().map_or_else(browser::wall_ms, |arrival| arrival.now_ms(browser::wall_ms(), browser::monotonic_ms()))
}

/// Notes what `#freshness` says: the page, or a newer one, has just arrived.
pub fn page_arrived() {
    if let Some(page) = arrival_of_page() {
        let known = LAST.get();
        LAST.set(Some(match known {
            Some(known) => page.after(&known, !browser::all("#copied > .copied").is_empty()),
            None => page,
        }));
    }
}

/// Notes that the stream confirmed the page, with the age that the confirmation had when it was sent.
pub fn stream_confirmed(confirmed_at_ms: i64, age_ms: i64) {
    let Some(page) = arrival_of_page() else {
        return;
    };
    let route = match page.route {
        Route::Simulated { .. } => page.route,
        Route::Page | Route::Stream => Route::Stream,
    };
    LAST.set(Some(Arrival { confirmed_at_ms, stated_age_ms: age_ms, route, ..page }));
}

fn last() -> Option<Arrival> {
    if LAST.get().is_none() {
        page_arrived();
    }
    LAST.get()
}

fn arrival_of_page() -> Option<Arrival> {
    let line = browser::by_id("freshness")?;
    let confirmed_at_ms = browser::instant_ms(&line.get_attribute("data-confirmed-at")?)?;
    let route = match browser::number(&line, "data-clock-rate") {
        Some(rate) => Route::Simulated { rate: rate.max(1) },
        None => Route::Page,
    };
    Some(Arrival {
        confirmed_at_ms,
        stated_age_ms: browser::number(&line, "data-age-seconds").unwrap_or(0) * 1_000,
        wall_ms: browser::wall_ms(),
        monotonic_ms: browser::monotonic_ms(),
        route,
    })
}
