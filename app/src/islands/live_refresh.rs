//! Follows the board without a reload: the stream says that it changed, the page's own address says how.

use leptos::prelude::*;

/// Beside `#announce`, whose `data-stream` names the stream. Events of the stream: `board` (data: the version, as in
/// `#freshness[data-board]`), `regions` (data: as in `#freshness[data-regions]`) and `confirmed` (data: the instant, RFC
/// 3339, and its age in seconds when it was sent).
#[island]
pub fn LiveRefresh() -> impl IntoView {
    #[cfg(target_arch = "wasm32")]
    {
        super::page_sections::remember();
        super::live_stream::start();
    }
}

/// An event `confirmed`: the instant, and its age on the way out in milliseconds. One without an age says too little.
pub fn confirmation(data: &str) -> Option<(&str, i64)> {
    let (instant, age) = data.split_once(' ')?;
    let age: u32 = age.parse().ok()?;
    Some((instant, i64::from(age) * 1_000))
}

/// The first wait before a closed stream is opened again.
const RECONNECT_MS_MIN: i32 = 1_000;
/// The longest.
const RECONNECT_MS_MAX: i32 = 64_000;

/// How long to wait before the next attempt: doubling, bounded, and spread over half of itself by `spread`, which takes
/// a bound and gives a random number below it.
pub fn reconnect_ms(failures: u32, spread: impl FnOnce(i32) -> i32) -> i32 {
    let doubled =
        RECONNECT_MS_MIN.checked_shl(failures).filter(|wait| (RECONNECT_MS_MIN..=RECONNECT_MS_MAX).contains(wait));
    let wait = doubled.unwrap_or(RECONNECT_MS_MAX);
    wait / 2 + spread(wait / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_confirmation_tells_its_age() {
        assert_eq!(confirmation("2024-04-08T08:28:04Z 7"), Some(("2024-04-08T08:28:04Z", 7_000)));
        for wrong in ["", "2024-04-08T08:28:04Z", "2024-04-08T08:28:04Z -1", "2024-04-08T08:28:04Z soon"] {
            assert_eq!(confirmation(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn attempts_grow_rarer_up_to_a_bound() {
        for (failures, wait_ms) in [(0, 1_000), (1, 2_000), (5, 32_000), (6, 64_000)] {
            assert_eq!(reconnect_ms(failures, |bound| bound), wait_ms, "{failures}");
            assert_eq!(reconnect_ms(failures, |_| 0), wait_ms / 2, "{failures}");
        }
        for failures in [7, 21, 22, 31, 32, u32::MAX] {
            assert_eq!(reconnect_ms(failures, |bound| bound), RECONNECT_MS_MAX, "{failures}");
        }
    }
}
