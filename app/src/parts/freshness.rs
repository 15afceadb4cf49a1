//! The line that says as of when the page is true. It is never absent from a page that states the present.

use super::{Context, moment::*};
use crate::time::machine;
use domain::stamp::Freshness;
use leptos::prelude::*;

/// The word of `html[data-freshness]`.
pub fn word(freshness: Freshness) -> &'static str {
    match freshness {
        Freshness::Fresh => "fresh",
        Freshness::Amber => "amber",
        Freshness::Grey => "grey",
    }
}

/// All three wordings stand around one time; the style sheet shows the one that `html[data-freshness]` names, which
/// the browser's clock keeps true.
pub fn freshness(cx: &Context) -> AnyView {
    let stamp = cx.stamp;
    let around = |id: &str| {
        let pieces = cx.words.pieces(id, &[], &["time"]);
        let text = |piece: &crate::words::Piece| match piece {
            crate::words::Piece::Text(text) => text.clone(),
            crate::words::Piece::Place(_) => String::new(),
        };
        let place = pieces.iter().position(|piece| matches!(piece, crate::words::Piece::Place(_))).unwrap_or(0);
        let before: String = pieces[..place].iter().map(text).collect();
        let after: String = pieces[place..].iter().map(text).collect();
        (before, after)
    };
    let (fresh, amber, grey) = (around("freshness-fresh"), around("freshness-amber"), around("freshness-grey"));
    let age = (stamp.now - stamp.confirmed_at).num_seconds().max(0);
    let version = cx.board.version.total();
    let board = cx.say_with("freshness-board", &[("version", grouped(version).into())]);
    let origin = cx.say_with("freshness-origin", &[("origin", stamp.origin.as_str().into())]);
    let until = moment(cx, stamp.trust_until(), Telling::Time);
    view! {
        <p
            id="freshness"
            data-confirmed-at=machine(stamp.confirmed_at)
            data-age-seconds=age.to_string()
            data-amber-seconds=stamp.amber_seconds.to_string()
            data-grey-seconds=stamp.grey_seconds.to_string()
            data-board=version.to_string()
            data-clock-rate=cx.site.demonstration_speed.map(|speed| speed.to_string())
        >
            <span>
                <span class="if-fresh">{fresh.0}</span>
                <span class="if-amber">{amber.0}</span>
                <span class="if-grey">{grey.0}</span>
                {moment(cx, stamp.confirmed_at, Telling::Seconds)}
                <span class="if-fresh">{fresh.1}</span>
                <span class="if-amber">{amber.1}</span>
                <span class="if-grey">{grey.1}</span>
            </span>
            <span class="age"></span>
            <span class="part">{board}</span>
            <span class="part">{origin}</span>
            <span class="until">{message(cx, "freshness-until", &[], vec![("time", until)])}</span>
            <span class="stale">{cx.say("freshness-stale")}</span>
        </p>
    }
    .into_any()
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
    fn thousands_are_set_apart() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (48_213, "48,213"), (1_000_000, "1,000,000")] {
            assert_eq!(grouped(number), text);
        }
    }
}
