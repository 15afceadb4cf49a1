//! Follows the board without a reload: the stream says that it changed, the page's own address says how.

use leptos::prelude::*;

/// Beside `#announce`, whose `data-stream` names the stream. Events of the stream: `board` (data: the version, as in
/// `#freshness[data-board]`) and `confirmed` (data: the instant, RFC 3339, sent when it is made).
#[island]
pub fn LiveRefresh() -> impl IntoView {
    #[cfg(target_arch = "wasm32")]
    {
        super::page_sections::remember();
        super::live_stream::start();
    }
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
