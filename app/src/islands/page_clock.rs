//! What time it is, and how old the page's confirmation is.
//!
//! The reader's wall clock may be wrong and the page may come from a cache, so an age is never told as less than what
//! any of these says: the server's own figure, the wall clock, the time since this tab has it. Once a confirmation came
//! over the live stream, which no cache holds back, a wall clock that runs ahead is no longer believed over it.
//! A demonstration runs on a clock of its own; there the wall clock says nothing about the page.

/// All that is known at the moment when the page, or a confirmation, arrived. Instants in milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// The server's instant for which the page is true.
    pub confirmed_at_ms: i64,
    /// The age that the server stated, in milliseconds.
    pub stated_age_ms: i64,
    /// The reader's wall clock.
    pub wall_ms: i64,
    /// The tab's monotonic clock, which some systems stop while they sleep.
    pub monotonic_ms: i64,
    /// How the page came.
    pub route: Route,
}

/// How a confirmation came, which decides what the wall clock is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// As a page, perhaps from a cache.
    Page,
    /// Over the live stream.
    Stream,
    /// From a server on a simulated clock, of which this many seconds pass in a real one.
    Simulated {
        /// 1 or more.
        rate: i64,
    },
}

/// How a page's claims are to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// Within the first bound.
    Fresh,
    /// Past the first bound: said, nothing is withdrawn.
    Amber,
    /// Past the second: claims of "operating" are withdrawn.
    Grey,
}

impl Freshness {
    /// The value of `html[data-freshness]`.
    pub fn word(self) -> &'static str {
        match self {
            Freshness::Fresh => "fresh",
            Freshness::Amber => "amber",
            Freshness::Grey => "grey",
        }
    }

    /// By age and bounds, in milliseconds. At a bound is past it.
    pub fn of(age_ms: i64, amber_ms: i64, grey_ms: i64) -> Freshness {
        if age_ms >= grey_ms {
            Freshness::Grey
        } else if age_ms >= amber_ms {
            Freshness::Amber
        } else {
            Freshness::Fresh
        }
    }
}

impl Arrival {
    /// The age of the confirmation in milliseconds, never less than the truth as far as it can be known here.
    pub fn age_ms(&self, wall_ms: i64, monotonic_ms: i64) -> i64 {
        self.age_on_arrival_ms() + self.elapsed_ms(wall_ms, monotonic_ms)
    }

    /// The present on the server's clock.
    pub fn now_ms(&self, wall_ms: i64, monotonic_ms: i64) -> i64 {
        match self.route {
            Route::Page | Route::Stream => self.confirmed_at_ms + self.age_ms(wall_ms, monotonic_ms),
            Route::Simulated { rate } => {
                self.confirmed_at_ms + self.stated_age_ms + rate * self.elapsed_ms(wall_ms, monotonic_ms)
            }
        }
    }

    /// This page's arrival, given what is known from before. Where the stream told the server's time, the page's age
    /// follows from that, and the reader's wall clock is not asked again. A copy, which is shown while no server
    /// answers, tells no time: it is as old as what was known makes it.
    #[must_use]
    pub fn after(self, known: &Arrival, is_copy: bool) -> Arrival {
        let follows_stream = self.route == Route::Page && known.route == Route::Stream;
        if !follows_stream && !is_copy {
            return self;
        }
        let known_age_ms = known.age_ms(self.wall_ms, self.monotonic_ms);
        Arrival {
            stated_age_ms: self.stated_age_ms.max(known_age_ms + known.confirmed_at_ms - self.confirmed_at_ms),
            route: if follows_stream { Route::Stream } else { self.route },
            ..self
        }
    }

    fn age_on_arrival_ms(&self) -> i64 {
        let stated = self.stated_age_ms.max(0);
        match self.route {
            Route::Page => stated.max(self.wall_ms - self.confirmed_at_ms),
            Route::Stream | Route::Simulated { .. } => stated,
        }
    }

    /// Since the arrival: by the wall clock when the tab slept, by the monotonic one when the wall clock was set back.
    fn elapsed_ms(&self, wall_ms: i64, monotonic_ms: i64) -> i64 {
        (wall_ms - self.wall_ms).max(monotonic_ms - self.monotonic_ms).max(0)
    }
}

