//! The update as readers will see it, while it is being written: `public/live.js` asks for it and puts it in its place.

use super::{Console, Inputs, within};
use crate::parts::timeline;
use domain::incident::Update;
use leptos::prelude::*;

/// Where it will stand; hidden without script, and while nothing is written.
pub(super) fn place(cx: &Console) -> AnyView {
    view! {
        <section id="live" aria-labelledby="live-title" data-away=cx.say("console-live-away") hidden>
            <h2 id="live-title">{cx.say("console-preview")}</h2>
            <p id="live-note" class="note" role="status"></p>
            <div id="live-shown"></div>
        </section>
    }
    .into_any()
}

/// The entry of the timeline, as a fragment of a page.
pub fn live(inputs: &Inputs, update: &Update) -> String {
    within(inputs, |cx| view! { <ol class="timeline">{timeline::entry(cx, update, false)}</ol> }.to_html())
}
