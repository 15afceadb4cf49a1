//! The islands without a place of their own on the page.

use leptos::prelude::*;

use super::{FreshnessClock, LiveRefresh, LocalTime, RegionMemory};

/// For the end of `<body>`, outside of `<main>`. Live refresh comes first: it notes the server's HTML before the others
/// change it.
#[component]
pub fn PageIslands(
    /// The address of the stream of board versions; `None` where there is no server (a snapshot), which polls.
    stream: Option<String>,
) -> impl IntoView {
    view! {
        <p
            id="announce"
            class="visually-hidden"
            role="status"
            aria-live="polite"
            data-stream=stream
        ></p>
        <LiveRefresh />
        <FreshnessClock />
        <LocalTime />
        <RegionMemory />
    }
}
