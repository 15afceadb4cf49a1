//! The line that says as of when the page is true. It is never absent from a page that states the present.

use super::{Context, moment::*, other_regions};
use crate::{time::machine, words::Piece};
use domain::{
    board::Version,
    id::NodeKey,
    stamp::{Freshness, GREY_SECONDS_MAX, Stamp},
};
use leptos::prelude::*;

/// The word of `html[data-freshness]`.
pub fn word(freshness: Freshness) -> &'static str {
    match freshness {
        Freshness::Fresh => "fresh",
        Freshness::Amber => "amber",
        Freshness::Grey => "grey",
    }
}

/// Classes that tell the style sheet after how many seconds a tab that is left open is out of date: the policy allows no
/// style on an element, so the seconds are told as their binary digits. They are the reader's seconds.
pub fn bound_classes(cx: &Context) -> String {
    let seconds = cx.stamp.grey_seconds / i64::from(cx.site.demonstration_speed.unwrap_or(1).max(1));
    let seconds = seconds.clamp(1, GREY_SECONDS_MAX);
    let digits = (0..i64::BITS - GREY_SECONDS_MAX.leading_zeros()).map(|place| 1_i64 << place);
    let mut classes = "grey".to_owned();
    for digit in digits.filter(|digit| seconds & digit != 0) {
        classes.push_str(&format!(" grey-{digit}"));
    }
    classes
}

/// One wording stands around the time; the browser's clock takes another one from the attributes when it is due.
pub fn freshness(cx: &Context) -> AnyView {
    let stamp = cx.stamp;
    let version = cx.board.version.total();
    let board = cx.say_with("freshness-board", &[("version", grouped(version).into())]);
    let origin = cx.say_with("freshness-origin", &[("origin", cx.serving_region(&stamp.origin).into())]);
    let is_confirmed = cx.confirmed_at().is_some();
    let until = is_confirmed.then(|| {
        let time = near(cx, stamp.trust_until());
        view! { <span class="until">{message(cx, "freshness-until", &[], vec![("time", time)])}</span> }
    });
    view! {
        <p
            id="freshness"
            data-confirmed-at=machine(stamp.confirmed_at)
            data-whole-at=stamp.whole_at().map(machine)
            data-age-seconds=age_seconds(stamp).to_string()
            data-amber-seconds=stamp.amber_seconds.to_string()
            data-grey-seconds=stamp.grey_seconds.to_string()
            data-board=version.to_string()
            data-held=held(&cx.board.version)
            data-regions=(stamp.peers > 0).then(|| stamp.regions_digest())
            data-clock-rate=cx.site.demonstration_speed.map(|speed| speed.to_string())
        >
            {if is_confirmed { confirmed(cx) } else { view! { <span>{cx.say("freshness-never")}</span> }.into_any() }}
            <span class="part">{board}</span>
            <span class="part">{origin}</span>
            {until}
            <span class="stale" hidden>{cx.say("freshness-stale")}</span>
            {other_regions::notes(cx)}
        </p>
    }
    .into_any()
}

/// As of when, and the place of the age.
fn confirmed(cx: &Context) -> AnyView {
    let wordings = [Freshness::Fresh, Freshness::Amber, Freshness::Grey].map(|of| around(cx, of));
    let [fresh, amber, grey] = &wordings;
    let own = match cx.stamp.freshness {
        Freshness::Fresh => fresh,
        Freshness::Amber => amber,
        Freshness::Grey => grey,
    };
    let words = |side: fn(&(String, String)) -> &String| {
        let [fresh, amber, grey] = [side(fresh), side(amber), side(grey)].map(Clone::clone);
        view! { <span data-fresh=fresh data-amber=amber data-grey=grey>{side(own).clone()}</span> }.into_any()
    };
    view! {
        <span>
            {words(|(before, _)| before)} {precise(cx, cx.stamp.confirmed_at)}
            {words(|(_, after)| after)}
        </span>
        <span class="age"></span>
    }
    .into_any()
}

/// Counted from the whole second that the page tells, and rounded up: never less than the true age.
fn age_seconds(stamp: &Stamp) -> i64 {
    let told_at = stamp.confirmed_at.timestamp() * 1000;
    let age_ms = (stamp.now.timestamp_millis() - told_at).max(0);
    age_ms / 1000 + i64::from(age_ms % 1000 > 0)
}

/// What stands before the time of confirmation, and what after it.
fn around(cx: &Context, freshness: Freshness) -> (String, String) {
    let id = match freshness {
        Freshness::Fresh => "freshness-fresh",
        Freshness::Amber => "freshness-amber",
        Freshness::Grey => "freshness-grey",
    };
    let (mut before, mut after, mut is_after) = (String::new(), String::new(), false);
    for piece in cx.words.pieces(id, &[], &["time"]) {
        match piece {
            Piece::Text(text) if is_after => after.push_str(&text),
            Piece::Text(text) => before.push_str(&text),
            Piece::Place(_) => is_after = true,
        }
    }
    (before, after)
}

/// The board's version in full, as the worker compares it: of each node as many digits of its key as no two
/// share by accident, and the count of its events.
fn held(version: &Version) -> String {
    const KEY_DIGITS: usize = 16;
    let of_node = |(node, count): (&NodeKey, &u64)| format!("{}:{count}", &node.to_string()[..KEY_DIGITS]);
    version.0.iter().map(of_node).collect::<Vec<_>>().join(" ")
}

/// "48,213".
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_rounded_up_from_the_second_that_is_told() {
        let at = |text: &str| text.parse::<domain::Instant>().expect("an instant");
        for (confirmed_at, now, age) in [
            ("2024-04-08T08:00:00Z", "2024-04-08T08:00:00Z", 0),
            ("2024-04-08T08:00:00.900Z", "2024-04-08T08:00:00.950Z", 1),
            ("2024-04-08T08:00:00.900Z", "2024-04-08T08:00:07Z", 7),
            ("2024-04-08T08:00:00Z", "2024-04-08T08:00:07.001Z", 8),
            ("2024-04-08T08:00:09Z", "2024-04-08T08:00:07Z", 0),
        ] {
            assert_eq!(age_seconds(&Stamp::new(at(confirmed_at), at(now), "Guangzhou")), age, "{confirmed_at} {now}");
        }
    }

    #[test]
    fn thousands_are_set_apart() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (48_213, "48,213"), (1_000_000, "1,000,000")] {
            assert_eq!(grouped(number), text);
        }
    }
}