/// The largest unit that holds `duration_ms` at least once, and how many: the input of `Intl.RelativeTimeFormat`.
/// Towards zero, so that "in 12 min" is kept until 11 are left, and "1 min ago" means a whole one. The sign stays.
pub fn largest_unit(duration_ms: i64) -> (i32, &'static str) {
    const UNITS: [(i64, &str); 3] = [(86_400, "day"), (3_600, "hour"), (60, "minute")];
    let seconds = duration_ms / 1_000;
    let (length, name) = UNITS.into_iter().find(|(length, _)| seconds.abs() >= *length).unwrap_or((1, "second"));
    let count = (seconds / length).clamp(i64::from(i32::MIN), i64::from(i32::MAX));
    (i32::try_from(count).unwrap_or_default(), name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIRMED_MS: i64 = 1_712_563_564_000;

    fn arrival(route: Route, stated_age_ms: i64, wall_behind_ms: i64) -> Arrival {
        Arrival {
            confirmed_at_ms: CONFIRMED_MS,
            stated_age_ms,
            wall_ms: CONFIRMED_MS - wall_behind_ms,
            monotonic_ms: 500,
            route,
        }
    }

    #[test]
    fn a_page_from_a_cache_is_as_old_as_the_wall_clock_says() {
        let page = arrival(Route::Page, 2_000, -90_000);
        assert_eq!(page.age_ms(page.wall_ms, 500), 90_000);
        assert_eq!(page.now_ms(page.wall_ms, 500), CONFIRMED_MS + 90_000);
    }

    #[test]
    fn a_wall_clock_that_runs_behind_never_makes_a_page_younger() {
        let page = arrival(Route::Page, 2_000, 600_000);
        assert_eq!(page.age_ms(page.wall_ms, 500), 2_000);
        assert_eq!(page.age_ms(page.wall_ms + 7_000, 7_500), 9_000);
        assert_eq!(page.age_ms(page.wall_ms - 3_600_000, 7_500), 9_000, "set back");
    }

    #[test]
    fn a_tab_that_slept_counts_the_sleep() {
        let page = arrival(Route::Page, 0, 0);
        assert_eq!(page.age_ms(page.wall_ms + 3_600_000, 500), 3_600_000);
    }

    #[test]
    fn the_stream_is_believed_over_a_wall_clock_that_runs_ahead() {
        let confirmed = arrival(Route::Stream, 0, -600_000);
        assert_eq!(confirmed.age_ms(confirmed.wall_ms + 4_000, 4_500), 4_000);
    }

    #[test]
    fn a_page_after_the_stream_is_measured_by_the_stream() {
        let confirmed = arrival(Route::Stream, 0, -600_000);
        let page = Arrival {
            confirmed_at_ms: CONFIRMED_MS - 3_000,
            wall_ms: confirmed.wall_ms + 5_000,
            monotonic_ms: 5_500,
            ..arrival(Route::Page, 0, 0)
        };
        let page = page.after(&confirmed, false);
        assert_eq!(page.age_ms(page.wall_ms, page.monotonic_ms), 8_000);
    }

    #[test]
    fn a_copy_is_no_younger_than_what_was_known_before_it() {
        for route in [Route::Page, Route::Stream, Route::Simulated { rate: 60 }] {
            let known = arrival(route, 2_000, 0);
            let as_page = if route == Route::Stream { Route::Page } else { route };
            let copy = Arrival {
                confirmed_at_ms: CONFIRMED_MS - 3_000,
                wall_ms: known.wall_ms + 5_000,
                monotonic_ms: 5_000,
                ..arrival(as_page, 1_000, 0)
            };
            let copy = copy.after(&known, true);
            assert!(copy.age_ms(copy.wall_ms, copy.monotonic_ms) >= 10_000, "{route:?}");
        }
        // Another page of a demonstration that was started anew is believed.
        let known = arrival(Route::Simulated { rate: 1 }, 300_000, 0);
        let page = arrival(Route::Simulated { rate: 1 }, 1_000, 0);
        assert_eq!(page.after(&known, false), page);
    }

    #[test]
    fn a_simulated_clock_passes_at_its_own_rate_and_ages_at_ours() {
        let page = arrival(Route::Simulated { rate: 60 }, 1_000, -70_000_000_000);
        assert_eq!(page.age_ms(page.wall_ms + 2_000, 2_500), 3_000);
        assert_eq!(page.now_ms(page.wall_ms + 2_000, 2_500), CONFIRMED_MS + 121_000);
    }

    #[test]
    fn bounds_belong_to_the_worse_side() {
        for (age_ms, freshness) in [
            (0, Freshness::Fresh),
            (59_999, Freshness::Fresh),
            (60_000, Freshness::Amber),
            (299_999, Freshness::Amber),
            (300_000, Freshness::Grey),
        ] {
            assert_eq!(Freshness::of(age_ms, 60_000, 300_000), freshness, "{age_ms}");
        }
    }

    #[test]
    fn a_duration_is_told_in_its_largest_unit() {
        for (duration_ms, told) in [
            (-4_200, (-4, "second")),
            (59_999, (59, "second")),
            (-60_000, (-1, "minute")),
            (12 * 60_000 + 59_000, (12, "minute")),
            (7_200_000, (2, "hour")),
            (-86_400_000 * 3, (-3, "day")),
            (0, (0, "second")),
        ] {
            assert_eq!(largest_unit(duration_ms), told, "{duration_ms}");
        }
    }
}
